"""Job bookmarks as clients get and reset them (docs/facts/bookmarks.md#reset).

Jobs commit them through another route (:mod:`glueprint.local.job_api`).
"""

from __future__ import annotations

from dataclasses import replace

from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import not_found
from glueprint.local.store.bookmark_rows import EMPTY_STATE, Bookmark, add_bookmark, newest_bookmark
from glueprint.local.store.resources import Document


class JobBookmarks(Family):
    """``GetJobBookmark``, ``ResetJobBookmark``."""

    @operation("GetJobBookmark", runs=Runs.INLINE)
    def get_job_bookmark(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetJobBookmark``: the current one, or the one after a run."""
        found = self.database.read(lambda tx: _require(tx, request["JobName"], request.get("RunId")))
        return {"JobBookmarkEntry": _entry(found)}

    @operation("ResetJobBookmark", runs=Runs.IN_THREAD)
    def reset_job_bookmark(self, context: Context, request: Request) -> Answer:
        """Service model, ``ResetJobBookmark``: to the empty state, or to the state after a run."""

        def work(tx: Transaction) -> Bookmark:
            newest = _require(tx, request["JobName"], None)
            if request.get("RunId") is None:
                wanted = replace(newest, run=0, attempt=0, run_id=None, previous_run_id=None, state=EMPTY_STATE)
            else:
                wanted = _require(tx, request["JobName"], request["RunId"])
            reset = replace(wanted, version=newest.version + 1, committed=True)
            add_bookmark(tx, reset)
            return reset

        return {"JobBookmarkEntry": _entry(self.database.write(work))}


def _require(tx: Transaction, job_name: str, run_id: str | None) -> Bookmark:
    found = newest_bookmark(tx, job_name, run_id)
    if found is None:
        of_run = "" if run_id is None else f" and run {run_id}"
        raise not_found(f"Continuation for job {job_name}{of_run} not found")
    return found


def _entry(bookmark: Bookmark) -> Document:
    return without_none(
        {
            "JobName": bookmark.job_name,
            "Version": bookmark.version,
            "Run": bookmark.run,
            "Attempt": bookmark.attempt,
            "PreviousRunId": bookmark.previous_run_id,
            "RunId": bookmark.run_id,
            "JobBookmark": bookmark.state,
        }
    )
