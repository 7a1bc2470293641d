"""When a workflow starts next: in `glueprint status`, from the starting trigger alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import Result
from harness.scripted_glue import Stage
from harness.shapes import graph, trigger

from glueprint.cli.render.starts import next_start
from glueprint.cli.render.words import moment
from glueprint.workflow.wire import graph_from_wire

Glueprint = Callable[..., Result]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _starting(**members: Any) -> dict[str, Any]:
    return graph([trigger("start", ["look"], **{"State": "ACTIVATED", **members})])


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"Type": "ON_DEMAND", "State": "CREATED"}, ""),
        (
            {"Type": "SCHEDULED", "Schedule": "cron(0 6 * * ? *)"},
            moment(datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),
        ),
        (
            {"Type": "SCHEDULED", "Schedule": "cron(0 6 * * ? *)", "State": "DEACTIVATED"},
            "at cron(0 6 * * ? *) UTC, but start is DEACTIVATED",
        ),
        (
            {"Type": "SCHEDULED", "Schedule": "cron(0 6 1 1 ? 2020)"},
            "at cron(0 6 1 1 ? 2020) UTC: never again",
        ),
        ({"Type": "SCHEDULED", "Schedule": "rate(1 day)"}, "at rate(1 day) UTC"),
        ({"Type": "EVENT", "EventBatchingCondition": {"BatchSize": 5}}, "on 5 event(s)"),
        ({"Type": "EVENT", "State": "DEACTIVATED"}, "on 1 event(s)"),
    ],
)
def test_the_next_start_follows_from_the_starting_trigger(members: dict[str, Any], expected: str) -> None:
    """Schedules are UTC
    (docs/facts/triggers.md#schedules) and shown in local time; only ACTIVATED triggers fire (guide)."""
    assert next_start(graph_from_wire(_starting(**members)), NOW) == expected


def test_a_workflow_without_starting_trigger_has_no_next_start() -> None:
    """It can only be started by hand."""
    assert next_start(graph_from_wire(graph([])), NOW) == ""


def test_status_tells_it_for_all_workflows_and_for_one(stage: Stage, glueprint: Glueprint) -> None:
    """`status` shows scheduled triggers' next time and event triggers."""
    stage.glue.workflows["nightly"]["Graph"] = _starting(Type="SCHEDULED", Schedule="cron(0 6 * * ? 2199)")
    first = moment(datetime(2199, 1, 1, 6, 0, tzinfo=UTC))
    heading, line = glueprint("status").stdout.splitlines()
    assert "NEXT START" in heading
    assert first in line
    assert glueprint("status", "nightly").stdout.splitlines()[-1] == f"next start: {first}"
