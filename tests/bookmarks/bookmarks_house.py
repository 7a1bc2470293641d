"""A store with job runs, the private route in front of it, and runs that speak to it: no HTTP, no process."""

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
from glueprint.local.jobside.bookmarks import RunBookmarks
from glueprint.local.jobside.route import JobSide
from glueprint.local.store import Database
from glueprint.runtime.bookmarks import Beginning, BookmarkOption, BookmarkOptions, BookmarkRefused, Bookmarks

JOB = "nightly"
ENABLED = BookmarkOptions(BookmarkOption.ENABLE)
PAUSED = BookmarkOptions(BookmarkOption.PAUSE)


class House:
    """Close it in the end. ``now`` is epoch seconds, moved by the test."""

    def __init__(self, path: Path, *, most_runs: int = 1) -> None:
        self.now = 1_700_000_000.0
        self.database = Database(path / "state.sqlite", MIGRATIONS)
        clock = ManualClock(self.now)
        self._bookmarks = JobBookmarks(self.database, clock)
        self._jobs = Jobs(self.database, clock)
        self.route = JobSide(RunBookmarks(self.database).calls)
        self.runs = 0
        self.put_job(most_runs)

    def put_job(self, most_runs: int = 1) -> None:
        """Create the job."""
        self._jobs.create_job(
            Context(),
            {"Name": JOB, "Role": "r", "Command": {}, "ExecutionProperty": {"MaxConcurrentRuns": most_runs}},
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
        """A job run in that state; its id."""
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
        """The run goes into that state."""
        self.database.write(lambda tx: tx.execute("UPDATE job_run SET state = ? WHERE id = ?", (state, run_id)))

    def begin(self, options: BookmarkOptions = ENABLED, name: str = JOB) -> Run:
        """A new run whose script calls ``Job.init``."""
        run = Run(self, self.new_run())
        run.bookmarks.begin(name, options, run.side)
        return run

    def close(self) -> None:
        self.database.close()


@dataclass
class Run:
    """A job run and what it would print."""

    house: House
    run_id: str
    printed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.side = Side(self.house, self.run_id)
        self.bookmarks = Bookmarks(now=lambda: self.house.now, warn=self.printed.append)


@dataclass(frozen=True)
class Side:
    """The private route without HTTP (``BookmarkService``)."""

    house: House
    run_id: str

    def begin(self, job_name: str, options: BookmarkOptions) -> Beginning:
        told = self.ask(
            "begin",
            {
                "JobName": job_name,
                "Option": options.option,
                "FromRunId": options.from_run,
                "ToRunId": options.to_run,
            },
        )
        return Beginning(told["Version"], told["Run"], told["State"], told["Until"], tuple(told["Notes"]))

    def commit(self, job_name: str, version: int, state: str) -> int:
        stored: int = self.ask("commit", {"JobName": job_name, "Version": version, "State": state})["Version"]
        return stored

    def ask(self, what: str, members: Mapping[str, Any]) -> dict[str, Any]:
        path = f"/glueprint/v1/job-runs/{self.run_id}/bookmark/{what}"
        status, told = self.house.route.handle("POST", path, json.dumps(members).encode())
        if status != 200:
            raise BookmarkRefused(told["message"])
        return told
