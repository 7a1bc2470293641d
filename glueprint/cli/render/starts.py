"""When a workflow starts next, according to its starting trigger."""

from __future__ import annotations

from datetime import datetime

from glueprint.cli.render.graph import condition
from glueprint.cli.render.words import moment
from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.schedule import ScheduleError, parse


def next_start(graph: Graph, now: datetime) -> str:
    """Return the next time of a schedule, or the events that start it; empty if it only starts on demand.

    Args:
        graph: the workflow's graph.
        now: an aware time; schedules are in UTC, the result is in local time.
    """
    trigger = graph.starting
    if trigger is None or trigger.type is TriggerType.ON_DEMAND:
        return ""
    if trigger.type is TriggerType.SCHEDULED and trigger.state is not TriggerState.ACTIVATED:
        return f"{condition(trigger)}, but {trigger.name} is {trigger.state}"
    return _next_time(trigger, now) if trigger.type is TriggerType.SCHEDULED else condition(trigger)


def _next_time(trigger: Trigger, now: datetime) -> str:
    try:
        following = parse(trigger.schedule or "").next_after(now)
    except ScheduleError:  # AWS may accept forms that its guide does not document
        return condition(trigger)
    return moment(following) if following is not None else f"{condition(trigger)}: never again"
