"""The clock of the local Glue: the system's time in `serve`, advanced by tests otherwise."""

from __future__ import annotations

import threading
import time
from typing import Protocol

STEP_SECONDS = 10.0
"""After a wait of this time the system's time is read again; less than the grace that a schedule has (``due``)."""


class Clock(Protocol):
    """The source of every time in the local Glue."""

    def now(self) -> float:
        """Epoch seconds."""
        ...

    def wait(self, wake: threading.Event, until: float | None) -> None:
        """Return when ``wake`` is set or the clock reaches ``until`` (None: only when set)."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Epoch seconds."""
        return time.time()

    def wait(self, wake: threading.Event, until: float | None) -> None:
        """See :class:`Clock`.

        The kernel's timeouts neither follow a system time that is set nor count the time that a laptop sleeps:
        long waits are divided, so that a schedule is at most :data:`STEP_SECONDS` late.
        """
        if until is None:
            wake.wait()
            return
        while (seconds := until - time.time()) > 0 and not wake.wait(min(seconds, STEP_SECONDS)):
            continue


class ManualClock:
    """A clock that changes only by :meth:`advance`: tests never wait for Glue's minutes."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._moved = threading.Condition()
        self._waiting: set[threading.Event] = set()

    def now(self) -> float:
        """Epoch seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Advance the time, and wake all threads that wait."""
        with self._moved:
            self._now += seconds
            for event in self._waiting:
                event.set()

    def wait(self, wake: threading.Event, until: float | None) -> None:
        """See :class:`Clock`; an advance ends the wait, and the waiter looks at the time again."""
        with self._moved:
            if until is not None and self._now >= until:
                return
            self._waiting.add(wake)
        try:
            wake.wait()
        finally:
            with self._moved:
                self._waiting.discard(wake)
