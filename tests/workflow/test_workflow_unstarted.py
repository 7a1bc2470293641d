"""Why a workflow has never run: what its starting trigger waits for (a trigger that did not fire)."""

from __future__ import annotations

from datetime import datetime

import pytest
from workflow_shapes import graph, job, on

from glueprint.compat import UTC
from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.model import Action, Trigger
from glueprint.workflow.unstarted import why_not_started

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
ACTIONS = (Action(job("look")),)


def _starting(type_: TriggerType, state: TriggerState = TriggerState.ACTIVATED, **members: object) -> Trigger:
    return Trigger("start", type_, ACTIONS, state, "flow", **members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trigger", "cause", "words"),
    [
        (
            _starting(TriggerType.ON_DEMAND, TriggerState.CREATED),
            "NEVER_STARTED",
            "is ON_DEMAND, and no one has started it.",
        ),
        (
            _starting(TriggerType.SCHEDULED, TriggerState.DEACTIVATED, schedule="cron(0 2 * * ? *)"),
            "NOT_ACTIVE",
            "is SCHEDULED and DEACTIVATED: only an ACTIVATED one fires",
        ),
        (
            _starting(TriggerType.SCHEDULED, schedule="cron(0 2 ? * 1 *)"),
            "NOT_DUE",
            "its next time is 2026-11-22 02:00 UTC, by cron(0 2 ? * 1 *)",
        ),
        (
            _starting(TriggerType.SCHEDULED, schedule="cron(0 2 30 2 ? *)"),
            "NOT_DUE",
            "its schedule cron(0 2 30 2 ? *) has no future time.",
        ),
        (
            _starting(TriggerType.SCHEDULED, schedule="cron(0 2 ? * 2#1 *)"),
            "NOT_DUE",
            "its schedule is not valid: schedule 'cron(0 2 ? * 2#1 *)'",
        ),
        (_starting(TriggerType.EVENT), "NOT_DUE", "an event must reach it; an EventBridge rule"),
        (
            _starting(TriggerType.EVENT, batch_size=5, batch_window=60),
            "NOT_DUE",
            "5 events, or the end of 60 s after the first, must reach it",
        ),
    ],
)
def test_the_starting_trigger_says_why(trigger: Trigger, cause: str, words: str) -> None:
    """The states of a trigger and what each type waits for (docs/facts/triggers.md#types; day 1 is Sunday)."""
    reason = why_not_started("flow", graph(trigger), NOW)
    assert (reason.cause.value, reason.about.name, reason.refers_to) == (cause, "start", None)
    assert words in reason.text


def test_without_a_starting_trigger_nothing_can_start() -> None:
    """Only one that is ON_DEMAND, SCHEDULED or EVENT begins a run (docs/facts/workflows.md#composition)."""
    reason = why_not_started("flow", graph(on("t", (job("look"), "FAILED"), do=(job("load"),))), NOW)
    assert (reason.cause.value, reason.about.kind, reason.about.name) == ("NOTHING_STARTS_IT", "WORKFLOW", "flow")
