"""What the stand-ins of one process share."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from glueprint.runtime.bookmarks import Bookmarks, BookmarkService


def _server_of_this_process(run_id: str) -> BookmarkService | None:
    from glueprint.runtime.bookmarks.client import RunRoute  # botocore takes its time; few runs need it

    return RunRoute.of_environment(os.environ, run_id)


@dataclass(slots=True)
class JobSession:
    """One per process: what the run is, where its data are, what it has read before.

    Attributes:
        s3_root: holds a directory per bucket.
        bookmarks_wanted: the run has job bookmarks enabled.
        bookmarks: what sources ask which objects and rows are new.
        bookmark_service: who keeps the bookmark of the run of that id; None: nobody.
    """

    s3_root: Path
    bookmarks_wanted: bool = False
    bookmarks: Bookmarks = field(default_factory=Bookmarks)
    bookmark_service: Callable[[str], BookmarkService | None] = _server_of_this_process
