"""Tags, verdicts, lost polls and logs, without Airflow."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from fake_runs import FakeRuns, refusal
from harness.shapes import TRIGGERS, graph, run_frame
from hypothesis import given
from hypothesis import strategies as st

from glueprint.airflow.provider_info import get_provider_info
from glueprint.airflow.runs.tags import TaskTag
from glueprint.airflow.runs.transient import Patience, is_transient
from glueprint.airflow.runs.verdict import WrongMarker, judge, presence
from glueprint.airflow.runs.watching import NodeLogs, RunWatcher
from glueprint.client.runs import RunView


@given(st.text(), st.integers(0, 10_000))
def test_a_tag_is_read_back(task: str, sequence: int) -> None:
    """DAG and task ids may have any characters that Airflow allows, the separator included."""
    tag = TaskTag(task, sequence)
    assert TaskTag.from_text(tag.text) == tag


@pytest.mark.parametrize("text", ["", "d/r/t", "d/r/t#", "d/r/t#x"])
def test_other_texts_are_no_tags(text: str) -> None:
    """A person may have put the property."""
    assert TaskTag.from_text(text) is None


def _run(status: str, statistics: dict[str, int], **properties: str) -> RunView:
    frame = run_frame(status, {}, WorkflowRunProperties=properties)
    return RunView.from_wire(frame | {"Statistics": {"TotalActions": 3, **statistics}})


@pytest.mark.parametrize(
    ("status", "statistics", "properties", "is_success"),
    [
        ("COMPLETED", {"SucceededActions": 3}, {}, True),
        ("COMPLETED", {"FailedActions": 1}, {}, False),
        ("COMPLETED", {"TimeoutActions": 1}, {}, False),
        ("COMPLETED", {"ErroredActions": 1}, {}, False),
        ("COMPLETED", {"StoppedActions": 1}, {"file_presence": "true"}, False),
        ("STOPPED", {"StoppedActions": 1}, {"file_presence": "false"}, True),
        ("STOPPED", {"StoppedActions": 1}, {"orders.presence": "false"}, True),
        ("STOPPED", {"StoppedActions": 1}, {"file_presence": "true"}, False),
        ("STOPPED", {"StoppedActions": 1}, {"file_presence": "False"}, False),
        ("STOPPED", {}, {}, False),
        ("STOPPED", {"FailedActions": 1}, {"file_presence": "false"}, False),
        ("ERROR", {}, {"file_presence": "false"}, False),
    ],
)
def test_verdicts(status: str, statistics: dict[str, int], properties: dict[str, str], is_success: bool) -> None:
    """COMPLETED with failures is a failure (DG:resuming-workflow), STOPPED is a success only if a marker is
    "false": a run that a person stopped while it loaded has "true" and no rows.
    """
    assert judge(_run(status, statistics, **properties)).is_success is is_success


def test_with_a_presence_key_only_that_marker_counts() -> None:
    """A workflow may have several markers."""
    run = _run("STOPPED", {"StoppedActions": 1}, file_presence="true", **{"orders.presence": "false"})
    assert judge(run, "orders.presence").is_success
    assert not judge(run, "file_presence").is_success


@pytest.mark.parametrize("value", [None, "", "maybe", "True"])
def test_a_wrong_marker_is_one_message(value: str | None) -> None:
    """Run properties are text; a missing marker is an error, not "false"."""
    properties = {} if value is None else {"file_presence": value}
    with pytest.raises(WrongMarker, match=r"run property file_presence of workflow .* must be true or false"):
        presence(_run("COMPLETED", {}, **properties), "file_presence")


def test_a_failure_names_node_state_and_error() -> None:
    """What the task's exception contains, also when it was deferred (apache/airflow#64095 for jobs)."""
    glue = FakeRuns()
    glue.start_workflow_run("orders", {})
    glue.end("COMPLETED", failed=1, marker="true")
    assert judge(RunView.from_wire(glue.runs[0])).text.splitlines() == [
        "workflow orders run wr_0 ended COMPLETED: 1 failed of 1 actions",
        "  job load FAILED: KeyError: 'price' (jr_1)",
    ]


def test_nodes_that_did_not_run_are_named() -> None:
    """A stopped run: what it did not reach."""
    run = RunView.from_wire(run_frame("STOPPED", graph(TRIGGERS)) | {"Statistics": {"TotalActions": 3}})
    text = judge(run).text
    assert "it was stopped from outside: no presence marker is false" in text
    assert "job load did not run" in text


def test_a_wrong_presence_key_is_named_with_the_marker_that_is_there() -> None:
    """A run that stopped itself was not stopped by others, whatever name the task has for the marker."""
    shape = run_frame("STOPPED", graph(TRIGGERS)) | {"WorkflowRunProperties": {"file_presence": "false"}}
    verdict = judge(RunView.from_wire(shape), "file_present")
    assert not verdict.is_success
    assert "run property file_present is not false, but file_presence is: is presence_key right?" in verdict.text
    assert "stopped from outside" not in verdict.text


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (EndpointConnectionError(endpoint_url="http://x"), True),
        (refusal("ThrottlingException", "GetWorkflowRun"), True),
        (refusal("InternalServiceException", "GetWorkflowRun"), True),
        (refusal("EntityNotFoundException", "GetWorkflowRun"), False),
        (refusal("AccessDeniedException", "GetWorkflowRun"), False),
        (ValueError(), False),
    ],
)
def test_which_errors_are_transient(error: Exception, transient: bool) -> None:
    """A refusal is final; a lost connection, throttling and internal errors are not (service model)."""
    assert is_transient(error) is transient


def test_patience_ends() -> None:
    """Requests may be lost for a time; each answer starts that time again."""
    times = iter([0.0, 9.0, 20.0, 31.0])
    patience, error = Patience(10, lambda: next(times)), EndpointConnectionError(endpoint_url="http://x")
    assert [patience.lost(error), patience.lost(error)] == [0.0, 9.0]
    patience.answered()
    assert patience.lost(error) == 0.0
    with pytest.raises(EndpointConnectionError):
        patience.lost(error)


class _Broken:
    """A Glue whose answers are lost twice, then come."""

    def __init__(self, glue: FakeRuns) -> None:
        self._glue, self._left = glue, 2

    def get_workflow_run(self, **request: Any) -> dict[str, Any]:
        """The run, the third time."""
        self._left -= 1
        if self._left >= 0:
            raise EndpointConnectionError(endpoint_url="http://glue")
        return self._glue.get_workflow_run(**request)


def test_lost_polls_are_survived_and_logs_never_fail() -> None:
    """Two polls are lost, and no log can be read: the run's result counts (apache/airflow#52262, #56535)."""
    glue, lines = FakeRuns(), []
    glue.start_workflow_run("orders", {})
    glue.end("COMPLETED", failed=1)
    details = glue.runs[0]["Graph"]["Nodes"][1]["JobDetails"]
    details["JobRuns"][0]["LogGroupName"] = "/aws-glue/jobs"

    def no_logs() -> Any:
        raise RuntimeError("no connection")

    logs = NodeLogs(no_logs, lines.append)
    watcher = RunWatcher(_Broken(glue), "orders", "wr_0", log=lines.append, node_logs=logs)
    assert watcher.watch(0.0, lambda seconds: None).status == "COMPLETED"
    assert sum("Glue does not answer" in line for line in lines) == 2
    assert sum("cannot be read" in line for line in lines) == 2  # one for each log group


def test_the_provider_info_has_the_members_that_airflow_requires() -> None:
    """Airflow's provider_info.schema.json requires name and description; the modules are in this package."""
    info = get_provider_info()
    assert {"package-name", "name", "description"} <= set(info)
    parts = [one for kind in ("operators", "sensors", "hooks", "triggers") for one in info[kind]]
    assert all(module.startswith("glueprint.airflow.") for one in parts for module in one["python-modules"])
