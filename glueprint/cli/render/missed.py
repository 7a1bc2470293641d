"""Missed times of schedules on the screen: when, why, and what to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from glueprint.cli.render.words import moment
from glueprint.client.missed_times import Missed, MissedTimes
from glueprint.client.workflows import WorkflowView

RECENT = timedelta(days=7)
"""How far back missed times are shown in an overview; those of one workflow or trigger are all shown."""
_WHY = "no local Glue was running, or the computer slept (schedules fire only while `glueprint serve` runs)"


def missed_of(missed: Missed, workflow: WorkflowView) -> MissedTimes | None:
    """Return the missed times of a workflow's starting trigger."""
    trigger = workflow.graph.starting
    return None if trigger is None else missed.get(("trigger", trigger.name))


def of_workflow(missed: MissedTimes, workflow: WorkflowView) -> str:
    """Return what a workflow's schedule missed, and how to start it now if it has not run since."""
    text = _text(missed, f"workflow `{workflow.name}`")
    if _has_run_since(missed, workflow):
        return f"{text}. It has run since."
    return f"{text}. Start it now: `glueprint run {workflow.name}`"


def of_schedule(missed: MissedTimes) -> str:
    """Return what the schedule of a crawler, or of a trigger outside workflows, missed."""
    if missed.kind == "crawler":
        return f"{_text(missed, f'crawler `{missed.name}`')}. StartCrawler starts it now."
    return f"{_text(missed, f'trigger `{missed.name}`')}. StartJobRun or StartCrawler starts its actions now."


def recent(missed: Missed, workflows: list[WorkflowView], now: datetime) -> list[str]:
    """Return what was missed lately, and not started since, for an overview.

    Args:
        workflows: all of them, with their graphs.
        now: an aware time.
    """
    by_trigger = {view.graph.starting.name: view for view in workflows if view.graph.starting is not None}
    lines = []
    for one in missed.values():
        if now - one.latest > RECENT:
            continue
        workflow = by_trigger.get(one.name) if one.kind == "trigger" else None
        if workflow is None:
            lines.append(of_schedule(one))
        elif not _has_run_since(one, workflow):
            lines.append(of_workflow(one, workflow))
    return lines


def _has_run_since(missed: MissedTimes, workflow: WorkflowView) -> bool:
    return workflow.last_started is not None and workflow.last_started > missed.latest


def _text(missed: MissedTimes, what: str) -> str:
    were = "time was" if missed.count == 1 else "times were"
    when = f"at {moment(missed.latest)}" if missed.count == 1 else f"the latest at {moment(missed.latest)}"
    return f"{missed.count} scheduled {were} missed by {what}, {when}: {_WHY}"
