"""Named points at which tests kill the server: every state transition has one.

They exist for tests only, and are off unless the environment variable ``GLUEPRINT_FAULT`` names a point when the
server
starts: the process then ends itself there by SIGKILL. The form is
``POINT[/DETAIL][:NTH]``: the NTH time (the first by default) that the point is reached, counting only those
with that detail, such as the kind of a pending action, if one is given.

The tests in ``tests/faults`` kill the server at each point and require that everything ends as without the kill.
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

    RECOVERY_STARTED = "recovery-started"
    """A server has opened the state of an earlier one, and has done nothing yet."""
    RECOVERY_ADOPTED = "recovery-adopted"
    """Ends of processes are stored, running processes are watched; no pending action has been taken."""
    RECOVERY_DONE = "recovery-done"
    """Pending actions and due timers are being handled."""

    COMMIT_AHEAD = "commit-ahead"
    """A group of writes is carried out, and not committed."""
    COMMIT_DONE = "commit-done"
    """The group is on disk, and no caller has been notified."""
    RUN_ADDED = "run-added"
    """Within the transaction: a workflow run is stored, none of its nodes has been started."""
    NODES_TO_START = "nodes-to-start"
    """Within the transaction: triggers have fired, the nodes that they start have not been requested."""
    SCHEDULE_MOVED = "schedule-moved"
    """Within the transaction: a schedule's next time is set, nothing that is due now has been started."""
    EVENT_STORED = "event-stored"
    """Within the transaction: an event of an EVENT workflow is stored, or its window has closed (the detail is
    "closed") and its run has not been started."""
    STANDING_STORED = "standing-stored"
    """Within the transaction: a trigger outside workflows has received an end, or has fired (the detail is
    "fired") and what it starts has not been requested."""
    WRITTEN = "written"
    """The engine's transaction is stored, and no thread has been woken to carry out its actions."""

    ACTION_TAKEN = "action-taken"
    """A pending action was taken, and nothing is done; its kind is the detail."""
    ACTION_DONE = "action-done"
    """The action was carried out, and is still stored; its kind is the detail."""
    ACTION_REMOVED = "action-removed"
    """The action was carried out and removed; its kind is the detail."""

    FILES_READY = "files-ready"
    """The files of a job, crawl or data quality run are written; its process is not prepared."""
    PROCESS_PREPARED = "process-prepared"
    """The process is described in its run directory, and not started."""
    PROCESS_STARTED = "process-started"
    """The supervisor is started, and not watched."""
    STOP_REQUESTED = "stop-requested"
    """A process was requested to end, and is not watched."""
    START_SEEN = "start-seen"
    """User code runs, and this is not stored."""
    START_STORED = "start-stored"
    END_SEEN = "end-seen"
    """The process of a job, crawl or data quality run has ended, and this is not stored."""
    END_STORED = "end-stored"
    """Its end and all that follows are stored; its slot is still taken."""
    CRAWL_APPLYING = "crawl-applying"
    """Within the transaction: the tables are changed, the crawl has not ended."""
    QUALITY_STORING = "quality-storing"
    """Within the transaction: the results of a data quality run are stored, the run has not ended."""

    BOOKMARK_BEGINNING = "bookmark-beginning"
    """Within the transaction: a job run has started its bookmark."""
    BOOKMARK_COMMITTING = "bookmark-committing"
    """Within the transaction: a job run's bookmark is replaced."""
    BOOKMARK_COMMITTED = "bookmark-committed"
    """The bookmark is stored, and the job has no answer yet."""

    TIMER_DUE = "timer-due"
    """A timer is due, and this is not stored."""
    TIMER_REPORTED = "timer-reported"

    LAYOUT_RETURNED = "layout-returned"
    """A layout has described its workflow, and nothing of it is created."""
    BLUEPRINT_CREATING = "blueprint-creating"
    """Within the transaction: the workflow is created, its parts are not."""
    BLUEPRINT_CREATED = "blueprint-created"
    """Everything is created and stored, and the action that runs the blueprint is still pending."""

    STOPPING = "stopping"
    """An orderly end has started, and no process was requested to end."""
    CHILDREN_ENDED = "children-ended"
    """An orderly end has ended the processes, and the store is open."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The passing of a point at which the process is killed."""

    point: FaultPoint
    detail: str | None = None
    nth: int = 1

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read ``POINT[/DETAIL][:NTH]``.

        Raises:
            ValueError: there is no such point, or NTH is not a number.
        """
        name, _, nth = text.partition(":")
        point, _, detail = name.partition("/")
        return cls(FaultPoint(point), detail or None, int(nth or 1))


class FaultHook(Protocol):
    """Is called with each point that is passed, and with a detail if the point has one."""

    def __call__(self, point: FaultPoint, detail: str | None = None) -> None:
        """Return, unless the process is to be killed here."""
        ...


@dataclass(slots=True)
class Trap:
    """Counts the passings of one point, and ends the process at the given one."""

    fault: Fault
    end: Callable[[], None]
    _passed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, point: FaultPoint, detail: str | None = None) -> None:
        """See :class:`FaultHook`."""
        if point is not self.fault.point or self.fault.detail not in (None, detail):
            return
        with self._lock:
            self._passed += 1
            is_last = self._passed == self.fault.nth
        if is_last:
            self.end()


def _off(point: FaultPoint, detail: str | None = None) -> None:
    """Do nothing: no fault was requested."""


def _end_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fault_hook(environment: Mapping[str, str]) -> FaultHook:
    """Return the hook that the environment requests.

    Raises:
        ValueError: the variable cannot be read.
    """
    text = environment.get(VARIABLE)
    return Trap(Fault.parse(text), _end_this_process) if text else _off


reached: FaultHook = fault_hook(os.environ)
"""Is called wherever a point is passed."""
