"""A repository in a directory, such as a network share.

The index is replaced under a lock (``.lock``), by renaming a complete, synced file over it: a reader, who needs no
lock, sees the old index or the new one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound
from glueprint.client.names import listed
from glueprint.deploy.repository.index import Index
from glueprint.deploy.repository.stores import INDEX, Conflict, Snapshot

_LOCK = ".lock"
_PARTIAL = ".partial-"


class DirectoryStore:
    """A repository in ``root``, which must exist: a share that is not mounted is not taken for an empty one."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def snapshot(self) -> Snapshot:
        """Read the index."""
        if self._root.exists() and not self._root.is_dir():
            raise InvalidArgument(f"{self._root} is not a directory")
        if not self._root.is_dir():
            raise NotFound(f"there is no directory {self._root}", f"create the repository: mkdir -p {self._root}")
        data = self.read(INDEX)
        return Snapshot(data, _digest(data))

    def commit(self, before: Snapshot, index: bytes, files: Mapping[str, bytes], message: str) -> None:
        """Store files, then replace the index."""
        try:
            if before.token is None:
                before = self._initialised()
            for path, content in files.items():
                if self.read(path) != content:
                    self._write(self._root / path, content)
            with self._locked():
                if _digest(self.read(INDEX)) != before.token:
                    raise Conflict
                self._write(self._root / INDEX, index)
        except OSError as error:
            raise GlueprintError(
                f"cannot write {error.filename or self._root}: {error.strerror}",
                "no version was changed; publishers need write permission in all of the directory",
            ) from error

    def read(self, path: str) -> bytes | None:
        """Return the content of a file."""
        try:
            return (self._root / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GlueprintError(f"cannot read {self._root / path}: {error.strerror}") from error

    def _initialised(self) -> Snapshot:
        """Make an empty index, which marks the directory as a repository before anything else is in it."""
        with self._locked():
            if self.read(INDEX) is not None:
                raise Conflict
            others = [one.name for one in self._root.iterdir() if not one.name.startswith((".", "README"))]
            if others:
                raise GlueprintError(
                    f"{self._root} is not a repository: it contains {listed(sorted(others))}, but no {INDEX}",
                    "nothing was published; a new repository is an empty directory",
                )
            data = Index().to_bytes()
            self._write(self._root / INDEX, data)
        return Snapshot(data, _digest(data))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file that is complete and on disk before it has its name."""
        for folder in reversed(path.parents):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                _sync(folder.parent)
        partial = path.parent / f"{_PARTIAL}{uuid.uuid4().hex}"
        try:
            with partial.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _sync(path.parent)


def _digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
