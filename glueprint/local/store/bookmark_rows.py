"""Rows of job bookmarks: every state that was committed, the newest one counting
(docs/facts/bookmarks.md#counters)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

EMPTY_STATE = "{}"
"""Nothing is remembered."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A job's bookmark (service model, ``JobBookmarkEntry``).

    Attributes:
        version: rises with every update.
        run: rises with every run that committed.
        attempt: rises with every run that begins after one that did not commit.
        run_id: the job run that took it up or committed it; None after a reset of everything.
        state: JSON text, by ``transformation_ctx``.
        committed: False while ``run_id`` has taken it up and not committed.
    """

    job_name: str
    version: int
    run: int
    attempt: int
    run_id: str | None
    previous_run_id: str | None
    state: str
    committed: bool = True


_COLUMNS = "job_name, version, run, attempt, run_id, previous_run_id, state, committed"


def newest_bookmark(tx: sqlite3.Connection, job_name: str, run_id: str | None = None) -> Bookmark | None:
    """The job's bookmark: as it is, or as that run left it."""
    of_run = "" if run_id is None else " AND run_id = ?"
    row = tx.execute(
        f"SELECT {_COLUMNS} FROM job_bookmark WHERE job_name = ?{of_run} ORDER BY version DESC LIMIT 1",
        (job_name,) if run_id is None else (job_name, run_id),
    ).fetchone()
    return None if row is None else replace(Bookmark(*row), committed=bool(row["committed"]))


def add_bookmark(tx: sqlite3.Connection, bookmark: Bookmark) -> None:
    """Add the newest state of a job's bookmark; its version must be new."""
    tx.execute(
        f"INSERT INTO job_bookmark ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            bookmark.job_name,
            bookmark.version,
            bookmark.run,
            bookmark.attempt,
            bookmark.run_id,
            bookmark.previous_run_id,
            bookmark.state,
            bookmark.committed,
        ),
    )


def replace_bookmarks_of_run(tx: sqlite3.Connection, bookmark: Bookmark) -> None:
    """Add the newest state of a job's bookmark in place of the earlier ones of its run: only the last counts."""
    tx.execute(
        "DELETE FROM job_bookmark WHERE job_name = ? AND run_id = ?", (bookmark.job_name, bookmark.run_id)
    )
    add_bookmark(tx, bookmark)


def delete_bookmarks(tx: sqlite3.Connection, job_name: str) -> None:
    """Forget a job's bookmark: it goes with the job."""
    tx.execute("DELETE FROM job_bookmark WHERE job_name = ?", (job_name,))
