"""Workflows: the list, one workflow with its graph and history, starting, deleting, simulating failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from glueprint.client.deletion import delete_resources, plan_deletion
from glueprint.client.errors import InvalidArgument, NotFound, is_not_found
from glueprint.client.names import did_you_mean
from glueprint.client.runs import NodeView
from glueprint.client.simulated_rounds import simulated_rounds
from glueprint.client.workflows import WorkflowView
from glueprint.compat import UTC
from glueprint.console.graph_picture import RunFacts, draw, trigger_title
from glueprint.console.listing import page_of_names
from glueprint.console.text import Badge, run_badge, seconds_between
from glueprint.console.visits import Family, Visit
from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind, TriggerState, TriggerType
from glueprint.workflow.explain import explain
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.root_causes import roots
from glueprint.workflow.schedule import ScheduleError, parse
from glueprint.workflow.simulate import SimulationError, simulate
from glueprint.workflow.unstarted import why_not_started

RUNS_SHOWN = 25
"""Runs of one page of the history, which is also one request."""


@dataclass(frozen=True, slots=True)
class StartFacts:
    """What starts a workflow.

    Attributes:
        text: its schedule, or a few words.
        next: the next time of its schedule, if it is active and has one.
        note: why it does not fire, or is unusual.
    """

    text: str
    next: datetime | None = None
    note: str = ""


def start_facts(trigger: Trigger | None, now: datetime) -> StartFacts:
    """Return what starts a workflow.

    Args:
        trigger: its starting trigger, or None.
        now: this moment, aware.
    """
    if trigger is None:
        return StartFacts("nothing", note="it has no starting trigger")
    if trigger.type is not TriggerType.SCHEDULED:
        return StartFacts("on demand" if trigger.type is TriggerType.ON_DEMAND else "on an event")
    expression = trigger.schedule or ""
    if trigger.state is not TriggerState.ACTIVATED:
        return StartFacts(expression, note="not active")
    try:
        following = parse(expression).next_after(now)
    except ScheduleError:
        return StartFacts(expression, note="not a valid schedule")
    return StartFacts(expression, following, "" if following else "no future time")


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A workflow in the list."""

    view: WorkflowView
    badge: Badge
    start: StartFacts

    @classmethod
    def of(cls, view: WorkflowView, now: datetime) -> WorkflowRow:
        """Return the row of a workflow."""
        return cls(view, run_badge(view.last_status, view.last_statistics), start_facts(view.graph.starting, now))


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the history. ``share`` is its duration, from 0 to 100, of the longest one that is shown."""

    run_id: str
    badge: Badge
    started: datetime | None
    completed: datetime | None
    statistics: Mapping[str, int]
    previous: str | None
    share: float


def run_rows(runs: list[dict[str, Any]], now: datetime) -> list[RunRow]:
    """Return the history's rows from the API's runs."""
    lengths = [seconds_between(run.get("StartedOn"), run.get("CompletedOn"), now) or 0.0 for run in runs]
    longest = max(lengths, default=0.0) or 1.0
    return [
        RunRow(
            run["WorkflowRunId"],
            run_badge(run.get("Status"), run.get("Statistics") or {}),
            run.get("StartedOn"),
            run.get("CompletedOn"),
            run.get("Statistics") or {},
            run.get("PreviousRunId"),
            round(100 * length / longest, 1),
        )
        for run, length in zip(runs, lengths, strict=True)
    ]


def workflows(visit: Visit) -> Response:
    """List the workflows with their last outcome and their next time."""
    names = visit.console.names.of("workflow")
    page = page_of_names(names, visit.query("q"), visit.query("page"))
    found = {}
    if page.names:
        answer = visit.glue.batch_get_workflows(Names=list(page.names), IncludeGraph=True)
        found = {one["Name"]: WorkflowView.from_wire(one) for one in answer["Workflows"]}
    now = datetime.now(UTC)
    rows = [WorkflowRow.of(found[name], now) for name in page.names if name in found]
    blueprints = set(visit.console.names.of("blueprint")) if any(row.view.blueprint for row in rows) else set()
    return visit.page("workflows.html", live=True, rows=rows, listed=page, total=len(names), blueprints=blueprints)


def find_workflow(visit: Visit, name: str) -> WorkflowView:
    """Return a workflow with its graph.

    Raises:
        NotFound: there is none of this name.
    """
    try:
        return WorkflowView.from_wire(visit.glue.get_workflow(Name=name, IncludeGraph=True)["Workflow"])
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        names = visit.console.names.of("workflow")
        raise NotFound(f"there is no workflow {name!r}", did_you_mean(name, names)) from error


def workflow(visit: Visit) -> Response:
    """Show a workflow: graph, start, history."""
    view = find_workflow(visit, visit.required("name"))
    after = visit.query("after")
    token = {"NextToken": after} if after else {}
    answer = visit.glue.get_workflow_runs(Name=view.name, MaxResults=RUNS_SHOWN, **token)
    now = datetime.now(UTC)
    runs = answer.get("Runs", [])
    why = why_not_started(view.name, view.graph, now).text if view.last_run_id is None else ""
    return visit.page(
        "workflow.html",
        live=True,
        every=refresh_seconds(view.graph),
        workflow=view,
        last=run_badge(view.last_status, view.last_statistics),
        start=start_facts(view.graph.starting, now),
        why=why,
        picture=draw(view.graph, opened=visit.request.query_params.getlist("open")),
        triggers=[(one, trigger_title(one)) for one in view.graph.triggers],
        runs=run_rows(runs, now),
        after=after,
        following=answer.get("NextToken"),
        has_blueprint=bool(view.blueprint) and visit.console.names.has("blueprint", view.blueprint or ""),
        properties=view.wire.get("DefaultRunProperties") or {},
        opened=visit.request.query_params.getlist("open"),
    )


def refresh_seconds(graph: Graph) -> int:
    """Return the seconds between two refreshes of a graph's page: a large one costs more to read."""
    return 1 + len(graph.nodes) // 200


def properties_of(text: str) -> dict[str, str]:
    """Return run properties from lines ``NAME=VALUE``.

    Raises:
        InvalidArgument: it names every line that is not one.
    """
    found, wrong = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not equals or not name.strip():
            wrong.append(f"line {number}: {line.strip()[:80]!r}")
        found[name.strip()] = value.strip()
    if wrong:
        raise InvalidArgument(
            f"run properties are lines NAME=VALUE; not so: {', '.join(wrong)}", "nothing was started"
        )
    return found


def start(visit: Visit) -> Response:
    """Start a run."""
    name = visit.field("name")
    properties = properties_of(visit.field("properties"))
    more = {"RunProperties": properties} if properties else {}
    run_id = visit.glue.start_workflow_run(Name=name, **more)["RunId"]
    visit.notice(f"Started run {run_id}")
    return visit.redirect("/run", workflow=name, id=run_id)


def switch_trigger(visit: Visit) -> Response:
    """Activate or deactivate a trigger."""
    name, trigger = visit.field("name"), visit.field("trigger")
    if visit.field("to") == "active":
        visit.glue.start_trigger(Name=trigger)
        visit.notice(f"Trigger {trigger} is activated")
    else:
        visit.glue.stop_trigger(Name=trigger)
        visit.notice(f"Trigger {trigger} is deactivated")
    return visit.redirect("/workflow", name=name)


def deletion(visit: Visit) -> Response:
    """Show what would be deleted with a workflow."""
    return visit.page("workflow_deletion.html", plan=plan_deletion(visit.session, visit.required("name")))


def delete(visit: Visit) -> Response:
    """Delete a workflow and what belongs to it."""
    name = visit.field("name")
    if visit.field("confirmed").strip() != name:
        raise InvalidArgument(f"type {name} to delete it", "nothing was deleted")
    plan = plan_deletion(visit.session, name)
    delete_resources(visit.session, plan)
    visit.notice(f"Deleted workflow {name} and what belongs to it: {len(plan.resources)} resources")
    return visit.redirect("/workflows")


def simulation(visit: Visit) -> Response:
    """Show what would run if the chosen jobs and crawlers failed."""
    view = find_workflow(visit, visit.required("name"))
    chosen = visit.request.query_params.getlist("fail")
    outcomes = {node: "FAILED" for node in view.graph.nodes if node_key(node) in chosen}
    try:
        simulated = simulate(view.graph, outcomes)
    except SimulationError as error:
        raise InvalidArgument(str(error)) from error
    explanation = explain(simulated.to_wire())
    facts = RunFacts.of(_nodes(simulated), view.graph, explanation, is_final=True)
    causes = roots(explanation)
    silent = [
        (subject, [cause.text for cause in causes.get(subject, ())])
        for subject in explanation.silences
        if subject.kind != "TRIGGER"
    ]
    return visit.page(
        "simulation.html",
        workflow=view,
        picture=draw(view.graph, facts, visit.request.query_params.getlist("open")),
        nodes=[(node, node_key(node), node_key(node) in chosen) for node in view.graph.nodes],
        chosen=chosen,
        rounds=simulated_rounds(simulated),
        silent=silent,
        toggled={node_key(node): toggled(chosen, node_key(node)) for node in view.graph.nodes},
    )


def _nodes(simulated: Any) -> list[NodeView]:
    last = {one.node: one.state.value for one in simulated.run.invocations.values()}
    moment = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        NodeView(node, last.get(node), started=moment if node in last else None, completed=moment)
        for node in simulated.run.graph.nodes
    ]


def node_key(node: Node) -> str:
    """Return a node as forms and addresses have it: ``JOB/name``."""
    return f"{node.kind.value}/{node.name}"


def node_of(key: str) -> Node:
    """Return the node with a key.

    Raises:
        NotFound: it is not one.
    """
    kind, _, name = key.partition("/")
    if kind not in ("JOB", "CRAWLER") or not name:
        raise NotFound(f"{key!r} is not a job or crawler")
    return Node(NodeKind(kind), name)


def toggled(chosen: list[str], key: str) -> list[str]:
    """Return the chosen keys with one added, or removed if it is among them."""
    return [one for one in chosen if one != key] if key in chosen else [*chosen, key]


FAMILY = Family(
    pages=(
        ("/workflows", workflows),
        ("/workflow", workflow),
        ("/workflow/delete", deletion),
        ("/workflow/simulate", simulation),
    ),
    forms=(
        ("/workflow/start", start),
        ("/workflow/trigger", switch_trigger),
        ("/workflow/delete", delete),
    ),
)
