"""Schedules of triggers and crawlers: each active one has a timer for its next time.

A time that passed while no server ran, or that the clock jumped over, is not made up for
(:mod:`glueprint.workflow.due`): it is logged and stored in the table ``missed_time``. If the clock is set back, no
time fires again: a timer only moves forward, unless its schedule is changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from glueprint.local.clock import Clock
from glueprint.local.engine.timer_rows import Schedule, cancel_timer, set_timer
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store.database import Connection
from glueprint.workflow.due import due
from glueprint.workflow.schedule import parse

logger = logging.getLogger(__name__)


class Schedules:
    """Sets the timers of schedules, and decides what fires when one is due."""

    def __init__(self, clock: Clock, expression_of: Callable[[Connection, Schedule], str | None]) -> None:
        """``expression_of`` returns the expression of a schedule that is active; None if it is not."""
        self._clock = clock
        self._expression_of = expression_of

    def changed(self, tx: Connection, schedule: Schedule) -> None:
        """Set or cancel the timer: a schedule was set, changed, started or stopped, or is gone."""
        expression = self._expression_of(tx, schedule)
        following = None if expression is None else parse(expression).next_after(_moment(self._clock.now()))
        if following is None:
            cancel_timer(tx, schedule)
            if expression is not None:
                logger.warning("%s: no time to come fits schedule %s: it never fires", schedule, expression)
        else:
            set_timer(tx, schedule, following.timestamp())

    def deleted(self, tx: Connection, schedule: Schedule) -> None:
        """Cancel the timer and delete the missed times: another trigger or crawler may get the name."""
        cancel_timer(tx, schedule)
        tx.execute("DELETE FROM missed_time WHERE subject = ?", (str(schedule),))

    def due(self, tx: Connection, schedule: Schedule, at: float) -> bool:
        """Whether a schedule fires now: its timer was due ``at``. Sets the next timer, stores the missed times."""
        expression = self._expression_of(tx, schedule)
        if expression is None:
            cancel_timer(tx, schedule)
            return False
        now = self._clock.now()
        # The timer's time is a time of the schedule, and counts as passed.
        found = due(parse(expression), _moment(at) - timedelta(seconds=1), _moment(now))
        if found.missed:
            logger.warning(
                "%s: %d scheduled time(s) from %s to %s passed while no server ran (or the machine slept, or its"
                " clock was set), and are not made up for",
                schedule,
                len(found.missed),
                found.missed[0].isoformat(),
                found.missed[-1].isoformat(),
            )
            tx.executemany(
                "INSERT OR IGNORE INTO missed_time (subject, at, noticed) VALUES (?, ?, ?)",
                [(str(schedule), moment.timestamp(), now) for moment in found.missed],
            )
        if found.next is None:
            cancel_timer(tx, schedule)
        else:
            set_timer(tx, schedule, found.next.timestamp())
        if found.fire is None:
            return False
        reached(FaultPoint.SCHEDULE_MOVED)
        return True


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
