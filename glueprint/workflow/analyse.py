"""Faults of a workflow that are visible before it runs: nodes that can never run, impossible conditions, cycles.

Every finding is sound: what it calls impossible is impossible in every order of events and outcomes. Not
everything impossible is found: that would require to try all outcomes. But a node that is started in one place
only, which is nearly every node, ends in one state per run, and all consequences of that are found.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.compat import StrEnum
from glueprint.facts.findings import Finding, Place
from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import TriggerState, TriggerType, watchable_states
from glueprint.workflow.model import Graph, Trigger

_Following = Mapping[Node, Mapping[Node, str]]
"""For each node those that may start because of it, with the first trigger that does so."""


_Facts = frozenset[int]
"""Conditions, by number."""


class Rule(StrEnum):
    """What a finding is about."""

    NO_STARTING_TRIGGER = "no-starting-trigger"
    NOT_ACTIVE = "trigger-not-active"
    CONDITION_NEVER_HOLDS = "condition-never-holds"
    CONTRADICTION = "contradictory-conditions"
    NEVER_FIRES = "trigger-never-fires"
    NEVER_RUNS = "node-never-runs"
    SELF_CONDITION = "node-is-its-own-condition"
    CYCLE = "workflow-cycle"


def to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding of :func:`analyse` as plain data, for ``glueprint simulate --analyse --json``."""
    return {
        "problem": Rule(finding.rule).name,
        "subject": finding.place.subject,
        "text": finding.message,
        "witness": list(finding.steps),
    }


def analyse(graph: Graph) -> list[Finding]:
    """Return every fault that can be proven from the triggers alone, the most basic first."""
    possible = _Possible(graph)
    return [
        *_starting(graph),
        *_inactive(graph),
        *_conditions(graph, possible),
        *_contradictions(possible),
        *_never(graph, possible),
        *_cycles(graph),
    ]


@dataclass
class _Possible:
    """What may happen in some run, and what it requires to have happened before."""

    graph: Graph
    fires: dict[str, _Facts] = field(default_factory=dict)
    """For each trigger that may fire: the states that nodes started once must have had by then."""
    runs: dict[Node, _Facts] = field(default_factory=dict)
    """The same for each node that may run."""
    clashes: dict[str, tuple[Condition, Condition]] = field(default_factory=dict)
    """For each trigger that only a contradiction keeps from firing: two states of one node that it needs."""
    starters: dict[Node, list[Trigger]] = field(default_factory=dict)
    """The trigger of every action that starts the node."""

    conditions: list[Condition] = field(init=False)
    numbers: dict[Condition, int] = field(init=False)

    def __post_init__(self) -> None:
        every = (condition for trigger in self.graph.triggers for condition in trigger.conditions)
        self.conditions = list(dict.fromkeys(every))
        self.numbers = {condition: number for number, condition in enumerate(self.conditions)}
        for trigger in self.graph.triggers:
            for action in trigger.actions:
                self.starters.setdefault(action.node, []).append(trigger)
        self._settle()

    def _settle(self) -> None:
        """Follow what may fire until nothing is new; requirements only shrink on the way.

        The first pass over each trigger finds what is possible; later ones, when another way to a node is
        found, take from its requirements what that other way does not need.
        """
        starting = self.graph.starting
        todo = deque([starting] if starting is not None else [])
        queued = {trigger.name for trigger in todo}
        while todo:
            trigger = todo.popleft()
            queued.discard(trigger.name)
            needs = _Facts() if trigger.starts_workflow else self._needs(trigger)
            if needs is None or self.fires.get(trigger.name) == needs:
                continue
            self.fires[trigger.name] = needs
            self.clashes.pop(trigger.name, None)
            for action in trigger.actions:
                before = self.runs.get(action.node)
                after = needs if before is None else before & needs
                if after == before:
                    continue
                self.runs[action.node] = after
                for watcher in self.graph.watchers.get(action.node, ()):
                    if watcher.name not in queued:
                        queued.add(watcher.name)
                        todo.append(watcher)

    def _needs(self, trigger: Trigger) -> _Facts | None:
        """What must have happened when the trigger fires; None: it cannot fire."""
        if trigger.type is not TriggerType.CONDITIONAL or trigger.state is not TriggerState.ACTIVATED:
            return None
        predicate = self.graph.predicates[trigger.name]
        ways = {condition: self._needs_of(condition) for condition in predicate.conditions}
        if not predicate.evaluate(lambda condition: ways[condition] is not None):
            return None
        open_ways = [way for way in ways.values() if way is not None]
        if predicate.logical is Logical.ANY:
            return frozenset.intersection(*open_ways)
        needs = _Facts().union(*open_ways)
        clash = _clash([*trigger.conditions, *(self.conditions[number] for number in sorted(needs))])
        if clash is not None:
            self.clashes[trigger.name] = clash
            return None
        return needs

    def _needs_of(self, condition: Condition) -> _Facts | None:
        """What must have happened when the condition is true."""
        if condition.node not in self.runs or condition.state not in watchable_states(condition.node.kind):
            return None
        before = self.runs[condition.node]
        return before | {self.numbers[condition]} if len(self.starters[condition.node]) == 1 else before


def _clash(needed: list[Condition]) -> tuple[Condition, Condition] | None:
    """Return two states of one node that are needed at once, the first ones if there are more."""
    seen: dict[Node, Condition] = {}
    for condition in needed:
        other = seen.setdefault(condition.node, condition)
        if other.state != condition.state:
            return other, condition
    return None


def _finding(rule: Rule, subject: str, message: str, steps: tuple[str, ...] = ()) -> Finding:
    return Finding(rule, Place(subject=subject), message, steps=steps)


def _starting(graph: Graph) -> Iterator[Finding]:
    if graph.starting is None:
        yield _finding(Rule.NO_STARTING_TRIGGER, "",
            "The workflow has no starting trigger (ON_DEMAND, SCHEDULED or EVENT), so a run starts nothing.",
        )


def _inactive(graph: Graph) -> Iterator[Finding]:
    for trigger in graph.triggers:
        if trigger.type is TriggerType.CONDITIONAL and trigger.state is not TriggerState.ACTIVATED:
            yield _finding(Rule.NOT_ACTIVE, trigger.name,
                f"Trigger `{trigger.name}` is {trigger.state}: only an ACTIVATED trigger fires "
                "(StartTrigger, or StartOnCreation when it is created).",
            )


def _conditions(graph: Graph, possible: _Possible) -> Iterator[Finding]:
    for trigger in graph.triggers:
        for condition in dict.fromkeys(trigger.conditions):
            node = condition.node
            if condition.state not in watchable_states(node.kind):
                why = f"a trigger cannot listen for {condition.state}"
            elif node not in possible.starters:
                why = f"no trigger of the workflow starts `{node.name}`"
            elif node not in possible.runs:
                why = f"`{node.name}` can never run"
            else:
                continue
            waits = f"Trigger `{trigger.name}` waits for `{node.name}` {condition.state}"
            text = f"{waits}, which is impossible: {why}."
            yield _finding(Rule.CONDITION_NEVER_HOLDS, trigger.name, text)


def _contradictions(possible: _Possible) -> Iterator[Finding]:
    for name, (one, other) in possible.clashes.items():
        yield _finding(Rule.CONTRADICTION, name,
            f"Trigger `{name}` needs `{one.node.name}` {one.state} and {other.state} in the same run, and it ends "
            "in one state only.",
            (
                *_path(possible, possible.graph.by_name[name], one),
                *_path(possible, possible.graph.by_name[name], other),
            ),
        )


def _path(possible: _Possible, trigger: Trigger, wanted: Condition) -> tuple[str, ...]:
    """Return the shortest path from the trigger back to the condition that it needs, one line per step."""
    paths: deque[tuple[Trigger, tuple[str, ...]]] = deque([(trigger, ())])
    seen = {trigger.name}
    while paths:
        here, path = paths.popleft()
        for condition in here.conditions:
            step = f"`{here.name}` needs `{condition.node.name}` {condition.state}"
            if condition == wanted:
                return (*path, step)
            for before in possible.starters.get(condition.node, ()):
                if before.name not in seen:
                    seen.add(before.name)
                    started = f"`{condition.node.name}` is started by `{before.name}`"
                    paths.append((before, (*path, step, started)))
    return ()


def _never(graph: Graph, possible: _Possible) -> Iterator[Finding]:
    for trigger in graph.triggers:
        if trigger.type is TriggerType.CONDITIONAL and trigger.name not in possible.fires:
            text = f"Trigger `{trigger.name}` can never fire."
            yield _finding(Rule.NEVER_FIRES, trigger.name, text)
    for node in graph.nodes:
        if node in possible.runs:
            continue
        starters = [f"`{trigger.name}`" for trigger in possible.starters.get(node, ())]
        if starters:
            why = f"nothing that starts it can ever fire ({', '.join(starters)})"
        else:
            why = "no trigger starts it"
        text = f"{node.kind.capitalize()} `{node.name}` can never run: {why}."
        yield _finding(Rule.NEVER_RUNS, node.name, text)


def _cycles(graph: Graph) -> Iterator[Finding]:
    """Nodes that can be reached from themselves: the shortest cycle through each, shorter ones first."""
    after = _following(graph)
    cycles = sorted((_shortest_cycle(after, node) for node in _nodes_on_cycles(after)), key=len)
    reported: set[Node] = set()
    for cycle in cycles:
        if cycle and not reported.intersection(cycle):
            reported.update(cycle)
            yield _cycle(after, cycle)


def _cycle(after: _Following, cycle: tuple[Node, ...]) -> Finding:
    first = cycle[0]
    steps = tuple(
        f"`{one.name}` -> `{after[one][two]}` -> `{two.name}`"
        for one, two in zip(cycle, (*cycle[1:], first), strict=True)
    )
    if len(cycle) == 1:
        text = (
            f"{first.kind.capitalize()} `{first.name}` is its own condition: trigger `{after[first][first]}` "
            "waits for it and starts it; that happens at most once in a run."
        )
        return _finding(Rule.SELF_CONDITION, first.name, text, steps)
    names = " -> ".join(f"`{one.name}`" for one in (*cycle, first))
    text = f"A cycle of {len(cycle)}: {names}; each trigger of it fires at most once in a run."
    return _finding(Rule.CYCLE, first.name, text, steps)


def _following(graph: Graph) -> _Following:
    found: dict[Node, dict[Node, str]] = {}
    for trigger in graph.triggers:
        for condition in trigger.conditions:
            for action in trigger.actions:
                found.setdefault(condition.node, {}).setdefault(action.node, trigger.name)
    return found


def _nodes_on_cycles(after: _Following) -> list[Node]:
    """Return the nodes that remain when nodes without a predecessor are removed repeatedly."""
    ways_in = Counter(two for nexts in after.values() for two in nexts)
    todo = [node for node in after if not ways_in[node]]
    gone = set(todo)
    while todo:
        for two in after.get(todo.pop(), ()):
            ways_in[two] -= 1
            if not ways_in[two]:
                gone.add(two)
                todo.append(two)
    return [node for node in after if node not in gone]


def _shortest_cycle(after: _Following, start: Node) -> tuple[Node, ...]:
    """Return the nodes of the shortest path from ``start`` back to it; empty if there is none."""
    came_from: dict[Node, Node] = {}
    todo = deque([start])
    while todo:
        here = todo.popleft()
        for two in after.get(here, ()):
            if two == start:
                cycle = [here]
                while cycle[-1] != start:
                    cycle.append(came_from[cycle[-1]])
                return tuple(reversed(cycle))
            if two not in came_from:
                came_from[two] = here
                todo.append(two)
    return ()
