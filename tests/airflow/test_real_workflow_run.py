"""GlueWorkflowRunOperator in a real Airflow, against a real local Glue."""

from __future__ import annotations

import json

import pytest
from airflow_glue import LOAD, LOOK, GlueServer, make_chain
from dag_folder import DagFolder

pytestmark = pytest.mark.airflow
WAYS = pytest.mark.parametrize("deferrable", ["0", "1"], ids=["sync", "deferrable"])


@pytest.fixture(scope="module")
def workflow(glue_server: GlueServer) -> str:
    """A workflow that looks for files, and loads them."""
    make_chain(glue_server, "daily", {"look": LOOK, "load": LOAD})
    return "daily"


@WAYS
@pytest.mark.parametrize(
    ("mode", "state", "is_present"),
    [("ok", "success", True), ("missing", "success", False), ("fail", "failed", True)],
)
def test_a_run_ends_as_the_workflow_did(
    dags: DagFolder,
    glue_server: GlueServer,
    workflow: str,
    deferrable: str,
    mode: str,
    state: str,
    is_present: bool,
) -> None:
    """Missing input is a success with the marker as a boolean in XCom; a failed job fails the task, and the marker
    is there, too. The run's properties are those of the run, and the task's log has the lines of its jobs.
    """
    before = len(glue_server.runs(workflow))
    conf = {"workflow": workflow, "mode": mode}
    result = dags.run("load_orders", conf=conf, environment={"DEFERRABLE": deferrable, "RETRIES": "0"})
    (run,) = glue_server.runs(workflow)[before:]
    assert result.state == state, result.output
    assert result.xcom_of("load", "file_presence") is is_present
    assert result.xcom_of("load", "run_id") == run["WorkflowRunId"]
    assert result.xcom_of("load", "run_properties") == run["WorkflowRunProperties"]
    assert result.xcom_of("load") == (None if state == "failed" else run["WorkflowRunId"])
    assert "[daily_look] looking for files of 20" in result.output
    if mode == "fail":
        assert "job daily_load FAILED: ValueError: column price is not a number (jr_" in result.output


def test_a_retry_after_a_failure_starts_a_new_run(dags: DagFolder, glue_server: GlueServer, workflow: str) -> None:
    """A try whose run failed is over: the retry runs the workflow again."""
    before = len(glue_server.runs(workflow))
    conf = {"workflow": workflow, "mode": "fail"}
    environment = {"DEFERRABLE": "0", "RETRIES": "1", "RESUME_FAILED": "0"}
    result = dags.run("load_orders", conf=conf, environment=environment)
    runs = glue_server.runs(workflow)[before:]
    assert (result.state, result.tries) == ("failed", {"load": 2})
    assert len(runs) == 2


def test_a_retry_resumes_from_the_failed_nodes(dags: DagFolder, glue_server: GlueServer, workflow: str) -> None:
    """With ``resume_failed``, ResumeWorkflowRun starts the failed job only: the first one keeps its job run."""
    before = len(glue_server.runs(workflow))
    conf = {"workflow": workflow, "mode": "fail"}
    environment = {"DEFERRABLE": "0", "RETRIES": "1", "RESUME_FAILED": "1"}
    result = dags.run("load_orders", conf=conf, environment=environment)
    first, second = glue_server.runs(workflow)[before:]
    assert result.tries == {"load": 2}, result.output
    assert second["PreviousRunId"] == first["WorkflowRunId"]
    assert result.xcom_of("load", "run_id") == second["WorkflowRunId"]


def test_an_unknown_workflow_is_one_clear_message(dags: DagFolder) -> None:
    """The task's log names the workflow, and what to do."""
    environment = {"DEFERRABLE": "0", "RETRIES": "0", "RESUME_FAILED": "0"}
    result = dags.run("load_orders", conf={"workflow": "nothing", "mode": "ok"}, environment=environment)
    assert result.state == "failed"
    assert "there is no workflow nothing; create it, or name another workflow" in result.output


def test_a_wrong_connection_is_one_clear_message(dags: DagFolder, glue_server: GlueServer, workflow: str) -> None:
    """The task's log names the connection, and what to change in it; nothing is started."""
    before = len(glue_server.runs(workflow))
    ((name, text),) = glue_server.connection.items()
    environment = {name: json.dumps(json.loads(text) | {"password": "wrong"}), "DEFERRABLE": "0", "RETRIES": "0"}
    result = dags.run("load_orders", conf={"workflow": workflow, "mode": "ok"}, environment=environment)
    assert result.state == "failed"
    assert "check the access key, secret key and session token of connection aws_default" in result.output
    assert len(glue_server.runs(workflow)) == before
