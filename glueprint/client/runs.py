"""A workflow run: its nodes in the order in which they run, their latest attempts, and its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from glueprint.client.node_order import in_run_order
from glueprint.client.presence import PresenceMarker, presence_markers
from glueprint.facts.predicate import Node
from glueprint.facts.states import FINAL_RUN_STATUSES, NodeKind
from glueprint.workflow.model import Graph
from glueprint.workflow.wire import graph_from_wire

_FAILURES = ("FailedActions", "TimeoutActions", "ErroredActions")
_STOPPED = "StoppedActions"


def failed_actions(statistics: Mapping[str, int]) -> int:
    """Return the number of actions that failed, timed out or were in error."""
    return sum(statistics.get(name, 0) for name in _FAILURES)


class RunOutcome(Enum):
    """How an ended run counts for a caller. Glue's status is COMPLETED also if actions failed."""

    SUCCEEDED = "SUCCEEDED"
    """Every action succeeded."""
    FAILED = "FAILED"
    """An action failed, timed out, was in error or was stopped; or the run has not ended."""
    STOPPED = "STOPPED"
    """The run was stopped, and no action had failed."""


@dataclass(frozen=True, slots=True)
class NodeView:
    """One job or crawler of a run, in its latest attempt.

    Attributes:
        node: the job or crawler.
        state: None if it has not been started.
        attempt: 0 for the first one.
        error: its error message.
        run_id: of a job, the id of the attempt.
        log: the log group (of a job: without ``/output`` or ``/error``) and the log stream.
        previous_error: why the attempt before this one failed; None if there was none, or it has no error message.
    """

    node: Node
    state: str | None = None
    attempt: int = 0
    started: datetime | None = None
    completed: datetime | None = None
    error: str | None = None
    run_id: str | None = None
    log: tuple[str, str] | None = None
    previous_error: str | None = None

    def seconds(self, now: datetime) -> float | None:
        """Return how long the attempt took, or has taken until ``now``."""
        if self.started is None:
            return None
        return ((self.completed or now) - self.started).total_seconds()


@dataclass(frozen=True, slots=True)
class RunView:
    """One workflow run.

    Attributes:
        statistics: the number of actions by outcome (service model, ``WorkflowRunStatistics``).
        properties: the run properties.
        nodes: its jobs and crawlers, in the order in which they run.
        graph: the workflow's graph as the run has it.
        wire: the run as GetWorkflowRun returned it.
    """

    workflow: str
    run_id: str
    status: str
    started: datetime | None
    completed: datetime | None
    error: str | None
    statistics: Mapping[str, int]
    properties: Mapping[str, str]
    nodes: tuple[NodeView, ...]
    graph: Graph = field(repr=False, compare=False)
    wire: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def from_wire(cls, run: Mapping[str, Any]) -> RunView:
        """Read GetWorkflowRun's ``Run``, which must have been requested with its graph."""
        shape = run.get("Graph") or {}
        details = {
            Node(NodeKind(node["Type"]), node["Name"]): node
            for node in shape.get("Nodes") or ()
            if node["Type"] != "TRIGGER"
        }
        graph = graph_from_wire(shape)
        return cls(
            workflow=run["Name"],
            run_id=run["WorkflowRunId"],
            status=run["Status"],
            started=run.get("StartedOn"),
            completed=run.get("CompletedOn"),
            error=run.get("ErrorMessage"),
            statistics=run.get("Statistics") or {},
            properties=run.get("WorkflowRunProperties") or {},
            nodes=tuple(_node_view(node, details.get(node, {})) for node in in_run_order(graph)),
            graph=graph,
            wire=run,
        )

    @property
    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.status in FINAL_RUN_STATUSES

    @property
    def outcome(self) -> RunOutcome:
        """How the run counts for a caller."""
        failed = failed_actions(self.statistics)
        if self.status == "STOPPED" and not failed:
            return RunOutcome.STOPPED
        if self.status != "COMPLETED" or failed or self.statistics.get(_STOPPED):
            return RunOutcome.FAILED
        return RunOutcome.SUCCEEDED

    @property
    def missing_input(self) -> PresenceMarker | None:
        """The first presence marker that reports missing input, or None."""
        return next((marker for marker in presence_markers(self.properties) if not marker.is_present), None)


def _node_view(node: Node, shape: Mapping[str, Any]) -> NodeView:
    if node.kind is NodeKind.JOB:
        return _job_view(node, (shape.get("JobDetails") or {}).get("JobRuns") or ())
    return _crawler_view(node, (shape.get("CrawlerDetails") or {}).get("Crawls") or ())


def _job_view(node: Node, runs: Sequence[Mapping[str, Any]]) -> NodeView:
    if not runs:
        return NodeView(node)
    *earlier, run = sorted(runs, key=lambda one: (_start(one), one.get("Attempt", 0)))
    return NodeView(
        node,
        state=run.get("JobRunState"),
        attempt=run.get("Attempt", 0),
        started=run.get("StartedOn"),
        completed=run.get("CompletedOn"),
        error=run.get("ErrorMessage"),
        run_id=run.get("Id"),
        log=(run["LogGroupName"], run["Id"]) if run.get("LogGroupName") else None,
        previous_error=earlier[-1].get("ErrorMessage") if earlier and run.get("Attempt") else None,
    )


def _crawler_view(node: Node, crawls: Sequence[Mapping[str, Any]]) -> NodeView:
    if not crawls:
        return NodeView(node)
    crawl = max(crawls, key=_start)
    return NodeView(
        node,
        state=crawl.get("State"),
        started=crawl.get("StartedOn"),
        completed=crawl.get("CompletedOn"),
        error=crawl.get("ErrorMessage"),
        log=(crawl["LogGroup"], crawl["LogStream"]) if crawl.get("LogGroup") else None,
    )


def _start(shape: Mapping[str, Any]) -> float:
    return float(shape["StartedOn"].timestamp()) if "StartedOn" in shape else 0.0


def workflow_run(glue: Any, workflow: str, run_id: str) -> RunView:
    """Request a run with its graph (GetWorkflowRun) by its workflow's full name and its full id."""
    answer = glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)
    return RunView.from_wire(answer["Run"])
