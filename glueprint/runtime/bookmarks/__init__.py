"""Job bookmarks: what a job has read already (DG:monitor-continuations).

``tracker`` contains :class:`Bookmarks`: sources request from it which objects and rows are new, and
``Job.commit`` commits it. ``state`` is the complete bookmark, made of ``files`` (S3 sources) and ``keys``
(tables); the three are pure. ``service`` is the protocol of the service that stores bookmarks, ``client`` its
implementation over the private route of a job run. How to use bookmarks: docs/bookmarks.md; Glueprint's own
choices: docs/fidelity/bookmarks.md.
"""

from glueprint.runtime.bookmarks.files import DEFAULT_MAX_BAND_MS
from glueprint.runtime.bookmarks.keys import Key, KeyRange, KeyValue, SortOrder
from glueprint.runtime.bookmarks.service import (
    BookmarkOption,
    BookmarkOptions,
    BookmarkRefused,
    BookmarkService,
    StartedBookmark,
)
from glueprint.runtime.bookmarks.tracker import Bookmarks

__all__ = [
    "DEFAULT_MAX_BAND_MS",
    "BookmarkOption",
    "BookmarkOptions",
    "BookmarkRefused",
    "BookmarkService",
    "Bookmarks",
    "Key",
    "KeyRange",
    "KeyValue",
    "SortOrder",
    "StartedBookmark",
]
