"""What the arguments of a job say of bookmarks, as ``getResolvedOptions`` hands them to ``Job.init``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


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
