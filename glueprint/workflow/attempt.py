"""One job invocation: its attempts, from submission to the final state that triggers may watch.

A failed attempt is followed by another while MaxRetries allows it; only the last attempt's final state is
reported (:class:`Ended`). The same machine serves runs that StartJobRun started, without a workflow around.

Sources: DG:job-run-statuses, docs/facts/jobs.md (retries, timeout); service model, ``JobRun``. Where they are
silent: docs/fidelity/workflow.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from glueprint.compat import assert_never
from glueprint.facts.states import JobState, is_final
from glueprint.workflow.attempt_events import (
    NOTHING,
    Admitted,
    AttemptAdded,
    AttemptChanged,
    AttemptDecision,
    AttemptSpec,
    CancelTimer,
    Change,
    Ended,
    Event,
    Exited,
    Launch,
    Lost,
    NotifyDelay,
    Owed,
    Queued,
    Refused,
    SetTimer,
    Started,
    StopRequested,
    Submitted,
    Terminate,
    TimerDue,
)
from glueprint.workflow.decision import Decision


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt (one JobRun of the API); times in epoch seconds."""

    number: int
    spec: AttemptSpec
    added_at: float
    """``JobRun.StartedOn``: when the attempt was requested."""
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
    """NotifyDelayAfter has passed: every further state is reported by an event."""


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
    """The id of the timer after which attempt ``number`` is reported as delayed."""
    return f"notify/{number}"


def decide(state: AttemptsState, event: Event) -> AttemptDecision:
    """What follows from ``event``; ``state`` is only read.

    An event for an attempt that is not the newest, or that has ended, comes late and decides nothing.

    Raises:
        ValueError: an event came before :class:`Submitted`, or a refusal names a state that ends nothing.
    """
    current = state.current
    if isinstance(event, Submitted):
        return NOTHING if current is not None else _add(0, event.now, event.spec)
    if current is None:
        raise ValueError(f"{type(event).__name__} came before the job run was submitted")
    if is_final(current.state) or _number_of(event, current.number) != current.number:
        return NOTHING
    match event:
        case Queued():
            return _queue(current, event)
        case Admitted():
            return _move(current, event.now, JobState.STARTING) if _is_waiting(current) else NOTHING
        case Refused():
            if not is_final(event.state):
                raise ValueError(f"a refusal must end the attempt, and {event.state} does not")
            return _end(current, event.now, event.state, event.reason)
        case Started():
            return _start(current, event.now)
        case Exited():
            return _exit(current, event)
        case Lost():
            return _finish_process(current, event.now, JobState.FAILED, event.reason)
        case TimerDue():
            return _timer(current, event)
        case StopRequested():
            return _stop(current, event.now)
        case _:
            assert_never(event)


def evolve(state: AttemptsState, change: Change) -> None:
    """Apply one change, in place."""
    match change:
        case AttemptAdded():
            state.attempts.append(Attempt(change.number, change.spec, change.at, changed_at=change.at))
        case AttemptChanged():
            state.attempts[change.number] = replace(
                state.attempts[change.number],
                state=change.state,
                changed_at=change.at,
                started_on=change.started_on,
                completed_on=change.completed_on,
                execution_seconds=change.execution_seconds,
                error=change.error,
                detail=change.detail,
                ending=change.ending,
                delayed=change.delayed,
            )
        case _:
            assert_never(change)


def _number_of(event: Event, current: int) -> int:
    """The number of the attempt that an event is about."""
    match event:
        case TimerDue():
            return _timer_number(event.timer)
        case Submitted() | StopRequested():
            return current
        case _:
            return event.number


def _timer_number(timer: str) -> int:
    kind, _, number = timer.partition("/")
    if kind not in ("timeout", "notify") or not number.isdigit():
        raise ValueError(f"timer {timer!r} is not one that a job run sets")
    return int(number)


def _add(number: int, now: float, spec: AttemptSpec) -> AttemptDecision:
    owed: list[Owed] = [Launch(number)]
    if spec.notify_delay_after is not None:
        owed.append(SetTimer(notify_timer(number), now + 60 * spec.notify_delay_after))
    return Decision((AttemptAdded(number, now, spec),), tuple(owed))


def _row(attempt: Attempt, now: float) -> AttemptChanged:
    return AttemptChanged(
        number=attempt.number,
        state=attempt.state,
        at=now,
        started_on=attempt.started_on,
        completed_on=attempt.completed_on,
        execution_seconds=attempt.execution_seconds,
        error=attempt.error,
        detail=attempt.detail,
        ending=attempt.ending,
        delayed=attempt.delayed,
    )


def _move(attempt: Attempt, now: float, state: JobState, *owed: Owed) -> AttemptDecision:
    """The attempt continues in another state; an event reports the state if the attempt is delayed."""
    moved = replace(attempt, state=state, detail=None)
    return Decision((_row(moved, now),), (*owed, *_delay_notice(moved)))


def _delay_notice(attempt: Attempt) -> tuple[NotifyDelay, ...]:
    """The notification of a delayed attempt, if its state is one that Glue reports (WAITING is not)."""
    if attempt.delayed and attempt.state in (JobState.STARTING, JobState.RUNNING, JobState.STOPPING):
        return (NotifyDelay(attempt.number, attempt.state),)
    return ()


def _is_waiting(attempt: Attempt) -> bool:
    return attempt.state is JobState.WAITING


def _queue(attempt: Attempt, event: Queued) -> AttemptDecision:
    if attempt.state not in (JobState.STARTING, JobState.WAITING) or attempt.detail == event.reason:
        return NOTHING
    return Decision((_row(replace(attempt, state=JobState.WAITING, detail=event.reason), event.now),))


def _start(attempt: Attempt, now: float) -> AttemptDecision:
    if attempt.started_on is not None:
        return NOTHING
    started = replace(attempt, started_on=now)
    if attempt.state is JobState.STOPPING:
        return Decision((_row(started, now),))
    minutes = attempt.spec.timeout_minutes
    timer = () if minutes is None else (SetTimer(timeout_timer(attempt.number), now + 60 * minutes),)
    return _move(started, now, JobState.RUNNING, *timer)


def _exit(attempt: Attempt, event: Exited) -> AttemptDecision:
    if attempt.started_on is None:
        attempt = replace(attempt, started_on=event.started_on)
    ended_on = None if event.ended_on is None else min(event.ended_on, event.now)
    if event.status == 0:
        return _finish_process(attempt, event.now, JobState.SUCCEEDED, None, ended_on)
    error = event.error or f"the process ended with exit status {event.status}"
    return _finish_process(attempt, event.now, JobState.FAILED, error, ended_on)


def _finish_process(
    attempt: Attempt, now: float, state: JobState, error: str | None, ended_on: float | None = None
) -> AttemptDecision:
    """The process has ended: as requested, or by itself; then a failed attempt is retried if retries are left."""
    if attempt.ending is not None:
        reason = TIMED_OUT if attempt.ending is JobState.TIMEOUT else None
        return _end(attempt, now, attempt.ending, reason, ended_on)
    if state is JobState.FAILED and attempt.number < attempt.spec.max_retries:
        failed = _end(attempt, now, state, error, ended_on)
        again = _add(attempt.number + 1, now, attempt.spec)
        owed = tuple(one for one in failed.owed if not isinstance(one, Ended))
        return Decision(failed.changes + again.changes, owed + again.owed)
    return _end(attempt, now, state, error, ended_on)


def _end(
    attempt: Attempt, now: float, state: JobState, error: str | None, ended_on: float | None = None
) -> AttemptDecision:
    completed_on = now if ended_on is None else ended_on
    seconds = None if attempt.started_on is None else max(0.0, completed_on - attempt.started_on)
    ended = replace(
        attempt,
        state=state,
        completed_on=completed_on,
        execution_seconds=seconds,
        error=error,
        detail=None,
        ending=None,
    )
    return Decision((_row(ended, now),), (*_cancelled_timers(attempt), Ended(state)))


def _cancelled_timers(attempt: Attempt) -> tuple[CancelTimer, ...]:
    timers = []
    if attempt.spec.timeout_minutes is not None and attempt.started_on is not None:
        timers.append(CancelTimer(timeout_timer(attempt.number)))
    if attempt.spec.notify_delay_after is not None and not attempt.delayed:
        timers.append(CancelTimer(notify_timer(attempt.number)))
    return tuple(timers)


def _timer(attempt: Attempt, event: TimerDue) -> AttemptDecision:
    if event.timer == notify_timer(attempt.number):
        if attempt.delayed:
            return NOTHING
        delayed = replace(attempt, delayed=True)
        return Decision((_row(delayed, event.now),), _delay_notice(delayed))
    if attempt.state is not JobState.RUNNING:
        return NOTHING
    ending = replace(attempt, ending=JobState.TIMEOUT)
    return _move(ending, event.now, JobState.STOPPING, Terminate(attempt.number))


def _stop(attempt: Attempt, now: float) -> AttemptDecision:
    if attempt.state is JobState.STOPPING:
        return NOTHING
    if _is_waiting(attempt):
        return _end(attempt, now, JobState.STOPPED, None)
    ending = replace(attempt, ending=JobState.STOPPED)
    return _move(ending, now, JobState.STOPPING, Terminate(attempt.number))
