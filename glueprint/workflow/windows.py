"""Event batching: how the events that reach an EVENT workflow become runs of it.

Source: DG:starting-workflow-eventbridge: the window opens with the first event; BatchSize events or the end of
BatchWindow, whichever comes first, start one run; then a new window starts. Events are not de-duplicated.
Defaults: one event, 900 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from glueprint.compat import assert_never
from glueprint.facts.defaults import DEFAULT_BATCH_SIZE, DEFAULT_BATCH_WINDOW_SECONDS
from glueprint.workflow.decision import Decision
from glueprint.workflow.model import Trigger


@dataclass(frozen=True, slots=True)
class EventArrived:
    """EventBridge delivered an event to the workflow; ``trigger`` is its starting trigger as it is now."""

    now: float
    event_id: str
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class WindowDue:
    """The timer of window ``number`` has come; ``trigger`` is the starting trigger as it is now."""

    now: float
    number: int
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class TriggerDeleted:
    """The starting trigger was deleted: the events of its window are dropped."""


Event = EventArrived | WindowDue | TriggerDeleted


@dataclass(frozen=True, slots=True)
class EventQueued:
    """An event waits in the window; the first one opens it."""

    event_id: str
    at: float


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """The window's events are used, or dropped because the trigger is not active any more or deleted."""

    number: int


Change = EventQueued | WindowClosed


@dataclass(frozen=True, slots=True)
class StartWorkflow:
    """Start a run for these events; one of the two numbers is its StartingEventBatchCondition."""

    event_ids: tuple[str, ...]
    """For the run property ``aws:eventIds``."""
    batch_size: int | None
    """The number of events, if it started the run."""
    batch_window: int | None
    """The seconds that passed, if the end of the window started it."""


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Report :class:`WindowDue` for window ``number`` at ``due`` (epoch seconds)."""

    number: int
    due: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Window ``number`` closed before its time."""

    number: int


Owed = StartWorkflow | SetTimer | CancelTimer
WindowDecision = Decision[Change, Owed]
NOTHING: WindowDecision = Decision()


@dataclass(slots=True)
class WindowState:
    """The events that wait to start one workflow."""

    number: int = 0
    """Counts windows, so that a late timer of a closed one is recognised."""
    queued: list[EventQueued] = field(default_factory=list)

    @classmethod
    def restore(cls, number: int, queued: Iterable[EventQueued]) -> WindowState:
        """The state that stored rows describe; ``queued`` in the order of arrival."""
        return cls(number, list(queued))


def decide(state: WindowState, event: Event) -> WindowDecision:
    """What follows from ``event``; ``state`` is only read."""
    match event:
        case EventArrived():
            return _arrive(state, event)
        case WindowDue():
            if event.number != state.number or not state.queued:
                return NOTHING
            closed = WindowClosed(state.number)
            return Decision((closed,), (_by_window(state, event.now),))
        case TriggerDeleted():
            if not state.queued:
                return NOTHING
            return Decision((WindowClosed(state.number),), (CancelTimer(state.number),))
        case _:
            assert_never(event)


def evolve(state: WindowState, change: Change) -> None:
    """Apply one change, in place."""
    match change:
        case EventQueued():
            state.queued.append(change)
        case WindowClosed():
            state.number = change.number + 1
            state.queued.clear()
        case _:
            assert_never(change)


def _arrive(state: WindowState, event: EventArrived) -> WindowDecision:
    queued = EventQueued(event.event_id, event.now)
    ids = (*(one.event_id for one in state.queued), event.event_id)
    if len(ids) >= (event.trigger.batch_size or DEFAULT_BATCH_SIZE):
        start = StartWorkflow(ids, len(ids), None)
        owed: tuple[Owed, ...] = (CancelTimer(state.number), start) if state.queued else (start,)
        return Decision((queued, WindowClosed(state.number)), owed)
    if state.queued:
        return Decision((queued,))
    window = event.trigger.batch_window or DEFAULT_BATCH_WINDOW_SECONDS
    return Decision((queued,), (SetTimer(state.number, event.now + window),))


def _by_window(state: WindowState, now: float) -> StartWorkflow:
    ids = tuple(one.event_id for one in state.queued)
    return StartWorkflow(ids, None, max(1, round(now - state.queued[0].at)))
