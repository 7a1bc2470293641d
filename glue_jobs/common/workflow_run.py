"""The workflow run that a job belongs to: its properties, and how a job stops it."""

import time
from datetime import datetime, timezone
from typing import Any, Mapping

STOP_SECONDS = 120
POLL_SECONDS = 0.5


def get_properties(glue: Any, workflow: str, run_id: str) -> "dict[str, str]":
    """The run's properties."""
    properties: dict[str, str] = glue.get_workflow_run_properties(Name=workflow, RunId=run_id)["RunProperties"]
    return properties


def put_properties(glue: Any, workflow: str, run_id: str, properties: Mapping[str, str]) -> None:
    """Write run properties; PutWorkflowRunProperties keeps all others (docs/facts/workflows.md#run-properties)."""
    glue.put_workflow_run_properties(Name=workflow, RunId=run_id, RunProperties=dict(properties))


def started_on(glue: Any, workflow: str, run_id: str) -> datetime:
    """When the workflow run started, in UTC; the same for every retry of a job."""
    moment: datetime = glue.get_workflow_run(Name=workflow, RunId=run_id)["Run"]["StartedOn"]
    return moment.astimezone(timezone.utc)


def stop_own_run(glue: Any, workflow: str, run_id: str) -> None:
    """Stop the workflow run that this job belongs to, and return once the run is stopping.

    This job ends with success, which would start the next step: so it must not end before the stop takes effect.
    The stop may end this job here, which is just as well. If the run cannot be stopped, raising makes this job
    FAILED, and nothing after it starts either.

    Raises:
        TimeoutError: the run is still running two minutes after Glue accepted the stop.
    """
    try:
        glue.stop_workflow_run(Name=workflow, RunId=run_id)
    except glue.exceptions.IllegalWorkflowStateException:
        print("The run is already stopping.")
    waited = 0.0
    while True:
        status = glue.get_workflow_run(Name=workflow, RunId=run_id)["Run"]["Status"]
        if status in ("STOPPING", "STOPPED"):
            return
        if waited >= STOP_SECONDS:
            raise TimeoutError(
                "The workflow run is still {} {} s after it was stopped.".format(status, STOP_SECONDS)
            )
        time.sleep(POLL_SECONDS)
        waited += POLL_SECONDS
