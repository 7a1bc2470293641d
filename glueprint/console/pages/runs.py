"""One run of a workflow, live: its graph, what waits for what, properties, timeline; stopping and resuming it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from glueprint.client.errors import InvalidArgument, NotFound, is_not_found
from glueprint.client.last_lines import LastLines, last_lines_of_failures
from glueprint.client.names import did_you_mean
from glueprint.client.presence import presence_markers
from glueprint.client.runs import NodeView, RunView, workflow_run
from glueprint.compat import UTC
from glueprint.console.graph_picture import RunFacts, draw
from glueprint.console.pages.workflows import find_workflow, node_key, node_of, refresh_seconds
from glueprint.console.text import run_badge
from glueprint.console.timeline import timeline
from glueprint.console.visits import Family, Visit
from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind
from glueprint.workflow.explain import explain
from glueprint.workflow.explanation import Explanation, Subject
from glueprint.workflow.root_causes import roots

NODES_SHOWN = 200
"""Rows of the table of jobs and crawlers; a run of more has a filter."""
_LINES = 8


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A job or crawler of a run.

    Attributes:
        why: why it has not run, or its error.
    """

    view: NodeView
    key: str
    why: tuple[str, ...]


def node_rows(run: RunView, explanation: Explanation) -> list[NodeRow]:
    """Return the jobs and crawlers of a run with what they wait for, in the order in which they run."""
    causes = roots(explanation)
    rows = []
    for view in run.nodes:
        subject = Subject.of(view.node)
        why: tuple[str, ...] = ()
        if view.state is None:
            reasons = causes.get(subject) or explanation.silences.get(subject, ())
            why = tuple(dict.fromkeys(reason.text for reason in reasons))[:3]
        rows.append(NodeRow(view, node_key(view.node), why))
    return rows


def find_run(visit: Visit, workflow: str, run_id: str) -> RunView:
    """Return a run with its graph; "latest" is the newest.

    Raises:
        NotFound: there is none.
    """
    if run_id in ("", "latest"):
        last = find_workflow(visit, workflow).last_run_id
        if last is None:
            raise NotFound(f"workflow {workflow} has not run yet")
        run_id = last
    try:
        return workflow_run(visit.glue, workflow, run_id)
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        find_workflow(visit, workflow)
        raise NotFound(f"workflow {workflow} has no run {run_id}", "its page lists its runs") from error


def explained(run: RunView) -> Explanation:
    """Return the explanation of a run; of one without a graph an empty one."""
    if not (run.wire.get("Graph") or {}).get("Nodes"):
        return Explanation(run.status, {})
    return explain(run.wire)


def run(visit: Visit) -> Response:
    """Show a run."""
    found = find_run(visit, visit.required("workflow"), visit.query("id"))
    explanation = explained(found)
    facts = RunFacts.of(found.nodes, found.graph, explanation, is_final=found.is_final)
    rows = node_rows(found, explanation)
    failed = [row for row in rows if row.view.state in ("FAILED", "TIMEOUT", "ERROR")]
    logs: Mapping[Subject, LastLines] = {}
    if failed and found.is_final:
        subjects = [Subject.of(row.view.node) for row in failed]
        logs = last_lines_of_failures(visit.session.client("logs"), found, subjects, _LINES)
    markers = presence_markers(found.properties)
    detailed = {f"{one.name}.{name}" for one in markers for name in one.details} | {one.name for one in markers}
    return visit.page(
        "run.html",
        live=not found.is_final,
        every=refresh_seconds(found.graph),
        run=found,
        badge_=run_badge(found.status, found.statistics),
        picture=draw(found.graph, facts, visit.request.query_params.getlist("open")),
        opened=visit.request.query_params.getlist("open"),
        rows=rows[:NODES_SHOWN],
        hidden=max(0, len(rows) - NODES_SHOWN),
        failed=[(row, logs.get(Subject.of(row.view.node))) for row in failed[:10]],
        markers=markers,
        properties=sorted((name, value) for name, value in found.properties.items() if name not in detailed),
        previous=found.wire.get("PreviousRunId"),
        now=datetime.now(UTC),
        nodes_with_runs=[row for row in rows if row.view.state is not None],
    )


def node(visit: Visit) -> Response:
    """Show one job, crawler or trigger of a run: its attempts, and why it did not run."""
    found = find_run(visit, visit.required("workflow"), visit.query("id"))
    name, kind = visit.required("name"), visit.query("kind", "JOB")
    subject = Subject(kind, name)
    explanation = explained(found)
    if kind == "TRIGGER":
        if name not in found.graph.by_name:
            raise NotFound(f"the run has no trigger {name!r}", did_you_mean(name, list(found.graph.by_name)))
        view = None
    else:
        views = {one.node: one for one in found.nodes}
        view = views.get(node_of(f"{kind}/{name}"))
        if view is None:
            raise NotFound(
                f"the run has no {kind.lower()} {name!r}", did_you_mean(name, [one.name for one in views])
            )
    steps = explanation.chain(subject) if subject in explanation.silences else []
    lines = None
    if view is not None and view.state in ("FAILED", "TIMEOUT", "ERROR"):
        logs = visit.session.client("logs")
        lines = last_lines_of_failures(logs, found, [subject], 3 * _LINES).get(subject)
    return visit.page(
        "run_node.html",
        live=not found.is_final,
        run=found,
        kind=kind,
        name=name,
        view=view,
        steps=steps,
        lines=lines,
        is_deleted=kind != "TRIGGER" and not _exists(visit, kind, name),
        attempts=_attempts(found.wire, kind, name),
        trigger=found.graph.by_name.get(name) if kind == "TRIGGER" else None,
        starters=[
            one for one in found.graph.triggers if any(_is(action.node, kind, name) for action in one.actions)
        ],
        watchers=[one for one in found.graph.triggers if any(_is(c.node, kind, name) for c in one.conditions)],
    )


def _exists(visit: Visit, kind: str, name: str) -> bool:
    """Whether a job or crawler of a run still exists."""
    try:
        visit.glue.get_job(JobName=name) if kind == "JOB" else visit.glue.get_crawler(Name=name)
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        return False
    return True


def _is(node: Node, kind: str, name: str) -> bool:
    return node.kind.value == kind and node.name == name


def _attempts(wire: Mapping[str, Any], kind: str, name: str) -> list[Mapping[str, Any]]:
    """Return the job runs or crawls of a node, the newest first."""
    for shape in (wire.get("Graph") or {}).get("Nodes") or ():
        if shape["Type"] == kind and shape["Name"] == name:
            details = shape.get("JobDetails") or shape.get("CrawlerDetails") or {}
            found = details.get("JobRuns") or details.get("Crawls") or []
            return sorted(found, key=lambda one: (str(one.get("StartedOn")), one.get("Attempt", 0)), reverse=True)
    return []


def gantt(visit: Visit) -> Response:
    """Show a run as bars over time."""
    found = find_run(visit, visit.required("workflow"), visit.query("id"))
    now = datetime.now(UTC)
    return visit.page(
        "run_timeline.html",
        live=not found.is_final,
        run=found,
        badge_=run_badge(found.status, found.statistics),
        timeline=timeline(found, now),
    )


def stop(visit: Visit) -> Response:
    """Stop a run."""
    workflow, run_id = visit.field("workflow"), visit.field("id")
    visit.glue.stop_workflow_run(Name=workflow, RunId=run_id)
    visit.notice(f"Run {run_id} is being stopped", "halted")
    return visit.redirect("/run", workflow=workflow, id=run_id)


def resume(visit: Visit) -> Response:
    """Run chosen jobs and crawlers again, and everything after them, in a new run."""
    workflow, run_id = visit.field("workflow"), visit.field("id")
    chosen = {node_of(key) for key in visit.fields("node")}
    if not chosen:
        raise InvalidArgument("choose at least one job or crawler to resume from", "nothing was started")
    found = find_run(visit, workflow, run_id)
    ids = [
        shape["UniqueId"]
        for shape in (found.wire.get("Graph") or {}).get("Nodes") or ()
        if shape["Type"] != "TRIGGER" and _chosen(shape, chosen)
    ]
    new_id = visit.glue.resume_workflow_run(Name=workflow, RunId=run_id, NodeIds=ids)["RunId"]
    visit.notice(f"Run {run_id} continues as {new_id}")
    return visit.redirect("/run", workflow=workflow, id=new_id)


def _chosen(shape: Mapping[str, Any], chosen: set[Node]) -> bool:
    return any(one.kind is NodeKind(shape["Type"]) and one.name == shape["Name"] for one in chosen)


FAMILY = Family(
    pages=(("/run", run), ("/run/node", node), ("/run/timeline", gantt)),
    forms=(("/run/stop", stop), ("/run/resume", resume)),
)
