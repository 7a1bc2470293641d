"""An execution: its state, the events that it receives, its changes, and what it owes the outside world.

An execution is a tree of *branches*: the first one runs the top-level states; a Parallel or Map state has one
child branch per branch or item. A *visit* is one piece of work of a branch (one attempt of a task, one wait): the
id of the history event with which it started. An event that names a visit which is over is late, and changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.compat import StrEnum
from glueprint.statemachine.definition import StateMachine
from glueprint.statemachine.resources import Resource
from glueprint.workflow.decision import Decision

EXECUTION_VISIT = 0
"""The visit of the timer of the execution itself."""
MAX_HISTORY_EVENTS = 25_000
"""Events of one execution (SFN:service-quotas)."""


class ExecutionStatus(StrEnum):
    """Service model, ``ExecutionStatus``, without those of redriven executions."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


class Phase(StrEnum):
    """What a branch is doing. The values are those of stored rows."""

    READY = "ready"
    """About to enter its state; never stored."""
    TASK = "task"
    WAIT = "wait"
    RETRY = "retry"
    """Waiting for the next attempt of its state."""
    CHILDREN = "children"
    DONE = "done"
    """Ended; its parent waits for others."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch.

    Attributes:
        id: 0 for the first.
        parent: the branch whose Parallel or Map state it belongs to.
        index: the number of the branch or item.
        state: the name of the current state.
        phase, visit: what it does there.
        input: the state's raw input.
        entered: when it entered the state, and ``entered_event`` the event.
        previous: the id of its last history event.
        retries: the number of attempts that each retrier of the state has used.
        attempts: all of them together (``$$.State.RetryCount``).
        item: of a Map's branch, a list of the item; empty otherwise.
        items: in a Map state, the items; ``started`` is the number of those that were started.
        output: of a branch that is DONE.
    """

    id: int
    parent: int | None
    index: int
    state: str
    input: Any
    entered: float
    previous: int
    phase: Phase = Phase.READY
    visit: int = 0
    entered_event: int = 0
    retries: tuple[int, ...] = ()
    attempts: int = 0
    item: tuple[Any, ...] = ()
    items: tuple[Any, ...] = ()
    started: int = 0
    output: Any = None


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event of GetExecutionHistory; ``details`` is the member that belongs to its type."""

    id: int
    previous: int
    type: str
    at: float
    details: Mapping[str, Any]


# Events


@dataclass(frozen=True, slots=True)
class Begin:
    """The execution starts."""

    now: float


@dataclass(frozen=True, slots=True)
class TaskSubmitted:
    """A task with ``.sync`` has started what it waits for."""

    now: float
    visit: int
    output: Any


@dataclass(frozen=True, slots=True)
class TaskSucceeded:
    """A task ended."""

    now: float
    visit: int
    output: Any


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A task failed; ``is_submission``: a task with ``.sync`` could not start anything."""

    now: float
    visit: int
    error: str
    cause: str
    is_submission: bool = False


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer is due."""

    now: float
    visit: int


@dataclass(frozen=True, slots=True)
class StopRequested:
    """StopExecution was called."""

    now: float
    error: str | None = None
    cause: str | None = None


Event = Begin | TaskSubmitted | TaskSucceeded | TaskFailed | TimerDue | StopRequested


# Changes


@dataclass(frozen=True, slots=True)
class BranchSet:
    """A branch is new or changed."""

    branch: Branch


@dataclass(frozen=True, slots=True)
class BranchRemoved:
    """A branch is over."""

    id: int


@dataclass(frozen=True, slots=True)
class HistoryAdded:
    """The history has a new event."""

    event: HistoryEvent


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The execution ended."""

    status: ExecutionStatus
    at: float
    output: Any = None
    error: str | None = None
    cause: str | None = None


Change = BranchSet | BranchRemoved | HistoryAdded | StatusChanged


# Owed


@dataclass(frozen=True, slots=True)
class StartTask:
    """Call the service; what follows is reported for ``visit``."""

    visit: int
    resource: Resource
    parameters: Any


@dataclass(frozen=True, slots=True)
class StopTask:
    """The task of ``visit`` is no longer waited for: what it started is stopped (``.sync``)."""

    visit: int


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Report :class:`TimerDue` at ``due``; a visit has at most one timer."""

    visit: int
    due: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """The timer of ``visit`` is no longer needed."""

    visit: int


Owed = StartTask | StopTask | SetTimer | CancelTimer
ExecutionDecision = Decision[Change, Owed]
NOTHING: ExecutionDecision = Decision()


@dataclass(frozen=True, slots=True)
class Origin:
    """What does not change in an execution: the members of the context object (``$$``)."""

    execution_id: str
    name: str
    machine_id: str
    machine_name: str
    role_arn: str
    input: Any
    started: float


@dataclass(slots=True)
class ExecutionState:
    """One execution; changed by :func:`glueprint.statemachine.machine.evolve` alone."""

    machine: StateMachine
    origin: Origin
    status: ExecutionStatus = ExecutionStatus.RUNNING
    branches: dict[int, Branch] = field(default_factory=dict)
    last_event: int = 0
