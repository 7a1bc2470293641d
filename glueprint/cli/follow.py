"""A workflow run that a command has started, watched to its end; its outcome is the command's."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from glueprint.cli import lookup
from glueprint.cli.errors import as_click_error
from glueprint.cli.output import console, print_json, show
from glueprint.cli.render.run import report, verdict
from glueprint.cli.runs import EXIT_STOPPED
from glueprint.cli.watch import watch_run
from glueprint.client.session import Session


def follow(session: Session, workflow: str, run_id: str, *, as_json: bool) -> None:
    """Show progress, then the ended run; with ``as_json`` progress goes to stderr and the API's run to stdout.

    Raises:
        click.exceptions.Exit: not everything succeeded (docs/decisions/commands.md).
        click.ClickException: Glue does not answer any more; the run may go on.
    """
    screen = console(stderr=as_json)
    try:
        ended = watch_run(session.glue, workflow, run_id, poll_seconds=session.poll_seconds, console=screen)
    except KeyboardInterrupt:
        click.echo(f"the run goes on while its Glue does; `glueprint stop {workflow} {run_id}` ends it", err=True)
        raise
    except Exception as error:
        told = as_click_error(error)
        if told is None:
            raise
        later = f"`glueprint status {workflow} {run_id}` says later what became of the run"
        raise click.ClickException(f"{told.message}; {later}") from error
    if as_json:
        print_json(lookup.workflow_run(session.glue, workflow, run_id))
    else:
        show(report(ended, datetime.now(UTC)))
    click.echo(verdict(ended), err=as_json)
    if ended.exit_code:
        if ended.exit_code != EXIT_STOPPED and not as_json:
            click.echo(f"see what it wrote: glueprint logs {workflow}", err=True)
            if any(view.state is None for view in ended.nodes):
                click.echo(f"see why something did not run: glueprint explain {workflow} {run_id}", err=True)
        raise click.exceptions.Exit(ended.exit_code)
