"""``glueprint run``: start a workflow and watch it to its end."""

from __future__ import annotations

import click

from glueprint.cli import lookup
from glueprint.cli.follow import follow
from glueprint.cli.output import print_json
from glueprint.cli.parameters import pairs
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target


@click.command()
@click.argument("workflow")
@click.option("--property", "properties", multiple=True, metavar="KEY=VALUE", help="A run property; repeatable.")
@click.option("--no-wait", is_flag=True, help="Start it and print its run id.")
@click.option("--json", "as_json", is_flag=True, help="Print the ended run as JSON.")
@with_target
def run(workflow: str, properties: tuple[str, ...], no_wait: bool, as_json: bool, target: Target) -> None:
    """Start WORKFLOW and watch it to its end.

    Exit codes: 0 everything succeeded; 1 an action failed, timed out or was stopped (Glue says COMPLETED
    nevertheless), or the command itself failed; 2 it was misspelt, nothing was started; 3 the run was stopped.

    WORKFLOW is its name, or a beginning that no other workflow has. Ctrl-C stops watching, not the run.

    \b
    Examples:
      glueprint run orders
      glueprint run orders --property requested_by=me
      glueprint run orders --no-wait
    """
    given = pairs(properties, "--property")
    with open_session(target) as session:
        name = lookup.workflow(session.glue, workflow)["Name"]
        run_id = session.glue.start_workflow_run(Name=name, RunProperties=given)["RunId"]
        if no_wait:
            print_json({"RunId": run_id}) if as_json else click.echo(run_id)
            return
        follow(session, name, run_id, as_json=as_json)
