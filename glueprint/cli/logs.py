"""``glueprint logs``: the log lines of jobs, crawlers and layouts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from glueprint.cli.completion import names_of
from glueprint.cli.output import echo
from glueprint.cli.target import open_session, with_target
from glueprint.client.blueprints import blueprint_run
from glueprint.client.graph_names import find_nodes
from glueprint.client.job_runs import job_run
from glueprint.client.log_streams import (
    LogLine,
    LogReader,
    LogStream,
    streams_of_job_run,
    streams_of_layout,
    streams_of_run,
)
from glueprint.client.lookup import Lookup
from glueprint.client.runs import workflow_run
from glueprint.client.session import Session, Target
from glueprint.compat import UTC

Source = Callable[[], tuple[list[LogStream], bool]]
"""Returns the present streams, and whether the run has ended."""


@click.command()
@click.argument("what", shell_complete=names_of("workflow", "job"))
@click.argument("node", required=False)
@click.option("--run", "run_id", metavar="RUN_ID", help="Run of the workflow; by default the latest.")
@click.option("--stream", type=click.Choice(["output", "error", "both"]), default="both", show_default=True)
@click.option("--follow", "-f", is_flag=True, help="Continue until the run has ended.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@with_target
def logs(
    what: str, node: str | None, run_id: str | None, stream: str, follow: bool, as_json: bool, target: Target
) -> None:
    """Print the log of WHAT: output to stdout, errors to stderr. With --stream, the chosen one goes to stdout.

    WHAT is a job run (jr_...), a workflow run (wr_...), a workflow or a job; of a workflow or job, the latest run
    is printed. NODE, or WHAT/NODE, selects one job or crawler of a workflow run. Any unambiguous prefix of a name
    or id works.

    Of a blueprint run (br_...) on a local Glue: what its layout printed, and as errors the warnings about what was
    dropped of it. AWS keeps neither.

    \b
    Examples:
      glueprint logs orders
      glueprint logs orders orders_load
      glueprint logs orders --follow --stream error
      glueprint logs jr_4e6b --json
      glueprint logs br_62d0
    """
    what, _, inner = what.partition("/")
    with open_session(target, existing=True) as session:
        source, labelled = _source(session, what, node or inner or None, run_id)
        reader = LogReader(session.client("logs"))
        printed = 0
        while True:
            streams, ended = source()
            chosen = [one for one in streams if stream == "both" or one.is_error == (stream == "error")]
            for line in reader.new_lines(chosen):
                _print(line, label=labelled, as_json=as_json, to_stderr=line.stream.is_error and stream == "both")
                printed += 1
            if ended or not follow:
                break
            time.sleep(session.poll_seconds)
    if not printed:
        echo("nothing was written" if ended else "nothing was written yet: --follow waits for it", err=True)


def _source(session: Session, what: str, node: str | None, run_id: str | None) -> tuple[Source, bool]:
    """Return how to find the streams of what the user named, and whether lines need labels.

    Nodes of a run that have not started count for the labels: otherwise the first lines would have none.
    """
    lookup, glue = Lookup(session), session.glue
    if what.startswith("jr_"):
        run = lookup.job_run(what)
        return lambda: _job_streams(glue, run.job, run.run_id), False
    if what.startswith("br_"):
        if session.is_aws:
            raise click.UsageError("AWS does not keep what layouts print; only a local Glue does")
        blueprint, full_id = lookup.blueprint_of_run(what)
        return lambda: _layout_streams(glue, blueprint, full_id), False
    if what.startswith("wr_"):
        what, run_id = lookup.workflow_of_run(what)
    if run_id is None and node is None and (job := lookup.job_unless_workflow(what)) is not None:
        latest = lookup.latest_job_run(job)
        return lambda: _job_streams(glue, job, latest.run_id), False
    found = lookup.workflow_run(what, run_id)
    chosen = None if node is None else find_nodes([node], found.graph, session.notify)[0].name
    labelled = chosen is None and len(found.graph.nodes) > 1
    return lambda: _run_streams(glue, found.workflow, found.run_id, chosen), labelled


def _job_streams(glue: Any, job: str, run_id: str) -> tuple[list[LogStream], bool]:
    run = job_run(glue, job, run_id)
    return streams_of_job_run(run), run.is_final


def _layout_streams(glue: Any, blueprint: str, run_id: str) -> tuple[list[LogStream], bool]:
    return streams_of_layout(blueprint, run_id), blueprint_run(glue, blueprint, run_id).is_final


def _run_streams(glue: Any, workflow: str, run_id: str, node: str | None) -> tuple[list[LogStream], bool]:
    run = workflow_run(glue, workflow, run_id)
    return streams_of_run(run, node), run.is_final


def _print(line: LogLine, *, label: bool, as_json: bool, to_stderr: bool) -> None:
    stream = line.stream
    if as_json:
        data = {
            "timestamp": datetime.fromtimestamp(line.timestamp / 1000, UTC).isoformat(),
            "node": stream.label,
            "stream": "error" if stream.is_error else "output",
            "message": line.message,
        }
        echo(json.dumps(data))
        return
    echo(line.message, err=to_stderr, label=f"{stream.label} | " if label else "")
