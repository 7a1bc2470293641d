"""Translation between the shapes of Glue's API (dicts, as botocore has them) and ``model``.

A member that a shape leaves out is None in the model, and None is left out of a shape. Names and nesting are those
of the service model. This module does not check anything: see ``rules``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import CrawlState, JobState, NodeKind, NodeState, TriggerState, TriggerType
from glueprint.workflow.model import Action, Graph, Trigger

Wire = Mapping[str, Any]


def trigger_from_wire(shape: Wire) -> Trigger:
    """A trigger from ``Trigger`` or from a ``CreateTrigger`` request (which has no State: CREATED).

    Raises:
        ValueError: an enum value does not exist, or an action or condition names neither job nor crawler.
        KeyError: Name or Type is missing.
    """
    predicate = shape.get("Predicate") or {}
    batching = shape.get("EventBatchingCondition") or {}
    logical = predicate.get("Logical")
    return Trigger(
        name=shape["Name"],
        type=TriggerType(shape["Type"]),
        actions=tuple(action_from_wire(action) for action in shape.get("Actions") or ()),
        state=TriggerState(shape.get("State") or TriggerState.CREATED),
        workflow=shape.get("WorkflowName"),
        logical=None if logical is None else Logical(logical),
        conditions=tuple(_condition_from_wire(one) for one in predicate.get("Conditions") or ()),
        schedule=shape.get("Schedule"),
        batch_size=batching.get("BatchSize"),
        batch_window=batching.get("BatchWindow"),
        description=shape.get("Description"),
    )


def trigger_to_wire(trigger: Trigger) -> dict[str, Any]:
    """The API's ``Trigger``; :func:`trigger_from_wire` reads it back to the same trigger."""
    shape: dict[str, Any] = {
        "Name": trigger.name,
        "WorkflowName": trigger.workflow,
        "Type": trigger.type.value,
        "State": trigger.state.value,
        "Description": trigger.description,
        "Schedule": trigger.schedule,
        "Actions": [action_to_wire(action) for action in trigger.actions],
    }
    if trigger.conditions or trigger.logical is not None:
        shape["Predicate"] = _present(
            {
                "Logical": None if trigger.logical is None else trigger.logical.value,
                "Conditions": [_condition_to_wire(condition) for condition in trigger.conditions],
            }
        )
    if trigger.batch_size is not None:
        shape["EventBatchingCondition"] = _present(
            {"BatchSize": trigger.batch_size, "BatchWindow": trigger.batch_window}
        )
    return _present(shape)


def action_from_wire(shape: Wire) -> Action:
    """An action from the API's ``Action``.

    Raises:
        ValueError: it names neither job nor crawler.
    """
    notification = shape.get("NotificationProperty") or {}
    return Action(
        node=_node_from_wire(shape),
        arguments=dict(shape.get("Arguments") or {}),
        timeout=shape.get("Timeout"),
        security_configuration=shape.get("SecurityConfiguration"),
        notify_delay_after=notification.get("NotifyDelayAfter"),
    )


def action_to_wire(action: Action) -> dict[str, Any]:
    """The API's ``Action``."""
    shape = {
        **_node_to_wire(action.node),
        "Arguments": dict(action.arguments) or None,
        "Timeout": action.timeout,
        "SecurityConfiguration": action.security_configuration,
    }
    if action.notify_delay_after is not None:
        shape["NotificationProperty"] = {"NotifyDelayAfter": action.notify_delay_after}
    return _present(shape)


def unique_id(scope: str, kind: str, name: str) -> str:
    """A node's ``UniqueId`` in the graphs of ``scope``: ``wnode_`` and 64 hex digits, the same each time.

    Args:
        scope: what the graph belongs to, such as the workflow's name.
        kind: TRIGGER, JOB or CRAWLER.
        name: the trigger's, job's or crawler's name.
    """
    text = "\0".join((scope, kind, name))
    return "wnode_" + hashlib.sha256(text.encode()).hexdigest()


def node_id(scope: str, node: Node) -> str:
    """The ``UniqueId`` of a job or crawler."""
    return unique_id(scope, node.kind.value, node.name)


def trigger_id(scope: str, trigger: str) -> str:
    """The ``UniqueId`` of the trigger of this name."""
    return unique_id(scope, "TRIGGER", trigger)


def graph_to_wire(
    graph: Graph,
    scope: str,
    job_runs: Mapping[str, Sequence[Wire]] | None = None,
    crawls: Mapping[str, Sequence[Wire]] | None = None,
) -> dict[str, Any]:
    """The API's ``WorkflowGraph``.

    Args:
        graph: the triggers.
        scope: see :func:`unique_id`.
        job_runs: ``JobRun`` shapes by job name, for a run's graph; a job without any has no ``JobDetails``.
        crawls: ``Crawl`` shapes by crawler name, in the same way.
    """
    job_runs, crawls = job_runs or {}, crawls or {}
    nodes: list[dict[str, Any]] = []
    edges: dict[tuple[str, str], None] = {}
    for trigger in graph.triggers:
        own_id = trigger_id(scope, trigger.name)
        details = {"Trigger": trigger_to_wire(trigger)}
        nodes.append({"Type": "TRIGGER", "Name": trigger.name, "UniqueId": own_id, "TriggerDetails": details})
        edges.update(((node_id(scope, condition.node), own_id), None) for condition in trigger.conditions)
        edges.update(((own_id, node_id(scope, action.node)), None) for action in trigger.actions)
    for node in graph.nodes:
        shape: dict[str, Any] = {
            "Type": node.kind.value,
            "Name": node.name,
            "UniqueId": node_id(scope, node),
        }
        if node.kind is NodeKind.JOB and node.name in job_runs:
            shape["JobDetails"] = {"JobRuns": list(job_runs[node.name])}
        if node.kind is NodeKind.CRAWLER and node.name in crawls:
            shape["CrawlerDetails"] = {"Crawls": list(crawls[node.name])}
        nodes.append(shape)
    return {"Nodes": nodes, "Edges": [{"SourceId": a, "DestinationId": b} for a, b in edges]}


def graph_from_wire(shape: Wire) -> Graph:
    """The triggers of an API ``WorkflowGraph``; its job and crawler nodes add nothing that they do not name.

    Raises:
        ValueError, KeyError: as :func:`trigger_from_wire`.
    """
    return Graph(
        tuple(
            trigger_from_wire(node["TriggerDetails"]["Trigger"])
            for node in shape.get("Nodes") or ()
            if node["Type"] == "TRIGGER"
        )
    )


def statistics(graph: Graph, states: Iterable[NodeState]) -> dict[str, int]:
    """The API's ``WorkflowRunStatistics`` of a run.

    Args:
        graph: the run's triggers; every action of theirs counts, started or not.
        states: the state of each invocation of the run.
    """
    counts = Counter(_counter_of(state) for state in states)
    total = max(sum(len(trigger.actions) for trigger in graph.triggers), counts.total())
    return {"TotalActions": total, **{name: counts[name] for name in _COUNTERS}}


_COUNTERS = (
    "TimeoutActions",
    "FailedActions",
    "StoppedActions",
    "SucceededActions",
    "RunningActions",
    "ErroredActions",
    "WaitingActions",
)


def _counter_of(state: NodeState) -> str:
    match state:
        case JobState.SUCCEEDED | CrawlState.SUCCEEDED:
            return "SucceededActions"
        case JobState.FAILED | JobState.EXPIRED | CrawlState.FAILED:
            return "FailedActions"
        case JobState.STOPPED | CrawlState.CANCELLED:
            return "StoppedActions"
        case JobState.TIMEOUT:
            return "TimeoutActions"
        case JobState.ERROR | CrawlState.ERROR:
            return "ErroredActions"
        case JobState.WAITING:
            return "WaitingActions"
        case _:
            return "RunningActions"


def _condition_from_wire(shape: Wire) -> Condition:
    node = _node_from_wire(shape)
    return Condition(node, shape["State" if node.kind is NodeKind.JOB else "CrawlState"])


def _condition_to_wire(condition: Condition) -> dict[str, Any]:
    state = "State" if condition.node.kind is NodeKind.JOB else "CrawlState"
    return {
        "LogicalOperator": "EQUALS",
        **_node_to_wire(condition.node),
        state: str(condition.state),
    }


def _node_from_wire(shape: Wire) -> Node:
    if shape.get("JobName"):
        return Node(NodeKind.JOB, shape["JobName"])
    if shape.get("CrawlerName"):
        return Node(NodeKind.CRAWLER, shape["CrawlerName"])
    raise ValueError(f"names neither JobName nor CrawlerName: {dict(shape)!r}")


def _node_to_wire(node: Node) -> dict[str, Any]:
    return {"JobName" if node.kind is NodeKind.JOB else "CrawlerName": node.name}


def _present(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shape.items() if value is not None}
