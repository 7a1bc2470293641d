"""Finds what a person names briefly: by a run id alone, by a workflow's latest run."""

from __future__ import annotations

from typing import Any

import click

from glueprint.cli.errors import error_code


def workflow_run(glue: Any, workflow: str, run_id: str | None) -> dict[str, Any]:
    """A run with its graph; the latest when ``run_id`` is None.

    Raises:
        click.ClickException: the workflow has not run yet.
    """
    if run_id is None:
        last = glue.get_workflow(Name=workflow)["Workflow"].get("LastRun")
        if last is None:
            raise click.ClickException(f"workflow {workflow} has not run yet: `glueprint run {workflow}`")
        run_id = last["WorkflowRunId"]
    run: dict[str, Any] = glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
    return run


def workflow_of_run(glue: Any, run_id: str) -> str:
    """The workflow that a run id (``wr_...``) belongs to. The API asks for both, so every workflow is tried.

    Raises:
        click.ClickException: there is no such run.
    """
    for page in glue.get_paginator("list_workflows").paginate():
        for name in page.get("Workflows", ()):
            try:
                glue.get_workflow_run(Name=name, RunId=run_id)
            except glue.exceptions.ClientError as error:
                if error_code(error) != "EntityNotFoundException":
                    raise
            else:
                return str(name)
    raise click.ClickException(f"no workflow has a run {run_id}")


def job_run(glue: Any, run_id: str) -> dict[str, Any]:
    """The job run with this id (``jr_...``); every job is tried.

    Raises:
        click.ClickException: there is no such run.
    """
    for page in glue.get_paginator("list_jobs").paginate():
        for name in page.get("JobNames", ()):
            try:
                found: dict[str, Any] = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
            except glue.exceptions.ClientError as error:
                if error_code(error) != "EntityNotFoundException":
                    raise
            else:
                return found
    raise click.ClickException(f"no job has a run {run_id}")
