"""Naive models of triggers outside workflows and of event windows, from
docs/facts/triggers.md and the fidelity table.

Both keep all events, in order, and read them all again for every question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from glueprint.facts.predicate import Logical, Node
from glueprint.facts.states import TriggerState, TriggerType
from glueprint.workflow.model import Trigger
from glueprint.workflow.standing import Event as StandingEvent
from glueprint.workflow.standing import NodeEnded, TriggerRemoved, TriggerSet


@dataclass
class OracleStanding:
    """Conditional triggers outside workflows: what happened, and after which event which of them fired."""

    events: list[StandingEvent] = field(default_factory=list)
    firings: list[tuple[int, str]] = field(default_factory=list)
    """The number of the event that made a trigger fire, and the trigger's name."""

    def replayed(self, one: StandingEvent) -> dict[str, frozenset[str]]:
        """The triggers that fire by this event, each with the runs that make its predicate true."""
        self.events.append(one)
        if not isinstance(one, NodeEnded):
            return {}
        fires = {}
        for trigger in self.triggers():
            because = self._because(trigger, one)
            if because:
                fires[trigger.name] = because
        self.firings += [(len(self.events) - 1, name) for name in fires]
        return fires

    def triggers(self) -> list[Trigger]:
        """The triggers as they are now: the last setting of each, unless it was removed since."""
        now: dict[str, Trigger] = {}
        for one in self.events:
            if isinstance(one, TriggerSet):
                now[one.trigger.name] = one.trigger
            elif isinstance(one, TriggerRemoved):
                now.pop(one.name, None)
        return [t for t in now.values() if t.type == TriggerType.CONDITIONAL and t.workflow is None]

    def _because(self, trigger: Trigger, last: NodeEnded) -> frozenset[str]:
        if trigger.state != TriggerState.ACTIVATED:
            return frozenset()
        ends = self._unused_ends(trigger)
        met = [
            (c, ends[c.node]) for c in trigger.conditions if c.node in ends and ends[c.node].state == c.state
        ]
        if trigger.logical == Logical.ANY:
            met = [(condition, end) for condition, end in met if end is last]
        elif len(met) < len(trigger.conditions) or last not in ends.values():
            met = []
        return frozenset(end.run for _, end in met)

    def _unused_ends(self, trigger: Trigger) -> dict[Node, NodeEnded]:
        """The newest end of each watched node since the trigger was last set, or last fired."""
        set_at = max(
            number
            for number, one in enumerate(self.events)
            if isinstance(one, TriggerSet) and one.trigger.name == trigger.name
        )
        since = max([set_at, *(number for number, name in self.firings if name == trigger.name)])
        watched = [condition.node for condition in trigger.conditions]
        return {
            one.node: one
            for one in self.events[since + 1 :]
            if isinstance(one, NodeEnded)
            and one.node in watched
            and one.started_by_trigger
            and not one.in_workflow_run
        }


@dataclass(frozen=True)
class Batch:
    """A run that must start for these events."""

    event_ids: tuple[str, ...]
    size: int | None
    seconds: int | None


@dataclass
class OracleWindow:
    """The event window of one workflow: every event that came, and where windows ended."""

    arrivals: list[tuple[str, float] | None] = field(default_factory=list)
    """The events, with when they came; None where a window ended."""

    def held(self) -> list[tuple[str, float]]:
        """The events that came since the last window ended."""
        ends = [number for number, one in enumerate(self.arrivals) if one is None]
        return [one for one in self.arrivals[ends[-1] + 1 if ends else 0 :] if one is not None]

    def number(self) -> int:
        """How many windows have ended."""
        return self.arrivals.count(None)

    def arrive(self, now: float, event_id: str, trigger: Trigger) -> Batch | None:
        """An event came; BatchSize of them start a run (default 1, docs/facts/workflows.md#start-by-events)."""
        self.arrivals.append((event_id, now))
        if len(self.held()) < (trigger.batch_size or 1):
            return None
        return self._start(by_size=True, now=now)

    def due(self, now: float, number: int, trigger: Trigger) -> Batch | None:
        """BatchWindow is over, for window ``number``: what it holds starts a run."""
        if number != self.number() or not self.held():
            return None
        return self._start(by_size=False, now=now)

    def trigger_deleted(self) -> None:
        """What its window held is dropped (fidelity table: a later trigger starts with an empty one)."""
        if self.held():
            self.arrivals.append(None)

    def _start(self, *, by_size: bool, now: float) -> Batch:
        held = self.held()
        self.arrivals.append(None)
        ids = tuple(event_id for event_id, _ in held)
        return Batch(ids, len(ids), None) if by_size else Batch(ids, None, int(now - held[0][1]))


def window_due(held: Sequence[tuple[str, float]], trigger: Trigger) -> float:
    """When the window that the first of these events opened is over
    (default 900 s, docs/facts/workflows.md#start-by-events)."""
    return held[0][1] + (trigger.batch_window or 900)
