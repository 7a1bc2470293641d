"""Why has this workflow never run? Read from its starting trigger as it is now: it works on AWS as well."""

from __future__ import annotations

from datetime import datetime

from glueprint.facts.defaults import DEFAULT_BATCH_SIZE, DEFAULT_BATCH_WINDOW_SECONDS
from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.explanation import Cause, Reason, Subject
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.schedule import ScheduleError, parse


def why_not_started(workflow: str, graph: Graph, now: datetime) -> Reason:
    """The reason why no run of a workflow has begun.

    Args:
        workflow: its name.
        graph: its triggers, as GetWorkflow tells them.
        now: this moment, aware.
    """
    trigger = graph.starting
    if trigger is None:
        text = f"Workflow `{workflow}` has no starting trigger (ON_DEMAND, SCHEDULED or EVENT)."
        return Reason(Cause.NOTHING_STARTS_IT, text, Subject("WORKFLOW", workflow))
    about = Subject("TRIGGER", trigger.name)
    its = f"Starting trigger `{trigger.name}` is {trigger.type}"
    if trigger.type is TriggerType.ON_DEMAND:
        return Reason(Cause.NOT_ASKED_FOR, f"{its}, and nobody has started it.", about)
    if trigger.state is not TriggerState.ACTIVATED:
        text = f"{its} and {trigger.state}: only an ACTIVATED one fires; StartTrigger activates it."
        return Reason(Cause.NOT_ACTIVE, text, about, state=trigger.state.value)
    waits = _schedule(trigger, now) if trigger.type is TriggerType.SCHEDULED else _events(trigger)
    return Reason(Cause.NOT_DUE, f"{its}: {waits}", about)


def _schedule(trigger: Trigger, now: datetime) -> str:
    expression = trigger.schedule or ""
    try:
        following = parse(expression).next_after(now)
    except ScheduleError as error:
        return f"its schedule cannot be read here: {error}."
    if following is None:
        return f"no time to come fits its schedule {expression}."
    when = following.strftime("%Y-%m-%d %H:%M")
    return (
        f"its next time is {when} UTC, by {expression}; a time at which a local Glue was not running is not made"
        " up for."
    )


def _events(trigger: Trigger) -> str:
    size = trigger.batch_size or DEFAULT_BATCH_SIZE
    window = trigger.batch_window or DEFAULT_BATCH_WINDOW_SECONDS
    waits = "an event" if size == 1 else f"{size} events, or the end of {window} s after the first,"
    return f"{waits} must reach it; an EventBridge rule must have the workflow as its target."
