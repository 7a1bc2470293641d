"""A naive model of the attempts of one job run, written from
docs/facts/jobs.md and docs/fidelity/workflow.md alone.

It keeps all events, in order, and answers every question by replaying them from the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from glueprint.workflow.attempt_events import (
    Admitted,
    AttemptSpec,
    Event,
    Exited,
    Lost,
    Queued,
    Refused,
    Started,
    StopRequested,
    Submitted,
    TimerDue,
)

ENDED = ["STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"]
"""Terminal job run states (docs/facts/jobs.md#run-states)."""
LATE_IN = ["STARTING", "RUNNING", "STOPPING"]
"""The states that a delay notification may contain (guide: "a RUNNING, STARTING, or STOPPING job run")."""
MINUTE = 60.0


@dataclass
class Try:
    """One attempt, as the story has it so far."""

    spec: AttemptSpec
    state: str = "STARTING"
    started_on: float | None = None
    completed_on: float | None = None
    error: str | None = None
    requested_end: str | None = None
    late: bool = False


@dataclass(frozen=True)
class Must:
    """One thing that must be owed: what, for which attempt, with what."""

    what: str
    number: int
    detail: object = None


@dataclass
class Story:
    """All attempts so far, and what the last event made due."""

    tries: list[Try] = field(default_factory=list)
    musts: list[Must] = field(default_factory=list)
    timers: set[str] = field(default_factory=set)
    """Timers that are still to come."""

    @property
    def number(self) -> int:
        """The newest attempt's number."""
        return len(self.tries) - 1


def replayed(events: Sequence[Event]) -> Story:
    """The story of these events, in order; the first one is :class:`Submitted`."""
    story = Story()
    for one in events:
        story.musts = []
        _tell(story, one)
    return story


def _tell(story: Story, one: Event) -> None:
    if isinstance(one, Submitted):
        if not story.tries:
            _attempt(story, one.spec, one.now)
        return
    now = one.now
    attempt, number = story.tries[-1], story.number
    state = attempt.state
    if state in ENDED:
        return  # Final states stay final.
    match one:
        case Queued(_, number_of):
            if number_of == number and state == "STARTING":
                attempt.state = "WAITING"  # docs/facts/jobs.md#queuing
        case Admitted(_, number_of):
            if number_of == number and state == "WAITING":
                attempt.state = "STARTING"  # Its launch is owed since it was submitted.
                _say_if_late(story)
        case Refused(_, number_of, as_state, reason):
            if number_of == number and state in ("STARTING", "WAITING"):
                _end(story, now, str(as_state), reason)  # Not a run of the script: no retry.
        case Started(_, number_of):
            if number_of == number and state == "STARTING":
                attempt.state, attempt.started_on = "RUNNING", now
                if attempt.spec.timeout_minutes is not None:  # Counted from RUNNING.
                    due = now + MINUTE * attempt.spec.timeout_minutes
                    story.musts.append(Must("timer", number, ("timeout", due)))
                    story.timers.add(f"timeout/{number}")
                _say_if_late(story)
        case Exited(_, number_of, status, error, started_on, ended_on):
            if number_of == number:
                if attempt.started_on is None:
                    attempt.started_on = started_on
                ended = now if ended_on is None else ended_on
                _process_gone(story, now, "SUCCEEDED" if status == 0 else "FAILED", error, ended)
        case Lost(_, number_of, reason):
            if number_of == number:
                _process_gone(story, now, "FAILED", reason, now)
        case TimerDue(_, timer):
            story.timers.discard(timer)
            if timer == f"timeout/{number}" and state == "RUNNING":
                attempt.requested_end = "TIMEOUT"
                _ask_to_end(story)
            if timer == f"notify/{number}" and not attempt.late:
                attempt.late = True
                _say_if_late(story)
        case StopRequested():
            if state == "WAITING":
                _end(story, now, "STOPPED", None)  # There is no process.
            elif state != "STOPPING":
                attempt.requested_end = "STOPPED"
                _ask_to_end(story)


def _attempt(story: Story, spec: AttemptSpec, now: float) -> None:
    story.tries.append(Try(spec))
    story.musts.append(Must("launch", story.number))
    if spec.notify_delay_after is not None:  # Counted from the submission of the attempt.
        due = now + MINUTE * spec.notify_delay_after
        story.musts.append(Must("timer", story.number, ("notify", due)))
        story.timers.add(f"notify/{story.number}")


def _ask_to_end(story: Story) -> None:
    story.tries[-1].state = "STOPPING"
    story.musts.append(Must("terminate", story.number))
    _say_if_late(story)


def _say_if_late(story: Story) -> None:
    attempt = story.tries[-1]
    if attempt.late and attempt.state in LATE_IN:
        story.musts.append(Must("notify", story.number, attempt.state))


def _process_gone(story: Story, now: float, state: str, error: str | None, ended: float) -> None:
    """The first requested end wins; a failure without a request is retried while retries are left."""
    attempt = story.tries[-1]
    if attempt.requested_end == "TIMEOUT":
        _end(story, ended, "TIMEOUT", "Job run timed out")
    elif attempt.requested_end == "STOPPED":
        _end(story, ended, "STOPPED", None)
    elif state == "FAILED" and story.number < attempt.spec.max_retries:
        _close(story, ended, "FAILED", error)
        _attempt(story, attempt.spec, now)
    else:
        _end(story, ended, state, error)


def _close(story: Story, ended: float, state: str, error: str | None) -> None:
    attempt = story.tries[-1]
    attempt.state, attempt.completed_on, attempt.error = state, ended, error
    story.timers -= {f"timeout/{story.number}", f"notify/{story.number}"}


def _end(story: Story, ended: float, state: str, error: str | None) -> None:
    _close(story, ended, state, error)
    story.musts.append(Must("ended", story.number, state))
