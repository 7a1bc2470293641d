"""The service that stores the bookmarks of a job run, as a protocol, and the job's options for its bookmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from glueprint.compat import Self, StrEnum


class BookmarkOption(StrEnum):
    """``--job-bookmark-option`` (DG:monitor-continuations)."""

    ENABLE = "job-bookmark-enable"
    PAUSE = "job-bookmark-pause"
    DISABLE = "job-bookmark-disable"


@dataclass(frozen=True)
class BookmarkOptions:
    """How a run uses its bookmark.

    Attributes:
        option: enabled, paused or disabled.
        from_run: ``--job-bookmark-from``: data read up to and including that run is left out.
        to_run: ``--job-bookmark-to``: data read up to and including that run is read, and nothing newer.
    """

    option: BookmarkOption = BookmarkOption.DISABLE
    from_run: str | None = None
    to_run: str | None = None

    @classmethod
    def of_arguments(cls, arguments: Mapping[str, object]) -> Self:
        """Return the options in the arguments of ``Job.init``, which Amazon's ``getResolvedOptions`` has checked.

        Without ``job_bookmark_option`` bookmarks are disabled.

        Raises:
            ValueError: the option is unknown, or only one end of a range is given.
        """
        value = arguments.get("job_bookmark_option") or BookmarkOption.DISABLE
        try:
            option = BookmarkOption(str(value))
        except ValueError:
            known = ", ".join(BookmarkOption)
            raise ValueError(f"--job-bookmark-option must be one of {known}, not {value!r}") from None
        ends = [_text(arguments.get(name)) for name in ("job_bookmark_from", "job_bookmark_to")]
        if option is not BookmarkOption.PAUSE:
            return cls(option)
        if ends.count(None) == 1:
            raise ValueError("--job-bookmark-from and --job-bookmark-to must be given together")
        return cls(option, *ends)


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


class BookmarkRefused(Exception):
    """The server rejected a call. The message states the reason, in Glue's words where they are known."""


@dataclass(frozen=True)
class StartedBookmark:
    """A bookmark as ``Job.init`` receives it.

    Attributes:
        version: of the bookmark; the commit must contain it.
        run: the number of this run.
        state: JSON text: what was read before.
        until: JSON text, for a range of runs only: what had been read when the last run of the range ended.
        notes: lines for the job's log.
    """

    version: int
    run: int
    state: str
    until: str | None = None
    notes: tuple[str, ...] = ()


class BookmarkService(Protocol):
    """Stores the bookmarks of one job run. Every call may be repeated."""

    def begin(self, job_name: str, options: BookmarkOptions) -> StartedBookmark:
        """Start a run's use of the bookmark of that name.

        Raises:
            BookmarkRefused: the run has ended, or an earlier run that the options name does not exist.
        """
        ...

    def commit(self, job_name: str, version: int, state: str) -> int:
        """Replace the state of that version, and return the new version.

        Raises:
            BookmarkRefused: the run has ended, or the bookmark has been changed since.
        """
        ...
