"""``glueprint status``: workflows, the runs of one, or one run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
from rich.text import Text

from glueprint.cli import lookup
from glueprint.cli.output import print_json, show
from glueprint.cli.render.run import report, run_list
from glueprint.cli.render.starts import next_start
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import moment, state_text
from glueprint.cli.runs import run_view
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.workflow.wire import graph_from_wire

_RUNS = 10
_BATCH = 25
"""Names that BatchGetWorkflows takes (service model)."""


@click.command()
@click.argument("workflow", required=False)
@click.argument("run_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the API's answer as JSON.")
@with_target
def status(workflow: str | None, run_id: str | None, as_json: bool, target: Target) -> None:
    """Show all workflows; with WORKFLOW its latest runs; with RUN_ID everything about that run.

    RUN_ID may be "latest". A run id alone (wr_...) will do as well, and so will beginnings of names and ids.

    \b
    Examples:
      glueprint status
      glueprint status orders
      glueprint status orders latest
      glueprint status wr_57b8 --json
    """
    with open_session(target) as session:
        glue = session.glue
        if workflow is None:
            _show_workflows(glue, as_json)
            return
        if run_id is None and workflow.startswith("wr_"):
            workflow, run_id = lookup.workflow_of_run(glue, workflow)
        if run_id is None:
            _show_runs(glue, workflow, as_json)
        else:
            _show_run(glue, workflow, run_id, as_json)


def _show_workflows(glue: Any, as_json: bool) -> None:
    names = [n for page in glue.get_paginator("list_workflows").paginate() for n in page.get("Workflows", ())]
    found: list[dict[str, Any]] = []
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        found += glue.batch_get_workflows(Names=batch, IncludeGraph=not as_json)["Workflows"]
    if as_json:
        print_json({"Workflows": found})
        return
    if not found:
        click.echo("no workflows yet: register a blueprint, then `glueprint create`")
        return
    rows = []
    for one in found:
        last = one.get("LastRun") or {}
        blueprint = one.get("BlueprintDetails", {}).get("BlueprintName", "")
        rows.append(
            (
                Text(one["Name"]),
                state_text(last.get("Status")),
                moment(last.get("StartedOn")),
                Text(_next_start(one)),
                Text(blueprint),
            )
        )
    show(plain_table(("WORKFLOW", "LAST RUN", "STARTED", "NEXT START", "BLUEPRINT"), rows))


def _show_runs(glue: Any, workflow: str, as_json: bool) -> None:
    found = lookup.workflow(glue, workflow)
    name = found["Name"]
    runs = glue.get_workflow_runs(Name=name, IncludeGraph=True, MaxResults=_RUNS).get("Runs", [])
    if as_json:
        print_json({"Runs": runs})
        return
    if runs:
        show(run_list([run_view(one) for one in runs], _now()))
    else:
        click.echo(f"workflow {name} has not run yet: `glueprint run {name}`")
    starts = _next_start(found)
    if starts:
        click.echo(f"next start: {starts}")


def _show_run(glue: Any, workflow: str, run_id: str, as_json: bool) -> None:
    found = lookup.workflow_run(glue, workflow, run_id)
    if as_json:
        print_json({"Run": found})
    else:
        show(report(run_view(found), _now()))


def _next_start(workflow: dict[str, Any]) -> str:
    """When a workflow that was fetched with its graph starts next."""
    return next_start(graph_from_wire(workflow.get("Graph") or {}), _now())


def _now() -> datetime:
    return datetime.now(UTC)
