"""Why a workflow has never run, from its starting trigger as it is now; works on AWS, too."""

from __future__ import annotations

from datetime import datetime

from glueprint.facts.defaults import DEFAULT_BATCH_SIZE, DEFAULT_BATCH_WINDOW_SECONDS
from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.explanation import Cause, Reason, Subject
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.schedule import ScheduleError, parse


def why_not_started(workflow: str, graph: Graph, now: datetime) -> Reason:
    """Return the reason why no run of a workflow has started.

    Args:
        workflow: its name.
        graph: its triggers, from GetWorkflow.
        now: this moment, aware.
    """
    trigger = graph.starting
    if trigger is None:
        text = f"Workflow `{workflow}` has no starting trigger (ON_DEMAND, SCHEDULED or EVENT)."
        return Reason(Cause.NOTHING_STARTS_IT, text, Subject("WORKFLOW", workflow))
    about = Subject("TRIGGER", trigger.name)
    its = f"Starting trigger `{trigger.name}` is {trigger.type}"
    if trigger.type is TriggerType.ON_DEMAND:
        return Reason(Cause.NEVER_STARTED, f"{its}, and no one has started it.", about)
    if trigger.type is TriggerType.SCHEDULED and trigger.state is not TriggerState.ACTIVATED:
        text = f"{its} and {trigger.state}: only an ACTIVATED one fires; StartTrigger activates it."
        return Reason(Cause.NOT_ACTIVE, text, about, state=trigger.state.value)
    waits = _schedule(trigger, now) if trigger.type is TriggerType.SCHEDULED else _events(trigger)
    return Reason(Cause.NOT_DUE, f"{its}: {waits}", about)


def _schedule(trigger: Trigger, now: datetime) -> str:
    expression = trigger.schedule or ""
    try:
        following = parse(expression).next_after(now)
    except ScheduleError as error:
        return f"its schedule is not valid: {error}."
    if following is None:
        return f"its schedule {expression} has no future time."
    when = following.strftime("%Y-%m-%d %H:%M")
    return (
        f"its next time is {when} UTC, by {expression}; times at which the local Glue was not running are skipped."
    )


def _events(trigger: Trigger) -> str:
    size = trigger.batch_size or DEFAULT_BATCH_SIZE
    window = trigger.batch_window or DEFAULT_BATCH_WINDOW_SECONDS
    waits = "an event" if size == 1 else f"{size} events, or the end of {window} s after the first,"
    return f"{waits} must reach it; an EventBridge rule must have the workflow as its target."
