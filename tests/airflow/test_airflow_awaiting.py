"""What a sensor waits for, what lineage reports, and where the console's link is empty."""

from __future__ import annotations

import pytest
from harness.shapes import run_frame

from glueprint.airflow.lineage import input_locations
from glueprint.airflow.runs.awaiting import Awaited, EndedOtherwise
from glueprint.client.runs import RunView


def _run(status: str, failed: int = 0, **properties: str) -> RunView:
    frame = run_frame(status, {}, WorkflowRunProperties=properties)
    return RunView.from_wire(frame | {"Statistics": {"TotalActions": 3, "FailedActions": failed}})


@pytest.mark.parametrize(
    ("awaited", "run", "is_over"),
    [
        (Awaited(), _run("RUNNING"), False),
        (Awaited(), _run("COMPLETED"), True),
        (Awaited("rows"), _run("RUNNING"), False),
        (Awaited("rows"), _run("RUNNING", rows=""), True),
        (Awaited("rows", "5"), _run("RUNNING", rows="4"), False),
        (Awaited("rows", "5"), _run("RUNNING", rows="5"), True),
        (Awaited("rows", "5"), _run("COMPLETED", rows="4"), True),
    ],
)
def test_when_waiting_is_over(awaited: Awaited, run: RunView, is_over: bool) -> None:
    """At the run's end, or when the property has the value: an empty one is a value."""
    assert awaited.is_over(run) is is_over


def test_results() -> None:
    """The property's value, also if the run has failed since; else the status of a success."""
    assert Awaited("rows").result(_run("COMPLETED", failed=1, rows="5")) == "5"
    assert Awaited().result(_run("COMPLETED")) == "COMPLETED"
    assert Awaited().result(_run("STOPPED", file_presence="false")) == "STOPPED"


@pytest.mark.parametrize(
    ("awaited", "run", "message"),
    [
        (Awaited(), _run("COMPLETED", failed=1), "ended COMPLETED: 1 failed of 3 actions"),
        (Awaited(), _run("STOPPED", file_presence="true"), "stopped from outside"),
        (Awaited("rows"), _run("COMPLETED"), "run property rows was awaited, and the run ended without it"),
        (Awaited("rows", "5"), _run("COMPLETED", rows="4"), "rows '5' was awaited, and the run ended with '4'"),
        (Awaited("rows"), _run("COMPLETED", failed=1), "ended without it\nworkflow .* 1 failed of 3 actions"),
    ],
)
def test_a_run_that_ends_otherwise_is_an_error(awaited: Awaited, run: RunView, message: str) -> None:
    """The sensor fails at once, instead of waiting for its timeout."""
    with pytest.raises(EndedOtherwise, match=message):
        awaited.result(run)


def test_lineage_has_the_locations_of_markers_that_are_true() -> None:
    """``<marker>.location`` of the file_presence blueprint; a folder that had nothing was not read."""
    run = _run(
        "COMPLETED",
        **{
            "file_presence": "true",
            "file_presence.location": "s3://lake/orders/",
            "returns.presence": "false",
            "returns.presence.location": "s3://lake/returns/",
        },
    )
    assert input_locations(run) == ["s3://lake/orders/"]
