"""One object of an S3 listing, as sources and bookmarks speak of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class S3Object:
    """An object as ``ListObjectsV2`` shows it.

    Attributes:
        size: bytes.
        modified: when it was last written, seconds since 1970.
        etag: without its quotes; empty when the listing did not say.
    """

    bucket: str
    key: str
    size: int
    modified: float
    etag: str = ""

    @property
    def uri(self) -> str:
        """Its address, ``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"
