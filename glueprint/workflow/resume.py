"""ResumeWorkflowRun: a new run that runs the chosen nodes and their descendants again and copies the others.

Source: DG:resuming-workflow. Where it is silent, Glueprint's choices are in docs/fidelity/workflow.md: copied
states count in predicates, and a predicate is evaluated when one of its nodes that run again has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glueprint.facts.predicate import Node
from glueprint.facts.states import RunStatus, first_state
from glueprint.workflow.decision import Decision
from glueprint.workflow.model import Action, Graph, Trigger
from glueprint.workflow.run import (
    Change,
    Invocation,
    InvocationAdded,
    RunDecision,
    RunState,
    StartNode,
    TriggerFired,
)
from glueprint.workflow.wire import node_id, trigger_id


class RunNotResumable(Exception):
    """The run's status forbids it (``IllegalWorkflowStateException``)."""


class NodesNotResumable(Exception):
    """Some chosen nodes cannot be run again (``InvalidInputException``); the message lists all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Resumed:
    """A resumed run: its empty state, the decision that fills it, and the nodes that start at once."""

    state: RunState
    decision: RunDecision
    restarted: tuple[Node, ...]
    """The chosen nodes without those downstream of others (``NodeIds`` of the response)."""


def nodes_from_ids(graph: Graph, scope: str, ids: Iterable[str]) -> tuple[Node, ...]:
    """The jobs and crawlers that ``NodeIds`` of a request name; ``scope`` as in :func:`wire.unique_id`.

    Raises:
        NodesNotResumable: an id is unknown in the graph, or is a trigger's.
    """
    nodes = {node_id(scope, node): node for node in graph.nodes}
    triggers = {trigger_id(scope, trigger.name): trigger.name for trigger in graph.triggers}
    problems, found = [], []
    for one in ids:
        if one in nodes:
            found.append(nodes[one])
        elif one in triggers:
            problems.append(f"node {one} is trigger {triggers[one]!r}: only jobs and crawlers can be resumed from")
        else:
            problems.append(f"node {one} is not in the graph of the run")
    if problems:
        raise NodesNotResumable(problems)
    return tuple(dict.fromkeys(found))


def resume(previous: RunState, nodes: Sequence[Node], run_id: str, now: float) -> Resumed:
    """Run ``nodes``, and everything downstream of them, again.

    Args:
        previous: the run to resume, itself perhaps a resumed one.
        nodes: jobs and crawlers of its graph.
        run_id: the new run's id.
        now: epoch seconds.

    Raises:
        RunNotResumable: ``previous`` is not COMPLETED.
        NodesNotResumable: no node was chosen, or a chosen one had no run attempt.
    """
    if previous.status is not RunStatus.COMPLETED:
        raise RunNotResumable(
            f"workflow run {previous.run_id} is {previous.status}: only a COMPLETED run can be resumed"
        )
    _check(previous, nodes)
    graph = previous.graph
    after = {node: _downstream(graph, [node]) for node in nodes}
    restarted = _most_upstream(nodes, after)
    again = set(restarted).union(*(after[node] for node in restarted))
    reset = {trigger.name for node in again for trigger in graph.watchers.get(node, ())}
    kept = [old for old in _in_order(previous) if old.node not in again]
    numbers = {old.seq: number for number, old in enumerate(kept)}
    changes: list[Change] = [
        TriggerFired(fired.trigger, fired.at, _renumber(fired.because, numbers))
        for fired in previous.fired.values()
        if fired.trigger not in reset
    ]
    changes.extend(
        InvocationAdded(
            numbers[old.seq], old.node, old.trigger, _renumber(old.predecessors, numbers), old.state, old.seq
        )
        for old in kept
    )
    owed = []
    for seq, node in enumerate(restarted, start=len(numbers)):
        trigger, action, predecessors = _origin(previous, node, reset)
        because = _renumber(predecessors, numbers)
        changes.append(InvocationAdded(seq, node, trigger, because, first_state(node.kind)))
        owed.append(StartNode(seq, action, trigger, because))
    return Resumed(RunState.new(graph, run_id), Decision(tuple(changes), tuple(owed)), restarted)


def _check(previous: RunState, nodes: Sequence[Node]) -> None:
    problems = [
        f"{node.kind.lower()} {node.name!r} had no run attempt in workflow run {previous.run_id}"
        for node in nodes
        if node not in previous.latest
    ]
    if not nodes:
        problems.append("NodeIds is empty: name at least one job or crawler to resume from")
    if problems:
        raise NodesNotResumable(problems)


def _downstream(graph: Graph, start: Iterable[Node]) -> set[Node]:
    """Every node that a trigger may start because of ``start``; a start is in it only if it is on a cycle."""
    found: set[Node] = set()
    todo = list(start)
    while todo:
        for trigger in graph.watchers.get(todo.pop(), ()):
            for action in trigger.actions:
                if action.node not in found:
                    found.add(action.node)
                    todo.append(action.node)
    return found


def _most_upstream(nodes: Sequence[Node], after: dict[Node, set[Node]]) -> tuple[Node, ...]:
    """``nodes`` without those downstream of another; of a cycle, the one named first stays."""
    chosen = tuple(dict.fromkeys(nodes))
    order = {node: place for place, node in enumerate(chosen)}
    return tuple(
        node
        for node in chosen
        if not any(
            node in after[other] and (other not in after[node] or order[other] < order[node])
            for other in chosen
            if other != node
        )
    )


def _in_order(run: RunState) -> list[Invocation]:
    return sorted(run.invocations.values(), key=lambda invocation: invocation.seq)


def _renumber(old: Iterable[int], numbers: dict[int, int]) -> tuple[int, ...]:
    """Predecessors in the new run's numbers; those that run again are not predecessors any more."""
    return tuple(numbers[seq] for seq in old if seq in numbers)


def _origin(previous: RunState, node: Node, reset: set[str]) -> tuple[str, Action, tuple[int, ...]]:
    """The trigger and action that started ``node``: the newest start whose trigger does not fire again."""
    starts = [one for one in _in_order(previous) if one.node == node]
    stays = [one for one in starts if one.trigger not in reset]
    start = (stays or starts)[-1]
    return start.trigger, _action_for(previous.graph.by_name[start.trigger], node), start.predecessors


def _action_for(trigger: Trigger, node: Node) -> Action:
    return next(action for action in trigger.actions if action.node == node)
