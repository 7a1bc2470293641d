"""``glueprint status``: workflows, the runs of one, or one run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.text import Text

from glueprint.cli.output import print_json, show
from glueprint.cli.render.run import report, run_list
from glueprint.cli.render.starts import next_start
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import moment, state_text
from glueprint.cli.target import open_session, with_target
from glueprint.client.lookup import Lookup
from glueprint.client.runs import RunView
from glueprint.client.session import Target
from glueprint.client.workflows import WorkflowView
from glueprint.compat import UTC

MAX_RUNS = 10
"""How many runs of a workflow are listed."""
_MAX_BATCH = 25
"""How many names BatchGetWorkflows takes (service model)."""


@click.command()
@click.argument("workflow", required=False)
@click.argument("run_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the API's answer as JSON.")
@with_target
def status(workflow: str | None, run_id: str | None, as_json: bool, target: Target) -> None:
    """Show all workflows; with WORKFLOW its latest runs; with RUN_ID everything about that run.

    RUN_ID may be "latest". A run id alone (wr_...) works too, and so does any unambiguous prefix of a name or id.

    \b
    Examples:
      glueprint status
      glueprint status orders
      glueprint status orders latest
      glueprint status wr_57b8 --json
    """
    with open_session(target, existing=True) as session:
        lookup = Lookup(session)
        if workflow is None:
            _show_workflows(session.glue, lookup, as_json)
            return
        if run_id is None and workflow.startswith("wr_"):
            workflow, run_id = lookup.workflow_of_run(workflow)
        if run_id is None:
            _show_runs(session.glue, lookup.workflow(workflow), as_json)
        else:
            _show_run(lookup.workflow_run(workflow, run_id), as_json)


def _show_workflows(glue: Any, lookup: Lookup, as_json: bool) -> None:
    names = lookup.workflow_names()
    found: list[dict[str, Any]] = []
    for start in range(0, len(names), _MAX_BATCH):
        batch = names[start : start + _MAX_BATCH]
        found += glue.batch_get_workflows(Names=batch, IncludeGraph=not as_json)["Workflows"]
    if as_json:
        print_json({"Workflows": found})
        return
    if not found:
        click.echo("no workflows yet: register a blueprint, then `glueprint create`")
        return
    rows = [
        (
            Text(view.name),
            state_text(view.last_status),
            moment(view.last_started),
            Text(next_start(view.graph, _now())),
            Text(view.blueprint or ""),
        )
        for view in map(WorkflowView.from_wire, found)
    ]
    show(plain_table(("WORKFLOW", "LAST RUN", "STARTED", "NEXT START", "BLUEPRINT"), rows))


def _show_runs(glue: Any, workflow: WorkflowView, as_json: bool) -> None:
    runs = glue.get_workflow_runs(Name=workflow.name, IncludeGraph=True, MaxResults=MAX_RUNS).get("Runs", [])
    if as_json:
        print_json({"Runs": runs})
        return
    if runs:
        show(run_list([RunView.from_wire(one) for one in runs], _now()))
    else:
        click.echo(f"workflow {workflow.name} has not run yet; start it with `glueprint run {workflow.name}`")
    starts = next_start(workflow.graph, _now())
    if starts:
        click.echo(f"next start: {starts}")


def _show_run(run: RunView, as_json: bool) -> None:
    if as_json:
        print_json({"Run": run.wire})
    else:
        show(report(run, _now()))


def _now() -> datetime:
    return datetime.now(UTC)
