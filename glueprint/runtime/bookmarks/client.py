"""The client of the server that stores bookmarks: the private route of one job run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.runtime.bookmarks.service import BookmarkOptions, BookmarkRefused, StartedBookmark
from glueprint.runtime.shared.run_route import CallRefused, RunRoute


@dataclass(frozen=True)
class BookmarkClient(RunRoute):
    """A :class:`BookmarkService` over the private route of one job run."""

    def begin(self, job_name: str, options: BookmarkOptions) -> StartedBookmark:
        """See :class:`BookmarkService`."""
        response = self._call(
            "bookmark/begin",
            {
                "JobName": job_name,
                "Option": options.option.value,
                "FromRunId": options.from_run,
                "ToRunId": options.to_run,
            },
        )
        return StartedBookmark(
            response["Version"], response["Run"], response["State"], response["Until"], tuple(response["Notes"])
        )

    def commit(self, job_name: str, version: int, state: str) -> int:
        """See :class:`BookmarkService`."""
        response = self._call("bookmark/commit", {"JobName": job_name, "Version": version, "State": state})
        stored: int = response["Version"]
        return stored

    def _call(self, call: str, members: Mapping[str, object]) -> dict[str, Any]:
        try:
            return self.call(call, members, "the job's bookmark")
        except CallRefused as error:
            raise BookmarkRefused(str(error)) from error
