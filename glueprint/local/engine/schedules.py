"""Schedules of triggers and crawlers: each active one has a timer for its next time.

A time that passed while no server ran is not made up for (:mod:`glueprint.workflow.due`): it is told in the log
and kept in the table ``missed_time``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from glueprint.local.clock import Clock
from glueprint.local.engine.timer_rows import Timer, cancel_timer, set_timer
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store.database import Connection
from glueprint.workflow.due import due
from glueprint.workflow.schedule import parse

logger = logging.getLogger(__name__)

TIMER = "schedule"


class Schedules:
    """Sets the timers, and says what is due when one comes."""

    def __init__(self, clock: Clock, expression_of: Callable[[Connection, str], str | None]) -> None:
        """``expression_of`` gives the active schedule of a subject (``trigger/NAME``, ``crawler/NAME``)."""
        self._clock = clock
        self._expression_of = expression_of

    def changed(self, tx: Connection, subject: str) -> None:
        """The subject's schedule was set, changed, started or stopped, or the subject is gone."""
        expression = self._expression_of(tx, subject)
        following = None if expression is None else parse(expression).next_after(_moment(self._clock.now()))
        if following is None:
            cancel_timer(tx, subject, TIMER)
            if expression is not None:
                logger.warning("%s: no time to come fits schedule %s: it never fires", subject, expression)
        else:
            set_timer(tx, subject, TIMER, following.timestamp())

    def due(self, tx: Connection, timer: Timer) -> bool:
        """A schedule's timer has come: whether it fires now. Sets the next timer, notes what was missed."""
        expression = self._expression_of(tx, timer.subject)
        if expression is None:
            cancel_timer(tx, timer.subject, timer.name)
            return False
        now = self._clock.now()
        # The timer stands at a time of the schedule; that time itself counts as passed.
        found = due(parse(expression), _moment(timer.due) - timedelta(seconds=1), _moment(now))
        if found.missed:
            logger.warning(
                "%s: %d scheduled time(s) from %s to %s passed while no server ran, and are not made up for",
                timer.subject,
                len(found.missed),
                found.missed[0].isoformat(),
                found.missed[-1].isoformat(),
            )
            tx.executemany(
                "INSERT OR IGNORE INTO missed_time (subject, at, noticed) VALUES (?, ?, ?)",
                [(timer.subject, moment.timestamp(), now) for moment in found.missed],
            )
        if found.next is None:
            cancel_timer(tx, timer.subject, timer.name)
        else:
            set_timer(tx, timer.subject, timer.name, found.next.timestamp())
        if found.fire is None:
            return False
        reached(FaultPoint.SCHEDULE_MOVED)
        return True


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
