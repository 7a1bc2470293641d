"""Job bookmarks: what a job has read already (AWS Glue guide, "Tracking processed data using job bookmarks")."""

from glueprint.runtime.bookmarks.keys import Key, KeyRange, KeyValue, SortOrder
from glueprint.runtime.bookmarks.tracker import DEFAULT_MAX_BAND_MS, Bookmarks

__all__ = ["DEFAULT_MAX_BAND_MS", "Bookmarks", "Key", "KeyRange", "KeyValue", "SortOrder"]
