"""Named points at which tests kill the server: every state transition of the shell has one.

Only there for tests, and off unless the environment variable ``GLUEPRINT_FAULT`` names a point when the server
starts: then the process ends itself by SIGKILL there, as if the power had gone. The form is
``POINT[/DETAIL][:NTH]``: the NTH time (the first by default) that the point is reached, counting only those
with that detail, such as the kind of an owed action, if one is given.

The crash tests (``tests/faults``) kill at each point and demand that everything ends as if nothing had happened.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

VARIABLE = "GLUEPRINT_FAULT"


class FaultPoint(StrEnum):
    """Where the server can be killed, in the order in which an action passes them."""

    RECOVERY_BEGUN = "recovery-begun"
    """A server has opened the state that another one left, and has done nothing yet."""
    RECOVERY_ADOPTED = "recovery-adopted"
    """What ended while no server ran is stored, what runs is watched; nothing that is owed is taken up yet."""
    RECOVERY_DONE = "recovery-done"
    """What is owed and what is due is being taken up."""

    COMMIT_AHEAD = "commit-ahead"
    """A group of writes is carried out, and not committed."""
    COMMIT_DONE = "commit-done"
    """It is on disk, and nobody has been told."""
    RUN_ADDED = "run-added"
    """Within the transaction: a workflow run stands there, nothing of it has begun."""
    NODES_OWED = "nodes-owed"
    """Within the transaction: triggers have fired, what they start has not been asked for."""
    SCHEDULE_MOVED = "schedule-moved"
    """Within the transaction: a schedule's next time is set, what is due now has not been started."""
    EVENT_STORED = "event-stored"
    """Within the transaction: an EVENT workflow holds an event, or its window has closed (the detail is "closed")
    and its run has not been started."""
    STANDING_STORED = "standing-stored"
    """Within the transaction: a trigger outside workflows has seen an end, or has fired (the detail is "fired")
    and what it starts has not been asked for."""
    WRITTEN = "written"
    """The engine's transaction is stored, and nobody has been woken to carry out what it owes."""

    OWED_TAKEN = "owed-taken"
    """An owed action was taken up, and nothing done; its kind is the detail."""
    OWED_DONE = "owed-done"
    """It was carried out, and still stands as owed; its kind is the detail."""
    OWED_SETTLED = "owed-settled"
    """It is carried out and settled; its kind is the detail."""

    FILES_READY = "files-ready"
    """Script and order of a job, or the listing of a crawl, are written; its process is not."""
    PROCESS_PREPARED = "process-prepared"
    """What to run is written down, and no process is started."""
    PROCESS_STARTED = "process-started"
    """The supervisor is started, and nobody watches it."""
    STOP_ASKED = "stop-asked"
    """A process was asked to end, and nobody watches it."""
    START_SEEN = "start-seen"
    """User code runs, and that is not stored."""
    START_STORED = "start-stored"
    END_SEEN = "end-seen"
    """A job's or a crawl's process has ended, and that is not stored."""
    END_STORED = "end-stored"
    """Its end and all that follows are stored; its slot is still taken."""
    CRAWL_APPLYING = "crawl-applying"
    """Within the transaction: the tables are changed, the crawl has not ended."""

    BOOKMARK_BEGINNING = "bookmark-beginning"
    """Within the transaction: a job run has taken its bookmark up."""
    BOOKMARK_COMMITTING = "bookmark-committing"
    """Within the transaction: a job run's bookmark is replaced."""
    BOOKMARK_COMMITTED = "bookmark-committed"
    """It is stored, and the job has not been told."""

    TIMER_DUE = "timer-due"
    """A timer has come, and that is not stored."""
    TIMER_REPORTED = "timer-reported"

    LAYOUT_RETURNED = "layout-returned"
    """A layout has described its workflow, and nothing of it is created."""
    BLUEPRINT_CREATING = "blueprint-creating"
    """Within the transaction: the workflow is created, its parts are not."""
    BLUEPRINT_CREATED = "blueprint-created"
    """All is created and stored, and the run still stands as owed."""

    STOPPING = "stopping"
    """An orderly end has begun, and no process was asked to end."""
    CHILDREN_ENDED = "children-ended"
    """An orderly end has ended the processes, and the store is open."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which passing of which point is the last one."""

    point: FaultPoint
    detail: str | None = None
    nth: int = 1

    @classmethod
    def parse(cls, text: str) -> Order:
        """Read ``POINT[/DETAIL][:NTH]``.

        Raises:
            ValueError: there is no such point, or the number is none.
        """
        name, _, nth = text.partition(":")
        point, _, detail = name.partition("/")
        return cls(FaultPoint(point), detail or None, int(nth or 1))


class Reached(Protocol):
    """Is told each point that is passed, and of what in particular if that matters."""

    def __call__(self, point: FaultPoint, detail: str | None = None) -> None:
        """Returns, unless this passing was ordered to be the last."""
        ...


@dataclass(slots=True)
class Trap:
    """Counts the passings of one point, and ends the process at the one that was ordered."""

    order: Order
    end: Callable[[], None]
    _passed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, point: FaultPoint, detail: str | None = None) -> None:
        """See :class:`Reached`."""
        if point is not self.order.point or self.order.detail not in (None, detail):
            return
        with self._lock:
            self._passed += 1
            is_last = self._passed == self.order.nth
        if is_last:
            self.end()


def _off(point: FaultPoint, detail: str | None = None) -> None:
    """Nothing is ordered."""


def _end_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def ordered_by(environment: Mapping[str, str]) -> Reached:
    """What :data:`reached` is in such an environment.

    Raises:
        ValueError: its order cannot be read.
    """
    text = environment.get(VARIABLE)
    return Trap(Order.parse(text), _end_this_process) if text else _off


reached: Reached = ordered_by(os.environ)
"""Called wherever a point is passed."""
