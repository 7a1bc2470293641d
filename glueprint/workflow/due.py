"""When a schedule is due, and what becomes of times that were missed while nobody watched.

The policy (ours: AWS is never down): a time that lies back further than the grace is *missed*; missed times are
counted and told, and do not fire - a laptop that is opened at noon does not start last night's loads. ``ONCE``
fires a single time for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from glueprint.workflow.schedule import Schedule

GRACE = timedelta(minutes=1)
"""A time that is no older fires as if it were now."""
MOST_COUNTED = 10_000
"""Missed times are counted up to here (a month of every five minutes is 8,640)."""


class Missed(Enum):
    """What to do about times that passed while the server was down."""

    SKIP = "skip"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Due:
    """What a schedule asks for at one moment."""

    fire: datetime | None
    """The time that fires now, or None."""
    missed: tuple[datetime, ...]
    """The times that passed and do not fire, oldest first."""
    next: datetime | None
    """When to look again; None: never."""


def due(schedule: Schedule, since: datetime, now: datetime, missed: Missed = Missed.SKIP) -> Due:
    """What happened to a schedule between two looks.

    Args:
        schedule: the trigger's, or the crawler's.
        since: the moment up to which it was looked after (its last look, or its activation), aware.
        now: this moment, aware.
        missed: the policy.
    """
    passed: list[datetime] = []
    following = schedule.next_after(since)
    while following is not None and following <= now and len(passed) < MOST_COUNTED:
        passed.append(following)
        following = schedule.next_after(following)
    if following is not None and following <= now:
        following = schedule.next_after(now)
    fires = bool(passed) and (missed is Missed.ONCE or now - passed[-1] <= GRACE)
    fire = passed.pop() if fires else None
    return Due(fire, tuple(passed), following)
