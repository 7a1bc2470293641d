"""What failed: job runs and crawls, in workflows and outside, and workflow runs that ended in error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glueprint.client.lookup import Lookup
from glueprint.client.session import Session

MAX_RUNS = 25
"""How many of the latest runs of each job, crawler and workflow are read."""
_FAILED_JOB_STATES = frozenset({"FAILED", "ERROR", "TIMEOUT", "EXPIRED"})


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run that failed.

    Attributes:
        kind: job, crawler or workflow.
        name: the job's, crawler's or workflow's.
        run_id: of the job run, crawl or workflow run.
        workflow: the workflow that started it; None outside workflows.
        reason: its error message; empty if it has none.
    """

    kind: str
    name: str
    run_id: str
    state: str
    when: datetime | None
    workflow: str | None
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data (docs/json-output.md)."""
        return {
            "kind": self.kind,
            "name": self.name,
            "run_id": self.run_id,
            "state": self.state,
            "completed": self.when,
            "workflow": self.workflow,
            "reason": self.reason,
        }


def failed_runs(session: Session) -> list[FailedRun]:
    """Return the failed ones among the latest runs of every workflow, job and crawler, newest first.

    An attempt that was followed by a retry is left out: the retry shows the end.
    """
    glue, lookup = session.glue, Lookup(session)
    workflows = {name: _workflow_runs(glue, name) for name in lookup.workflow_names()}
    nodes = {key: name for name, runs in workflows.items() for run in runs for key in _nodes(run)}
    found = [
        FailedRun(
            "workflow",
            name,
            run["WorkflowRunId"],
            run["Status"],
            run.get("CompletedOn"),
            None,
            run.get("ErrorMessage", ""),
        )
        for name, runs in workflows.items()
        for run in runs
        if run["Status"] == "ERROR"
    ]
    for job in lookup.job_names():
        found += _failed_job_runs(glue, job, nodes)
    for crawler in lookup.crawler_names():
        found += _failed_crawls(glue, crawler, nodes)
    return sorted(found, key=lambda one: one.when.timestamp() if one.when else 0.0, reverse=True)


def _workflow_runs(glue: Any, workflow: str) -> list[dict[str, Any]]:
    answer = glue.get_workflow_runs(Name=workflow, IncludeGraph=True, MaxResults=MAX_RUNS)
    runs: list[dict[str, Any]] = answer.get("Runs", [])
    return runs


def _nodes(run: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield what identifies the job runs and crawls of a workflow run: a Crawl has no id, but its start."""
    for node in (run.get("Graph") or {}).get("Nodes") or ():
        for job_run in (node.get("JobDetails") or {}).get("JobRuns") or ():
            yield "", job_run["Id"]
        for crawl in (node.get("CrawlerDetails") or {}).get("Crawls") or ():
            yield node["Name"], crawl.get("StartedOn")


def _failed_job_runs(glue: Any, job: str, nodes: dict[tuple[str, object], str]) -> Iterator[FailedRun]:
    runs = glue.get_job_runs(JobName=job, MaxResults=MAX_RUNS).get("JobRuns", [])
    retried = {run.get("PreviousRunId") for run in runs if run.get("Attempt")}
    for run in runs:
        if run["JobRunState"] in _FAILED_JOB_STATES and run["Id"] not in retried:
            when = run.get("CompletedOn") or run.get("LastModifiedOn")
            workflow = nodes.get(("", run["Id"]))
            yield FailedRun(
                "job", job, run["Id"], run["JobRunState"], when, workflow, run.get("ErrorMessage", "")
            )


def _failed_crawls(glue: Any, crawler: str, nodes: dict[tuple[str, object], str]) -> Iterator[FailedRun]:
    for crawl in glue.list_crawls(CrawlerName=crawler, MaxResults=MAX_RUNS)["Crawls"]:
        if crawl["State"] == "FAILED":
            workflow = nodes.get((crawler, crawl.get("StartTime")))
            when = crawl.get("EndTime") or crawl.get("StartTime")
            reason = crawl.get("ErrorMessage", "")
            yield FailedRun("crawler", crawler, crawl["CrawlId"], crawl["State"], when, workflow, reason)
