"""Finds what a person names briefly: by a run id alone, by a workflow's latest run."""

from __future__ import annotations

from typing import Any

import click

from glueprint.cli.errors import error_code
from glueprint.cli.missing import workflow_named


def workflow(glue: Any, name: str) -> dict[str, Any]:
    """A workflow with its graph.

    Raises:
        NoSuchName: there is no such workflow.
    """
    with workflow_named(glue, name):
        found: dict[str, Any] = glue.get_workflow(Name=name, IncludeGraph=True)["Workflow"]
        return found


def workflow_run(glue: Any, workflow: str, run_id: str | None) -> dict[str, Any]:
    """A run with its graph; the latest when ``run_id`` is None.

    Raises:
        NoSuchName: there is no such workflow.
        click.ClickException: it has no such run, or has not run yet.
    """
    with workflow_named(glue, workflow):
        if run_id is None:
            last = glue.get_workflow(Name=workflow)["Workflow"].get("LastRun")
            if last is None:
                raise click.ClickException(f"workflow {workflow} has not run yet: `glueprint run {workflow}`")
            run_id = last["WorkflowRunId"]
        return _run(glue, workflow, run_id)


def _run(glue: Any, workflow: str, run_id: str) -> dict[str, Any]:
    try:
        run: dict[str, Any] = glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        glue.get_workflow(Name=workflow)  # or it is the workflow that does not exist
        raise click.ClickException(
            f"workflow {workflow} has no run {run_id}: `glueprint status {workflow}` lists its runs"
        ) from error
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
