"""Hook, waiters, trigger, link and ending a task: in the process of the test, against a real local Glue."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import pytest
from airflow_glue import LOAD, LOOK, GlueServer, make_chain
from botocore.exceptions import WaiterError

from glueprint.airflow import triggers
from glueprint.airflow.hooks import GlueWorkflowHook
from glueprint.airflow.lineage import lineage_of
from glueprint.airflow.links import GlueWorkflowRunLink, is_aws
from glueprint.airflow.operators import GlueWorkflowRunOperator
from glueprint.airflow.runs.tags import TAG_PROPERTY, TaskTag
from glueprint.airflow.triggers import GlueWorkflowRunTrigger

pytestmark = pytest.mark.airflow
WAIT = {"Delay": 0.2, "MaxAttempts": 300}


@pytest.fixture
def hook(glue_server: GlueServer, monkeypatch: pytest.MonkeyPatch) -> GlueWorkflowHook:
    """The hook of a connection to the local Glue, which has the workflow ``units``."""
    for name, value in glue_server.connection.items():
        monkeypatch.setenv(name, value)
    if "units" not in glue_server.client("glue").list_workflows()["Workflows"]:
        make_chain(glue_server, "units", {"look": LOOK, "load": LOAD}, limit=20)
    return GlueWorkflowHook(aws_conn_id="aws_default")


def _start(hook: GlueWorkflowHook, mode: str, seconds: int = 0, **properties: str) -> str:
    properties = {"mode": mode, "seconds": str(seconds), **properties}
    return str(hook.once.start_workflow_run(Name="units", RunProperties=properties)["RunId"])


def _status(hook: GlueWorkflowHook, run_id: str) -> str:
    return hook.workflow_run("units", run_id).status


def test_waiters(hook: GlueWorkflowHook) -> None:
    """A run whose action failed is COMPLETED, and fails the waiter."""
    waiter = hook.get_waiter("workflow_run_ended")
    waiter.wait(Name="units", RunId=_start(hook, "ok"), WaiterConfig=WAIT)
    with pytest.raises(WaiterError):
        waiter.wait(Name="units", RunId=_start(hook, "fail"), WaiterConfig=WAIT)
    assert "blueprint_run_ended" in hook.list_waiters()


def test_requests_that_start_runs_are_sent_once(hook: GlueWorkflowHook) -> None:
    """The connection's retries, which are for everything else, do not count for them."""
    assert hook.once.meta.config.retries["total_max_attempts"] == 1
    assert hook.conn.meta.config.retries["total_max_attempts"] > 1


@pytest.mark.parametrize("knows_run", [True, False])
def test_ending_a_task_stops_its_run(hook: GlueWorkflowHook, knows_run: bool) -> None:
    """Also if it is ended after StartWorkflowRun was sent and before it was answered: the tag is known."""
    tag = TaskTag(f"d/r/ended_{knows_run}", 0)
    run_id = _start(hook, "ok", 60, **{TAG_PROPERTY: tag.text})
    operator = GlueWorkflowRunOperator(task_id="t", workflow_name="units")
    operator._tag = tag
    operator._run_id = run_id if knows_run else None
    operator.on_kill()
    assert _status(hook, run_id) in ("STOPPING", "STOPPED")


def _cancelled(trigger: GlueWorkflowRunTrigger, *message: str) -> None:
    """Run a trigger for a moment, and cancel it as the triggerer does."""

    async def first() -> Any:
        async for event in trigger.run():
            return event
        return None

    async def main() -> None:
        task = asyncio.create_task(first())
        await asyncio.sleep(1)
        task.cancel(*message)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


@pytest.mark.parametrize(
    ("state", "is_stopped"), [("failed", True), ("success", True), (None, True), ("deferred", False)]
)
def test_a_cancelled_trigger_stops_the_run_only_if_a_user_ended_the_task(
    hook: GlueWorkflowHook, monkeypatch: pytest.MonkeyPatch, state: str | None, is_stopped: bool
) -> None:
    """A triggerer that restarts cancels its triggers, too: the task is then still deferred (apache/airflow#36090).
    """
    monkeypatch.setattr(triggers, "_state_of", lambda ti: state)
    run_id = _start(hook, "ok", 60)
    _cancelled(GlueWorkflowRunTrigger(workflow_name="units", run_id=run_id, poll_seconds=0.2, verbose=False))
    assert (_status(hook, run_id) != "RUNNING") is is_stopped
    hook.conn.stop_workflow_run(Name="units", RunId=run_id) if not is_stopped else None


def test_a_state_that_is_not_known_stops_nothing(hook: GlueWorkflowHook) -> None:
    """No task instance, no supervisor: the run goes on, and a retry finds it."""
    run_id = _start(hook, "ok", 60)
    _cancelled(GlueWorkflowRunTrigger(workflow_name="units", run_id=run_id, poll_seconds=0.2, verbose=False))
    assert _status(hook, run_id) == "RUNNING"
    hook.conn.stop_workflow_run(Name="units", RunId=run_id)


def test_a_trigger_waits_for_a_property(hook: GlueWorkflowHook) -> None:
    """The event comes while the run goes on; the trigger is made again from what it serializes."""
    run_id = _start(hook, "ok", 60)
    first = GlueWorkflowRunTrigger(
        workflow_name="units", run_id=run_id, property_name="file_presence", poll_seconds=0.2, verbose=False
    )
    path, arguments = first.serialize()
    assert path == "glueprint.airflow.triggers.GlueWorkflowRunTrigger"
    trigger = GlueWorkflowRunTrigger(**arguments)

    async def event() -> Any:
        async for one in trigger.run():
            return one.payload
        return None

    assert asyncio.run(asyncio.wait_for(event(), 60)) == {"status": "RUNNING", "run_id": run_id}
    hook.conn.stop_workflow_run(Name="units", RunId=run_id)


def test_a_trigger_gives_up_with_a_message(hook: GlueWorkflowHook) -> None:
    """A run that does not exist: the event has the reason, and the task fails with it."""

    async def event() -> Any:
        async for one in GlueWorkflowRunTrigger(workflow_name="units", run_id="wr_0" + "0" * 63).run():
            return one.payload
        return None

    payload = asyncio.run(asyncio.wait_for(event(), 60))
    assert payload["status"] == "error"
    assert "EntityNotFoundException" in payload["message"]


def test_the_link_is_for_aws_only(hook: GlueWorkflowHook) -> None:
    """A local Glue has no console."""
    assert is_aws("https://glue.eu-central-1.amazonaws.com")
    assert is_aws("https://glue.cn-north-1.amazonaws.com.cn")
    assert not is_aws(hook.conn.meta.endpoint_url)
    link = GlueWorkflowRunLink().format_link(
        region_name="us-east-1", aws_domain="aws.amazon.com", workflow="orders", run_id="wr_1"
    )
    assert link.startswith("https://console.aws.amazon.com/glue/home?region=us-east-1#/v2/etl-configuration/")
    assert link.endswith("orders?runId=wr_1")


def test_lineage_has_the_input_and_the_run(hook: GlueWorkflowHook) -> None:
    """OpenLineage: S3 data sets are named by bucket and path (OpenLineage naming)."""
    run_id = _start(hook, "ok", **{"file_presence.location": "s3://lake/orders/"})
    deadline = time.monotonic() + 60
    while _status(hook, run_id) != "COMPLETED" and time.monotonic() < deadline:
        time.sleep(0.2)
    lineage = lineage_of(hook.workflow_run("units", run_id))
    assert [(one.namespace, one.name) for one in lineage.inputs] == [("s3://lake", "orders")]
    assert lineage.run_facets["externalQuery"].externalQueryId == run_id


def test_airflow_runs_in_a_home_of_its_own() -> None:
    """The tests leave the user's Airflow alone."""
    assert "airflow-tests-" in os.environ["AIRFLOW_HOME"]
