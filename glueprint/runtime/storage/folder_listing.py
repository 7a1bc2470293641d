"""Lists many folders of S3 with few requests: the partitions of a table are mostly next to each other.

A request of ListObjectsV2 returns up to 1,000 keys in the order of their UTF-8 bytes, and may start after any key
(S3 API reference), so that the next request starts at the first folder that is not complete.
"""

from __future__ import annotations

import os.path
from collections.abc import Collection, Iterable
from typing import Any

MIN_FOLDERS = 20
"""The number of folders from which they are listed together."""
_MIN_SHARE = 10
"""A page of which less than a tenth is in the folders ends it: the folders are far apart."""


def list_folders(s3: Any, bucket: str, folders: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the entries below each folder, in the order of their keys.

    Args:
        s3: S3's client.
        bucket: the bucket.
        folders: prefixes that end with a slash.

    Returns:
        The folders that were listed, as far as it paid; not all of them, and none that is empty.
    """
    ordered = sorted(set(folders))
    found: dict[str, list[dict[str, Any]]] = {one: [] for one in ordered}
    shared = os.path.commonprefix(ordered)  # noqa: RUF071 - of keys, character by character
    at, last = 0, ""
    while at < len(ordered):
        page = s3.list_objects_v2(Bucket=bucket, Prefix=shared, StartAfter=max(ordered[at], last))
        entries = page.get("Contents", ())
        useful = 0
        for entry in entries:
            parents = _parents(entry["Key"], found)
            useful += bool(parents)
            for one in parents:
                found[one].append(entry)
        if not page["IsTruncated"]:
            at = len(ordered)
        else:
            last = entries[-1]["Key"]
            while at < len(ordered) and ordered[at] <= last and not last.startswith(ordered[at]):
                at += 1
            if useful * _MIN_SHARE < len(entries):
                break
    return {one: found[one] for one in ordered[:at] if found[one]}


def _parents(key: str, folders: Collection[str]) -> list[str]:
    """Return those of the folders that contain the key, at any depth."""
    ends = (at + 1 for at, character in enumerate(key) if character == "/")
    return [key[:end] for end in ends if key[:end] in folders]
