"""What goes into the attempt machine and what comes out: events, changes, owed actions.

An event carries the number of the attempt that it is about: reports of an earlier attempt may come late.
"""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.facts.states import JobState
from glueprint.workflow.decision import Decision


@dataclass(frozen=True, slots=True)
class AttemptSpec:
    """Retries and limits of a run, from the job's definition, the trigger's action or StartJobRun."""

    max_retries: int = 0
    timeout_minutes: int | None = None
    """Counted from RUNNING; None: no limit (streaming jobs)."""
    notify_delay_after: int | None = None
    """Minutes from the attempt's submission."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job run was requested. Repeating it changes nothing."""

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
    """The process ended with ``status``.

    Attributes:
        started_on: when it started, if the start was not reported.
        ended_on: when it ended, if that is reported later: no server ran then.
    """

    now: float
    number: int
    status: int
    error: str | None = None
    started_on: float | None = None
    ended_on: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no process and no exit status: it was never started, or was killed with its supervisor."""

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
    """The timer is not needed any more. It may never have been set, or may be due already."""

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
