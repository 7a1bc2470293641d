"""A workflow: its graph, its latest run, its blueprint; and the graphs of triggers outside workflows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.wire import graph_from_wire, trigger_from_wire


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
    shapes = [one for one in _all_triggers(glue) if not one.get("WorkflowName")]
    return _of_triggers(
        "triggers outside workflows" if shapes else "there are no triggers outside workflows", shapes
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What starts a job, crawler or trigger, and what it starts.

    Attributes:
        outside: the triggers outside workflows that lead to it or follow from it, as a graph.
        workflows: the workflows in which it is.
    """

    outside: WorkflowView
    workflows: tuple[str, ...]


def surroundings(glue: Any, kind: str, name: str) -> Surroundings:
    """Return the surroundings of a job, a crawler or a trigger outside workflows.

    Args:
        kind: ``job``, ``crawler`` or ``trigger``.
        name: its full name.
    """
    shapes = _all_triggers(glue)
    triggers = {one["Name"]: trigger_from_wire(one) for one in shapes}
    if kind == "trigger":
        before = after = [one for one in triggers.values() if one.name == name]
    else:
        node = Node(NodeKind(kind.upper()), name)
        before = [one for one in triggers.values() if node in _started(one)]
        after = [one for one in triggers.values() if node in _watched(one)]
    inside = {one["Name"]: one["WorkflowName"] for one in shapes if one.get("WorkflowName")}
    outside = [one for one in triggers.values() if one.name not in inside]
    chain = {one.name for one in (*before, *after)}
    chain |= _reached(before, outside, _watched, _started) | _reached(after, outside, _started, _watched)
    shown = [one for one in shapes if one["Name"] in chain and one["Name"] not in inside]
    workflows = {inside[one.name] for one in (*before, *after) if one.name in inside}
    return Surroundings(_of_triggers(f"{kind} {name}", shown), tuple(sorted(workflows)))


_Nodes = Callable[[Trigger], frozenset[Node]]


def _started(trigger: Trigger) -> frozenset[Node]:
    return frozenset(action.node for action in trigger.actions)


def _watched(trigger: Trigger) -> frozenset[Node]:
    return frozenset(condition.node for condition in trigger.conditions)


def _reached(start: list[Trigger], known: list[Trigger], leaving: _Nodes, entering: _Nodes) -> set[str]:
    """Return the names of the triggers that are reached from some, in one direction."""
    found: set[str] = set()
    todo = list(start)
    while todo:
        nodes = leaving(todo.pop())
        reached = [one for one in known if one.name not in found and nodes & entering(one)]
        found.update(one.name for one in reached)
        todo += reached
    return found


def _all_triggers(glue: Any) -> list[dict[str, Any]]:
    return [one for page in glue.get_paginator("get_triggers").paginate() for one in page["Triggers"]]


def _of_triggers(name: str, shapes: list[dict[str, Any]]) -> WorkflowView:
    nodes = [{"Type": "TRIGGER", "Name": one["Name"], "TriggerDetails": {"Trigger": one}} for one in shapes]
    return WorkflowView.from_wire({"Name": name, "Graph": {"Nodes": nodes, "Edges": []}})
