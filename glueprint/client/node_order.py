"""The order in which lists show the jobs and crawlers of a workflow."""

from __future__ import annotations

from collections import deque

from glueprint.facts.predicate import Node
from glueprint.workflow.model import Graph, Trigger


def in_run_order(graph: Graph) -> list[Node]:
    """Return every node once: breadth first from the starting trigger, then the nodes that no run can reach."""
    found: dict[Node, None] = {}
    queue: deque[Trigger] = deque([graph.starting] if graph.starting is not None else [])
    seen: set[str] = set()
    while queue:
        trigger = queue.popleft()
        if trigger.name in seen:
            continue
        seen.add(trigger.name)
        for action in trigger.actions:
            found[action.node] = None
            queue.extend(graph.watchers.get(action.node, ()))
    return list(dict.fromkeys([*found, *graph.nodes]))
