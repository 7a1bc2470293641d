"""``glueprint run``: start a workflow and watch it to its end."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from glueprint.cli import lookup
from glueprint.cli.output import console, print_json, show
from glueprint.cli.parameters import pairs
from glueprint.cli.render.run import report, verdict
from glueprint.cli.runs import EXIT_STOPPED
from glueprint.cli.session import Target, open_session, with_session
from glueprint.cli.watch import watch_run


@click.command()
@click.argument("workflow")
@click.option("--property", "properties", multiple=True, metavar="KEY=VALUE", help="A run property; repeatable.")
@click.option("--no-wait", is_flag=True, help="Start it and print its run id.")
@click.option("--json", "as_json", is_flag=True, help="Print the ended run as JSON.")
@with_session
def run(workflow: str, properties: tuple[str, ...], no_wait: bool, as_json: bool, target: Target) -> None:
    """Start WORKFLOW and watch it to its end.

    Exit codes: 0 everything succeeded; 1 an action failed, timed out or was stopped (Glue says COMPLETED
    nevertheless); 3 the run was stopped.
    """
    request = {"Name": workflow, "RunProperties": pairs(properties, "--property")}
    with open_session(target) as session:
        run_id = session.glue.start_workflow_run(**request)["RunId"]
        if no_wait:
            print_json({"RunId": run_id}) if as_json else click.echo(run_id)
            return
        screen = console(stderr=as_json)
        try:
            ended = watch_run(session.glue, workflow, run_id, poll_seconds=session.poll_seconds, console=screen)
        except KeyboardInterrupt:
            click.echo(
                f"the run goes on while its Glue does; `glueprint stop {workflow} {run_id}` ends it", err=True
            )
            raise
        if as_json:
            print_json(lookup.workflow_run(session.glue, workflow, run_id))
        else:
            show(report(ended, datetime.now(UTC)))
        click.echo(verdict(ended), err=as_json)
    if ended.exit_code:
        if ended.exit_code != EXIT_STOPPED and not as_json:
            click.echo(f"see what it wrote: glueprint logs {workflow}", err=True)
        raise click.exceptions.Exit(ended.exit_code)
