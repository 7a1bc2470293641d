"""`glueprint simulate` of a workflow of 1,000 nodes, beside one of 100: a chain, and a fan-out.

What is timed is what the command does with what Glue answers: the graph out of GetWorkflow's shape, the run in
thought, and why what does not run does not.
"""

from __future__ import annotations

import statistics
import time
from itertools import pairwise
from typing import Any

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind
from glueprint.workflow.explain import explain
from glueprint.workflow.simulate import simulate
from glueprint.workflow.wire import graph_from_wire

SMALL, LARGE = 100, 1000
REPEATS = 15
GOAL_MS = 100.0


def main() -> None:
    """Run the benchmark and print the result."""
    print(f"simulate: goal under {GOAL_MS:.0f} ms for {LARGE} nodes; medians of {REPEATS}, in turn")
    for shape, triggers in (("chain", _chain), ("fan-out", _fan_out)):
        times: dict[int, list[float]] = {SMALL: [], LARGE: []}
        graphs = {nodes: _shape(nodes, triggers(nodes)) for nodes in times}
        for _ in range(REPEATS):
            for nodes, graph in graphs.items():
                times[nodes].append(_simulate(graph))
        small, large = (statistics.median(times[nodes]) for nodes in (SMALL, LARGE))
        print(
            f"  {shape:8} {SMALL} nodes {small:6.1f} ms   {LARGE} nodes {large:6.1f} ms   "
            f"{large / small / (LARGE / SMALL):.2f} times the time for a node (1 is linear)"
        )


def _simulate(shape: dict[str, Any]) -> float:
    """Milliseconds of CPU for one simulation, in which the job in the middle fails."""
    before = time.process_time()
    graph = graph_from_wire(shape)
    middle = Node(NodeKind.JOB, f"job{len(graph.nodes) // 2}")
    explain(simulate(graph, {middle: "FAILED"}).to_wire())
    return (time.process_time() - before) * 1e3


def _shape(nodes: int, triggers: list[dict[str, Any]]) -> dict[str, Any]:
    """``Workflow.Graph`` as GetWorkflow answers it."""
    jobs = [{"Type": "JOB", "Name": f"job{number}", "UniqueId": f"j{number}"} for number in range(nodes)]
    found = [
        {"Type": "TRIGGER", "Name": one["Name"], "UniqueId": f"t{one['Name']}", "TriggerDetails": {"Trigger": one}}
        for one in triggers
    ]
    return {"Nodes": [*jobs, *found], "Edges": []}


def _chain(nodes: int) -> list[dict[str, Any]]:
    names = [f"job{number}" for number in range(nodes)]
    return [_start(names[0]), *(_on(before, [after]) for before, after in pairwise(names))]


def _fan_out(nodes: int) -> list[dict[str, Any]]:
    names = [f"job{number}" for number in range(nodes)]
    return [_start(names[0]), _on(names[0], names[1:])]


def _start(job: str) -> dict[str, Any]:
    return {"Name": "start", "Type": "ON_DEMAND", "State": "CREATED", "Actions": [{"JobName": job}]}


def _on(job: str, then: list[str]) -> dict[str, Any]:
    return {
        "Name": f"on-{job}",
        "Type": "CONDITIONAL",
        "State": "ACTIVATED",
        "Actions": [{"JobName": name} for name in then],
        "Predicate": {
            "Conditions": [{"LogicalOperator": "EQUALS", "JobName": job, "State": "SUCCEEDED"}],
        },
    }


if __name__ == "__main__":
    main()
