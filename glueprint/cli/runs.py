"""A workflow run as people look at it: nodes in the order in which they run, and whether all went well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glueprint.facts.predicate import Node
from glueprint.facts.states import FINAL_RUN_STATUSES, NodeKind
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.wire import graph_from_wire

_FAILURES = ("FailedActions", "TimeoutActions", "ErroredActions", "StoppedActions")

EXIT_SUCCEEDED, EXIT_FAILED, EXIT_STOPPED = 0, 1, 3


@dataclass(frozen=True, slots=True)
class NodeView:
    """One job or crawler of a run, in its latest attempt.

    Attributes:
        state: None when it has not been started.
        log: the log group (of a job: without ``/output`` or ``/error``) and the stream.
        before: why the attempt before this one failed; None when there was none, or it gave no reason.
    """

    node: Node
    state: str | None = None
    attempt: int = 0
    started: datetime | None = None
    completed: datetime | None = None
    error: str | None = None
    run_id: str | None = None
    log: tuple[str, str] | None = None
    before: str | None = None

    def seconds(self, now: datetime) -> float | None:
        """How long it took, or takes until now."""
        if self.started is None:
            return None
        return ((self.completed or now) - self.started).total_seconds()


@dataclass(frozen=True, slots=True)
class RunView:
    """One workflow run."""

    workflow: str
    run_id: str
    status: str
    started: datetime | None
    completed: datetime | None
    error: str | None
    statistics: Mapping[str, int]
    properties: Mapping[str, str]
    nodes: tuple[NodeView, ...]

    @property
    def is_final(self) -> bool:
        """Whether nothing will happen any more."""
        return self.status in FINAL_RUN_STATUSES

    @property
    def absence(self) -> str | None:
        """Why the files that the run looked for were not there, by its own marker (the run property
        ``file_presence.reason``, put by jobs of the blueprint of that name); None when no marker says "false"."""
        if self.properties.get("file_presence") != "false":
            return None
        return self.properties.get("file_presence.reason") or "no reason is given"

    @property
    def exit_code(self) -> int:
        """0 only when everything succeeded: Glue says COMPLETED also when actions failed
        (docs/facts/workflows.md#run-states)."""
        if self.status == "STOPPED" and not any(self.statistics.get(name) for name in _FAILURES[:3]):
            return EXIT_STOPPED
        if self.status != "COMPLETED" or any(self.statistics.get(name) for name in _FAILURES):
            return EXIT_FAILED
        return EXIT_SUCCEEDED


def run_view(run: Mapping[str, Any]) -> RunView:
    """From GetWorkflowRun's ``Run``, fetched with its graph."""
    shape = run.get("Graph") or {}
    details = {
        Node(NodeKind(node["Type"]), node["Name"]): node
        for node in shape.get("Nodes") or ()
        if node["Type"] != "TRIGGER"
    }
    ordered = order(graph_from_wire(shape))
    return RunView(
        workflow=run["Name"],
        run_id=run["WorkflowRunId"],
        status=run["Status"],
        started=run.get("StartedOn"),
        completed=run.get("CompletedOn"),
        error=run.get("ErrorMessage"),
        statistics=run.get("Statistics") or {},
        properties=run.get("WorkflowRunProperties") or {},
        nodes=tuple(_node_view(node, details.get(node, {})) for node in ordered),
    )


def order(graph: Graph) -> list[Node]:
    """Every node once, breadth first from the start: as a run meets them; then what no run can reach."""
    found: dict[Node, None] = {}
    waiting = [graph.starting] if graph.starting is not None else []
    seen: set[str] = set()
    while waiting:
        trigger: Trigger = waiting.pop(0)
        if trigger.name in seen:
            continue
        seen.add(trigger.name)
        for action in trigger.actions:
            found[action.node] = None
            waiting.extend(graph.watchers.get(action.node, ()))
    return list(dict.fromkeys([*found, *graph.nodes]))


def _node_view(node: Node, shape: Mapping[str, Any]) -> NodeView:
    if node.kind is NodeKind.JOB:
        return _job_view(node, (shape.get("JobDetails") or {}).get("JobRuns") or ())
    return _crawler_view(node, (shape.get("CrawlerDetails") or {}).get("Crawls") or ())


def _job_view(node: Node, runs: Sequence[Mapping[str, Any]]) -> NodeView:
    if not runs:
        return NodeView(node)
    *earlier, run = sorted(
        runs, key=lambda one: (one["StartedOn"].timestamp() if "StartedOn" in one else 0, one.get("Attempt", 0))
    )
    return NodeView(
        node,
        state=run.get("JobRunState"),
        attempt=run.get("Attempt", 0),
        started=run.get("StartedOn"),
        completed=run.get("CompletedOn"),
        error=run.get("ErrorMessage"),
        run_id=run.get("Id"),
        log=(run["LogGroupName"], run["Id"]) if run.get("LogGroupName") else None,
        before=earlier[-1].get("ErrorMessage") if earlier and run.get("Attempt") else None,
    )


def _crawler_view(node: Node, crawls: Sequence[Mapping[str, Any]]) -> NodeView:
    if not crawls:
        return NodeView(node)
    crawl = max(crawls, key=lambda one: one["StartedOn"].timestamp() if "StartedOn" in one else 0)
    return NodeView(
        node,
        state=crawl.get("State"),
        started=crawl.get("StartedOn"),
        completed=crawl.get("CompletedOn"),
        error=crawl.get("ErrorMessage"),
        log=(crawl["LogGroup"], crawl["LogStream"]) if crawl.get("LogGroup") else None,
    )
