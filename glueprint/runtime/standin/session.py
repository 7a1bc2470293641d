"""The state that the stand-ins of one process share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.runtime.bookmarks import BookmarkOption, Bookmarks, BookmarkService
from glueprint.runtime.storage.endpoints import Services, default_client


def _service_of_this_process(run_id: str) -> BookmarkService | None:
    from glueprint.runtime.bookmarks.client import (
        BookmarkClient,  # imports botocore, which is slow and which few runs need
    )

    return BookmarkClient.of_environment(os.environ, run_id)


def _argument(name: str) -> str:
    """Return the value of a job argument, or an empty text."""
    following = sys.argv[sys.argv.index(name) + 1 :] if name in sys.argv else []
    return following[0] if following else ""


@dataclass
class JobSession:
    """The run of this process, its data and its bookmark; one per process.

    Attributes:
        s3_root: the directory that contains a directory per bucket.
        bookmarks: the run's bookmark.
        bookmark_service: returns the service that stores the bookmark of a run, by the run's id, or None.
        make_client: returns a boto3 client by the name of the service.
    """

    s3_root: Path
    bookmarks: Bookmarks = field(default_factory=Bookmarks)
    bookmark_service: Callable[[str], BookmarkService | None] = _service_of_this_process
    make_client: Callable[[str], Any] = default_client
    _storage: Services | None = None

    @property
    def bookmarks_enabled(self) -> bool:
        """Whether the run was started with job bookmarks enabled, whether or not its script uses them."""
        return _argument("--job-bookmark-option") == BookmarkOption.ENABLE

    @property
    def storage(self) -> Services:
        """The services that sources and sinks use, on the running Spark session."""
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
