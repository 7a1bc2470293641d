"""``glueprint job run SCRIPT --glue-version A,B``: one script under several GlueVersions, compared."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from glueprint.cli.job.definition import BUCKET, Definition, arguments_of, put_job
from glueprint.cli.output import console, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.client.job_comparison import Comparison, DataDifference, Trial, compare
from glueprint.client.job_runs import JobRunView, job_run
from glueprint.client.log_streams import LogReader, streams_of_job_run
from glueprint.client.servers import start_server
from glueprint.client.session import Session
from glueprint.client.written_data import DataSet, snapshot, written_since
from glueprint.environments.installed import environments
from glueprint.environments.selection import UnknownVersion, select

_MAX_DIFF_LINES = 40
_MAX_LINE = 300


def checked_versions(text: str) -> list[str]:
    """Return the GlueVersions of ``--glue-version A,B``; each can run on this machine if there are several.

    Raises:
        UsageError: a version is missing, unknown, or there twice.
        ClickException: the runtime of a version is not installed.
    """
    versions = [one.strip() for one in text.split(",")]
    if len(versions) == 1:
        return versions
    if "" in versions or len({*versions}) < len(versions):
        raise click.UsageError(f"--glue-version {text}: several GlueVersions, each once, as in 5.1,6.0")
    there = [one.runtime.name for one in environments()]
    try:
        needed = [select("glueetl", one, None, there).runtime for one in versions]
    except UnknownVersion as error:
        raise click.UsageError(str(error)) from None
    if missing := [name for name in needed if name not in there]:
        raise click.ClickException(
            f"nothing was run: {text} needs what is not installed; "
            f"run `{' && '.join(f'glueprint runtime add {name}' for name in missing)}`"
        )
    return versions


def run_versions(
    definition: Definition, versions: Sequence[str], arguments: Mapping[str, str], data_dir: Path
) -> list[Trial]:
    """Run a script once for each version, each time on a new copy of the data directory.

    Raises:
        ServerUnavailable: a server on the copy did not start.
    """
    trials = []
    for version in versions:
        with tempfile.TemporaryDirectory(prefix="glueprint-trial-") as directory:
            options = ["--ephemeral", "--warm-workers", "0"]
            if (data_dir / "state.sqlite").is_file():
                options += ["--copy-of", str(data_dir.absolute())]
            with (
                console(stderr=True).status(f"GlueVersion {version}: {definition.script.name} runs ..."),
                start_server(Path(directory), options) as endpoint,
            ):
                session = Session(endpoint)
                try:
                    trials.append(trial(session, replace(definition, glue_version=version), arguments))
                finally:
                    session.close()
        last = trials[-1]
        click.echo(f"GlueVersion {version}: {last.state}" + (f": {last.error}" if last.error else ""), err=True)
    return trials


def trial(session: Session, definition: Definition, given: Mapping[str, str]) -> Trial:
    """Run a script once; return how it ended, its log lines, and what it wrote."""
    arguments = arguments_of(session, given)
    put_job(session, definition)
    s3 = session.client("s3")
    before = snapshot(s3)
    run_id = session.glue.start_job_run(JobName=definition.name, Arguments=arguments)["JobRunId"]
    ended = _wait(session, definition.name, run_id)
    streams = streams_of_job_run(ended)
    lines = list(LogReader(session.client("logs")).new_lines(streams))
    output = tuple(line.message.rstrip("\n") for line in lines if not line.stream.is_error)
    errors = tuple(line.message.rstrip("\n") for line in lines if line.stream.is_error)
    return Trial(
        definition.glue_version,
        ended.state,
        ended.error,
        _seconds(ended.wire),
        output,
        errors,
        tuple(written_since(s3, before, BUCKET)),
    )


def _wait(session: Session, job: str, run_id: str) -> JobRunView:
    while not (found := job_run(session.glue, job, run_id)).is_final:
        time.sleep(session.poll_seconds)
    return found


def _seconds(run: Mapping[str, Any]) -> float:
    start, end = run.get("StartedOn"), run.get("CompletedOn")
    return (end - start).total_seconds() if start and end else 0.0


def compare_with_first(trials: Sequence[Trial]) -> list[Comparison]:
    """Return how each trial differs from the first."""
    return [compare(trials[0], other) for other in trials[1:]]


def show_trials(trials: Sequence[Trial], comparisons: Sequence[Comparison]) -> None:
    """Print the trials side by side, and how they differ."""
    rows = [
        (
            trial.glue_version,
            Text(trial.state, style="green" if trial.state == "SUCCEEDED" else "red"),
            f"{trial.seconds:.1f} s",
            str(len(trial.output)),
            str(len(trial.errors)),
            _written(trial.written),
        )
        for trial in trials
    ]
    show(plain_table(("GLUE VERSION", "STATE", "TIME", "OUTPUT LINES", "ERROR LINES", "WRITTEN"), rows))
    for comparison in comparisons:
        _show_comparison(comparison)


def trials_json(trials: Sequence[Trial], comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Return the trials and comparisons as JSON's types."""
    return {
        "trials": [_trial_json(trial) for trial in trials],
        "comparisons": [
            {
                "glue_versions": [one.first.glue_version, one.second.glue_version],
                "same": one.is_same,
                "output": list(one.output),
                "errors": list(one.errors),
                "data": [{"location": place.location, "problems": list(place.problems)} for place in one.data],
            }
            for one in comparisons
        ],
    }


def _trial_json(trial: Trial) -> dict[str, Any]:
    found = asdict(trial)
    for one in found["written"]:
        del one["content"]
    return found


def _written(found: Sequence[DataSet]) -> str:
    if not found:
        return "nothing"
    objects = sum(one.objects for one in found)
    rows = [one.rows for one in found]
    counted = "" if None in rows else f", {sum(row or 0 for row in rows):,} rows"
    return f"{count(objects, 'object')}{counted}"


def _show_comparison(found: Comparison) -> None:
    names = f"{found.first.glue_version} and {found.second.glue_version}"
    show(Text(f"\n{names}: {'the same result' if found.is_same else 'different results'}", style="bold"))
    for trial in (found.first, found.second):
        if trial.error:
            show(Text(f"  {trial.glue_version} {trial.state}: {trial.error}", style="red"))
    for one in found.data:
        _show_data(one)
    _show_lines("output", found.output)
    _show_lines("error log", found.errors)


def _show_data(one: DataDifference) -> None:
    if not one.problems:
        both = one.first or one.second
        assert both is not None
        rows = "unknown rows" if both.rows is None else f"{both.rows:,} rows"
        show(Text(f"  {one.location}  the same: {rows}, {len(both.schema)} columns"))
        return
    show(Text(f"  {one.location}", style="red"))
    for problem in one.problems:
        show(Text(f"    {problem}"))


def _show_lines(name: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    show(Text(f"  {name}, lines that differ:"))
    for line in lines[:_MAX_DIFF_LINES]:
        shown = line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]} ..."
        show(
            Text(f"    {shown}", style="red" if line.startswith("-") else "green" if line.startswith("+") else "")
        )
    if len(lines) > _MAX_DIFF_LINES:
        show(Text(f"    ... and {len(lines) - _MAX_DIFF_LINES} more lines"))
