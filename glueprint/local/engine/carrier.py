"""Carries out what is owed: after the commit that owes it, and again after a crash, by the same path."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from glueprint.local.engine.owed import OwedAction, OwedKind, owed_after, settle
from glueprint.local.store import Database

logger = logging.getLogger(__name__)

Handler = Callable[[str], None]
"""Carries out an action on a subject; called again after a crash, so it must do no more than once."""

WORKERS = 8


class NotNow(Exception):
    """A handler was interrupted by the server's end: the action stays owed, for the next server."""



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


class Carrier:
    """One thread that finds owed actions, a few that carry them out."""

    def __init__(self, database: Database, handlers: Mapping[OwedKind, Handler], slots: Slots) -> None:
        self._database = database
        self._handlers = handlers
        self._slots = slots
        self._last = 0
        self._held: deque[OwedAction] = deque()
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
            self._wake.wait()
            self._wake.clear()
            if self._closing.is_set():
                return
            for action in self._database.read(lambda tx: owed_after(tx, self._last)):
                self._last = action.id
                if action.kind is OwedKind.LAUNCH_JOB:
                    self._held.append(action)
                else:
                    self._pool.submit(self._carry, action)
            while self._held and self._slots.take(self._held[0].subject):
                self._pool.submit(self._carry, self._held.popleft())

    def _carry(self, action: OwedAction) -> None:
        if self._closing.is_set():
            return
        try:
            self._handlers[action.kind](action.subject)
            self._database.write(lambda tx: settle(tx, action))
        except NotNow:
            return
        except Exception:
            # It stays owed and is tried again when the server starts: nothing is lost by not knowing why.
            logger.exception("could not carry out %s for %s", action.kind, action.subject)
