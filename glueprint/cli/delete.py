"""``glueprint delete``: a workflow with everything that its blueprint run created."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.text import Text

from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session, with_target
from glueprint.client.blueprints import blueprint as request_blueprint
from glueprint.client.deletion import DeletionPlan, delete_resources, plan_deletion
from glueprint.client.lookup import Lookup
from glueprint.client.session import Session, Target


@click.command()
@click.argument("what")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted, and delete nothing.")
@click.option(
    "--all", "all_nodes", is_flag=True, help="Also delete jobs and crawlers that no blueprint run created."
)
@click.option("--json", "as_json", is_flag=True, help="Print the resources as JSON; needs --yes or --dry-run.")
@with_target
def delete(what: str, yes: bool, dry_run: bool, all_nodes: bool, as_json: bool, target: Target) -> None:
    """Delete the workflow WHAT with its triggers, and the jobs and crawlers that its blueprint run created.

    WHAT is its full name, or blueprint/NAME for a blueprint, whose workflows stay. Jobs and crawlers that another
    trigger uses are kept. If the workflow was deleted in another way, its triggers, which Glue leaves, are
    deleted. Data, tables, scripts in S3 and logs stay. Nothing is deleted while a run has not ended.

    Exit codes: 0 deleted (or shown); 1 not deleted; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint delete orders
      glueprint delete orders --dry-run
      glueprint delete orders --yes --json
      glueprint delete blueprint/file_presence --yes
    """
    if as_json and not (yes or dry_run):
        raise click.UsageError("--json needs --yes or --dry-run")
    kind, slash, blueprint = what.partition("/")
    with open_session(target, existing=True) as session:
        if slash and kind == "blueprint":
            _delete_blueprint(session, blueprint, yes=yes, dry_run=dry_run, as_json=as_json)
            return
        plan = plan_deletion(session, what, all_nodes=all_nodes)
        if not as_json:
            _show(plan)
        if not dry_run:
            if not yes:
                _confirm(f"{count(len(plan.resources), 'resource')} of {plan.workflow}")
            delete_resources(session, plan)
    if as_json:
        print_json(as_wire(plan))
    elif not dry_run:
        echo(f"deleted {count(len(plan.resources), 'resource')} of {plan.workflow}")


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


def _delete_blueprint(session: Session, name: str, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    with Lookup(session).blueprint(name):
        request_blueprint(session.glue, name)
    if not dry_run:
        if not yes:
            _confirm(f"blueprint {name}")
        session.glue.delete_blueprint(Name=name)
    if as_json:
        print_json({"Blueprint": name})
    else:
        echo(f"blueprint {name} {'would be' if dry_run else 'was'} deleted; its workflows stay")


def _confirm(what: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("this deletes without a terminal to confirm it: give --yes")
    click.confirm(f"Delete {what}?", abort=True, err=True)
