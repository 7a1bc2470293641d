"""Job bookmarks: what a job has read already (AWS Glue guide, "Tracking processed data using job bookmarks").

``tracker`` is what sources ask and what ``Job`` commits; ``state`` is a whole bookmark, made of ``files`` (S3) and
``keys`` (tables), all pure; ``service`` is where it is kept, ``client`` the way there.
"""

from glueprint.runtime.bookmarks.files import DEFAULT_MAX_BAND_MS
from glueprint.runtime.bookmarks.keys import Key, KeyRange, KeyValue, SortOrder
from glueprint.runtime.bookmarks.service import (
    Beginning,
    BookmarkOption,
    BookmarkOptions,
    BookmarkRefused,
    BookmarkService,
)
from glueprint.runtime.bookmarks.tracker import Bookmarks

__all__ = [
    "DEFAULT_MAX_BAND_MS",
    "Beginning",
    "BookmarkOption",
    "BookmarkOptions",
    "BookmarkRefused",
    "BookmarkService",
    "Bookmarks",
    "Key",
    "KeyRange",
    "KeyValue",
    "SortOrder",
]
