"""A workflow run that a command has started, watched to its end; its outcome is the command's exit code."""

from __future__ import annotations

from datetime import datetime

import click

from glueprint.cli.errors import EXIT_FAILED, EXIT_STOPPED, EXIT_SUCCEEDED, as_click_error
from glueprint.cli.output import console, echo, print_json, show
from glueprint.cli.render.run import report, verdict
from glueprint.cli.watch import watch_run
from glueprint.client.runs import RunOutcome, workflow_run
from glueprint.client.session import Session
from glueprint.compat import UTC

EXIT_CODES = {
    RunOutcome.SUCCEEDED: EXIT_SUCCEEDED,
    RunOutcome.FAILED: EXIT_FAILED,
    RunOutcome.STOPPED: EXIT_STOPPED,
}


def follow(session: Session, workflow: str, run_id: str, *, as_json: bool) -> None:
    """Show progress, then the ended run. With ``as_json``, progress goes to stderr and the API's run to stdout.

    Raises:
        click.exceptions.Exit: not everything succeeded (docs/decisions/commands.md).
        click.ClickException: Glue no longer answers; the run may continue.
    """
    screen = console(stderr=as_json)
    try:
        ended = watch_run(session.glue, workflow, run_id, poll_seconds=session.poll_seconds, console=screen)
    except KeyboardInterrupt:
        echo(
            f"the run goes on; `glueprint status {workflow} {run_id}` shows it, "
            f"`glueprint stop {workflow} {run_id}` ends it",
            err=True,
        )
        raise
    except Exception as error:
        shown = as_click_error(error)
        if shown is None:
            raise
        later = f"`glueprint status {workflow} {run_id}` shows later how the run ended"
        raise click.ClickException(f"{shown.message}; {later}") from error
    if as_json:
        print_json(workflow_run(session.glue, workflow, run_id).wire)
    else:
        show(report(ended, datetime.now(UTC)))
    echo(verdict(ended), err=as_json)
    if ended.outcome is RunOutcome.SUCCEEDED:
        return
    if ended.outcome is RunOutcome.FAILED and not as_json:
        echo(f"see what it wrote: glueprint logs {workflow}", err=True)
        if any(view.state is None for view in ended.nodes):
            echo(f"see why something did not run: glueprint explain {workflow} {run_id}", err=True)
    raise click.exceptions.Exit(EXIT_CODES[ended.outcome])
