"""``glueprint delete``: a workflow with everything that its blueprint run created."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.text import Text

from glueprint.cli.output import print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session, with_target
from glueprint.client.deletion import DeletionPlan, delete_resources, plan_deletion
from glueprint.client.session import Target


@click.command()
@click.argument("workflow")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted, and delete nothing.")
@click.option(
    "--all", "all_nodes", is_flag=True, help="Also delete jobs and crawlers that no blueprint run created."
)
@click.option("--json", "as_json", is_flag=True, help="Print the resources as JSON; needs --yes or --dry-run.")
@with_target
def delete(workflow: str, yes: bool, dry_run: bool, all_nodes: bool, as_json: bool, target: Target) -> None:
    """Delete WORKFLOW with its triggers, and with the jobs and crawlers that its blueprint run created.

    WORKFLOW is the full name. Jobs and crawlers that another trigger uses are kept. If the workflow was deleted
    in another way, its triggers, which Glue leaves, are deleted. Data, tables, scripts in S3 and logs
    stay. Nothing is deleted while a run has not ended.

    Exit codes: 0 deleted (or shown); 1 not deleted; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint delete orders
      glueprint delete orders --dry-run
      glueprint delete orders --yes --json
    """
    if as_json and not (yes or dry_run):
        raise click.UsageError("--json needs --yes or --dry-run")
    with open_session(target) as session:
        plan = plan_deletion(session, workflow, all_nodes=all_nodes)
        if not as_json:
            _show(plan)
        if not dry_run:
            if not yes:
                _confirm(plan)
            delete_resources(session, plan)
    if as_json:
        print_json(as_wire(plan))
    elif not dry_run:
        click.echo(f"deleted {count(len(plan.resources), 'resource')} of {plan.workflow}")


def as_wire(plan: DeletionPlan) -> dict[str, Any]:
    """Return a plan as it is printed with --json."""
    return {
        "Workflow": plan.workflow,
        "Deleted": [{"Type": one.kind, "Name": one.name} for one in plan.resources],
        "Kept": [{"Type": one.kind, "Name": one.name, "Reason": why} for one, why in plan.kept.items()],
    }


def _show(plan: DeletionPlan) -> None:
    rows = [(one.kind.lower(), Text(one.name), "is deleted") for one in plan.resources]
    rows += [(one.kind.lower(), Text(one.name), f"is kept: {why}") for one, why in plan.kept.items()]
    show(plain_table(("KIND", "NAME", ""), rows))


def _confirm(plan: DeletionPlan) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("this deletes without a terminal to confirm it: give --yes")
    question = f"Delete {count(len(plan.resources), 'resource')} of {plan.workflow}?"
    click.confirm(question, abort=True, err=True)
