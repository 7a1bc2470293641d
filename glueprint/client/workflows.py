"""A workflow: its graph, its latest run, its blueprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from glueprint.workflow.model import Graph
from glueprint.workflow.wire import graph_from_wire


@dataclass(frozen=True, slots=True)
class WorkflowView:
    """One workflow.

    Attributes:
        last_run_id: None if it has not run yet; also the other members of the last run.
        blueprint: the name of the blueprint that it was created from, or None.
        wire: the workflow as the API returned it.
    """

    name: str
    graph: Graph = field(repr=False)
    last_run_id: str | None = None
    last_status: str | None = None
    last_started: datetime | None = None
    last_statistics: Mapping[str, int] = field(default_factory=dict)
    blueprint: str | None = None
    wire: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_wire(cls, workflow: Mapping[str, Any]) -> WorkflowView:
        """Read the API's ``Workflow``, which must have been requested with its graph."""
        last = workflow.get("LastRun") or {}
        return cls(
            name=workflow["Name"],
            graph=graph_from_wire(workflow.get("Graph") or {}),
            last_run_id=last.get("WorkflowRunId"),
            last_status=last.get("Status"),
            last_started=last.get("StartedOn"),
            last_statistics=last.get("Statistics") or {},
            blueprint=(workflow.get("BlueprintDetails") or {}).get("BlueprintName"),
            wire=workflow,
        )


def standing_triggers(glue: Any) -> WorkflowView:
    """Return the triggers outside workflows, as a graph."""
    pages = glue.get_paginator("get_triggers").paginate()
    shapes = [one for page in pages for one in page["Triggers"] if not one.get("WorkflowName")]
    nodes = [{"Type": "TRIGGER", "Name": one["Name"], "TriggerDetails": {"Trigger": one}} for one in shapes]
    name = "triggers outside workflows" if shapes else "there are no triggers outside workflows"
    return WorkflowView.from_wire({"Name": name, "Graph": {"Nodes": nodes, "Edges": []}})
