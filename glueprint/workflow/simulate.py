"""What would run, without running it: the run machine, with given outcomes instead of processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind, is_final, node_state
from glueprint.workflow.model import Graph
from glueprint.workflow.run import Begin, Event, Invocation, NodeChanged, RunState, StartNode, decide, evolve
from glueprint.workflow.wire import graph_to_wire


class SimulationError(ValueError):
    """The given outcomes do not fit the workflow; ``problems`` lists everything that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What happened in a simulated run."""

    run: RunState
    order: tuple[Invocation, ...] = field(repr=False)
    """What ran, in the order in which it ended."""

    @property
    def not_run(self) -> tuple[Node, ...]:
        """The jobs and crawlers that nothing started, in the graph's order."""
        return tuple(node for node in self.run.graph.nodes if node not in self.run.latest)

    def to_wire(self) -> dict[str, Any]:
        """The simulated run as GetWorkflowRun would show it, as far as ``explain`` needs it."""
        runs: dict[str, list[dict[str, Any]]] = {}
        crawls: dict[str, list[dict[str, Any]]] = {}
        for one in self.run.invocations.values():
            if one.node.kind is NodeKind.JOB:
                shape = {"JobName": one.node.name, "JobRunState": one.state.value, "TriggerName": one.trigger}
                runs.setdefault(one.node.name, []).append(shape)
            else:
                crawls.setdefault(one.node.name, []).append({"State": one.state.value})
        graph = graph_to_wire(self.run.graph, "simulation", runs, crawls)
        return {"Status": self.run.status.value, "Graph": graph}


def simulate(graph: Graph, outcomes: Mapping[Node, str] | None = None) -> Simulation:
    """Simulate a run of a workflow; what starts first ends first.

    Args:
        graph: the workflow's triggers, in the states they have.
        outcomes: the final state of each job or crawler whenever it runs; all others end SUCCEEDED.

    Raises:
        SimulationError: an outcome is for a node that the workflow does not have, or is not a final state of it.
    """
    outcomes = outcomes or {}
    _check(graph, outcomes)
    run = RunState.new(graph, "simulation")
    waiting = deque(_send(run, Begin(0.0)))
    order: list[Invocation] = []
    while waiting:
        seq = waiting.popleft()
        outcome = outcomes.get(run.invocations[seq].node, "SUCCEEDED")
        waiting.extend(_send(run, NodeChanged(float(len(order)), seq, outcome)))
        order.append(run.invocations[seq])
    return Simulation(run, tuple(order))


def _send(run: RunState, event: Event) -> list[int]:
    """The invocations that the event starts."""
    decision = decide(run, event)
    for change in decision.changes:
        evolve(run, change)
    return [owed.seq for owed in decision.owed if isinstance(owed, StartNode)]


def _check(graph: Graph, outcomes: Mapping[Node, str]) -> None:
    problems = []
    known = set(graph.nodes)
    for node, outcome in outcomes.items():
        what = f"{node.kind.lower()} {node.name!r}"
        if node not in known:
            problems.append(f"{what} is not part of the workflow")
        try:
            final = is_final(node_state(node.kind, outcome))
        except ValueError:
            final = False
        if not final:
            problems.append(f"{what} cannot end {outcome}")
    if problems:
        raise SimulationError(problems)
