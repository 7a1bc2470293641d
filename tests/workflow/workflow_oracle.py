"""The naive oracle: a workflow run as the fact sheet tells it, with everything re-evaluated at each event.

Written from docs/facts/workflows.md and docs/facts/triggers.md (sections 2.2, 2.3, 2.5, 3.4 and 0.5), not from the
engine, and deliberately simple:
no counters, no indexes, a list of everything that was started.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from glueprint.facts.predicate import Node
from glueprint.workflow.model import Graph, Trigger

JOB_ENDS = {"SUCCEEDED", "STOPPED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"}
CRAWL_ENDS = {"SUCCEEDED", "FAILED", "CANCELLED", "ERROR"}


def ends(node: Node, state: str) -> bool:
    return state in (JOB_ENDS if node.kind == "JOB" else CRAWL_ENDS)


@dataclass
class Start:
    node: Node
    state: str
    trigger: str
    because: list[int]
    copied_from: int | None = None


@dataclass
class Oracle:
    graph: Graph
    status: str = "RUNNING"
    starts: list[Start] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)

    def begin(self) -> None:
        first = [trigger for trigger in self.graph.triggers if trigger.type != "CONDITIONAL"]
        for trigger in first:
            self._fire(trigger, [])
        self._settle()

    def node_changed(self, number: int, state: str) -> None:
        start = self.starts[number]
        if ends(start.node, start.state):
            return
        start.state = state
        if ends(start.node, state) and self.status == "RUNNING":
            ready = [
                (trigger, self._because(trigger))
                for trigger in self.graph.triggers
                if any(condition.node == start.node for condition in trigger.conditions)
                and self._may_fire(trigger)
            ]
            for trigger, because in ready:
                self._fire(trigger, because)
        self._settle()

    def stop(self) -> list[int]:
        """Returns the starts that have to be ended."""
        if self.status != "RUNNING":
            return []
        running = self.running()
        self.status = "STOPPING"
        self._settle()
        return running

    def running(self) -> list[int]:
        return [n for n, start in enumerate(self.starts) if not ends(start.node, start.state)]

    def resumed(self, chosen: list[Node]) -> tuple[Oracle, list[Node]]:
        """The resumed run, and the nodes that start at once."""
        kept: list[Node] = []
        for node in dict.fromkeys(chosen):
            above = [other for other in chosen if other != node and node in self._after(other)]
            if all(other in self._after(node) and chosen.index(other) > chosen.index(node) for other in above):
                kept.append(node)
        again = set(kept)
        for node in kept:
            again |= self._after(node)
        new = Oracle(self.graph)
        place: dict[int, int] = {}
        for number, old in enumerate(self.starts):
            if old.node not in again:
                place[number] = len(place)
        for number in place:
            old = self.starts[number]
            because = [place[n] for n in old.because if n in place]
            new.starts.append(Start(old.node, old.state, old.trigger, because, number))
        unfired = [t.name for t in self.graph.triggers if any(c.node in again for c in t.conditions)]
        new.fired = [name for name in self.fired if name not in unfired]
        for node in kept:
            own = [start for start in self.starts if start.node == node]
            origin = ([start for start in own if start.trigger not in unfired] or own)[-1]
            because = [place[n] for n in origin.because if n in place]
            new.starts.append(Start(node, first(node), origin.trigger, because))
        return new, kept

    def _after(self, node: Node) -> set[Node]:
        found: set[Node] = set()
        while True:
            more = {
                action.node
                for trigger in self.graph.triggers
                if any(condition.node in found | {node} for condition in trigger.conditions)
                for action in trigger.actions
            }
            if more <= found:
                return found
            found |= more

    def _state(self, node: Node) -> str | None:
        states = [start.state for start in self.starts if start.node == node]
        return states[-1] if states else None

    def _may_fire(self, trigger: Trigger) -> bool:
        if trigger.type != "CONDITIONAL" or trigger.state != "ACTIVATED" or trigger.name in self.fired:
            return False
        truths = [self._state(condition.node) == condition.state for condition in trigger.conditions]
        return any(truths) if trigger.logical == "ANY" else all(truths)

    def _because(self, trigger: Trigger) -> list[int]:
        numbers = set()
        for condition in trigger.conditions:
            if self._state(condition.node) == condition.state:
                numbers.add(max(n for n, start in enumerate(self.starts) if start.node == condition.node))
        return sorted(numbers)

    def _fire(self, trigger: Trigger, because: list[int]) -> None:
        self.fired.append(trigger.name)
        for action in trigger.actions:
            self.starts.append(Start(action.node, first(action.node), trigger.name, because))

    def _settle(self) -> None:
        if not self.running():
            if self.status == "RUNNING":
                self.status = "COMPLETED"
            if self.status == "STOPPING":
                self.status = "STOPPED"


def first(node: Node) -> str:
    return "STARTING" if node.kind == "JOB" else "RUNNING"
