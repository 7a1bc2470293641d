"""Carries out pending actions: after the commit that stored them, and in the same way after a crash."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from glueprint.local.engine.pending_actions import ActionKind, PendingAction, actions_after, remove_action
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store import Database
from glueprint.runtime.processes.repeated_failures import RepeatedFailures

logger = logging.getLogger(__name__)

Handler = Callable[[str], None]
"""Carries out an action on a subject; called again after a crash, it must have no further effect."""

WORKERS = 8
_TAKE_SLOTS = (ActionKind.LAUNCH_JOB, ActionKind.LAUNCH_QUALITY)
"""Launches of Spark and Python shell: they wait for a local slot."""

FIRST_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 60.0


class NotNow(Exception):
    """A handler was interrupted by the end of the server: the action stays pending, for the next server."""


@dataclass(frozen=True, slots=True)
class _Retry:
    """An action that failed: it is tried again at ``at`` (monotonic seconds), ``pause`` seconds later."""

    action: PendingAction
    at: float
    pause: float


class Slots:
    """The number of job processes that run at once; further runs stay STARTING until one ends."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def take(self, subject: str, *, force: bool = False) -> bool:
        """Take a slot for ``subject`` if one is free, or in any case with ``force`` (its process runs already)."""
        with self._lock:
            if subject not in self._taken and len(self._taken) >= self.count and not force:
                return False
            self._taken.add(subject)
            return True

    def release(self, subject: str) -> None:
        """Free the slot of ``subject``."""
        with self._lock:
            self._taken.discard(subject)

    def clear(self) -> None:
        """Free all slots."""
        with self._lock:
            self._taken.clear()


class Dispatcher:
    """One thread that finds pending actions, and a few that carry them out."""

    def __init__(self, database: Database, handlers: Mapping[ActionKind, Handler], slots: Slots) -> None:
        self._database = database
        self._handlers = handlers
        self._slots = slots
        self._last = 0
        self._waiting_for_slot: deque[PendingAction] = deque()
        self._failures = RepeatedFailures(logger)
        self._failed: list[_Retry] = []
        self._failed_lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="dispatcher")
        self._thread = threading.Thread(target=self._loop, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Start with the actions that are pending already."""
        self._thread.start()
        self.wake()

    def wake(self) -> None:
        """Look for new actions: one was stored, or a slot became free."""
        self._wake.set()

    def close(self) -> None:
        """Finish the actions that are being carried out; the rest stays pending."""
        self._closing.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown()

    def _loop(self) -> None:
        while True:
            self._wake.wait(self._seconds_to_retry())
            self._wake.clear()
            if self._closing.is_set():
                return
            for retry in self._take_failed():
                self._pool.submit(self._carry_out, retry.action, retry.pause)
            for action in self._new_actions():
                self._last = action.id
                if action.kind in _TAKE_SLOTS:
                    self._waiting_for_slot.append(action)
                else:
                    self._pool.submit(self._carry_out, action)
            while self._waiting_for_slot and self._slots.take(self._waiting_for_slot[0].subject):
                self._pool.submit(self._carry_out, self._waiting_for_slot.popleft())

    def _new_actions(self) -> list[PendingAction]:
        """Return the actions that were stored since the last ones; if they cannot be read now, none."""
        try:
            return self._database.read(lambda tx: actions_after(tx, self._last))
        except Exception as error:  # noqa: BLE001 - this thread must go on: without it no job starts
            self._failures.log("cannot read the pending actions; trying again", error)
            self._closing.wait(FIRST_PAUSE_SECONDS)
            self.wake()
            return []

    def _carry_out(self, action: PendingAction, paused: float = 0.0) -> None:
        if self._closing.is_set():
            return
        try:
            reached(FaultPoint.ACTION_TAKEN, action.kind)
            self._handlers[action.kind](action.subject)
            reached(FaultPoint.ACTION_DONE, action.kind)
            self._database.write(lambda tx: remove_action(tx, action))
            reached(FaultPoint.ACTION_REMOVED, action.kind)
        except NotNow:
            return
        except Exception as error:  # noqa: BLE001 - logged
            # A full disk, a machine out of processes: the action stays pending, so it is only late.
            pause = min(max(2 * paused, FIRST_PAUSE_SECONDS), MAX_PAUSE_SECONDS)
            what = f"could not carry out {action.kind} for {action.subject}; trying again in {pause:.0f} s"
            self._failures.log(what, error)
            with self._failed_lock:
                self._failed.append(_Retry(action, time.monotonic() + pause, pause))
            self.wake()

    def _seconds_to_retry(self) -> float | None:
        """Return the seconds until an action that failed is due again; None if none has failed."""
        with self._failed_lock:
            due = min((retry.at for retry in self._failed), default=None)
        return None if due is None else max(0.0, due - time.monotonic())

    def _take_failed(self) -> list[_Retry]:
        """Remove and return the failed actions that are due again."""
        with self._failed_lock:
            due = [retry for retry in self._failed if retry.at <= time.monotonic()]
            self._failed = [retry for retry in self._failed if retry not in due]
        return due
