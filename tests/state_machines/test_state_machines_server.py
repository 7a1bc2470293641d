"""State machines on a real server, with real jobs: make stepfunctions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from harness.local_server import ROLE, Server, until
from harness.state_machine_calls import RUN_JOB, START_JOB, create, ended, history, run, sdk, start, task

pytestmark = pytest.mark.stepfunctions


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with a job that succeeds, one that fails and one that lasts."""
    with Server(tmp_path_factory.mktemp("states") / "data") as server:
        server.put_job("good", "print('done')\n")
        server.put_job("bad", "raise SystemExit('no input today')\n")
        server.put_job("long", "import time\ntime.sleep(600)\n")
        yield server


def job_runs(server: Server, job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client("glue").get_job_runs(JobName=job)["JobRuns"]
    return found


def test_a_sync_task_returns_the_job_run(server: Server) -> None:
    """``.sync`` ends with the job, its result is the JobRun with times in milliseconds, and the history has the
    events of AWS's (SFN:connect-glue, SFN:connect-to-resource)."""
    machine = create(
        server, "sync", "Run", Run=task(RUN_JOB, {"JobName": "good", "Arguments": {"--day.$": "$.day"}})
    )
    execution = start(server, machine, {"day": "2024-01-31"})
    found = ended(server, execution)
    assert found["status"] == "SUCCEEDED", found
    assert found["data"]["JobRunState"] == "SUCCEEDED"
    assert found["data"]["Arguments"] == {"--day": "2024-01-31"}
    assert isinstance(found["data"]["StartedOn"], int)
    events = history(server, execution)
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["id"] for event in events] == list(range(1, 9))
    scheduled = events[2]["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"]) == ("glue", "startJobRun.sync")
    assert scheduled["timeoutInSeconds"] == 300


def test_a_failed_job_is_caught_with_its_run_as_the_cause(server: Server) -> None:
    """A job that fails is States.TaskFailed, its cause the JobRun as JSON (SFN:concepts-error-handling)."""
    machine = create(
        server,
        "caught",
        "Run",
        Run=task(
            RUN_JOB,
            {"JobName": "bad"},
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "Read"}],
        ),
        Read={"Type": "Pass", "Parameters": {"run.$": "States.StringToJson($.caught.Cause)"}, "End": True},
    )
    found = run(server, machine)
    assert found["data"]["run"]["JobRunState"] == "FAILED"
    assert "no input today" in found["data"]["run"]["ErrorMessage"]


def test_errors_of_glue_have_its_names(server: Server) -> None:
    """An error of Glue is Glue.CODE, and a task that could not submit fails with TaskSubmitFailed."""
    machine = create(server, "unknown", "Run", Run=task(RUN_JOB, {"JobName": "no-such-job"}))
    execution = start(server, machine)
    found = ended(server, execution)
    assert (found["status"], found["error"]) == ("FAILED", "Glue.EntityNotFoundException")
    assert "Service: AWSGlue; Status Code: 400; Error Code: EntityNotFoundException" in found["cause"]
    assert "TaskSubmitFailed" in [event["type"] for event in history(server, execution)]


def test_a_job_at_its_limit_cannot_be_submitted(server: Server) -> None:
    """A job at MaxConcurrentRuns: Glue.ConcurrentRunsExceededException, in TaskSubmitFailed (SFN:connect-glue)."""
    machine = create(server, "limit", "Run", Run=task(RUN_JOB, {"JobName": "long"}))
    first = start(server, machine)
    until(lambda: [one for one in job_runs(server, "long") if one["JobRunState"] == "RUNNING"] or None)
    second = start(server, machine)
    assert ended(server, second)["error"] == "Glue.ConcurrentRunsExceededException"
    assert "TaskSubmitFailed" in [event["type"] for event in history(server, second)]
    server.client("stepfunctions").stop_execution(executionArn=first)
    until(lambda: job_runs(server, "long")[0]["JobRunState"] == "STOPPED" or None)


def test_stopping_an_execution_stops_its_job(server: Server) -> None:
    """StopExecution aborts the execution and stops the ``.sync`` job (SFN:connect-to-resource)."""
    execution = start(server, create(server, "stopped", "Run", Run=task(RUN_JOB, {"JobName": "long"})))
    until(lambda: [one for one in job_runs(server, "long") if one["JobRunState"] == "RUNNING"] or None)
    client = server.client("stepfunctions")
    client.stop_execution(executionArn=execution, error="Manual", cause="wrong day")
    found = ended(server, execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Manual", "wrong day")
    until(lambda: job_runs(server, "long")[0]["JobRunState"] == "STOPPED" or None)


def test_a_timeout_stops_the_job_and_can_be_retried_or_caught(server: Server) -> None:
    """TimeoutSeconds ends a task with States.Timeout, also one with ``.sync``, whose job is stopped."""
    before = len(job_runs(server, "long"))
    states = {
        "Run": task(
            RUN_JOB,
            {"JobName": "long"},
            TimeoutSeconds=1,
            Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Late"}],
        ),
        "Late": {"Type": "Pass", "Result": "late", "End": True},
    }
    assert run(server, create(server, "late", "Run", **states))["data"] == "late"
    until(lambda: job_runs(server, "long")[0]["JobRunState"] == "STOPPED" or None)
    assert len(job_runs(server, "long")) == before + 1


def test_workflow_and_objects_through_the_sdk_integrations(server: Server) -> None:
    """aws-sdk:glue and aws-sdk:s3 answer in Pascal case with times as text; errors have the SDK's names
    (SFN:supported-services-awssdk)."""
    server.client("s3").create_bucket(Bucket="lake")
    server.client("glue").create_workflow(Name="empty-flow", DefaultRunProperties={"day": "1"})
    machine = create(
        server,
        "sdk",
        "Put",
        Put=task(
            sdk("s3", "putObject"),
            {"Bucket": "lake", "Key": "a.json", "Body": '{"a": 1}'},
            ResultPath=None,
            Next="Get",
        ),
        Get=task(
            sdk("s3", "getObject"),
            {"Bucket": "lake", "Key": "a.json"},
            ResultSelector={"body.$": "States.StringToJson($.Body)"},
            ResultPath="$.object",
            Next="Missing",
        ),
        Missing=task(
            sdk("s3", "getObject"),
            {"Bucket": "lake", "Key": "b.json"},
            Catch=[{"ErrorEquals": ["S3.NoSuchKeyException"], "ResultPath": "$.missing", "Next": "Flow"}],
        ),
        Flow=task(
            sdk("glue", "startWorkflowRun"),
            {"Name": "empty-flow", "RunProperties": {"hour": "2"}},
            ResultPath="$.run",
            Next="Look",
        ),
        Look=task(
            sdk("glue", "getWorkflowRun"),
            {"Name": "empty-flow", "RunId.$": "$.run.RunId"},
            ResultPath="$.looked",
        ),
    )
    found = run(server, machine)
    assert found["status"] == "SUCCEEDED", found
    assert found["data"]["object"]["body"] == {"a": 1}
    assert found["data"]["missing"]["Error"] == "S3.NoSuchKeyException"
    looked = found["data"]["looked"]["Run"]
    assert looked["WorkflowRunProperties"] == {"day": "1", "hour": "2"}
    assert looked["StartedOn"].endswith("Z")


def test_messages_are_really_sent(server: Server) -> None:
    """sqs:sendMessage puts a message into the queue that this server serves (SFN:connect-sqs)."""
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="ends")["QueueUrl"]
    machine = create(
        server,
        "message",
        "Send",
        Send=task("arn:aws:states:::sqs:sendMessage", {"QueueUrl": url, "MessageBody.$": "$.text"}),
    )
    assert run(server, machine, {"text": "all loaded"})["status"] == "SUCCEEDED"
    assert [one["Body"] for one in sqs.receive_message(QueueUrl=url)["Messages"]] == ["all loaded"]


def test_a_rule_starts_an_execution_with_the_event(server: Server) -> None:
    """A state machine is a target of an EventBridge rule; its input is the event (EventBridge guide, targets)."""
    machine = create(server, "target", "Pass", Pass={"Type": "Pass", "End": True})
    events = server.client("events")
    events.put_rule(Name="for-machine", EventPattern=json.dumps({"source": ["orders"]}))
    failed = events.put_targets(Rule="for-machine", Targets=[{"Id": "1", "Arn": machine, "RoleArn": ROLE}])
    assert failed["FailedEntryCount"] == 0
    events.put_events(Entries=[{"Source": "orders", "DetailType": "New", "Detail": json.dumps({"id": 7})}])
    client = server.client("stepfunctions")
    found = until(lambda: client.list_executions(stateMachineArn=machine)["executions"] or None)
    assert ended(server, found[0]["executionArn"])["data"]["detail"] == {"id": 7}
    events.remove_targets(Rule="for-machine", Ids=["1"])


def test_a_rule_sends_ends_of_executions_to_a_queue_and_a_topic(server: Server) -> None:
    """A client receives from SQS what a rule sends to a queue, and to a topic with a queue as subscriber: here the
    end of an execution (SFN:eventbridge-integration)."""
    sqs, sns, events = (server.client(one) for one in ("sqs", "sns", "events"))
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("by-rule", "by-topic")]
    arns = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for url in urls
    ]
    topic = sns.create_topic(Name="ends")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arns[1], Attributes={"RawMessageDelivery": "true"})
    pattern = {"source": ["aws.states"], "detail": {"status": ["FAILED"]}}
    events.put_rule(Name="ends", EventPattern=json.dumps(pattern))
    targets = [{"Id": "1", "Arn": arns[0]}, {"Id": "2", "Arn": topic, "InputPath": "$.detail"}]
    assert events.put_targets(Rule="ends", Targets=targets)["FailedEntryCount"] == 0
    machine = create(server, "fails", "Fail", Fail={"Type": "Fail", "Error": "Bad"})
    execution = start(server, machine)
    received = [
        json.loads(until(lambda url=url: sqs.receive_message(QueueUrl=url).get("Messages"))[0]["Body"])
        for url in urls
    ]
    events.remove_targets(Rule="ends", Ids=["1", "2"])
    assert received[0]["detail"] == received[1]
    assert (received[1]["executionArn"], received[1]["error"]) == (execution, "Bad")


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        ({"Type": "Pass", "Next": "Nowhere"}, "InvalidDefinition", "MISSING_TRANSITION_TARGET"),
        ({"Type": "Pass", "Ende": True}, "InvalidDefinition", "/States/A/Ende"),
        (task(RUN_JOB, {"Job": "x"}), "InvalidDefinition", "The field 'Job' is not supported by Step Functions"),
        (task(sdk("glue", "startNothing"), {}), "InvalidDefinition", "glue has no operation StartNothing"),
        (task("arn:aws:states:::lambda:invoke", {}), "UnsupportedOperationException", "functions are not run"),
        (task(f"{START_JOB}.waitForTaskToken", {}), "UnsupportedOperationException", "waitForTaskToken"),
        (task(sdk("ec2", "runInstances"), {}), "UnsupportedOperationException", "ec2 is not called"),
        ({"Type": "Pass", "QueryLanguage": "JSONata", "End": True}, "UnsupportedOperationException", "JSONata"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_place(server: Server, state: Any, code: str, words: str) -> None:
    """A wrong definition is InvalidDefinition; what AWS accepts and is not run here is named with its place."""
    with pytest.raises(ClientError) as caught:
        create(server, "refused", "A", A=state)
    assert caught.value.response["Error"]["Code"] == code
    assert words in caught.value.response["Error"]["Message"]
    assert "/States/A" in caught.value.response["Error"]["Message"]


def test_starts_are_idempotent_by_name(server: Server) -> None:
    """The same name and input return the running execution; another input, or an ended one, is refused
    (service model, StartExecution)."""
    machine = create(server, "twice", "W", W={"Type": "Wait", "Seconds": 1, "End": True})
    first = start(server, machine, {"a": 1}, name="once")
    assert start(server, machine, {"a": 1}, name="once") == first
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start(server, machine, {"a": 2}, name="once")
    ended(server, first)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start(server, machine, {"a": 1}, name="once")


def test_an_execution_survives_the_death_of_the_server(tmp_path: Path) -> None:
    """After SIGKILL, the execution goes on where it was: its job is adopted, not started a second time."""
    with Server(tmp_path / "data") as server:
        server.put_job("slow", "import time\ntime.sleep(4)\n")
        server.put_job("next", "print('next')\n")
        machine = create(
            server,
            "durable",
            "First",
            First=task(RUN_JOB, {"JobName": "slow"}, ResultPath="$.first", Next="Wait"),
            Wait={"Type": "Wait", "Seconds": 1, "Next": "Second"},
            Second=task(RUN_JOB, {"JobName": "next"}, ResultPath="$.second"),
        )
        execution = start(server, machine)
        until(lambda: [one for one in job_runs(server, "slow") if one["JobRunState"] == "RUNNING"] or None)
        server.kill()
        server.start()
        found = ended(server, execution)
        assert found["status"] == "SUCCEEDED", found
        assert len(job_runs(server, "slow")) == len(job_runs(server, "next")) == 1
