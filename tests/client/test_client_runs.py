"""Views of workflow runs: outcomes, the order of nodes, presence markers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from harness.shapes import TRIGGERS, graph, run_frame

from glueprint.client.node_order import in_run_order
from glueprint.client.presence import PresenceMarker, presence_markers
from glueprint.client.runs import RunOutcome, RunView
from glueprint.workflow.wire import graph_from_wire


@pytest.mark.parametrize(
    ("status", "statistics", "outcome"),
    [
        ("COMPLETED", {"SucceededActions": 3}, RunOutcome.SUCCEEDED),
        ("COMPLETED", {"FailedActions": 1}, RunOutcome.FAILED),
        ("COMPLETED", {"TimeoutActions": 1}, RunOutcome.FAILED),
        ("COMPLETED", {"ErroredActions": 1}, RunOutcome.FAILED),
        ("COMPLETED", {"StoppedActions": 1}, RunOutcome.FAILED),
        ("STOPPED", {"StoppedActions": 1}, RunOutcome.STOPPED),
        ("STOPPED", {"FailedActions": 1, "StoppedActions": 1}, RunOutcome.FAILED),
        ("ERROR", {}, RunOutcome.FAILED),
        ("RUNNING", {}, RunOutcome.FAILED),
    ],
)
def test_outcomes(status: str, statistics: dict[str, int], outcome: RunOutcome) -> None:
    """COMPLETED with failed, timed out, errored or stopped actions is no success (docs/facts/orchestration.md)."""
    run = RunView.from_wire(run_frame(status, {}) | {"Statistics": statistics})
    assert run.outcome is outcome


def test_the_order_follows_the_run() -> None:
    """Breadth first from the starting trigger, wherever it stands in the list."""
    shuffled = replace(graph_from_wire(graph(TRIGGERS)), triggers=graph_from_wire(graph(TRIGGERS[::-1])).triggers)
    assert [node.name for node in in_run_order(shuffled)] == ["look", "crawl", "load"]


def test_presence_markers_are_recognized_by_their_names() -> None:
    """``file_presence``, or a name that ends in ``.presence``, with "true" or "false"; details have its prefix."""
    properties = {
        "file_presence": "false",
        "file_presence.reason": "no file",
        "orders.presence": "true",
        "orders.presence.count": "3",
        "other.presence": "maybe",
        "file_presences": "true",
    }
    assert presence_markers(properties) == (
        PresenceMarker("file_presence", False, {"reason": "no file"}),
        PresenceMarker("orders.presence", True, {"count": "3"}),
    )
    run = RunView.from_wire(run_frame("STOPPED", {}, WorkflowRunProperties=properties))
    assert run.missing_input is not None
    assert run.missing_input.reason == "no file"
    present = RunView.from_wire(run_frame("COMPLETED", {}, WorkflowRunProperties={"orders.presence": "true"}))
    assert present.missing_input is None
