"""Nothing of a workflow is changed while it runs: a run would see parts of two versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from glueprint.client.errors import GlueprintError, is_not_found
from glueprint.deploy.change.changes import STATE_MEMBER, Action, Change
from glueprint.deploy.change.requests import Account
from glueprint.deploy.definitions.model import Definition, Key, Kind
from glueprint.deploy.definitions.reading import at_once, batches
from glueprint.facts.states import FINAL_JOB_STATES, FINAL_RUN_STATUSES

MAX_RUNS = 100
"""How many of the newest runs are looked at."""
_READY = "READY"


class Running(GlueprintError):
    """The workflow, or a job or crawler that would be changed, runs."""


def active_run(account: Account, workflow: str) -> Mapping[str, Any] | None:
    """Return a run of the workflow that has not ended; None if there is none."""
    pages = account.glue.get_paginator("get_workflow_runs").paginate(Name=workflow)
    runs = (run for page in pages for run in page.get("Runs", ()))
    try:
        newest = islice(runs, MAX_RUNS)
        return next((run for run in newest if run["Status"] not in FINAL_RUN_STATUSES), None)
    except account.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        return None


def refuse_running(account: Account, workflow: str, changes: Iterable[Change]) -> None:
    """Refuse to change what runs.

    Raises:
        Running: a run of the workflow has not ended, or one of a job or crawler that would be changed.
    """
    run = active_run(account, workflow)
    if run is not None:
        run_id = run["WorkflowRunId"]
        raise Running(
            f"workflow {workflow} cannot be changed: its run {run_id} is {run['Status']}; nothing was changed",
            f"wait for its end, or stop it with `glueprint stop {workflow} {run_id}`",
        )
    changed = [one.key for one in changes if one.action is not Action.CREATE]
    jobs = [key.name for key in changed if key.kind is Kind.JOB]
    for name, found in zip(jobs, at_once(lambda one: _active_job_run(account, one), jobs), strict=True):
        if found is not None:
            run_id, state = found["Id"], found["JobRunState"]
            raise Running(
                f"job {name} cannot be changed: its run {run_id} is {state}; nothing was changed",
                f"wait for its end, or stop it with `glueprint stop {run_id}`",
            )
    crawlers = sorted(key.name for key in changed if key.kind is Kind.CRAWLER)
    for one in batches(crawlers, lambda names: account.glue.batch_get_crawlers(CrawlerNames=names)["Crawlers"]):
        if one.get("State", _READY) != _READY:
            raise Running(
                f"crawler {one['Name']} cannot be changed: it is {one['State']}; nothing was changed",
                "wait for its end",
            )


def _active_job_run(account: Account, job: str) -> Mapping[str, Any] | None:
    runs = account.glue.get_job_runs(JobName=job, MaxResults=MAX_RUNS).get("JobRuns", ())
    return next((run for run in runs if run["JobRunState"] not in FINAL_JOB_STATES), None)


def active_schedules(everything: Mapping[Key, Definition], workflow: str) -> list[Definition]:
    """Return the activated SCHEDULED triggers of a workflow: they are paused while it is changed."""
    return [
        one
        for key, one in everything.items()
        if key.kind is Kind.TRIGGER
        and one.members.get("WorkflowName") == workflow
        and one.members.get("Type") == "SCHEDULED"
        and one.members.get(STATE_MEMBER)
    ]
