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
from glueprint.runtime.processes.repeated_failures import RepeatedFailures

logger = logging.getLogger(__name__)

CLOCK_TOLERANCE_SECONDS = 5.0
"""A clock that is set back by less is only being adjusted."""
PAUSE_SECONDS = 5.0
"""The time after which a timer whose report failed is reported again."""


class Timers:
    """One thread that sleeps until the next timer is due."""

    def __init__(self, database: Database, clock: Clock, report: Callable[[Timer], None]) -> None:
        self._database = database
        self._clock = clock
        self._report = report
        self._failures = RepeatedFailures(logger)
        self._latest = 0.0
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
        now = self._clock.now()
        if now < self._latest - CLOCK_TOLERANCE_SECONDS:
            logger.warning(
                "the system's clock was set back by %.0f s: times of schedules in between do not fire again",
                self._latest - now,
            )
            self._latest = now
        self._latest = max(self._latest, now)
        return due_timers(tx, now)

    def _loop(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            try:
                failed = [timer for timer in self._database.read(self._due) if not self._reported(timer)]
                # Rows of failed ones are still there and due: not to be read again at once.
                until = self._clock.now() + PAUSE_SECONDS if failed else self._database.read(next_due)
            except Exception as error:  # noqa: BLE001 - this thread must go on: without it nothing times out
                self._failures.log(f"cannot read the timers; trying again in {PAUSE_SECONDS:.0f} s", error)
                until = self._clock.now() + PAUSE_SECONDS
            self._clock.wait(self._wake, until)

    def _reported(self, timer: Timer) -> bool:
        reached(FaultPoint.TIMER_DUE)
        try:
            self._report(timer)
        except Exception as error:  # noqa: BLE001 - logged
            self._failures.log(f"timer of {timer.key}; trying again in {PAUSE_SECONDS:.0f} s", error)
            return False
        reached(FaultPoint.TIMER_REPORTED)
        return True
