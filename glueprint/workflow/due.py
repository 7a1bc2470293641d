"""When a schedule is due, and which of its times were missed while no server ran.

The policy is Glueprint's, since AWS is never down: a time further back than the grace is *missed*. Missed times
are recorded and do not fire: a laptop that is opened at noon does not start last night's loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from glueprint.workflow.schedule import Schedule

GRACE = timedelta(minutes=1)
"""A time that is no older fires as if it were now."""
MAX_MISSED = 10_000
"""Missed times are counted up to here (a month of every five minutes is 8,640)."""


@dataclass(frozen=True, slots=True)
class Due:
    """The times of a schedule that matter at one moment."""

    fire: datetime | None
    """The time that fires now, or None."""
    missed: tuple[datetime, ...]
    """The times that passed and do not fire, oldest first."""
    next: datetime | None
    """When to check again; None: never."""


def due(schedule: Schedule, since: datetime, now: datetime) -> Due:
    """Return what a schedule requires between two checks.

    Args:
        schedule: the trigger's, or the crawler's.
        since: the moment of the last check or of the activation, aware.
        now: this moment, aware.
    """
    passed: list[datetime] = []
    following = schedule.next_after(since)
    while following is not None and following <= now and len(passed) < MAX_MISSED:
        passed.append(following)
        following = schedule.next_after(following)
    if following is not None and following <= now:
        following = schedule.next_after(now)
    fire = passed.pop() if passed and now - passed[-1] <= GRACE else None
    return Due(fire, tuple(passed), following)
