"""The server is killed at points of a task's life: the execution ends as without the kill, no job runs twice."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from harness.local_server import Server, ServerGone
from harness.state_machine_calls import RUN_JOB, create, ended, history, sdk, start, task

pytestmark = pytest.mark.stepfunctions

POINTS = (
    "commit-ahead",
    "action-taken/start-task",
    "action-done/start-task",
    "action-done/start-task:2",
    "end-stored",
    "timer-due",
)


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[Path, str]:
    """A data directory with a job and a state machine; its ARN."""
    data = tmp_path / "data"
    with Server(data) as server:
        server.put_job("once", "print('once')\n", Timeout=5)
        server.client("s3").create_bucket(Bucket="lake")
        machine = create(
            server,
            "faulty",
            "First",
            First=task(RUN_JOB, {"JobName": "once", "Arguments": {"--n": "1"}}, ResultPath="$.first", Next="Wait"),
            Wait={"Type": "Wait", "Seconds": 1, "Next": "Put"},
            Put=task(
                sdk("s3", "putObject"),
                {"Bucket": "lake", "Key": "done", "Body": "yes"},
                ResultPath="$.put",
                Next="Second",
            ),
            Second=task(RUN_JOB, {"JobName": "once", "Arguments": {"--n": "2"}}),
        )
    return data, machine


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_changes_nothing(prepared: tuple[Path, str], point: str) -> None:
    """Starts are stored with their result in one transaction, ends with what they cause: both jobs run once."""
    data, machine = prepared
    armed = Server(data, environment={"GLUEPRINT_FAULT": point})
    with contextlib.suppress(BotoCoreError, ClientError, ServerGone):  # it may be killed before it answers
        armed.start()
        start(armed, machine, {"a": 1}, name="one")
    assert armed.process is None or armed.process.wait(60) == -9
    armed.stop()
    with Server(data) as server:
        execution = f"{machine.replace(':stateMachine:', ':execution:')}:one"
        # Repeated, as a client does that got no answer; an execution that has ended already is refused.
        with contextlib.suppress(server.client("stepfunctions").exceptions.ExecutionAlreadyExists):
            assert start(server, machine, {"a": 1}, name="one") == execution
        found = ended(server, execution)
        assert found["status"] == "SUCCEEDED", found
        runs = server.client("glue").get_job_runs(JobName="once")["JobRuns"]
        assert sorted((run["Arguments"]["--n"], run["JobRunState"]) for run in runs) == [
            ("1", "SUCCEEDED"),
            ("2", "SUCCEEDED"),
        ]
        types = [event["type"] for event in history(server, execution)]
        assert types.count("TaskSubmitted") == 2
        assert types.count("TaskSucceeded") == 3
