"""Finds what a person names briefly: by a beginning, by a run id alone, by a workflow's latest run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from glueprint.cli.missing import only, workflow_named, workflow_names
from glueprint.cli.near import begun
from glueprint.client.errors import error_code

LATEST = "latest"
"""Stands for a workflow's newest run, wherever a run id is taken."""


def workflow(glue: Any, name: str) -> dict[str, Any]:
    """A workflow with its graph.

    Args:
        name: its name or an unambiguous beginning of it; its full name is the answer's ``Name``.

    Raises:
        NoSuchName: there is no such workflow, or several begin so.
    """
    return workflow_named(glue, name)


def workflow_run(glue: Any, workflow: str, run_id: str | None) -> dict[str, Any]:
    """A run with its graph.

    Args:
        workflow: its name or an unambiguous beginning of it; its full name is the answer's ``Name``.
        run_id: None and "latest" mean the newest; else the id or an unambiguous beginning of it.

    Raises:
        NoSuchName: there is no such workflow; or several workflows, or several of its runs, begin so.
        click.ClickException: it has no such run, or has not run yet.
    """
    if run_id is None or run_id == LATEST:
        found = workflow_named(glue, workflow)
        name, last = found["Name"], found.get("LastRun")
        if last is None:
            raise click.ClickException(f"workflow {name} has not run yet: `glueprint run {name}`")
        run_id = last["WorkflowRunId"]
    else:
        run = _run(glue, workflow, run_id)
        if run is not None:
            return run
        name = workflow_named(glue, workflow)["Name"]
        meant = begun(run_id, _run_ids(glue, name))
        run_id = only(run_id, meant) if meant else run_id
    run = _run(glue, name, run_id)
    if run is None:
        which = run_id or repr(run_id)
        raise click.ClickException(f"workflow {name} has no run {which}: `glueprint status {name}` lists its runs")
    return run


def workflow_of_run(glue: Any, run_id: str) -> tuple[str, str]:
    """The workflow that a run id (``wr_...``) belongs to, and the whole id. The API asks for both, so every
    workflow is tried.

    Args:
        run_id: the id or an unambiguous beginning of it.

    Raises:
        NoSuchName: several runs begin so.
        click.ClickException: there is no such run.
    """
    names = workflow_names(glue)
    for name in names:
        if _run(glue, name, run_id) is not None:
            return name, run_id
    begins = {one: name for name in names for one in begun(run_id, _run_ids(glue, name))}
    if not begins:
        raise click.ClickException(f"no workflow has a run {run_id}")
    whole = only(run_id, list(begins))
    return begins[whole], whole


def job_run(glue: Any, run_id: str) -> dict[str, Any]:
    """The job run with this id (``jr_...``); every job is tried.

    Args:
        run_id: the id or an unambiguous beginning of it; the full one is the answer's ``Id``.

    Raises:
        NoSuchName: several runs begin so.
        click.ClickException: there is no such run.
    """
    names = job_names(glue)
    for name in names:
        try:
            found: dict[str, Any] = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        except glue.exceptions.ClientError as error:
            if error_code(error) != "EntityNotFoundException":
                raise
        else:
            return found
    begins = {run["Id"]: run for name in names for run in _job_runs(glue, name) if run["Id"].startswith(run_id)}
    if not begins:
        raise click.ClickException(f"no job has a run {run_id}")
    return begins[only(run_id, list(begins))]


def job_names(glue: Any) -> list[str]:
    """The names of all jobs."""
    return [str(name) for page in glue.get_paginator("list_jobs").paginate() for name in page["JobNames"]]


def _run(glue: Any, workflow: str, run_id: str) -> dict[str, Any] | None:
    if not workflow or not run_id:
        return None  # the API takes no empty names
    try:
        run: dict[str, Any] = glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        return None
    return run


def _run_ids(glue: Any, workflow: str) -> Iterator[str]:
    for page in glue.get_paginator("get_workflow_runs").paginate(Name=workflow):
        yield from (run["WorkflowRunId"] for run in page["Runs"])


def _job_runs(glue: Any, job: str) -> Iterator[dict[str, Any]]:
    for page in glue.get_paginator("get_job_runs").paginate(JobName=job):
        yield from page["JobRuns"]
