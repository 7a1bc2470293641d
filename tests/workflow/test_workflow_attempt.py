"""The attempt machine. Sources: Glue guide "Job run statuses", "Adding jobs"; service model ``JobRun``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.facts.states import JobState, is_final
from glueprint.workflow.attempt import AttemptsState, decide, evolve
from glueprint.workflow.attempt_events import (
    Admitted,
    AttemptAdded,
    AttemptSpec,
    CancelTimer,
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


def send(state: AttemptsState, *events: Event) -> list[Owed]:
    owed: list[Owed] = []
    for event in events:
        decision = decide(state, event)
        for change in decision.changes:
            evolve(state, change)
        owed.extend(decision.owed)
    return owed


def submitted(spec: AttemptSpec | None = None) -> AttemptsState:
    state = AttemptsState()
    send(state, Submitted(0.0, spec or AttemptSpec()))
    return state


def test_a_run_that_succeeds() -> None:
    """STARTING, RUNNING, SUCCEEDED; ExecutionTime counts from RUNNING (service model, ExecutionTime)."""
    state = AttemptsState()
    assert send(state, Submitted(0.0, AttemptSpec())) == [Launch(0)]
    assert state.state == "STARTING"
    assert send(state, Started(4.0, 0)) == []
    assert state.state == "RUNNING"
    assert send(state, Exited(10.0, 0, 0)) == [Ended(JobState.SUCCEEDED)]
    (attempt,) = state.attempts
    assert (attempt.added_at, attempt.started_on, attempt.completed_on) == (0.0, 4.0, 10.0)
    assert attempt.execution_seconds == 6.0
    assert attempt.error is None


def test_a_failed_attempt_is_followed_by_the_next() -> None:
    """MaxRetries restarts a run that failed; only the last attempt's state is reported."""
    state = submitted(AttemptSpec(max_retries=1))
    assert send(state, Started(1.0, 0), Exited(2.0, 0, 1, "boom")) == [Launch(1)]
    assert [one.state for one in state.attempts] == ["FAILED", "STARTING"]
    assert state.attempts[0].error == "boom"
    assert send(state, Started(3.0, 1), Exited(4.0, 1, 7)) == [Ended(JobState.FAILED)]
    assert state.attempts[1].error == "the process ended with exit status 7"


def test_a_retry_that_succeeds_reports_success_alone() -> None:
    """A FAILED attempt that is retried is not reported (fidelity/workflow.md)."""
    state = submitted(AttemptSpec(max_retries=2))
    owed = send(state, Exited(1.0, 0, 1), Started(2.0, 1), Exited(3.0, 1, 0))
    assert owed == [Launch(1), Ended(JobState.SUCCEEDED)]


def test_timeout_counts_from_running_and_is_not_retried() -> None:
    """The timer starts with RUNNING, ends the process, and TIMEOUT is final (guide, Job timeout; choice)."""
    state = submitted(AttemptSpec(max_retries=3, timeout_minutes=2))
    assert send(state, Started(100.0, 0)) == [SetTimer("timeout/0", 220.0)]
    assert send(state, TimerDue(220.0, "timeout/0")) == [Terminate(0)]
    assert state.state == "STOPPING"
    owed = send(state, Exited(221.0, 0, -15))
    assert owed == [CancelTimer("timeout/0"), Ended(JobState.TIMEOUT)]
    assert state.attempts[0].error == "Job run timed out"


def test_each_attempt_has_its_own_timeout() -> None:
    """A timer of an earlier attempt that comes late does not end the next one."""
    state = submitted(AttemptSpec(max_retries=1, timeout_minutes=1))
    send(state, Started(0.0, 0), Exited(59.0, 0, 1), Started(59.5, 1))
    assert send(state, TimerDue(60.0, "timeout/0")) == []
    assert state.state == "RUNNING"


@pytest.mark.parametrize("before", [[], [Started(1.0, 0)]], ids=["STARTING", "RUNNING"])
def test_stop_ends_the_process_and_is_not_retried(before: list[Event]) -> None:
    """STOPPING, then STOPPED, whatever the exit status (guide, job run statuses)."""
    state = submitted(AttemptSpec(max_retries=3))
    send(state, *before)
    assert send(state, StopRequested(2.0)) == [Terminate(0)]
    assert state.state == "STOPPING"
    assert send(state, StopRequested(2.5)) == []
    assert send(state, Exited(3.0, 0, 0)) == [Ended(JobState.STOPPED)]


def test_stop_before_the_process_exists() -> None:
    """A launch that never happened is reported as a loss, and the run is STOPPED nevertheless."""
    state = submitted()
    assert send(state, StopRequested(1.0), Lost(2.0, 0, "never started")) == [
        Terminate(0),
        Ended(JobState.STOPPED),
    ]
    assert state.attempts[0].execution_seconds is None


def test_stop_of_a_waiting_run_is_immediate() -> None:
    """A queued run has nothing to terminate (our choice)."""
    state = submitted()
    send(state, Queued(1.0, 0, "too many runs"))
    assert (state.state, state.attempts[0].detail) == ("WAITING", "too many runs")
    assert send(state, StopRequested(2.0)) == [Ended(JobState.STOPPED)]


def test_a_waiting_run_starts_when_admitted() -> None:
    """WAITING precedes STARTING; StateDetail is gone then (service model, StateDetail)."""
    state = submitted()
    assert send(state, Queued(1.0, 0, "why"), Queued(1.5, 0, "why"), Admitted(2.0, 0)) == []
    assert (state.state, state.attempts[0].detail) == ("STARTING", None)


def test_stop_wins_over_a_start_that_comes_after() -> None:
    """A process that reports its start while being stopped stays STOPPING, and its time is known."""
    state = submitted(AttemptSpec(timeout_minutes=1))
    owed = send(state, StopRequested(1.0), Started(1.5, 0))
    assert owed == [Terminate(0)]
    send(state, Exited(4.0, 0, -15))
    assert state.attempts[0].execution_seconds == 2.5


def test_a_lost_process_is_a_failure_with_a_reason() -> None:
    """No process and no status: FAILED with the reason, and retries apply."""
    state = submitted(AttemptSpec(max_retries=1))
    assert send(state, Started(1.0, 0), Lost(2.0, 0, "gone after a restart")) == [Launch(1)]
    assert state.attempts[0].error == "gone after a restart"
    assert send(state, Lost(3.0, 1, "gone again")) == [Ended(JobState.FAILED)]


@pytest.mark.parametrize("ending", [JobState.FAILED, JobState.ERROR, JobState.EXPIRED])
def test_a_refusal_is_final(ending: JobState) -> None:
    """Refused admission (concurrency, deleted job, no resources) is not retried (our choice)."""
    state = submitted(AttemptSpec(max_retries=5))
    assert send(state, Refused(1.0, 0, ending, "no")) == [Ended(ending)]
    assert state.attempts[0].error == "no"


def test_an_exit_whose_start_was_not_reported() -> None:
    """After a restart the exit record tells when the process began; ExecutionTime is right all the same."""
    state = submitted()
    assert send(state, Exited(9.0, 0, 0, started_on=4.0)) == [Ended(JobState.SUCCEEDED)]
    assert state.attempts[0].execution_seconds == 5.0


def test_an_end_that_is_reported_late_keeps_its_own_time() -> None:
    """A job that ended while no server ran took as long as it took; its retry is requested now."""
    state = submitted(AttemptSpec(max_retries=1))
    send(state, Started(10.0, 0), Exited(1000.0, 0, 1, ended_on=15.0))
    first, second = state.attempts
    assert (first.completed_on, first.execution_seconds) == (15.0, 5.0)
    assert second.added_at == 1000.0
    send(state, Exited(1010.0, 1, 0, started_on=1001.0, ended_on=1020.0))
    assert state.attempts[1].completed_on == 1010.0, "a clock that went ahead must not reach beyond now"


def test_delay_notification_and_every_state_after_it() -> None:
    """A late run is notified of, once per state STARTING, RUNNING, STOPPING (guide, delay threshold)."""
    state = AttemptsState()
    owed = send(state, Submitted(0.0, AttemptSpec(notify_delay_after=1)))
    assert owed == [Launch(0), SetTimer("notify/0", 60.0)]
    assert send(state, TimerDue(60.0, "notify/0")) == [NotifyDelay(0, JobState.STARTING)]
    assert send(state, TimerDue(60.0, "notify/0")) == []
    assert send(state, Started(61.0, 0)) == [NotifyDelay(0, JobState.RUNNING)]
    assert send(state, StopRequested(62.0)) == [Terminate(0), NotifyDelay(0, JobState.STOPPING)]
    assert send(state, Exited(63.0, 0, 0)) == [Ended(JobState.STOPPED)]


def test_a_late_run_that_waits_is_notified_of_once_it_starts() -> None:
    """The event exists for STARTING, RUNNING and STOPPING only, not for WAITING (guide, delay threshold)."""
    state = submitted(AttemptSpec(notify_delay_after=1))
    send(state, Queued(1.0, 0, "too many runs"))
    assert send(state, TimerDue(60.0, "notify/0")) == []
    assert send(state, Admitted(70.0, 0)) == [NotifyDelay(0, JobState.STARTING)]


def test_a_run_in_time_cancels_its_timers() -> None:
    """No timer outlives its attempt."""
    state = submitted(AttemptSpec(timeout_minutes=5, notify_delay_after=9))
    owed = send(state, Started(1.0, 0), Exited(2.0, 0, 0))
    assert owed[1:] == [CancelTimer("timeout/0"), CancelTimer("notify/0"), Ended(JobState.SUCCEEDED)]


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([Started(1.0, 0)], "before the job run was submitted"),
        ([Submitted(0.0, AttemptSpec()), Refused(1.0, 0, JobState.RUNNING, "")], "must end the attempt"),
        ([Submitted(0.0, AttemptSpec()), TimerDue(1.0, "tea")], "timer 'tea'"),
    ],
)
def test_impossible_events_are_errors(events: list[Event], text: str) -> None:
    """What can only be a fault of the caller raises an error."""
    with pytest.raises(ValueError, match=text):
        send(AttemptsState(), *events)


_numbers = st.integers(0, 4)
_events = st.one_of(
    st.builds(Queued, st.just(0.0), _numbers, st.sampled_from(["why", "still"])),
    st.builds(Admitted, st.just(0.0), _numbers),
    st.builds(Started, st.just(0.0), _numbers),
    st.builds(Exited, st.just(0.0), _numbers, st.sampled_from([0, 1, 1, 1])),
    st.builds(Lost, st.just(0.0), _numbers, st.just("lost")),
    st.builds(Refused, st.just(0.0), _numbers, st.sampled_from([JobState.FAILED, JobState.ERROR]), st.just("")),
    st.builds(TimerDue, st.just(0.0), st.builds("{}/{}".format, st.sampled_from(["timeout", "notify"]), _numbers)),
    st.builds(StopRequested, st.just(0.0)),
    st.builds(Submitted, st.just(0.0), st.just(AttemptSpec(9))),
)
_specs = st.builds(
    AttemptSpec,
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(1, 9)),
    st.one_of(st.none(), st.integers(1, 9)),
)


@given(_specs, st.lists(_events, max_size=40))
def test_any_order_of_events(spec: AttemptSpec, events: list[Event]) -> None:
    """Whatever comes, in whatever order: one Launch per attempt, one Ended at most, no attempt too many, final
    states stay final, no timer outlives its attempt, and rows alone restore the state."""
    state = AttemptsState()
    owed = send(state, Submitted(0.0, spec))
    for event in events:
        finals = [(one.number, one) for one in state.attempts if is_final(one.state)]
        owed += send(state, event)
        assert all(state.attempts[number] == one for number, one in finals)
        assert AttemptsState.restore(reversed(state.attempts)) == state
    assert [one.number for one in owed if isinstance(one, Launch)] == list(range(len(state.attempts)))
    assert len(state.attempts) <= spec.max_retries + 1
    assert all(one.state == "FAILED" for one in state.attempts[:-1])
    ended = [one for one in owed if isinstance(one, Ended)]
    assert state.state is not None
    assert ended == ([Ended(state.state)] if is_final(state.state) else [])
    if ended:
        due = {f"{e.timer}" for e in events if isinstance(e, TimerDue)}
        cancelled = {one.timer for one in owed if isinstance(one, CancelTimer)}
        assert {one.timer for one in owed if isinstance(one, SetTimer)} <= due | cancelled


def test_repeating_any_event_changes_nothing() -> None:
    """Delivery is at least once: the second copy of each event of a life decides nothing."""
    state = AttemptsState()
    spec = AttemptSpec(max_retries=1, timeout_minutes=1, notify_delay_after=1)
    life: list[Event] = [
        Submitted(0.0, spec),
        Queued(1.0, 0, "why"),
        Admitted(2.0, 0),
        Started(3.0, 0),
        Exited(4.0, 0, 1),
        Started(5.0, 1),
        TimerDue(65.0, "timeout/1"),
        TimerDue(66.0, "notify/1"),
        Exited(67.0, 1, -9),
    ]
    for event in life:
        assert decide(state, event).changes
        send(state, event)
        assert decide(state, event).changes == ()
    assert isinstance(decide(AttemptsState(), life[0]).changes[0], AttemptAdded)
