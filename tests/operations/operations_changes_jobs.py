"""Changes to jobs, workflows and triggers, and how they are read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from operations_changes_table import ARN, COMMAND, change_by, check_gone, create_job
from operations_harness import ROLE, Operations, until

from glueprint.local.store.bookmark_rows import Bookmark, add_bookmark


def _job_run(glue: Operations, name: str) -> str:
    create_job(glue, name)
    run_id: str = glue.call("StartJobRun", JobName=name, Arguments={"--key": "value"})["JobRunId"]
    return run_id


@change_by("CreateJob")
def _create_job(glue: Operations, name: str) -> Iterator[None]:
    create_job(glue, name, DefaultArguments={"--a": "b"}, Tags={"k": "v"})
    yield
    assert glue.call("GetJob", JobName=name)["Job"]["DefaultArguments"] == {"--a": "b"}
    assert glue.call("GetTags", ResourceArn=f"{ARN}job/{name}")["Tags"] == {"k": "v"}


@change_by("UpdateJob")
def _update_job(glue: Operations, name: str) -> Iterator[None]:
    create_job(glue, name, Description="before")
    glue.call("UpdateJob", JobName=name, JobUpdate={"Role": ROLE, "Command": COMMAND, "MaxRetries": 3})
    yield
    job = glue.call("GetJob", JobName=name)["Job"]
    assert (job["MaxRetries"], "Description" in job) == (3, False)


@change_by("DeleteJob")
def _delete_job(glue: Operations, name: str) -> Iterator[None]:
    create_job(glue, name)
    glue.call("DeleteJob", JobName=name)
    yield
    check_gone(glue, "GetJob", JobName=name)


@change_by("StartJobRun")
def _start_job_run(glue: Operations, name: str) -> Iterator[None]:
    run_id = _job_run(glue, name)
    yield
    run = glue.call("GetJobRun", JobName=name, RunId=run_id)["JobRun"]
    assert (run["JobRunState"], run["Arguments"]) == ("STARTING", {"--key": "value"})


@change_by("BatchStopJobRun")
def _batch_stop_job_run(glue: Operations, name: str) -> Iterator[None]:
    run_id = _job_run(glue, name)
    done = glue.call("BatchStopJobRun", JobName=name, JobRunIds=[run_id])
    assert done["SuccessfulSubmissions"] == [{"JobName": name, "JobRunId": run_id}]
    yield
    run = glue.call("GetJobRun", JobName=name, RunId=run_id)["JobRun"]
    assert run["JobRunState"] in ("STOPPING", "STOPPED")


@change_by("ResetJobBookmark")
def _reset_job_bookmark(glue: Operations, name: str) -> Iterator[None]:
    row = Bookmark(name, 1, 1, 0, "jr_1", None, '{"seen": 1}')
    glue.local.database.write(lambda tx: add_bookmark(tx, row))
    glue.call("ResetJobBookmark", JobName=name)
    yield
    entry = glue.call("GetJobBookmark", JobName=name)["JobBookmarkEntry"]
    assert (entry["Version"], entry["JobBookmark"]) == (2, "{}")


# Workflows and triggers

def _workflow(glue: Operations, name: str, **members: Any) -> None:
    """A workflow of one job, which its on-demand trigger starts."""
    glue.call("CreateWorkflow", Name=name, **members)
    create_job(glue, name)
    _trigger(glue, name, WorkflowName=name)


def _workflow_run(glue: Operations, name: str) -> str:
    _workflow(glue, name, DefaultRunProperties={"a": "1"})
    run_id: str = glue.call("StartWorkflowRun", Name=name, RunProperties={"b": "2"})["RunId"]
    return run_id


def _run(glue: Operations, name: str, run_id: str) -> dict[str, Any]:
    answer = glue.call("GetWorkflowRun", Name=name, RunId=run_id, IncludeGraph=True)
    run: dict[str, Any] = answer["Run"]
    return run


def _trigger(glue: Operations, name: str, **members: Any) -> None:
    glue.call("CreateTrigger", **{"Name": name, "Type": "ON_DEMAND", "Actions": [{"JobName": name}]} | members)


def _scheduled(glue: Operations, name: str) -> None:
    create_job(glue, name)
    _trigger(glue, name, Type="SCHEDULED", Schedule="cron(0 12 * * ? *)")


@change_by("CreateWorkflow")
def _create_workflow(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateWorkflow", Name=name, DefaultRunProperties={"k": "v"}, MaxConcurrentRuns=2)
    yield
    workflow = glue.call("GetWorkflow", Name=name)["Workflow"]
    assert (workflow["DefaultRunProperties"], workflow["MaxConcurrentRuns"]) == ({"k": "v"}, 2)


@change_by("UpdateWorkflow")
def _update_workflow(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateWorkflow", Name=name, Description="before")
    glue.call("UpdateWorkflow", Name=name, Description="after")
    yield
    assert glue.call("GetWorkflow", Name=name)["Workflow"]["Description"] == "after"


@change_by("DeleteWorkflow")
def _delete_workflow(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateWorkflow", Name=name)
    glue.call("DeleteWorkflow", Name=name)
    yield
    check_gone(glue, "GetWorkflow", Name=name)


@change_by("StartWorkflowRun")
def _start_workflow_run(glue: Operations, name: str) -> Iterator[None]:
    run_id = _workflow_run(glue, name)
    yield
    assert _run(glue, name, run_id)["Status"] == "RUNNING"
    properties = glue.call("GetWorkflowRunProperties", Name=name, RunId=run_id)["RunProperties"]
    assert properties == {"a": "1", "b": "2"}


@change_by("PutWorkflowRunProperties")
def _put_workflow_run_properties(glue: Operations, name: str) -> Iterator[None]:
    run_id = _workflow_run(glue, name)
    glue.call("PutWorkflowRunProperties", Name=name, RunId=run_id, RunProperties={"b": "3", "c": "4"})
    yield
    properties = glue.call("GetWorkflowRunProperties", Name=name, RunId=run_id)["RunProperties"]
    assert properties == {"a": "1", "b": "3", "c": "4"}


@change_by("StopWorkflowRun")
def _stop_workflow_run(glue: Operations, name: str) -> Iterator[None]:
    run_id = _workflow_run(glue, name)
    glue.call("StopWorkflowRun", Name=name, RunId=run_id)
    yield
    until(lambda: _run(glue, name, run_id)["Status"] == "STOPPED" or None)


@change_by("ResumeWorkflowRun")
def _resume_workflow_run(glue: Operations, name: str) -> Iterator[None]:
    first = _workflow_run(glue, name)
    (attempt,) = glue.call("GetJobRuns", JobName=name)["JobRuns"]
    glue.call("BatchStopJobRun", JobName=name, JobRunIds=[attempt["Id"]])
    until(lambda: _run(glue, name, first)["Status"] == "COMPLETED" or None)
    nodes = [node["UniqueId"] for node in _run(glue, name, first)["Graph"]["Nodes"] if node["Type"] == "JOB"]
    second = glue.call("ResumeWorkflowRun", Name=name, RunId=first, NodeIds=nodes)["RunId"]
    yield
    run = _run(glue, name, second)
    assert (run["Status"], run["PreviousRunId"]) == ("RUNNING", first)


@change_by("CreateTrigger")
def _create_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    yield
    trigger = glue.call("GetTrigger", Name=name)["Trigger"]
    assert (trigger["Schedule"], trigger["State"]) == ("cron(0 12 * * ? *)", "CREATED")


@change_by("UpdateTrigger")
def _update_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    update = {"Schedule": "cron(0 6 * * ? *)", "Actions": [{"JobName": name}]}
    glue.call("UpdateTrigger", Name=name, TriggerUpdate=update)
    yield
    assert glue.call("GetTrigger", Name=name)["Trigger"]["Schedule"] == "cron(0 6 * * ? *)"


@change_by("DeleteTrigger")
def _delete_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    glue.call("DeleteTrigger", Name=name)
    yield
    check_gone(glue, "GetTrigger", Name=name)


@change_by("StartTrigger")
def _start_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    glue.call("StartTrigger", Name=name)
    yield
    assert glue.call("GetTrigger", Name=name)["Trigger"]["State"] == "ACTIVATED"


@change_by("StopTrigger")
def _stop_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    glue.call("StartTrigger", Name=name)
    glue.call("StopTrigger", Name=name)
    yield
    assert glue.call("GetTrigger", Name=name)["Trigger"]["State"] == "DEACTIVATED"
