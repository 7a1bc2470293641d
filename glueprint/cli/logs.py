"""``glueprint logs``: what jobs and crawlers wrote."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from glueprint.cli import lookup
from glueprint.cli.errors import error_code
from glueprint.cli.missing import NoSuchName
from glueprint.cli.runs import FINAL_JOB, run_view
from glueprint.cli.session import Target, open_session, with_session
from glueprint.cli.streams import Line, Reader, Source, of_job_run, of_workflow_run

Look = Callable[[], tuple[list[Source], bool]]
"""The streams as they are now, and whether nothing more will come."""


@click.command()
@click.argument("what")
@click.argument("node", required=False)
@click.option("--run", "run_id", metavar="RUN_ID", help="Run of the workflow; without it the latest.")
@click.option("--stream", type=click.Choice(["output", "error", "both"]), default="both", show_default=True)
@click.option("--follow", "-f", is_flag=True, help="Go on until the run has ended.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@with_session
def logs(
    what: str, node: str | None, run_id: str | None, stream: str, follow: bool, as_json: bool, target: Target
) -> None:
    """Print what WHAT wrote: output to stdout, errors to stderr.

    WHAT is a job run (jr_...), a workflow run (wr_...), a workflow, or a job: then its latest run. NODE, or
    WHAT/NODE, picks one job or crawler of a workflow run.
    """
    what, _, inner = what.partition("/")
    with open_session(target) as session:
        look = _look(session.glue, what, node or inner or None, run_id)
        reader = Reader(session.client("logs"))
        printed = 0
        while True:
            sources, ended = look()
            chosen = [one for one in sources if stream == "both" or one.is_error == (stream == "error")]
            label = len({one.label for one in sources}) > 1
            for line in reader.new(chosen):
                _print(line, label=label, as_json=as_json)
                printed += 1
            if ended or not follow:
                break
            time.sleep(session.poll_seconds)
    if not printed:
        click.echo("nothing was written" if ended else "nothing was written yet: --follow waits for it", err=True)


def _look(glue: Any, what: str, node: str | None, run_id: str | None) -> Look:
    """How to find the streams of what the user named."""
    if what.startswith("jr_"):
        job = lookup.job_run(glue, what)["JobName"]
        return lambda: _job_sources(glue, job, what)
    if what.startswith("wr_"):
        what, run_id = lookup.workflow_of_run(glue, what), what
    try:
        workflow_run = lookup.workflow_run(glue, what, run_id)["WorkflowRunId"]
    except NoSuchName:
        if run_id is not None:
            raise
        return _look_at_job(glue, what)
    return lambda: _workflow_sources(glue, what, workflow_run, node)


def _look_at_job(glue: Any, job: str) -> Look:
    try:
        runs = glue.get_job_runs(JobName=job, MaxResults=1).get("JobRuns", [])
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        raise click.ClickException(f"there is neither a workflow nor a job {job}") from error
    if not runs:
        raise click.ClickException(f"job {job} has not run yet")
    return lambda: _job_sources(glue, job, runs[0]["Id"])


def _job_sources(glue: Any, job: str, run_id: str) -> tuple[list[Source], bool]:
    run = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
    return of_job_run(run), run["JobRunState"] in FINAL_JOB


def _workflow_sources(glue: Any, workflow: str, run_id: str, node: str | None) -> tuple[list[Source], bool]:
    run = run_view(lookup.workflow_run(glue, workflow, run_id))
    if node is not None and node not in [view.node.name for view in run.nodes]:
        names = ", ".join(view.node.name for view in run.nodes)
        raise click.ClickException(f"run {run_id} has no node {node!r}; it has: {names}")
    return of_workflow_run(run, node), run.is_final


def _print(line: Line, *, label: bool, as_json: bool) -> None:
    if as_json:
        source = line.source
        told = {
            "timestamp": datetime.fromtimestamp(line.timestamp / 1000, UTC).isoformat(),
            "node": source.label,
            "stream": "error" if source.is_error else "output",
            "message": line.message,
        }
        click.echo(json.dumps(told))
        return
    prefix = click.style(f"{line.source.label} | ", dim=True) if label else ""
    click.echo(prefix + line.message, err=line.source.is_error)
