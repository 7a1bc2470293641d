"""What Glue advises or grants by default, and a workflow exceeds: told, not refused, since quotas can be raised.

Sources: Glue guide "Restrictions when developing blueprints and workflows" (100 jobs, crawlers and triggers);
Service Quotas for Glue (50 jobs a trigger).
"""

from __future__ import annotations

from glueprint.facts.states import NodeKind
from glueprint.workflow.model import Graph

ADVISED_NODES = 100
"""Jobs, crawlers and triggers of one workflow; beyond, resuming and stopping its runs may fail on AWS."""
JOBS_A_TRIGGER = 50
"""The default quota."""


def exceeded(graph: Graph) -> list[str]:
    """What on AWS may fail or need a higher quota, one sentence each."""
    found = []
    nodes = len(graph.nodes) + len(graph.triggers)
    if nodes > ADVISED_NODES:
        found.append(
            f"{nodes} jobs, crawlers and triggers: AWS advises at most {ADVISED_NODES} in a workflow; beyond,"
            " resuming or stopping its runs may fail there"
        )
    for trigger in graph.triggers:
        jobs = sum(action.node.kind is NodeKind.JOB for action in trigger.actions)
        if jobs > JOBS_A_TRIGGER:
            found.append(
                f"trigger {trigger.name} starts {jobs} jobs: AWS's default quota is {JOBS_A_TRIGGER} a trigger"
            )
    return found
