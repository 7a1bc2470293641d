"""Event batching. Source: Glue guide "Starting an AWS Glue workflow with an Amazon EventBridge event"."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from workflow_shapes import job

from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.model import Action, Trigger
from glueprint.workflow.windows import (
    CancelTimer,
    Event,
    EventArrived,
    Owed,
    SetTimer,
    StartWorkflow,
    TriggerDeleted,
    WindowDue,
    WindowState,
    decide,
    evolve,
)


def trigger(size: int | None = None, window: int | None = None) -> Trigger:
    return Trigger(
        "e",
        TriggerType.EVENT,
        (Action(job("a")),),
        TriggerState.ACTIVATED,
        "flow",
        batch_size=size,
        batch_window=window,
    )


def send(state: WindowState, *events: Event) -> list[Owed]:
    owed: list[Owed] = []
    for event in events:
        decision = decide(state, event)
        for change in decision.changes:
            evolve(state, change)
        owed += decision.owed
    return owed


def test_by_default_each_event_starts_a_run() -> None:
    """Batch size 1 is the default (guide)."""
    state, plain = WindowState(), trigger()
    assert send(state, EventArrived(1.0, "e1", plain)) == [StartWorkflow(("e1",), 1, None)]
    assert send(state, EventArrived(2.0, "e2", plain)) == [StartWorkflow(("e2",), 1, None)]


def test_events_held_for_a_deleted_trigger_are_dropped_and_the_next_window_ends() -> None:
    """The next trigger's first event opens a window of its own; before, none would ever have ended (fidelity)."""
    state, five = WindowState(), trigger(5, 60)
    assert send(state, EventArrived(1.0, "e1", five)) == [SetTimer(0, 61.0)]
    assert send(state, TriggerDeleted()) == [CancelTimer(0)]
    assert send(state, TriggerDeleted()) == []
    assert send(state, EventArrived(9.0, "e2", five)) == [SetTimer(1, 69.0)]
    assert send(state, WindowDue(69.0, 1, five)) == [StartWorkflow(("e2",), None, 60)]


def test_the_batch_size_starts_a_run_with_all_its_events() -> None:
    """The window opens with the first event, default 900 s; the size closes it first (guide)."""
    state, three = WindowState(), trigger(3)
    assert send(state, EventArrived(1.0, "e1", three)) == [SetTimer(0, 901.0)]
    assert send(state, EventArrived(2.0, "e2", three)) == []
    assert send(state, EventArrived(3.0, "e3", three)) == [
        CancelTimer(0),
        StartWorkflow(("e1", "e2", "e3"), 3, None),
    ]
    assert send(state, EventArrived(4.0, "e4", three)) == [SetTimer(1, 904.0)]


def test_the_end_of_the_window_starts_a_run_with_what_there_is() -> None:
    """StartingEventBatchCondition has the window, and no size (service model)."""
    state, slow = WindowState(), trigger(100, 60)
    owed = send(state, EventArrived(1.0, "e1", slow), EventArrived(9.0, "e1", slow), WindowDue(61.0, 0, slow))
    assert owed == [SetTimer(0, 61.0), StartWorkflow(("e1", "e1"), None, 60)]


def test_a_timer_of_a_closed_window_is_late() -> None:
    """It starts nothing, also when the next window is open already."""
    state, two = WindowState(), trigger(2, 60)
    send(state, EventArrived(1.0, "a", two), EventArrived(2.0, "b", two), EventArrived(3.0, "c", two))
    assert send(state, WindowDue(61.0, 0, two)) == []
    assert send(state, WindowDue(63.0, 1, two)) == [StartWorkflow(("c",), None, 60)]
    assert send(state, WindowDue(63.0, 1, two)) == []


@given(
    st.integers(1, 5),
    st.lists(st.one_of(st.integers(0, 9).map(str), st.none()), max_size=40),
)
def test_no_event_is_lost_or_used_twice(size: int, story: list[str | None]) -> None:
    """Whatever the order of events and timers (None), the runs' events and those that wait are all that came, in
    order; no run has more than the batch size; rows alone restore the state (guide)."""
    state, own = WindowState(), trigger(size, 60)
    used: list[str] = []
    came: list[str] = []
    for one in story:
        if one is None:
            owed = send(state, WindowDue(0.0, state.number, own))
        else:
            came.append(one)
            owed = send(state, EventArrived(0.0, one, own))
        for start in owed:
            if isinstance(start, StartWorkflow):
                assert 1 <= len(start.event_ids) <= size
                assert (start.batch_size is None) != (start.batch_window is None)
                used += start.event_ids
        assert used + [held.event_id for held in state.queued] == came
        state = WindowState.restore(state.number, state.queued)
