"""``glueprint logs``: what jobs and crawlers wrote."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from glueprint.cli import lookup
from glueprint.cli.missing import NoSuchName, only, workflow_names
from glueprint.cli.names import find_nodes
from glueprint.cli.near import begun, near
from glueprint.cli.runs import run_view
from glueprint.cli.streams import Line, Reader, Source, of_job_run, of_workflow_run
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.facts.states import FINAL_JOB_STATES
from glueprint.workflow.wire import graph_from_wire

Look = Callable[[], tuple[list[Source], bool]]
"""The streams as they are now, and whether nothing more will come."""


@click.command()
@click.argument("what")
@click.argument("node", required=False)
@click.option("--run", "run_id", metavar="RUN_ID", help="Run of the workflow; without it the latest.")
@click.option("--stream", type=click.Choice(["output", "error", "both"]), default="both", show_default=True)
@click.option("--follow", "-f", is_flag=True, help="Go on until the run has ended.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@with_target
def logs(
    what: str, node: str | None, run_id: str | None, stream: str, follow: bool, as_json: bool, target: Target
) -> None:
    """Print what WHAT wrote: output to stdout, errors to stderr.

    WHAT is a job run (jr_...), a workflow run (wr_...), a workflow, or a job: then its latest run. NODE, or
    WHAT/NODE, picks one job or crawler of a workflow run. Beginnings of names and ids will do.

    \b
    Examples:
      glueprint logs orders
      glueprint logs orders orders_load
      glueprint logs orders --follow --stream error
      glueprint logs jr_4e6b --json
    """
    what, _, inner = what.partition("/")
    with open_session(target) as session:
        look, labelled = _look(session.glue, what, node or inner or None, run_id)
        reader = Reader(session.client("logs"))
        printed = 0
        while True:
            sources, ended = look()
            chosen = [one for one in sources if stream == "both" or one.is_error == (stream == "error")]
            for line in reader.new(chosen):
                _print(line, label=labelled, as_json=as_json)
                printed += 1
            if ended or not follow:
                break
            time.sleep(session.poll_seconds)
    if not printed:
        click.echo("nothing was written" if ended else "nothing was written yet: --follow waits for it", err=True)


def _look(glue: Any, what: str, node: str | None, run_id: str | None) -> tuple[Look, bool]:
    """How to find the streams of what the user named, and whether several may write to them: also those of a run
    that have not begun count, or the first lines would look other than the next."""
    if what.startswith("jr_"):
        run = lookup.job_run(glue, what)
        return lambda: _job_sources(glue, run["JobName"], run["Id"]), False
    if what.startswith("wr_"):
        what, run_id = lookup.workflow_of_run(glue, what)
    if run_id is None and node is None and (job := _job_meant(glue, what)) is not None:
        return _look_at_job(glue, job), False
    found = lookup.workflow_run(glue, what, run_id)
    workflow, full_id = found["Name"], found["WorkflowRunId"]
    graph = graph_from_wire(found.get("Graph") or {})
    chosen = None if node is None else find_nodes([node], graph)[0].name
    labelled = chosen is None and len(graph.nodes) > 1
    return lambda: _workflow_sources(glue, workflow, full_id, chosen), labelled


def _job_meant(glue: Any, what: str) -> str | None:
    """The job that ``what`` names, None when it is a workflow.

    Whole names go before beginnings, workflows before jobs: those of a blueprint begin like their workflow.

    Raises:
        NoSuchName: it names neither, or several jobs begin so.
    """
    workflows = workflow_names(glue)
    if what in workflows:
        return None
    jobs = lookup.job_names(glue)
    if what in jobs:
        return what
    if begun(what, workflows):
        return None
    meant = begun(what, jobs)
    if not meant:
        names = near(what, [*workflows, *jobs])
        advice = f"; did you mean {' or '.join(names)}?" if names else ""
        raise NoSuchName(f"there is neither a workflow nor a job {what}{advice}")
    return only(what, meant)


def _look_at_job(glue: Any, job: str) -> Look:
    runs = glue.get_job_runs(JobName=job, MaxResults=1).get("JobRuns", [])
    if not runs:
        raise click.ClickException(f"job {job} has not run yet")
    return lambda: _job_sources(glue, job, runs[0]["Id"])


def _job_sources(glue: Any, job: str, run_id: str) -> tuple[list[Source], bool]:
    run = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
    return of_job_run(run), run["JobRunState"] in FINAL_JOB_STATES


def _workflow_sources(glue: Any, workflow: str, run_id: str, node: str | None) -> tuple[list[Source], bool]:
    run = run_view(lookup.workflow_run(glue, workflow, run_id))
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
