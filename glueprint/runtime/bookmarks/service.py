"""Where a run's bookmark is kept: what a job asks of the server, without saying how it gets there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from glueprint.runtime.bookmarks.options import BookmarkOptions


class BookmarkRefused(Exception):
    """The server did not take a call; the message says why, in Glue's words where they are known."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What ``Job.init`` finds.

    Attributes:
        version: of the bookmark; the commit must name it.
        run: the number of this run.
        state: JSON text: what was read before.
        until: JSON text, for a range of runs only: what was read when the range's last run had ended.
        notes: what is to be said in the job's log.
    """

    version: int
    run: int
    state: str
    until: str | None = None
    notes: tuple[str, ...] = ()


class BookmarkService(Protocol):
    """Keeps the bookmarks of one job run. Every call may be repeated."""

    def begin(self, job_name: str, options: BookmarkOptions) -> Beginning:
        """The run takes up the bookmark of that name.

        Raises:
            BookmarkRefused: the run is over, or there is no such earlier run.
        """
        ...

    def commit(self, job_name: str, version: int, state: str) -> int:
        """Store a new state in place of the one of that version; the new version.

        Raises:
            BookmarkRefused: the run is over, or somebody else has changed the bookmark since.
        """
        ...
