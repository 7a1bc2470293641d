"""EventBridge over HTTP: rules with a workflow as target, S3's events, Glue's own events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from harness.local_server import ROLE, Server, job_states, until

from glueprint.cli.main import cli

ACCOUNT = "123456789012"
SENDS_EVENTS: dict[str, Any] = {"NotificationConfiguration": {"EventBridgeConfiguration": {}}}


def _event_workflow(server: Server, name: str, **batching: int) -> None:
    """An EVENT workflow with one job, and a rule's target ready to point at it."""
    glue = server.client("glue")
    server.put_job(f"{name}_job", "print('an event came')", ExecutionProperty={"MaxConcurrentRuns": 5})
    glue.create_workflow(Name=name)
    members: dict[str, Any] = {"EventBatchingCondition": batching} if batching else {}
    glue.create_trigger(
        Name=f"{name}_start", WorkflowName=name, Type="EVENT", Actions=[{"JobName": f"{name}_job"}], **members
    )


def _rule(server: Server, name: str, pattern: dict[str, Any]) -> None:
    """A rule that sends what matches to the workflow of the same name."""
    events = server.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    target = {"Id": "1", "Arn": f"arn:aws:glue:us-east-1:{ACCOUNT}:workflow/{name}", "RoleArn": ROLE}
    assert events.put_targets(Rule=name, Targets=[target])["FailedEntryCount"] == 0


def _one_run(server: Server, workflow: str) -> dict[str, Any]:
    """The one run of the workflow, once it is there and over."""
    glue = server.client("glue")
    runs = until(lambda: glue.get_workflow_runs(Name=workflow).get("Runs") or None)
    return server.finished_run(workflow, runs[0]["WorkflowRunId"])


def test_events_that_match_start_the_workflow(shared_server: Server) -> None:
    """PutRule, PutTargets, PutEvents start an EVENT workflow, which knows the events' ids
    (docs/facts/workflows.md#start-by-events)."""
    _event_workflow(shared_server, "orders", BatchSize=2, BatchWindow=900)
    _rule(shared_server, "orders", {"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}})
    entries = [
        {"Source": "shop", "DetailType": "order", "Detail": json.dumps({"total": total})} for total in (5, 20, 30)
    ]
    answer = shared_server.client("events").put_events(Entries=entries)
    ids = [entry["EventId"] for entry in answer["Entries"]]
    run = _one_run(shared_server, "orders")
    assert json.loads(run["WorkflowRunProperties"]["aws:eventIds"]) == ids[1:]
    assert run["StartingEventBatchCondition"]["BatchSize"] == 2
    assert job_states(run) == {"orders_job": ["SUCCEEDED"]}


def test_an_object_put_through_s3_starts_the_workflow(shared_server: Server) -> None:
    """S3's "Object Created" reaches a rule on bucket and key prefix."""
    s3 = shared_server.client("s3")
    s3.create_bucket(Bucket="landing")
    s3.put_bucket_notification_configuration(Bucket="landing", **SENDS_EVENTS)
    _event_workflow(shared_server, "landed")
    detail = {"bucket": {"name": ["landing"]}, "object": {"key": [{"prefix": "in/"}]}}
    _rule(shared_server, "landed", {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail})
    s3.put_object(Bucket="landing", Key="other/x", Body=b"1")
    s3.put_object(Bucket="landing", Key="in/x", Body=b"1")
    run = _one_run(shared_server, "landed")
    assert job_states(run) == {"landed_job": ["SUCCEEDED"]}
    assert len(json.loads(run["WorkflowRunProperties"]["aws:eventIds"])) == 1


def test_explain_names_the_bucket_that_sends_nothing(shared_server: Server) -> None:
    """S3 sends nothing by default (S3 user guide, "Enabling Amazon EventBridge"): the most frequent reason why an
    EVENT workflow does not start. `glueprint bucket create --events` enables them."""
    _event_workflow(shared_server, "waiting")

    def glueprint(*typed: str) -> str:
        return CliRunner().invoke(cli, [*typed, "--data-dir", str(shared_server.data_dir)]).stdout

    assert "No EventBridge rule has workflow `waiting` as its target." in glueprint("explain", "waiting")
    _rule(shared_server, "waiting", {"source": ["aws.s3"], "detail": {"bucket": {"name": ["inbox"]}}})
    assert "bucket `inbox`, which does not exist." in glueprint("explain", "waiting")
    glueprint("bucket", "create", "inbox")
    silent = "Rule `waiting` waits for events of bucket `inbox`, which does not send events to EventBridge"
    assert silent in glueprint("explain", "waiting")
    assert silent in glueprint("explain", "trigger/waiting_start")
    s3 = shared_server.client("s3")
    s3.put_object(Bucket="inbox", Key="first", Body=b"1")
    assert glueprint("bucket", "create", "inbox", "--events").startswith("bucket inbox exists already; it sends")
    assert "bucket `inbox`" not in glueprint("explain", "waiting")
    s3.put_object(Bucket="inbox", Key="second", Body=b"1")
    assert len(json.loads(_one_run(shared_server, "waiting")["WorkflowRunProperties"]["aws:eventIds"])) == 1


def test_a_failed_job_sends_an_event(shared_server: Server) -> None:
    """"Glue Job State Change" covers jobs whoever started them
    (DG: automating with EventBridge; docs/facts/eventbridge.md#event-types)."""
    _event_workflow(shared_server, "alarm")
    detail = {"jobName": ["breaks"], "state": ["FAILED"]}
    pattern = {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": detail}
    _rule(shared_server, "alarm", pattern)
    shared_server.put_job("breaks", "raise ValueError('broken')")
    shared_server.client("glue").start_job_run(JobName="breaks")
    assert job_states(_one_run(shared_server, "alarm")) == {"alarm_job": ["SUCCEEDED"]}


def test_rules_and_held_events_survive_a_kill(server: Server) -> None:
    """Rules are durable, and so are events that wait in a window (moto forgets them on restart)."""
    _event_workflow(server, "held", BatchSize=2, BatchWindow=900)
    _rule(server, "held", {"source": ["shop"]})
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    first = server.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"]
    server.kill()
    server.start()
    assert server.client("glue").get_workflow_runs(Name="held").get("Runs", []) == []
    second = server.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"]
    run = _one_run(server, "held")
    assert json.loads(run["WorkflowRunProperties"]["aws:eventIds"]) == [first, second]


@pytest.mark.spark
def test_files_that_spark_writes_send_events_when_the_job_ends(shared_server: Server) -> None:
    """A difference of listings at a job's end finds the objects that Spark wrote as files."""
    s3, glue = shared_server.client("s3"), shared_server.client("glue")
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_notification_configuration(Bucket="lake", **SENDS_EVENTS)
    _event_workflow(shared_server, "written")
    detail = {"bucket": {"name": ["lake"]}, "object": {"key": [{"suffix": ".parquet"}]}}
    _rule(shared_server, "written", {"source": ["aws.s3"], "detail": detail})
    script = "from pyspark.sql import SparkSession\n"
    script += "SparkSession.builder.getOrCreate().range(3).coalesce(1).write.parquet('s3://lake/out/')\n"
    location = shared_server.put_script("writer.py", script)
    command = {"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"}
    glue.create_job(
        Name="writer", Role=ROLE, Command=command, GlueVersion="5.0", WorkerType="G.1X", NumberOfWorkers=2
    )
    run_id = glue.start_job_run(JobName="writer")["JobRunId"]
    assert shared_server.finished_job_run("writer", run_id)["JobRunState"] == "SUCCEEDED"
    assert job_states(_one_run(shared_server, "written")) == {"written_job": ["SUCCEEDED"]}
