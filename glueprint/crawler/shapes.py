"""The result of inspecting a file: how it must be read, and which columns it has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from glueprint.facts.hive_types import GlueType

from .found_tables import Pairs
from .specification import ObjectEntry

Columns = tuple[tuple[str, GlueType], ...]
"""Column names in lower case, with their types, in order."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How files must be read. Files share a table only when their layouts are equal ("data compatibility",
    DG:crawler-grouping-policy: same format, same compression, other data attributes).

    Attributes:
        classification: Glue's name of the format, or that of a custom classifier.
        compression: ``none``, ``gzip``, ``bzip2``, ``zstd``, ``snappy``, ``lz4`` or ``zip``, of the file as a
            whole.
        serde: class name of the SerDe.
        options: what sets this layout apart from others of its format: a delimiter, a grok pattern, a row tag.
    """

    classification: str
    compression: str
    serde: str
    options: Pairs = ()


@dataclass(frozen=True, slots=True)
class FileShape:
    """The schema of a file.

    Attributes:
        layout: how to read it.
        columns: what it holds.
        details: table parameters that follow from the file but do not keep files apart: the header line, Avro's
            schema.
        paths: JSON's field names in their own case (the SerDe wants them), otherwise empty.
    """

    layout: Layout
    columns: Columns
    details: Pairs = ()
    paths: tuple[str, ...] = ()
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Files are counted by their shape at every level of folders: hashing all columns each time took half a
        # crawl.
        object.__setattr__(self, "_hash", hash((self.layout, self.columns, self.details, self.paths)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Inspection:
    """The answer of a classifier that recognised a file.

    Attributes:
        shape: the file's schema.
        records: how many records it holds, exact or estimated.
        data_size: bytes of data when decompressed, as far as known; for the average record size.
        classifier: who decided, for the log.
        notes: what a person should know, such as a column that was dropped.
        certainty: how sure the classifier is, above 0 and at most 1 (DG:add-classifier).
    """

    shape: FileShape
    records: int
    data_size: int
    classifier: str
    notes: tuple[str, ...] = ()
    certainty: float = 1.0

    def compressed_with(self, compression: str) -> Inspection:
        """The same file seen through its compression."""
        if compression == self.shape.layout.compression:
            return self
        layout = replace(self.shape.layout, compression=compression)
        return replace(self, shape=replace(self.shape, layout=layout))


@dataclass(frozen=True, slots=True)
class CrawledFile:
    """One object of a target that counts as data.

    Attributes:
        entry: the listing's entry.
        relative: the key below the include path.
        inspection: what a classifier saw, in this file or in the one of its folder that was sampled.
    """

    entry: ObjectEntry
    relative: str
    inspection: Inspection

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders below the include path that the file lies in."""
        return tuple(self.relative.split("/")[:-1])

    @property
    def shape(self) -> FileShape:
        """The file's schema."""
        return self.inspection.shape


class FileProblem(Exception):
    """A file of a recognised format that cannot be read. It costs that file and becomes a warning."""


class UnsupportedFormat(FileProblem):
    """A file of a format that Glue knows and this crawler does not; says its name."""
