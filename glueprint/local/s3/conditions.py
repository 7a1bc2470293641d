"""Conditional requests and byte ranges; pure.

Source: "Conditional requests" in the Amazon S3 user guide, RFC 9110 sections 13 and 14. S3 compares times in
whole seconds, answers one range only, and ignores a Range header that it cannot parse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from glueprint.local.s3.errors import NotModified, S3Error, no_such_key, precondition_failed

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
"""Offsets with more digits are beyond any object: such a range cannot be parsed."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """The four conditions of a request; ETags as they were sent, possibly several."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: datetime | None = None
    if_unmodified_since: datetime | None = None

    def check_read(self, etag: str, modified: float, headers: Mapping[str, str]) -> None:
        """Check the conditions of a read.

        Args:
            headers: what a 304 answer carries.

        Raises:
            S3Error: PreconditionFailed.
            NotModified: the client has the current version.
        """
        self._check_positive(etag, modified, "If-")
        if self._is_unchanged(etag, modified):
            raise NotModified(headers)

    def check_copy(self, etag: str, modified: float) -> None:
        """Check the conditions on the source of a copy: an unchanged source is a failure, too.

        Raises:
            S3Error: PreconditionFailed.
        """
        prefix = "x-amz-copy-source-If-"
        self._check_positive(etag, modified, prefix)
        if self._is_unchanged(etag, modified):
            name = "None-Match" if self.if_none_match is not None else "Modified-Since"
            raise precondition_failed(prefix + name)

    def check_write(self, key: str, etag: str | None) -> None:
        """Check the conditions of a write.

        Args:
            etag: that of the current object; None if there is no object.

        Raises:
            S3Error: PreconditionFailed; NoSuchKey for If-Match without an object.
        """
        if self.if_none_match is not None and etag is not None and _matches(self.if_none_match, etag):
            raise precondition_failed("If-None-Match")
        if self.if_match is not None:
            if etag is None:
                raise no_such_key(key)
            if not _matches(self.if_match, etag):
                raise precondition_failed("If-Match")

    def _check_positive(self, etag: str, modified: float, prefix: str) -> None:
        if self.if_match is not None:
            if not _matches(self.if_match, etag):
                raise precondition_failed(prefix + "Match")
        elif self.if_unmodified_since is not None and int(modified) > self.if_unmodified_since.timestamp():
            raise precondition_failed(prefix + "Unmodified-Since")

    def _is_unchanged(self, etag: str, modified: float) -> bool:
        if self.if_none_match is not None:
            return _matches(self.if_none_match, etag)
        return self.if_modified_since is not None and int(modified) <= self.if_modified_since.timestamp()


def _matches(wanted: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")}
    return "*" in tags or etag in tags


@dataclass(frozen=True, slots=True)
class Span:
    """``size`` bytes from ``start``."""

    start: int
    size: int

    def content_range(self, file_size: int) -> str:
        """Return the Content-Range header for a file of ``file_size`` bytes."""
        return f"bytes {self.start}-{self.start + self.size - 1}/{file_size}"


def parse_range(header: str | None, file_size: int) -> Span | None:
    """Return the bytes of a file that a Range header requests; None means all bytes.

    Raises:
        S3Error: InvalidRange if no requested byte exists.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or header is None or not (match[1] or match[2]):
        return None
    if match[1]:
        start = int(match[1])
        end = int(match[2]) if match[2] else file_size - 1
        if match[2] and end < start:
            return None
    else:
        start, end = max(0, file_size - int(match[2])), file_size - 1
    if start >= file_size or (not match[1] and int(match[2]) == 0):
        raise S3Error(
            "InvalidRange",
            "The requested range is not satisfiable",
            416,
            {"RangeRequested": header, "ActualObjectSize": str(file_size)},
        )
    return Span(start, min(end, file_size - 1) - start + 1)


def parse_copy_range(header: str, file_size: int) -> Span:
    """Return the bytes that ``x-amz-copy-source-range`` requests: both ends are required and must exist.

    Raises:
        S3Error: InvalidArgument.
    """
    match = _RANGE.fullmatch(header)
    if match is None or not match[1] or not match[2] or int(match[1]) > int(match[2]):
        raise S3Error(
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
            400,
            {"ArgumentName": "x-amz-copy-source-range", "ArgumentValue": header},
        )
    first, last = int(match[1]), int(match[2])
    if last >= file_size:
        raise S3Error(
            "InvalidArgument",
            f"Range specified is not valid for source object of size: {file_size}",
            400,
            {"ArgumentName": "x-amz-copy-source-range", "ArgumentValue": header},
        )
    return Span(first, last - first + 1)
