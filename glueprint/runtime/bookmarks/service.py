"""What a job requests of the service that stores bookmarks, and the job's options for its bookmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self


class BookmarkOption(StrEnum):
    """``--job-bookmark-option`` (AWS Glue guide, "Tracking processed data using job bookmarks")."""

    ENABLE = "job-bookmark-enable"
    PAUSE = "job-bookmark-pause"
    DISABLE = "job-bookmark-disable"


@dataclass(frozen=True, slots=True)
class BookmarkOptions:
    """How a run treats its bookmark.

    Attributes:
        from_run: ``--job-bookmark-from``: what was read up to and including that run is left out.
        to_run: ``--job-bookmark-to``: what was read up to and including that run is read, nothing newer.
    """

    option: BookmarkOption = BookmarkOption.DISABLE
    from_run: str | None = None
    to_run: str | None = None

    @classmethod
    def of_arguments(cls, arguments: Mapping[str, object]) -> Self:
        """From the arguments of ``Job.init``; Amazon's ``getResolvedOptions`` has checked their values.

        Without ``job_bookmark_option`` among them bookmarks are off.

        Raises:
            ValueError: an option that is none, or only one end of a range.
        """
        told = arguments.get("job_bookmark_option") or BookmarkOption.DISABLE
        try:
            option = BookmarkOption(str(told))
        except ValueError:
            known = ", ".join(BookmarkOption)
            raise ValueError(f"--job-bookmark-option must be one of {known}, not {told!r}") from None
        ends = [_text(arguments.get(name)) for name in ("job_bookmark_from", "job_bookmark_to")]
        if option is not BookmarkOption.PAUSE:
            return cls(option)
        if ends.count(None) == 1:
            raise ValueError("--job-bookmark-from and --job-bookmark-to must be given together")
        return cls(option, *ends)


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


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
