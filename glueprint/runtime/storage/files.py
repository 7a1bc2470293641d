"""The files that a source reads, with the values of partition columns that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from glueprint.runtime.frames import types


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file to read.

    Attributes:
        uri: where Spark finds it.
        size: bytes.
        partition: index into :attr:`FileSet.values`; 0 when there are no partition columns.
    """

    uri: str
    size: int
    partition: int = 0


@dataclass(frozen=True, slots=True)
class FileSet:
    """Files of one source.

    Attributes:
        files: in listing order.
        keys: the partition columns, in order, with their types.
        values: for each partition the text of its key values; None is the partition without a value.
        discovered_below: folders below which Spark itself shall read ``key=value`` as partition columns.
    """

    files: tuple[DataFile, ...]
    keys: tuple[types.Field, ...] = ()
    values: tuple[tuple[str | None, ...], ...] = ()
    discovered_below: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files)

    @property
    def uris(self) -> list[str]:
        """Where the files are."""
        return [one.uri for one in self.files]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.files)

    def only(self, files: Sequence[DataFile]) -> FileSet:
        """The same source with fewer files."""
        return replace(self, files=tuple(files))
