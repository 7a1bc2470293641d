"""``glueprint stop``: end a workflow run or a job run."""

from __future__ import annotations

from typing import Any

import click

from glueprint.cli import lookup
from glueprint.cli.output import print_json
from glueprint.cli.target import open_session, with_target
from glueprint.cli.waiting import wait_until
from glueprint.client.session import Session, Target
from glueprint.facts.states import FINAL_JOB_STATES, FINAL_RUN_STATUSES


@click.command()
@click.argument("what")
@click.argument("run_id", required=False)
@click.option("--no-wait", is_flag=True, help="Do not wait until it has stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print the stopped run as JSON.")
@with_target
def stop(what: str, run_id: str | None, no_wait: bool, as_json: bool, target: Target) -> None:
    """Stop WHAT: a workflow run (WORKFLOW [RUN_ID] or wr_...; by default the latest) or a job run (jr_...).

    Beginnings of names and ids will do. It waits until all that ran has ended; what was done until then stays.

    \b
    Examples:
      glueprint stop orders
      glueprint stop wr_57b8
      glueprint stop jr_4e6b --no-wait
    """
    with open_session(target) as session:
        if what.startswith("jr_"):
            run = _stop_job_run(session, what, no_wait=no_wait)
            state, shown = run["JobRunState"], run["Id"]
        else:
            if what.startswith("wr_"):
                what, run_id = lookup.workflow_of_run(session.glue, what)
            run = _stop_workflow_run(session, what, run_id, no_wait=no_wait)
            state, shown = run["Status"], f"{run['Name']} {run['WorkflowRunId']}"
    if as_json:
        print_json(run)
    else:
        click.echo(f"{shown} {state}")


def _stop_workflow_run(session: Session, workflow: str, run_id: str | None, *, no_wait: bool) -> dict[str, Any]:
    glue = session.glue
    run = lookup.workflow_run(glue, workflow, run_id)
    workflow, run_id = run["Name"], run["WorkflowRunId"]
    glue.stop_workflow_run(Name=workflow, RunId=run_id)
    return wait_until(
        lambda: lookup.workflow_run(glue, workflow, run_id),
        lambda run: no_wait or run["Status"] in FINAL_RUN_STATUSES,
        poll_seconds=session.poll_seconds,
        told=f"{workflow} {run_id} is stopping",
    )


def _stop_job_run(session: Session, run_id: str, *, no_wait: bool) -> dict[str, Any]:
    glue = session.glue
    found = lookup.job_run(glue, run_id)
    job, run_id = found["JobName"], found["Id"]
    answer = glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    for problem in answer.get("Errors", ()):
        detail = problem.get("ErrorDetail", {})
        raise click.ClickException(f"{run_id}: {detail.get('ErrorMessage') or detail.get('ErrorCode')}")
    return wait_until(
        lambda: dict(glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]),
        lambda run: no_wait or run["JobRunState"] in FINAL_JOB_STATES,
        poll_seconds=session.poll_seconds,
        told=f"{job} {run_id} is stopping",
    )
