"""A job run starts its bookmark (``Job.init``) and stores a new state (``Job.commit``).

Both may be repeated: a job that lost the answer, because the server was killed, requests it again. The counts are
those of the AWS Glue guide ("Using job bookmarks with the AWS Glue generated script"), and the numbers are as
``GetJobBookmark`` was seen to show them: a run that starts makes a new version, its commit another one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from glueprint.local.faults import FaultPoint, reached
from glueprint.local.job_api.requests import optional_text, require_alive, text
from glueprint.local.job_api.route import Call
from glueprint.local.protocol import ApiError
from glueprint.local.protocol.errors import invalid_input, not_found
from glueprint.local.store import Database
from glueprint.local.store.bookmark_rows import (
    EMPTY_STATE,
    Bookmark,
    add_bookmark,
    newest_bookmark,
    replace_bookmarks_of_run,
)
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Resources

_PAUSED = "job-bookmark-pause"


@dataclass(frozen=True, slots=True)
class _Start:
    """The request of a run that starts."""

    job_name: str
    saves: bool
    from_run: str | None
    to_run: str | None

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Self:
        return cls(
            text(members, "JobName"),
            text(members, "Option") != _PAUSED,
            optional_text(members, "FromRunId"),
            optional_text(members, "ToRunId"),
        )


@dataclass(frozen=True, slots=True)
class _Commit:
    """The request of a run that commits."""

    job_name: str
    version: int
    state: str

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Self:
        version = members.get("Version")
        if not isinstance(version, int):
            raise invalid_input(f"Version must be a number, not {version!r}")
        return cls(text(members, "JobName"), version, _json(text(members, "State")))


class RunBookmarks:
    """The calls of the private route about bookmarks, each one transaction."""

    _jobs = Resources("job")

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def calls(self) -> dict[str, Call]:
        """The calls, by the end of their path."""
        return {"bookmark/begin": self.begin, "bookmark/commit": self.commit}

    def begin(self, run_id: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """``Job.init``: return the state before this run; with ``job-bookmark-pause`` nothing is stored.

        Raises:
            ApiError: the job run is not running, or a run of the range has no bookmark.
        """
        request = _Start.of(members)

        def work(tx: Connection) -> Mapping[str, Any]:
            job_of_run = require_alive(tx, run_id, "has a bookmark to keep")
            notes = self._notes(tx, job_of_run)
            if request.saves:
                started = _started(tx, request.job_name, run_id)
                return _started_bookmark(started, started.state, None, notes)
            newest = newest_bookmark(tx, request.job_name) or _none_yet(request.job_name)
            if request.from_run is None or request.to_run is None:
                return _started_bookmark(newest, newest.state, None, notes)
            before = _require_state(tx, request.job_name, request.from_run)
            until = _require_state(tx, request.job_name, request.to_run)
            return _started_bookmark(newest, before, until, notes)

        return self._database.write(work)

    def commit(self, run_id: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """``Job.commit``: store a state in place of the one of that version.

        Raises:
            ApiError: the job run is not running, or the bookmark has another version now.
        """
        request = _Commit.of(members)

        def work(tx: Connection) -> int:
            require_alive(tx, run_id, "has a bookmark to keep")
            newest = newest_bookmark(tx, request.job_name) or _none_yet(request.job_name)
            if _is_done(newest, run_id, request):
                return newest.version
            if (newest.version, newest.run_id) != (request.version, run_id):
                raise _version_mismatch(newest, request)
            committed = replace(
                newest,
                version=newest.version + 1,
                run=newest.run if newest.committed else newest.run + 1,
                attempt=0,
                state=request.state,
                committed=True,
            )
            replace_bookmarks_of_run(tx, committed)
            reached(FaultPoint.BOOKMARK_COMMITTING)
            return committed.version

        version = self._database.write(work)
        reached(FaultPoint.BOOKMARK_COMMITTED)
        return {"Version": version}

    def _notes(self, tx: Connection, job_name: str) -> list[str]:
        """Return warnings for the run's log about the job's definition."""
        job = self._jobs.get(tx, job_name)
        most = job["ExecutionProperty"]["MaxConcurrentRuns"] if job is not None else 1
        if most == 1:
            return []
        return [
            f"Job {job_name} has job bookmarks and MaxConcurrentRuns {most}: of runs at the same time only "
            "the one that began last can commit. Set MaxConcurrentRuns to 1."
        ]


def _started(tx: Connection, job_name: str, run_id: str) -> Bookmark:
    """The bookmark as taken up by a run, also by one that asks again."""
    newest = newest_bookmark(tx, job_name) or _none_yet(job_name)
    if newest.run_id == run_id:
        return newest
    started = Bookmark(
        job_name=job_name,
        version=newest.version + 1,
        run=max(1, newest.run),
        attempt=0 if newest.committed else newest.attempt + 1,
        run_id=run_id,
        previous_run_id=newest.run_id,
        state=newest.state,
        committed=False,
    )
    add_bookmark(tx, started)
    reached(FaultPoint.BOOKMARK_BEGINNING)
    return started


def _none_yet(job_name: str) -> Bookmark:
    return Bookmark(job_name, 0, 0, 0, None, None, EMPTY_STATE)


def _is_done(newest: Bookmark, run_id: str, request: _Commit) -> bool:
    """Whether this commit was carried out before, and its answer was lost."""
    return (newest.run_id, newest.version, newest.committed, newest.state) == (
        run_id,
        request.version + 1,
        True,
        request.state,
    )


def _version_mismatch(newest: Bookmark, request: _Commit) -> ApiError:
    """Return Glue's error (AWS Glue guide, "Job bookmark update failed due to version mismatch")."""
    changed_by = f"run {newest.run_id}" if newest.run_id else "a reset"
    return ApiError(
        "VersionMismatchException",
        f"Continuation update failed due to version mismatch. Expected version {request.version} but found "
        f"version {newest.version}: {changed_by} has changed the bookmark of job {request.job_name} since this "
        "run began. Nothing was stored; the next run reads again what this one has read. Job bookmarks need one "
        "run at a time (MaxConcurrentRuns 1).",
    )


def _started_bookmark(bookmark: Bookmark, state: str, until: str | None, notes: list[str]) -> Mapping[str, Any]:
    return {
        "Version": bookmark.version,
        "Run": bookmark.run,
        "State": state,
        "Until": until,
        "Notes": notes,
    }


def _require_state(tx: Connection, job_name: str, run_id: str) -> str:
    found = newest_bookmark(tx, job_name, run_id)
    if found is None:
        raise not_found(
            f"Continuation for job {job_name} and run {run_id} not found: --job-bookmark-from and "
            "--job-bookmark-to name runs of this job that had job-bookmark-enable"
        )
    return found.state


def _json(text: str) -> str:
    """Return a state as it is, if it is a JSON object: ``GetJobBookmark`` returns it to clients."""
    try:
        state = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid_input(f"State is not JSON: {error}") from error
    if not isinstance(state, dict):
        raise invalid_input("State must be a JSON object")
    return text
