"""``glueprint status``: workflows, the runs of one, or one run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.text import Text

from glueprint.cli.completion import names_of
from glueprint.cli.output import console, echo, print_json, show
from glueprint.cli.render.missed import missed_of, of_workflow, recent
from glueprint.cli.render.run import report, run_list
from glueprint.cli.render.starts import next_start
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import moment, run_status, sentence
from glueprint.cli.status_of import show_failed, show_resource
from glueprint.cli.target import open_session, with_target
from glueprint.client.lookup import Lookup
from glueprint.client.missed_times import missed_times
from glueprint.client.resources import KINDS, find_resource
from glueprint.client.runs import RunView, failed_actions
from glueprint.client.session import Session, Target
from glueprint.client.workflows import WorkflowView
from glueprint.compat import UTC

MAX_RUNS = 10
"""How many runs of a workflow are listed."""
_MAX_BATCH = 25
"""How many names BatchGetWorkflows takes (service model)."""


@click.command()
@click.argument("workflow", required=False, metavar="[WHAT]", shell_complete=names_of(*KINDS))
@click.argument("run_id", required=False)
@click.option("--failed", is_flag=True, help="Show what failed, newest first, with its reason.")
@click.option("--json", "as_json", is_flag=True, help="Print the API's answer as JSON.")
@with_target
def status(workflow: str | None, run_id: str | None, failed: bool, as_json: bool, target: Target) -> None:
    """Show all workflows; with WHAT the latest runs of a workflow, job or crawler; with RUN_ID everything about a
    run of a workflow.

    RUN_ID may be "latest". A run id alone (wr_... or jr_...) works too, and so does any unambiguous prefix of a
    name or id. WHAT may be KIND/NAME, where KIND is workflow, job, crawler or trigger.

    Times of schedules that passed while no local Glue was running are shown: they are not made up for.

    A workflow run is COMPLETED also if actions in it failed; their number follows. --failed lists failed job runs
    and crawls, in workflows and outside.

    \b
    Examples:
      glueprint status
      glueprint status orders
      glueprint status orders latest
      glueprint status wr_57b8 --json
      glueprint status --failed
      glueprint status jr_4e6b
      glueprint status crawler/sales
    """
    if failed and workflow is not None:
        raise click.UsageError(f"--failed shows everything that failed, not {workflow!r} only")
    with open_session(target, existing=True) as session:
        lookup = Lookup(session)
        if failed:
            show_failed(session, as_json=as_json)
            return
        if workflow is None:
            _show_workflows(session, lookup, as_json)
            return
        if run_id is None and workflow.startswith("wr_"):
            workflow, run_id = lookup.workflow_of_run(workflow)
        if run_id is None:
            resource = find_resource(lookup, workflow, session.notify)
            if resource.kind == "workflow":
                _show_runs(session, lookup.workflow(resource.name), as_json)
            else:
                show_resource(session, lookup, resource, _now(), as_json=as_json)
        else:
            _show_run(lookup.workflow_run(workflow, run_id), as_json)


def _show_workflows(session: Session, lookup: Lookup, as_json: bool) -> None:
    names, missed = lookup.workflow_names(), missed_times(session)
    found: list[dict[str, Any]] = []
    for start in range(0, len(names), _MAX_BATCH):
        batch = names[start : start + _MAX_BATCH]
        found += session.glue.batch_get_workflows(Names=batch, IncludeGraph=not as_json)["Workflows"]
    if as_json:
        print_json({"Workflows": found, "MissedTimes": [one.to_json() for one in missed.values()]})
        return
    if not found:
        echo("no workflows yet: register a blueprint, then `glueprint create`")
    views = [WorkflowView.from_wire(one) for one in found]
    rows = [
        (
            Text(view.name),
            run_status(view.last_status, view.last_statistics),
            moment(view.last_started),
            Text(next_start(view.graph, _now())),
            Text(view.blueprint or ""),
        )
        for view in views
    ]
    if rows:
        show(plain_table(("WORKFLOW", "LAST RUN", "STARTED", "NEXT START", "BLUEPRINT"), rows))
    for line in recent(missed, views, _now()):
        show(sentence(line), fold=False)
    if any(failed_actions(view.last_statistics) for view in views):
        echo("see what failed: glueprint status --failed", err=True)


def _show_runs(session: Session, workflow: WorkflowView, as_json: bool) -> None:
    missed = missed_of(missed_times(session), workflow)
    runs = session.glue.get_workflow_runs(Name=workflow.name, IncludeGraph=True, MaxResults=MAX_RUNS).get(
        "Runs", []
    )
    if as_json:
        print_json({"Runs": runs, "MissedTimes": [] if missed is None else [missed.to_json()]})
        return
    if runs:
        show(run_list([RunView.from_wire(one) for one in runs], _now(), short=console().is_terminal))
    else:
        echo(f"workflow {workflow.name} has not run yet; start it with `glueprint run {workflow.name}`")
    starts = next_start(workflow.graph, _now())
    if starts:
        echo(f"next start: {starts}")
    if missed is not None:
        show(sentence(of_workflow(missed, workflow)), fold=False)


def _show_run(run: RunView, as_json: bool) -> None:
    if as_json:
        print_json({"Run": run.wire})
    else:
        show(report(run, _now()))


def _now() -> datetime:
    return datetime.now(UTC)
