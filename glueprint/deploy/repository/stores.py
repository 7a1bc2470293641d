"""What every kind of repository can do; ``directory_store``, ``s3_store`` and ``git_store`` do it.

A store keeps one index and immutable files. Publishing is one :meth:`Store.commit`: the files first, under names
that no index mentions yet, then the index, in one step that fails if it is no longer the one that was read. So a
publisher that is killed leaves either the version or nothing (but perhaps a file that no index mentions), and no
publisher overwrites what another one added meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

INDEX = "index.json"


class Conflict(Exception):
    """The index is no longer the one that was read: read it again, and repeat."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The index at one moment.

    Attributes:
        data: its bytes; None in a repository that has none yet.
        token: how the store recognises that moment.
    """

    data: bytes | None
    token: Any = field(repr=False)


class Store(Protocol):
    """A place for a repository."""

    def snapshot(self) -> Snapshot:
        """Read the index.

        Raises:
            GlueprintError: the place does not exist or cannot be read.
        """

    def commit(self, before: Snapshot, index: bytes, files: Mapping[str, bytes], message: str) -> None:
        """Store files, then replace the index that was read before.

        Args:
            before: the index that ``index`` was made from.
            index: the new index.
            files: content by path; a path contains the hash of its content.
            message: what is done, for stores that keep a history.

        Raises:
            Conflict: the index has been replaced since; nothing that an index mentions was changed.
            GlueprintError: the place cannot be written.
        """

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, or None if there is no such file."""
