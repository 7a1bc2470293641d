"""``glueprint job run``: run a script as a Glue job, with its output in the terminal."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from glueprint.cli.arguments import pairs
from glueprint.cli.errors import EXIT_FAILED, EXIT_STOPPED
from glueprint.cli.job.compare import checked_versions, compare_with_first, run_versions, show_trials, trials_json
from glueprint.cli.job.debugger import Debugger
from glueprint.cli.job.definition import Definition, arguments_of, put_job
from glueprint.cli.job.live import Live, outcome
from glueprint.cli.output import print_json
from glueprint.cli.target import open_session, with_target
from glueprint.client.job_runs import JobRunView
from glueprint.client.session import Session, Target
from glueprint.environments.installed import local_glue_version


@click.command(short_help="Run a script as a Glue job and show its output.")
@click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--arg", "given", multiple=True, metavar="NAME=VALUE", help="A job argument; repeatable.")
@click.option(
    "--type",
    "command",
    type=click.Choice(["glueetl", "pythonshell"]),
    default="glueetl",
    show_default=True,
    help="The kind of job: Spark or Python shell.",
)
@click.option(
    "--glue-version",
    default=local_glue_version,
    show_default="the one whose Spark is installed next to glueprint",
    help="Of a Spark job; several, separated by commas, are compared.",
)
@click.option("--worker-type", default="G.1X", show_default=True, help="Of a Spark job.")
@click.option("--workers", type=click.IntRange(min=2), default=2, show_default=True, help="Of a Spark job.")
@click.option("--name", help="The job's name; by default the script's, without .py.")
@click.option("--debug", is_flag=True, help="Stop at breakpoint(), in this terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print the ended run as JSON; output goes to stderr.")
@with_target
def run(
    script: Path,
    given: tuple[str, ...],
    command: str,
    glue_version: str,
    worker_type: str,
    workers: int,
    name: str | None,
    debug: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Run SCRIPT as a job of the local Glue and show its output on stdout and its errors on stderr.

    The job is kept under its name, with its runs, logs and bookmark; the next run replaces its script. Write an
    argument with or without its dashes. The files that some parameters take from S3 (--extra-py-files,
    --extra-files, --extra-jars, wheels) may be local: they are uploaded first.

    With several GlueVersions, the script runs once with each, every time on a new copy of the data directory,
    which itself stays as it is. Then state, time, log lines and what was written to S3 are compared. The exit code
    is 0 if all runs succeed and write the same data, else 1.

    Exit codes: 0 SUCCEEDED; 1 FAILED, TIMEOUT or ERROR; 3 STOPPED. Ctrl-C stops the run.

    \b
    Examples:
      glueprint job run load.py --arg input=s3://lake/in/
      glueprint job run load.py --debug
      glueprint job run load.py --glue-version 5.1,6.0
      glueprint job run tidy.py --type pythonshell --arg extra-py-files=dist/helpers.whl
    """
    if target.aws:
        raise click.UsageError("job run works on the local Glue only: on AWS, create a job (aws glue create-job)")
    if debug and as_json:
        raise click.UsageError("--debug and --json exclude each other: a debugger needs the terminal")
    versions = checked_versions(glue_version)
    definition = Definition(name or script.stem, script, command, versions[0], worker_type, workers)
    named = dict(pairs(given, "--arg"))
    if len(versions) > 1:
        if debug or command == "pythonshell" or target.endpoint_url:
            raise click.UsageError("several GlueVersions are for Spark jobs on a data directory, without --debug")
        try:
            trials = run_versions(definition, versions, named, target.data_dir)
        except KeyboardInterrupt:
            click.echo("\nstopped: nothing was compared, and the data directory is as it was", err=True)
            raise click.exceptions.Exit(EXIT_STOPPED) from None
        comparisons = compare_with_first(trials)
        if as_json:
            print_json(trials_json(trials, comparisons))
        else:
            show_trials(trials, comparisons)
        if not all(one.is_same for one in comparisons):
            raise click.exceptions.Exit(EXIT_FAILED)
        return
    with open_session(target) as session, contextlib.ExitStack() as stack:
        arguments = arguments_of(session, named)
        debugger = stack.enter_context(Debugger()) if debug else None
        if debugger is not None:
            arguments = debugger.added_to(arguments)
        put_job(session, definition)
        ended = _follow(session, definition.name, arguments, debugger, as_json=as_json)
    if as_json:
        print_json(ended.wire)
    if ended.state != "SUCCEEDED":
        raise click.exceptions.Exit(EXIT_STOPPED if ended.state == "STOPPED" else EXIT_FAILED)


def _follow(
    session: Session, job: str, arguments: dict[str, str], debugger: Debugger | None, *, as_json: bool
) -> JobRunView:
    glue = session.glue
    run_id = glue.start_job_run(JobName=job, Arguments=arguments)["JobRunId"]
    live = Live(session, job, run_id, debugger, output_to_stderr=as_json)
    try:
        ended = live.until_ended()
    except KeyboardInterrupt:
        click.echo("\nstopping the run ...", err=True)
        glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
        ended = live.until_ended(debug=False)
    click.echo(outcome(ended, live.figures()), err=True)
    return ended
