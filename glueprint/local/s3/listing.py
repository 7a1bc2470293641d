"""One page of a listing: keys, and the common prefixes that a delimiter rolls them up into.

Source: ListObjects and ListObjectsV2 in the Amazon S3 API reference.
"""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.local.s3.tree import ObjectFile, Walk

MAX_PAGE_ITEMS = 1000
"""The most keys and common prefixes in one answer."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    Args:
        last: the key or common prefix after which the next page starts; empty on the last page.
    """

    objects: tuple[ObjectFile, ...]
    prefixes: tuple[str, ...]
    last: str

    @property
    def truncated(self) -> bool:
        """Whether more follows."""
        return bool(self.last)


def read_page(bucket_path: str, prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """List a page.

    Args:
        after: a key, or the last common prefix of the previous page; the page starts after it.
        limit: the most keys and common prefixes together; 0 lists nothing.
    """
    objects: list[ObjectFile] = []
    prefixes: list[str] = []
    last = ""
    if limit <= 0:
        return Page((), (), "")
    walk = Walk(bucket_path, prefix, after)
    for found in walk:
        common = common_prefix(found.key, prefix, delimiter)
        if common is not None and common == after:
            walk.skip(common)
            continue
        if len(objects) + len(prefixes) == limit:
            return Page(tuple(objects), tuple(prefixes), last)
        if common is None:
            objects.append(found)
            last = found.key
        else:
            prefixes.append(common)
            walk.skip(common)
            last = common
    return Page(tuple(objects), tuple(prefixes), "")


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """Return ``key`` up to the first delimiter after ``prefix``, or None without one."""
    if not delimiter:
        return None
    end = key.find(delimiter, len(prefix))
    return None if end < 0 else key[: end + len(delimiter)]
