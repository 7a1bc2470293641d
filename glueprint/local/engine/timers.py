"""Reports timers when they are due; those that came due while no server ran are reported at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from glueprint.local.clock import Clock
from glueprint.local.engine.timer_rows import Timer, due_timers, next_due
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store import Database
from glueprint.local.store.database import Connection

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
"""The time after which a timer whose report failed is reported again."""


class Timers:
    """One thread that sleeps until the next timer is due."""

    def __init__(self, database: Database, clock: Clock, report: Callable[[Timer], None]) -> None:
        self._database = database
        self._clock = clock
        self._report = report
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="timers", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Read the timers again: one was set."""
        self._wake.set()

    def close(self) -> None:
        """Stop the thread."""
        self._closing.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join()

    def _due(self, tx: Connection) -> list[Timer]:
        return due_timers(tx, self._clock.now())

    def _loop(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            failed = [timer for timer in self._database.read(self._due) if not self._reported(timer)]
            if failed:  # their rows are still there and due: not to be read again at once
                self._clock.wait(self._wake, self._clock.now() + PAUSE_SECONDS)
            else:
                self._clock.wait(self._wake, self._database.read(next_due))

    def _reported(self, timer: Timer) -> bool:
        reached(FaultPoint.TIMER_DUE)
        try:
            self._report(timer)
        except Exception:
            logger.exception("timer of %s; trying again in %.0f s", timer.key, PAUSE_SECONDS)
            return False
        reached(FaultPoint.TIMER_REPORTED)
        return True
