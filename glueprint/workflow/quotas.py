"""Sizes and default quotas that a workflow exceeds. They are reported, not refused: quotas can be raised.

Sources: docs/facts/quotas.md (100 jobs, crawlers and triggers of a workflow; 50 jobs of a trigger).
"""

from __future__ import annotations

from glueprint.facts.states import NodeKind
from glueprint.workflow.model import Graph

MAX_ADVISED_NODES = 100
"""Jobs, crawlers and triggers of one workflow; beyond, resuming and stopping its runs may fail on AWS."""
MAX_TRIGGER_JOBS = 50
"""The default quota."""


def exceeded_quotas(graph: Graph) -> list[str]:
    """Return what may fail on AWS or needs a higher quota there, one sentence each."""
    found = []
    nodes = len(graph.nodes) + len(graph.triggers)
    if nodes > MAX_ADVISED_NODES:
        found.append(
            f"{nodes} jobs, crawlers and triggers: AWS advises at most {MAX_ADVISED_NODES} in a workflow; beyond,"
            " resuming or stopping its runs may fail there"
        )
    for trigger in graph.triggers:
        jobs = sum(action.node.kind is NodeKind.JOB for action in trigger.actions)
        if jobs > MAX_TRIGGER_JOBS:
            found.append(
                f"trigger {trigger.name} starts {jobs} jobs: AWS's default quota is {MAX_TRIGGER_JOBS} a trigger"
            )
    return found
