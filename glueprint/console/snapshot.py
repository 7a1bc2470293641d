"""What runs and what failed in the last 24 hours, read in the background: one request for each job is too slow
for a page.

A snapshot is read at most every few seconds, and only while someone looks. The reading thread ends with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from glueprint.client.errors import from_botocore
from glueprint.client.lookup import Lookup
from glueprint.client.presence import presence_markers
from glueprint.client.runs import workflow_run
from glueprint.client.session import Session
from glueprint.compat import UTC
from glueprint.console.text import Badge, badge, run_badge, state_kind
from glueprint.workflow.explain import error_line

PERIOD = timedelta(hours=24)
MAX_JOBS = 300
"""The jobs whose runs are read: each needs a request."""
_RUNS_OF_WORKFLOW = 25
_RUNS_OF_JOB = 10
MAX_REASONS = 20
"""Failed runs of workflows whose graph is read for the reason: each needs a request."""
_BATCH = 25
"""Names of one BatchGetWorkflows request (service model)."""
_MIN_SECONDS = 3.0
_REST = 5.0
"""The time between two readings is at least this many times as long as one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A run of the last day.

    Attributes:
        kind: workflow, job or crawler.
        address: path and values of its page.
    """

    kind: str
    name: str
    badge: Badge
    started: datetime | None
    completed: datetime | None
    reason: str
    address: tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read.

    Attributes:
        entries: runs that are running, or started in the last 24 hours, newest first.
        counts: the number of workflows, jobs and crawlers.
        jobs_left: jobs that were not read, because there are more than :data:`MAX_JOBS`.
        when: None while the first one is being read.
        problem: why it could not be read.
    """

    entries: tuple[Entry, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    jobs_left: int = 0
    when: datetime | None = None
    problem: str | None = None

    def of_kind(self, kind: str) -> list[Entry]:
        """Return the entries with a badge of this kind."""
        return [one for one in self.entries if one.badge.kind == kind]


class Snapshots:
    """The present snapshot of a Glue.

    Args:
        session: its clients.
        clock: monotonic seconds.
    """

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._lock = threading.Lock()
        self._present = Snapshot()
        self._due = 0.0
        self._reader: threading.Thread | None = None

    def present(self, *, wait_seconds: float = 0.0) -> Snapshot:
        """Return the newest snapshot; a new one is read if it is old.

        Args:
            wait_seconds: how long to wait for the reading that is under way.
        """
        with self._lock:
            if self._reader is None and self._clock() >= self._due:
                self._reader = threading.Thread(target=self._read, name="console-snapshot", daemon=True)
                self._reader.start()
            reader = self._reader
        if reader is not None and wait_seconds:
            reader.join(wait_seconds)
        return self._present

    def finish(self) -> None:
        """Wait until nothing is being read."""
        reader = self._reader
        if reader is not None:
            reader.join()

    def _read(self) -> None:
        start = self._clock()
        try:
            self._present = read_snapshot(self._session, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - shown on the page
            text = str(from_botocore(error) or error)
            self._present = Snapshot(when=datetime.now(UTC), problem=text)
        finally:
            with self._lock:
                self._due = self._clock() + max(_MIN_SECONDS, _REST * (self._clock() - start))
                self._reader = None


def read_snapshot(session: Session, now: datetime) -> Snapshot:
    """Read what runs, and what started in the last 24 hours."""
    glue, lookup = session.glue, Lookup(session)
    since = now - PERIOD
    workflows, jobs = lookup.workflow_names(), lookup.job_names()
    crawlers = [one for page in glue.get_paginator("get_crawlers").paginate() for one in page["Crawlers"]]
    entries = [
        *_workflow_runs(glue, workflows, since),
        *_job_runs(glue, jobs[:MAX_JOBS], since),
        *_crawls(crawlers, since),
    ]
    entries.sort(key=lambda one: one.started.timestamp() if one.started else 0.0, reverse=True)
    counts = {"workflow": len(workflows), "job": len(jobs), "crawler": len(crawlers)}
    return Snapshot(tuple(entries), counts, max(0, len(jobs) - MAX_JOBS), now)


def _workflow_runs(glue: Any, names: list[str], since: datetime) -> Iterator[Entry]:
    rest, reasons = iter(names), MAX_REASONS
    while batch := list(islice(rest, _BATCH)):
        for workflow in glue.batch_get_workflows(Names=batch)["Workflows"]:
            last = workflow.get("LastRun") or {}
            started = last.get("StartedOn")
            if started is None or (started < since and last.get("CompletedOn")):
                continue
            answer = glue.get_workflow_runs(Name=workflow["Name"], MaxResults=_RUNS_OF_WORKFLOW)
            for run in answer.get("Runs", ()):
                if _is_recent(run, since):
                    shown = run_badge(run["Status"], run.get("Statistics") or {})
                    reason = run.get("ErrorMessage", "")
                    if shown.kind == "halted" and not reason:
                        reason = _missing_files(run)
                    if shown.kind == "bad" and not reason and reasons:
                        reason, reasons = _reason(glue, workflow["Name"], run["WorkflowRunId"]), reasons - 1
                    yield Entry(
                        "workflow",
                        workflow["Name"],
                        shown,
                        run.get("StartedOn"),
                        run.get("CompletedOn"),
                        reason,
                        ("/run", {"workflow": workflow["Name"], "id": run["WorkflowRunId"]}),
                    )


def _missing_files(run: Mapping[str, Any]) -> str:
    """Return why a run stopped itself: the reason of a presence marker that is false."""
    markers = presence_markers(run.get("WorkflowRunProperties") or {})
    return next((one.reason for one in markers if not one.is_present and one.reason), "")


def _reason(glue: Any, workflow: str, run_id: str) -> str:
    """Return the first job or crawler of a run that failed, with its message."""
    for view in workflow_run(glue, workflow, run_id).nodes:
        if state_kind(view.state) == "bad":
            return f"{view.node.name}: {error_line(view.error or '') or view.state}"
    return ""


def _job_runs(glue: Any, jobs: list[str], since: datetime) -> Iterator[Entry]:
    """Yield runs that no trigger has started: those of workflows are shown with them."""
    for job in jobs:
        for run in glue.get_job_runs(JobName=job, MaxResults=_RUNS_OF_JOB).get("JobRuns", ()):
            if _is_recent(run, since) and not run.get("TriggerName"):
                yield Entry(
                    "job",
                    job,
                    badge(run["JobRunState"]),
                    run.get("StartedOn"),
                    run.get("CompletedOn"),
                    run.get("ErrorMessage", ""),
                    ("/job-run", {"job": job, "id": run["Id"]}),
                )


def _is_recent(run: Mapping[str, Any], since: datetime) -> bool:
    started = run.get("StartedOn")
    return started is not None and (started >= since or not run.get("CompletedOn"))


def _crawls(crawlers: list[dict[str, Any]], since: datetime) -> Iterator[Entry]:
    for crawler in crawlers:
        last = crawler.get("LastCrawl") or {}
        is_running = crawler.get("State") in ("RUNNING", "STOPPING")
        started = last.get("StartTime")
        if is_running or (started is not None and started >= since):
            yield Entry(
                "crawler",
                crawler["Name"],
                badge(crawler["State"] if is_running else last.get("Status")),
                None if is_running else started,
                None if is_running else started,
                "" if is_running else last.get("ErrorMessage", ""),
                ("/crawler", {"name": crawler["Name"]}),
            )
