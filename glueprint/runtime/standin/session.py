"""What the stand-ins of one process share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.runtime.bookmarks import BookmarkOption, Bookmarks, BookmarkService
from glueprint.runtime.storage.endpoints import Services, default_client


def _server_of_this_process(run_id: str) -> BookmarkService | None:
    from glueprint.runtime.bookmarks.client import RunRoute  # botocore takes its time; few runs need it

    return RunRoute.of_environment(os.environ, run_id)


def _argument(name: str) -> str:
    """The value of an argument of the job; empty when it has none."""
    following = sys.argv[sys.argv.index(name) + 1 :] if name in sys.argv else []
    return following[0] if following else ""


@dataclass(slots=True)
class JobSession:
    """One per process: what the run is, where its data are, what it has read before.

    Attributes:
        s3_root: holds a directory per bucket.
        bookmarks: what sources ask which objects and rows are new.
        bookmark_service: who keeps the bookmark of the run of that id; None: nobody.
        make_client: a boto3 client by the service's name.
    """

    s3_root: Path
    bookmarks: Bookmarks = field(default_factory=Bookmarks)
    bookmark_service: Callable[[str], BookmarkService | None] = _server_of_this_process
    make_client: Callable[[str], Any] = default_client
    _storage: Services | None = None

    @property
    def bookmarks_wanted(self) -> bool:
        """Whether the run was started with job bookmarks enabled, whatever its script makes of that."""
        return _argument("--job-bookmark-option") == BookmarkOption.ENABLE

    @property
    def storage(self) -> Services:
        """What sources and sinks reach, on the running Spark session."""
        from pyspark.sql import SparkSession

        if self._storage is None or self._storage.bookmarks is not self.bookmarks:
            self._storage = Services(
                SparkSession.builder.getOrCreate(),
                self.bookmarks,
                self.make_client,
                _argument("--JOB_NAME"),
                _argument("--JOB_RUN_ID"),
            )
        return self._storage
