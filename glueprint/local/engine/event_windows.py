"""Events that reach EVENT workflows: collected until their window closes, then one run starts for all of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import assert_never

from glueprint.facts.states import TriggerType
from glueprint.local.clock import Clock
from glueprint.local.engine.cascade import Cascade, WorkflowStart
from glueprint.local.engine.timer_rows import EventWindowEnd, cancel_timer, set_timer
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, Resources
from glueprint.workflow.model import Trigger
from glueprint.workflow.windows import (
    CancelTimer,
    Change,
    Event,
    EventArrived,
    EventQueued,
    SetTimer,
    StartWorkflow,
    TriggerDeleted,
    WindowClosed,
    WindowDue,
    WindowState,
    decide,
)
from glueprint.workflow.wire import trigger_from_wire

logger = logging.getLogger(__name__)

EVENT_IDS = "aws:eventIds"
"""The run property that names the events (guide, "Starting a workflow with an EventBridge event")."""

Start = Callable[[Connection, str, Mapping[str, str], Document], None]
"""Starts a run: workflow, run properties, StartingEventBatchCondition."""


class EventWindows:
    """Stores what :mod:`glueprint.workflow.windows` decides, within the caller's transaction.

    A workflow ignores events that its own start has caused in the same transaction: see :mod:`.cascade`.
    """

    _triggers = Resources("trigger")

    def __init__(self, clock: Clock, start: Start, cascade: Cascade) -> None:
        self._clock = clock
        self._start = start
        self._cascade = cascade

    def arrived(self, tx: Connection, workflow: str, event_id: str) -> bool:
        """Deliver an event to a workflow; return False if it has no EVENT trigger."""
        trigger = self._starting_trigger(tx, workflow)
        if trigger is None:
            return False
        if WorkflowStart(workflow) in self._cascade.ancestors:
            logger.warning(
                "workflow %s ignores event %s: the workflow's own start has caused it, in the same transaction",
                workflow,
                event_id,
            )
            return True
        self._event(tx, workflow, EventArrived(self._clock.now(), event_id, trigger))
        return True

    def due(self, tx: Connection, workflow: str, number: int) -> None:
        """Handle the end of a window."""
        trigger = self._starting_trigger(tx, workflow)
        if trigger is not None:
            self._event(tx, workflow, WindowDue(self._clock.now(), number, trigger))

    def trigger_removed(self, tx: Connection, workflow: str) -> None:
        """Drop the events that a deleted EVENT trigger has collected: a later trigger does not inherit them."""
        self._event(tx, workflow, TriggerDeleted())

    def _starting_trigger(self, tx: Connection, workflow: str) -> Trigger | None:
        bodies = self._triggers.children(tx, workflow)
        found = [body for body in bodies if body["Type"] == TriggerType.EVENT]
        return trigger_from_wire(found[0]) if found else None

    def _event(self, tx: Connection, workflow: str, event: Event) -> None:
        decision = decide(_load(tx, workflow), event)
        for change in decision.changes:
            _store(tx, workflow, change)
        if decision.changes:
            has_closed = isinstance(decision.changes[-1], WindowClosed)
            reached(FaultPoint.EVENT_STORED, "closed" if has_closed else None)
        for owed in decision.owed:
            match owed:
                case SetTimer():
                    set_timer(tx, EventWindowEnd(workflow, owed.number), owed.due)
                case CancelTimer():
                    cancel_timer(tx, EventWindowEnd(workflow, owed.number))
                case StartWorkflow():
                    batch = {"BatchSize": owed.batch_size, "BatchWindow": owed.batch_window}
                    given = {name: value for name, value in batch.items() if value is not None}
                    with self._cascade.started_by(WorkflowStart(workflow)):
                        self._start(tx, workflow, {EVENT_IDS: json.dumps(owed.event_ids)}, given)
                case _:
                    assert_never(owed)


def _load(tx: Connection, workflow: str) -> WindowState:
    row = tx.execute("SELECT number FROM event_window WHERE workflow = ?", (workflow,)).fetchone()
    rows = tx.execute("SELECT event_id, at FROM held_event WHERE workflow = ? ORDER BY id", (workflow,))
    held = [EventQueued(one["event_id"], one["at"]) for one in rows]
    return WindowState.restore(row["number"] if row else 0, held)


def _store(tx: Connection, workflow: str, change: Change) -> None:
    match change:
        case EventQueued():
            tx.execute(
                "INSERT INTO held_event (workflow, event_id, at) VALUES (?, ?, ?)",
                (workflow, change.event_id, change.at),
            )
        case WindowClosed():
            tx.execute("DELETE FROM held_event WHERE workflow = ?", (workflow,))
            tx.execute(
                "INSERT OR REPLACE INTO event_window (workflow, number) VALUES (?, ?)",
                (workflow, change.number + 1),
            )
        case _:
            assert_never(change)
