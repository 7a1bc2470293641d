"""Objects as the store returns them: listed, stored, opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from glueprint.local.s3.records import Record
from glueprint.local.s3.tree import Fingerprint


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object in a listing.

    Args:
        size: bytes.
        modified: seconds since the epoch.
        path: its file.
    """

    key: str
    size: int
    modified: float
    path: Path


@dataclass(frozen=True, slots=True)
class ObjectCreated:
    """An object was stored through this store (not by Spark).

    Args:
        at: seconds since the epoch.
    """

    bucket: str
    key: str
    size: int
    etag: str
    at: float


@dataclass(frozen=True, slots=True)
class StoredObject:
    """The result of a write."""

    record: Record
    mark: Fingerprint

    @property
    def modified(self) -> float:
        """Seconds since the epoch."""
        return self.mark.mtime_ns / 1e9


class OpenObject:
    """An object opened for reading: it stays this version even if the key is overwritten. A context manager.

    Attributes:
        key: its key.
        size: bytes.
        modified: seconds since the epoch.
        record: what is known of it in addition to its bytes.
    """

    def __init__(self, key: str, descriptor: int, mark: Fingerprint, record: Record) -> None:
        self.key = key
        self.size = mark.size
        self.modified = mark.mtime_ns / 1e9
        self.mark = mark
        self.record = record
        self.descriptor = descriptor
        self._open = True

    def __enter__(self) -> OpenObject:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def read(self, start: int = 0, size: int | None = None) -> bytes:
        """Return ``size`` bytes from ``start`` (the rest by default), fewer only at the end."""
        end = self.size if size is None else min(self.size, start + size)
        blocks = []
        while start < end:
            block = os.pread(self.descriptor, end - start, start)
            if not block:
                break
            blocks.append(block)
            start += len(block)
        return b"".join(blocks)

    def close(self) -> None:
        """Close the file."""
        if self._open:
            self._open = False
            os.close(self.descriptor)
