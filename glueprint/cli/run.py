"""``glueprint run``: start a workflow and watch it to its end."""

from __future__ import annotations

import click

from glueprint.cli.arguments import pairs
from glueprint.cli.completion import names_of
from glueprint.cli.follow import follow
from glueprint.cli.output import echo, print_json
from glueprint.cli.target import open_session, with_target
from glueprint.client.lookup import Lookup
from glueprint.client.session import Target


@click.command()
@click.argument("workflow", shell_complete=names_of("workflow"))
@click.option("--property", "properties", multiple=True, metavar="KEY=VALUE", help="A run property; repeatable.")
@click.option("--no-wait", is_flag=True, help="Start it and print its run id.")
@click.option("--json", "as_json", is_flag=True, help="Print the ended run as JSON.")
@with_target
def run(workflow: str, properties: tuple[str, ...], no_wait: bool, as_json: bool, target: Target) -> None:
    """Start WORKFLOW and watch it to its end.

    Exit codes: 0 everything succeeded; 1 an action failed, timed out or was stopped (the run's status is COMPLETED
    nevertheless), or the command itself failed; 2 usage error, nothing was started; 3 the run was stopped.

    WORKFLOW is a name, or an unambiguous prefix of one. Ctrl-C stops watching, not the run. If no local Glue is
    running, the one that this command starts stays until the run has ended, also with --no-wait or after Ctrl-C.

    \b
    Examples:
      glueprint run orders
      glueprint run orders --property requested_by=me
      glueprint run orders --no-wait
    """
    given = dict(pairs(properties, "--property"))
    with open_session(target, existing=True) as session:
        name = Lookup(session).workflow(workflow).name
        run_id = session.glue.start_workflow_run(Name=name, RunProperties=given)["RunId"]
        if no_wait:
            print_json({"RunId": run_id}) if as_json else echo(run_id)
            return
        follow(session, name, run_id, as_json=as_json)
