"""Carries out what is owed: after the commit that owes it, and again after a crash, by the same path."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from glueprint.local.engine.owed import OwedAction, OwedKind, owed_after, settle
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store import Database

logger = logging.getLogger(__name__)

Handler = Callable[[str], None]
"""Carries out an action on a subject; called again after a crash, so it must do no more than once."""

WORKERS = 8
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


class NotNow(Exception):
    """A handler was interrupted by the server's end: the action stays owed, for the next server."""


@dataclass(frozen=True, slots=True)
class _Again:
    """An action that failed, to be tried again at ``at`` (monotonic seconds), ``pause`` after the failure."""

    action: OwedAction
    at: float
    pause: float


class Slots:
    """How many job processes this machine runs at once; the rest stay STARTING until one ends."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def take(self, subject: str, *, force: bool = False) -> bool:
        """Take a slot for ``subject`` if one is free, or in any case with ``force`` (it runs already)."""
        with self._lock:
            if subject not in self._taken and len(self._taken) >= self.count and not force:
                return False
            self._taken.add(subject)
            return True

    def release(self, subject: str) -> None:
        """``subject`` runs no more."""
        with self._lock:
            self._taken.discard(subject)

    def clear(self) -> None:
        """Nothing runs any more."""
        with self._lock:
            self._taken.clear()


class Carrier:
    """One thread that finds owed actions, a few that carry them out."""

    def __init__(self, database: Database, handlers: Mapping[OwedKind, Handler], slots: Slots) -> None:
        self._database = database
        self._handlers = handlers
        self._slots = slots
        self._last = 0
        self._held: deque[OwedAction] = deque()
        self._failed: list[_Again] = []
        self._failed_lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="carrier")
        self._thread = threading.Thread(target=self._loop, name="carrier", daemon=True)

    def start(self) -> None:
        """Begin with everything that is owed already."""
        self._thread.start()
        self.wake()

    def wake(self) -> None:
        """Something new is owed, or a slot became free."""
        self._wake.set()

    def close(self) -> None:
        """Finish what is being carried out; the rest stays owed."""
        self._closing.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown()

    def _loop(self) -> None:
        while True:
            self._wake.wait(self._patience())
            self._wake.clear()
            if self._closing.is_set():
                return
            for again in self._take_failed():
                self._pool.submit(self._carry, again.action, again.pause)
            for action in self._database.read(lambda tx: owed_after(tx, self._last)):
                self._last = action.id
                if action.kind is OwedKind.LAUNCH_JOB:
                    self._held.append(action)
                else:
                    self._pool.submit(self._carry, action)
            while self._held and self._slots.take(self._held[0].subject):
                self._pool.submit(self._carry, self._held.popleft())

    def _carry(self, action: OwedAction, paused: float = 0.0) -> None:
        if self._closing.is_set():
            return
        try:
            reached(FaultPoint.OWED_TAKEN, action.kind)
            self._handlers[action.kind](action.subject)
            reached(FaultPoint.OWED_DONE, action.kind)
            self._database.write(lambda tx: settle(tx, action))
            reached(FaultPoint.OWED_SETTLED, action.kind)
        except NotNow:
            return
        except Exception:
            # A disk that is full, a machine out of processes: it stays owed, so waiting costs nothing but time.
            pause = min(max(2 * paused, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            logger.exception(
                "could not carry out %s for %s; trying again in %.0f s", action.kind, action.subject, pause
            )
            with self._failed_lock:
                self._failed.append(_Again(action, time.monotonic() + pause, pause))
            self.wake()

    def _patience(self) -> float | None:
        """Seconds until something that failed is due again."""
        with self._failed_lock:
            due = min((again.at for again in self._failed), default=None)
        return None if due is None else max(0.0, due - time.monotonic())

    def _take_failed(self) -> list[_Again]:
        """What failed and is due again."""
        with self._failed_lock:
            due = [again for again in self._failed if again.at <= time.monotonic()]
            self._failed = [again for again in self._failed if again not in due]
        return due
