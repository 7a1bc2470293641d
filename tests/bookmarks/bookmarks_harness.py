"""A store with job runs, the private route, and runs that call it: without HTTP and processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.local.assembly import MIGRATIONS
from glueprint.local.clock import ManualClock
from glueprint.local.glue.family import Context
from glueprint.local.glue.orchestration.job_bookmarks import JobBookmarks
from glueprint.local.glue.orchestration.jobs import Jobs
from glueprint.local.job_api.bookmarks import RunBookmarks
from glueprint.local.job_api.route import JobApi
from glueprint.local.store import Database
from glueprint.runtime.bookmarks import (
    BookmarkOption,
    BookmarkOptions,
    BookmarkRefused,
    Bookmarks,
    StartedBookmark,
)

JOB = "nightly"
ENABLED = BookmarkOptions(BookmarkOption.ENABLE)
PAUSED = BookmarkOptions(BookmarkOption.PAUSE)


class BookmarkHarness:
    """A store with one job, and its clock: tests set ``now`` (epoch seconds). Call :meth:`close` at the end."""

    def __init__(self, path: Path, *, max_concurrent_runs: int = 1) -> None:
        self.now = 1_700_000_000.0
        self.database = Database(path / "state.sqlite", MIGRATIONS)
        clock = ManualClock(self.now)
        self._bookmarks = JobBookmarks(self.database, clock)
        self._jobs = Jobs(self.database, clock)
        self.route = JobApi(RunBookmarks(self.database).calls)
        self.runs = 0
        self.put_job(max_concurrent_runs)

    def put_job(self, max_concurrent_runs: int = 1) -> None:
        """Create the job."""
        self._jobs.create_job(
            Context(),
            {
                "Name": JOB,
                "Role": "r",
                "Command": {},
                "ExecutionProperty": {"MaxConcurrentRuns": max_concurrent_runs},
            },
        )

    def delete_job(self) -> None:
        """``DeleteJob``."""
        self._jobs.delete_job(Context(), {"JobName": JOB})

    def entry(self, run_id: str | None = None) -> dict[str, Any]:
        """``GetJobBookmark``."""
        request = {"JobName": JOB} | ({} if run_id is None else {"RunId": run_id})
        found: dict[str, Any] = self._bookmarks.get_job_bookmark(Context(), request)["JobBookmarkEntry"]
        return found

    def reset(self, run_id: str | None = None) -> dict[str, Any]:
        """``ResetJobBookmark``."""
        request = {"JobName": JOB} | ({} if run_id is None else {"RunId": run_id})
        found: dict[str, Any] = self._bookmarks.reset_job_bookmark(Context(), request)["JobBookmarkEntry"]
        return found

    def new_run(self, state: str = "RUNNING") -> str:
        """Store a job run in that state and return its id."""
        self.runs += 1
        run_id = f"jr_{self.runs}"

        def work(tx: Any) -> None:
            tx.execute(
                "INSERT INTO submission (id, job_name, spec, settings, predecessors)"
                " VALUES (?, ?, '{}', '{}', '[]')",
                (run_id, JOB),
            )
            tx.execute(
                "INSERT INTO job_run (id, submission_id, job_name, attempt, state, submitted, modified)"
                " VALUES (?, ?, ?, 0, ?, 0, 0)",
                (run_id, run_id, JOB, state),
            )

        self.database.write(work)
        return run_id

    def change_run(self, run_id: str, state: str) -> None:
        """Store another state of the run."""
        self.database.write(lambda tx: tx.execute("UPDATE job_run SET state = ? WHERE id = ?", (state, run_id)))

    def begin(self, options: BookmarkOptions = ENABLED, name: str = JOB) -> Run:
        """Start a run and call ``Job.init``."""
        run = Run(self, self.new_run())
        run.bookmarks.begin(name, options, run.client)
        return run

    def close(self) -> None:
        self.database.close()


@dataclass
class Run:
    """A job run and the lines of its log."""

    harness: BookmarkHarness
    run_id: str
    printed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = RouteClient(self.harness, self.run_id)
        self.bookmarks = Bookmarks(now=lambda: self.harness.now, warn=self.printed.append)


@dataclass(frozen=True)
class RouteClient:
    """The private route without HTTP (``BookmarkService``)."""

    harness: BookmarkHarness
    run_id: str

    def begin(self, job_name: str, options: BookmarkOptions) -> StartedBookmark:
        response = self.send(
            "begin",
            {
                "JobName": job_name,
                "Option": options.option,
                "FromRunId": options.from_run,
                "ToRunId": options.to_run,
            },
        )
        return StartedBookmark(
            response["Version"], response["Run"], response["State"], response["Until"], tuple(response["Notes"])
        )

    def commit(self, job_name: str, version: int, state: str) -> int:
        stored: int = self.send("commit", {"JobName": job_name, "Version": version, "State": state})["Version"]
        return stored

    def send(self, call: str, members: Mapping[str, Any]) -> dict[str, Any]:
        path = f"/glueprint/v1/job-runs/{self.run_id}/bookmark/{call}"
        status, response = self.harness.route.handle("POST", path, json.dumps(members).encode())
        if status != 200:
            raise BookmarkRefused(response["message"])
        return response
