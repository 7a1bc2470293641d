"""``glueprint stop``: end a workflow run or a job run."""

from __future__ import annotations

import click

from glueprint.cli.completion import names_of
from glueprint.cli.output import echo, print_json
from glueprint.cli.progress import wait_with_status
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import RequestFailed
from glueprint.client.job_runs import JobRunView, job_run
from glueprint.client.lookup import Lookup
from glueprint.client.runs import RunView, workflow_run
from glueprint.client.session import Session, Target


@click.command()
@click.argument("what", shell_complete=names_of("workflow"))
@click.argument("run_id", required=False)
@click.option("--no-wait", is_flag=True, help="Do not wait until it has stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print the stopped run as JSON.")
@with_target
def stop(what: str, run_id: str | None, no_wait: bool, as_json: bool, target: Target) -> None:
    """Stop WHAT: a workflow run (WORKFLOW [RUN_ID] or wr_...; by default the latest) or a job run (jr_...).

    The command waits until everything in the run has ended; what was done until then is kept. Any unambiguous
    prefix of a name or id works.

    \b
    Examples:
      glueprint stop orders
      glueprint stop wr_57b8
      glueprint stop jr_4e6b --no-wait
    """
    with open_session(target, existing=True) as session:
        lookup = Lookup(session)
        if what.startswith("jr_"):
            stopped = _stop_job_run(session, lookup.job_run(what), no_wait=no_wait)
            line, wire = f"{stopped.run_id} {stopped.state}", stopped.wire
        else:
            if what.startswith("wr_"):
                what, run_id = lookup.workflow_of_run(what)
            run = _stop_workflow_run(session, lookup.workflow_run(what, run_id), no_wait=no_wait)
            line, wire = f"{run.workflow} {run.run_id} {run.status}", run.wire
    if as_json:
        print_json(wire)
    else:
        echo(line)


def _stop_workflow_run(session: Session, run: RunView, *, no_wait: bool) -> RunView:
    glue = session.glue
    glue.stop_workflow_run(Name=run.workflow, RunId=run.run_id)
    return wait_with_status(
        lambda: workflow_run(glue, run.workflow, run.run_id),
        lambda run: no_wait or run.is_final,
        poll_seconds=session.poll_seconds,
        status=f"{run.workflow} {run.run_id} is stopping",
    )


def _stop_job_run(session: Session, run: JobRunView, *, no_wait: bool) -> JobRunView:
    glue = session.glue
    answer = glue.batch_stop_job_run(JobName=run.job, JobRunIds=[run.run_id])
    for problem in answer.get("Errors", ()):
        detail = problem.get("ErrorDetail", {})
        raise RequestFailed(f"{run.run_id}: {detail.get('ErrorMessage') or detail.get('ErrorCode')}")
    return wait_with_status(
        lambda: job_run(glue, run.job, run.run_id),
        lambda run: no_wait or run.is_final,
        poll_seconds=session.poll_seconds,
        status=f"{run.job} {run.run_id} is stopping",
    )
