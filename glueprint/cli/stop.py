"""``glueprint stop``: end a workflow run or a job run."""

from __future__ import annotations

import time
from typing import Any

import click

from glueprint.cli import lookup
from glueprint.cli.output import print_json
from glueprint.cli.runs import FINAL_JOB, FINAL_RUN
from glueprint.cli.session import Target, open_session, with_session


@click.command()
@click.argument("what")
@click.argument("run_id", required=False)
@click.option("--no-wait", is_flag=True, help="Do not wait until it has stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print the stopped run as JSON.")
@with_session
def stop(what: str, run_id: str | None, no_wait: bool, as_json: bool, target: Target) -> None:
    """Stop WHAT: a workflow run (WORKFLOW [RUN_ID] or wr_...; by default the latest) or a job run (jr_...)."""
    with open_session(target) as session:
        glue, poll = session.glue, session.poll_seconds
        if what.startswith("jr_"):
            run = _stop_job_run(glue, what, None if no_wait else poll)
            state, shown = run["JobRunState"], run["Id"]
        else:
            if what.startswith("wr_"):
                what, run_id = lookup.workflow_of_run(glue, what)
            run = _stop_workflow_run(glue, what, run_id, None if no_wait else poll)
            state, shown = run["Status"], f"{run['Name']} {run['WorkflowRunId']}"
    if as_json:
        print_json(run)
    else:
        click.echo(f"{shown} {state}")


def _stop_workflow_run(glue: Any, workflow: str, run_id: str | None, poll: float | None) -> dict[str, Any]:
    run = lookup.workflow_run(glue, workflow, run_id)
    workflow, run_id = run["Name"], run["WorkflowRunId"]
    glue.stop_workflow_run(Name=workflow, RunId=run_id)
    while True:
        run = lookup.workflow_run(glue, workflow, run_id)
        if poll is None or run["Status"] in FINAL_RUN:
            return run
        time.sleep(poll)


def _stop_job_run(glue: Any, run_id: str, poll: float | None) -> dict[str, Any]:
    found = lookup.job_run(glue, run_id)
    job, run_id = found["JobName"], found["Id"]
    answer = glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    for problem in answer.get("Errors", ()):
        detail = problem.get("ErrorDetail", {})
        raise click.ClickException(f"{run_id}: {detail.get('ErrorMessage') or detail.get('ErrorCode')}")
    while True:
        run: dict[str, Any] = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        if poll is None or run["JobRunState"] in FINAL_JOB:
            return run
        time.sleep(poll)
