"""Bodies that are being received: written to an unlisted file, hashed on the way, renamed when complete."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from glueprint.local.s3.checksums import Digests
from glueprint.local.s3.tree import Fingerprint

BLOCK_BYTES = 1 << 20
"""Bytes that are read, hashed and written at a time: the memory that one transfer needs."""


class StagedFile:
    """A file that is being written. Use as a context manager: an unpublished file is removed at its end.

    Args:
        folder: a directory on the file system of the buckets.
        algorithms: the checksums to compute in addition to MD5.

    Attributes:
        path: the file.
        size: bytes written so far.
        digests: of what was written so far.
    """

    def __init__(self, folder: Path, algorithms: Iterable[str] = ()) -> None:
        self.digests = Digests(algorithms)
        self.path = str(folder / secrets.token_hex(16))
        self.size = 0
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        self._open = True

    def __enter__(self) -> StagedFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def write(self, data: bytes) -> None:
        """Append to the file."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self.digests.update(data)
        self.size += len(data)

    def copy_from(self, descriptor: int, start: int, size: int) -> int:
        """Append ``size`` bytes of another file, from ``start``; return the number of bytes copied."""
        copied = 0
        while copied < size:
            block = os.pread(descriptor, min(BLOCK_BYTES, size - copied), start + copied)
            if not block:
                break
            self.write(block)
            copied += len(block)
        return copied

    def finish(self, modified: float) -> Fingerprint:
        """Sync the bytes to the disk and set the modification time; no more can be written afterwards.

        The time has the clock's full precision. A file that another program rewrites in place gets the kernel's
        coarse time (steps of up to 4 ms), so it hardly gets the same one.

        Args:
            modified: seconds since the epoch.
        """
        stamp = int(modified * 1_000_000) * 1000 + 1 + secrets.randbelow(999)
        os.utime(self._descriptor, ns=(stamp, stamp))
        os.fsync(self._descriptor)
        mark = Fingerprint.of(os.fstat(self._descriptor))
        self._close()
        return mark

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)
