"""Conditional triggers outside workflows: they receive the ends of runs, and are stored with those that count."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import assert_never

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind
from glueprint.local.clock import Clock
from glueprint.local.engine.cascade import Cascade, EventQueue, TriggerStart
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store.database import Connection, Row
from glueprint.local.store.resources import Resources
from glueprint.workflow.model import Trigger
from glueprint.workflow.standing import (
    Change,
    End,
    EndSeen,
    Event,
    NodeEnded,
    StandingFired,
    StandingState,
    StartAction,
    TriggerForgotten,
    TriggerRemoved,
    TriggerSet,
    TriggerStored,
    decide,
    evolve,
    is_standing,
)
from glueprint.workflow.wire import trigger_from_wire

logger = logging.getLogger(__name__)


class StandingTriggers:
    """Stores what :mod:`glueprint.workflow.standing` decides, within the caller's transaction.

    The state is mirrored in memory on the writer thread, like those of workflow runs; :meth:`forget` drops it.

    A trigger starts nothing that its own firing has caused in the same transaction: see :mod:`.cascade`.
    """

    _triggers = Resources("trigger")

    def __init__(
        self, clock: Clock, start: Callable[[Connection, StartAction], None], cascade: Cascade
    ) -> None:
        self._clock = clock
        self._start = start
        self._cascade = cascade
        self._state: StandingState | None = None
        self._queue = EventQueue(cascade)

    def trigger_set(self, tx: Connection, trigger: Trigger) -> None:
        """Handle a trigger that was created, updated, started or stopped."""
        self._event(tx, TriggerSet(self._clock.now(), trigger))

    def trigger_removed(self, tx: Connection, name: str) -> None:
        """Handle a trigger that was deleted."""
        self._event(tx, TriggerRemoved(self._clock.now(), name))

    def node_ended(self, tx: Connection, node: Node, state: str, run: str, by_trigger: bool) -> None:
        """Handle the end of a job run (its last attempt) or crawl outside workflow runs."""
        end = NodeEnded(self._clock.now(), node, state, run, by_trigger, in_workflow_run=False)
        self._queue.handle(lambda: self._event(tx, end))

    def forget(self) -> None:
        """Drop what mirrors the rows: a transaction was undone."""
        self._state = None
        self._queue.clear()

    def _event(self, tx: Connection, event: Event) -> None:
        state = self._load(tx)
        decision = decide(state, event)
        for change in decision.changes:
            _store(tx, change)
            evolve(state, change)
        if decision.changes:
            reached(FaultPoint.STANDING_STORED, "fired" if decision.owed else None)
        for owed in decision.owed:
            start = TriggerStart(owed.trigger)
            if start in self._cascade.ancestors:
                logger.warning(
                    "trigger %s does not start %s again: the trigger's own firing has caused this one at once,"
                    " through runs that were refused",
                    owed.trigger,
                    owed.action.node.name,
                )
                continue
            with self._cascade.started_by(start):
                self._start(tx, owed)

    def _load(self, tx: Connection) -> StandingState:
        if self._state is None:
            triggers = [trigger_from_wire(body) for body in self._triggers.orphans(tx)]
            seen = [_end_seen(row) for row in tx.execute("SELECT * FROM standing_end")]
            self._state = StandingState.restore([one for one in triggers if is_standing(one)], seen)
        return self._state


def _end_seen(row: Row) -> EndSeen:
    node = Node(NodeKind(row["kind"]), row["name"])
    return EndSeen(row["trigger_name"], node, End(row["state"], row["run"]))


def _store(tx: Connection, change: Change) -> None:
    match change:
        case TriggerStored():
            _clear(tx, change.trigger.name)
        case TriggerForgotten():
            _clear(tx, change.name)
        case EndSeen():
            tx.execute(
                "INSERT OR REPLACE INTO standing_end (trigger_name, kind, name, state, run)"
                " VALUES (?, ?, ?, ?, ?)",
                (change.trigger, change.node.kind, change.node.name, change.end.state, change.end.run),
            )
        case StandingFired():
            _clear(tx, change.trigger)
        case _:
            assert_never(change)


def _clear(tx: Connection, trigger: str) -> None:
    tx.execute("DELETE FROM standing_end WHERE trigger_name = ?", (trigger,))
