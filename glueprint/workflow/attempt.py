"""One job invocation: its attempts, from submission to the final state that triggers may watch.

A failed attempt is followed by another while MaxRetries allows it; only the last attempt's final state is
reported (:class:`Ended`). The same machine serves runs that StartJobRun started, without a workflow around.

Sources: Glue guide "Job run statuses" and "Configuring job properties" (retries, timeout), service model
``JobRun``. Where they are silent: docs/fidelity/workflow.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from glueprint.workflow.decision import Decision
from glueprint.workflow.states import JobState


@dataclass(frozen=True, slots=True)
class AttemptSpec:
    """What the job's definition (or the trigger's action, or StartJobRun) says about its runs."""

    max_retries: int = 0
    timeout_minutes: int | None = None
    """Counted from RUNNING; None: no limit (streaming jobs)."""
    notify_delay_after: int | None = None
    """Minutes from the attempt's submission."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt (one JobRun of the API); times in epoch seconds."""

    number: int
    spec: AttemptSpec
    added_at: float
    """``JobRun.StartedOn``: when the attempt was asked for."""
    state: JobState = JobState.STARTING
    changed_at: float = 0.0
    started_on: float | None = None
    """When user code began to run."""
    completed_on: float | None = None
    execution_seconds: float | None = None
    error: str | None = None
    detail: str | None = None
    """``JobRun.StateDetail``: why it waits."""
    ending: JobState | None = None
    """While STOPPING: the final state that follows."""
    delayed: bool = False
    """NotifyDelayAfter has passed: every further state is notified of."""


# Events ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job run was asked for. Repeating it changes nothing."""

    now: float
    spec: AttemptSpec


@dataclass(frozen=True, slots=True)
class Queued:
    """Admission makes the attempt wait (job run queuing); ``reason`` is shown as StateDetail."""

    now: float
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """An attempt that was WAITING may start."""

    now: float
    number: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The attempt will never run, and is not retried: ``state`` is FAILED, ERROR (job deleted) or EXPIRED."""

    now: float
    number: int
    state: JobState
    reason: str


@dataclass(frozen=True, slots=True)
class Started:
    """User code runs."""

    now: float
    number: int


@dataclass(frozen=True, slots=True)
class Exited:
    """The process ended with ``status``; ``started_on`` tells of a start that nobody saw."""

    now: float
    number: int
    status: int
    error: str | None = None
    started_on: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no process, and no exit status: it was never started, or died without a trace."""

    now: float
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer that was set has come."""

    now: float
    timer: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """BatchStopJobRun, or the workflow run is being stopped."""

    now: float


Event = Submitted | Queued | Admitted | Refused | Started | Exited | Lost | TimerDue | StopRequested


# Changes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AttemptAdded:
    """A new attempt, in STARTING."""

    number: int
    at: float
    spec: AttemptSpec


@dataclass(frozen=True, slots=True)
class AttemptChanged:
    """The attempt's row is now this; fields as in :class:`Attempt`."""

    number: int
    state: JobState
    at: float
    started_on: float | None
    completed_on: float | None
    execution_seconds: float | None
    error: str | None
    detail: str | None
    ending: JobState | None
    delayed: bool


Change = AttemptAdded | AttemptChanged


# Owed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Launch:
    """Start the attempt's process, as admission allows; nothing if the attempt has ended or is STOPPING."""

    number: int


@dataclass(frozen=True, slots=True)
class Terminate:
    """End the attempt's process tree, then report :class:`Exited`, or :class:`Lost` if it never started."""

    number: int


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Report :class:`TimerDue` at ``due`` (epoch seconds)."""

    timer: str
    due: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """The timer is not needed any more; it may never have been set, or be gone already."""

    timer: str


@dataclass(frozen=True, slots=True)
class NotifyDelay:
    """Emit the event "Glue Job Run Status": the attempt is late, and in ``state``."""

    number: int
    state: JobState


@dataclass(frozen=True, slots=True)
class Ended:
    """The invocation is over, in ``state``: the last attempt's."""

    state: JobState


Owed = Launch | Terminate | SetTimer | CancelTimer | NotifyDelay | Ended
AttemptDecision = Decision[Change, Owed]
NOTHING: AttemptDecision = Decision()

TIMED_OUT = "Job run timed out"
"""``ErrorMessage`` of a TIMEOUT: the text of Glue's own job state event."""


@dataclass(slots=True)
class AttemptsState:
    """The attempts of one invocation, oldest first."""

    attempts: list[Attempt] = field(default_factory=list)

    @classmethod
    def restore(cls, attempts: Iterable[Attempt]) -> AttemptsState:
        """The state that stored rows describe."""
        return cls(sorted(attempts, key=lambda attempt: attempt.number))

    @property
    def current(self) -> Attempt | None:
        """The newest attempt; None before :class:`Submitted`."""
        return self.attempts[-1] if self.attempts else None

    @property
    def state(self) -> JobState | None:
        """The invocation's state: the newest attempt's."""
        return self.attempts[-1].state if self.attempts else None


def timeout_timer(number: int) -> str:
    """The id of the timer that ends attempt ``number``; the same each time, so that setting it repeats safely."""
    return f"timeout/{number}"


def notify_timer(number: int) -> str:
    """The id of the timer after which attempt ``number`` is notified of as delayed."""
    return f"notify/{number}"
