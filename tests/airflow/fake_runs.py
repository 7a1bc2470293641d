"""A Glue that only knows workflow runs, and loses answers as a plan states; its time goes on with each request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from glueprint.compat import UTC

WORKFLOW = "orders"
ACTIVE = ("RUNNING", "STOPPING")
BEFORE, AFTER = "lost before it arrived", "lost after it was carried out"


def refusal(code: str, operation: str) -> ClientError:
    """An error answer."""
    return ClientError({"Error": {"Code": code, "Message": "..."}}, operation)


class FakeRuns:
    """Workflow runs with the operations that a task uses.

    Args:
        lost: for each request that starts a run, whether it or its answer is lost; empty: none is.
    """

    def __init__(self, lost: Iterable[str] = ()) -> None:
        self.runs: list[dict[str, Any]] = []
        self.most_active = 0
        self._lost = list(lost)
        self._now = datetime(2026, 11, 30, 12, tzinfo=UTC)

    def start_workflow_run(self, Name: str, RunProperties: dict[str, str]) -> dict[str, Any]:
        """Start a run, unless the request is lost."""
        return self._carried_out(lambda: self._add(RunProperties))

    def resume_workflow_run(self, Name: str, RunId: str, NodeIds: list[str]) -> dict[str, Any]:
        """Start a run after another. It has no run properties: AWS does not document that they are copied."""
        return self._carried_out(lambda: self._add({}, PreviousRunId=RunId))

    def get_workflow_runs(self, Name: str, MaxResults: int, NextToken: str = "0") -> dict[str, Any]:
        """A page of three, oldest first: the order is not documented."""
        if Name != WORKFLOW:
            raise refusal("EntityNotFoundException", "GetWorkflowRuns")
        start = int(NextToken)
        following = {"NextToken": str(start + 3)} if start + 3 < len(self.runs) else {}
        return {"Runs": [dict(run) for run in self.runs[start : start + 3]], **following}

    def get_workflow_run(self, Name: str, RunId: str, IncludeGraph: bool = False) -> dict[str, Any]:
        """One run. A run that is STOPPING has stopped at the next request."""
        run = self.run(RunId)
        answer = dict(run)
        if run["Status"] == "STOPPING":
            run["Status"] = "STOPPED"
        return {"Run": answer}

    def stop_workflow_run(self, Name: str, RunId: str) -> None:
        """Request that a run stops."""
        run = self.run(RunId)
        if run["Status"] != "RUNNING":
            raise refusal("IllegalWorkflowStateException", "StopWorkflowRun")
        run["Status"] = "STOPPING"

    def run(self, run_id: str) -> dict[str, Any]:
        """One run as it is stored."""
        return next(run for run in self.runs if run["WorkflowRunId"] == run_id)

    def end(self, status: str, failed: int = 0, marker: str | None = None) -> None:
        """End the newest active run."""
        run = next(run for run in reversed(self.runs) if run["Status"] in ACTIVE)
        run.update(Status=status, Statistics={"TotalActions": 1, "FailedActions": failed})
        if marker is not None:
            run["WorkflowRunProperties"]["file_presence"] = marker
        if failed:
            job_run = {"Id": "jr_1", "JobName": "load", "JobRunState": "FAILED"}
            job_run["ErrorMessage"] = "KeyError: 'price'"
            run["Graph"]["Nodes"][1]["JobDetails"] = {"JobRuns": [job_run]}

    @property
    def active(self) -> list[str]:
        """The runs that have not ended."""
        return [run["WorkflowRunId"] for run in self.runs if run["Status"] in ACTIVE]

    def _carried_out(self, add: Any) -> dict[str, Any]:
        lost = self._lost.pop(0) if self._lost else ""
        if lost == BEFORE:
            raise EndpointConnectionError(endpoint_url="http://glue")
        run_id = add()
        if lost == AFTER:
            raise ReadTimeoutError(endpoint_url="http://glue")
        return {"RunId": run_id}

    def _add(self, properties: dict[str, str], **members: Any) -> str:
        self._now += timedelta(seconds=1)
        run_id = f"wr_{len(self.runs)}"
        trigger = {"Name": "start", "Type": "ON_DEMAND", "State": "CREATED", "Actions": [{"JobName": "load"}]}
        graph = {
            "Nodes": [
                {"Type": "TRIGGER", "Name": "start", "UniqueId": "t", "TriggerDetails": {"Trigger": trigger}},
                {"Type": "JOB", "Name": "load", "UniqueId": "j"},
            ],
            "Edges": [{"SourceId": "t", "DestinationId": "j"}],
        }
        self.runs.append(
            {
                "Name": WORKFLOW,
                "WorkflowRunId": run_id,
                "Status": "RUNNING",
                "StartedOn": self._now,
                "WorkflowRunProperties": dict(properties),
                "Statistics": {},
                "Graph": graph,
                **members,
            }
        )
        self.most_active = max(self.most_active, len(self.active))
        return run_id
