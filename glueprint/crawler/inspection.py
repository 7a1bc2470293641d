"""The result of inspecting a file: how it must be read, and which columns it has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from glueprint.facts.hive_types import GlueType

from .found_tables import Pairs
from .specification import ObjectEntry

Columns = tuple[tuple[str, GlueType], ...]
"""Column names in lower case, with their types, in order."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How files must be read. Files share a table only if their formats are equal ("data compatibility",
    DG:crawler-grouping-policy: same format, same compression, other data attributes).

    Attributes:
        classification: Glue's name of the format, or that of a custom classifier.
        compression: ``none``, ``gzip``, ``bzip2``, ``zstd``, ``snappy``, ``lz4`` or ``zip``, of the file as a
            whole.
        serde: class name of the SerDe.
        options: what else readers need to know: a delimiter, a grok pattern, a row tag.
    """

    classification: str
    compression: str
    serde: str
    options: Pairs = ()


@dataclass(frozen=True, slots=True)
class FileSchema:
    """The schema of a file.

    Attributes:
        file_format: how to read it.
        columns: its columns.
        details: table parameters that follow from the file but do not keep files apart: the header line, Avro's
            schema.
        paths: JSON's field names in their own case (the SerDe needs them), otherwise empty.
    """

    file_format: FileFormat
    columns: Columns
    details: Pairs = ()
    paths: tuple[str, ...] = ()
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Files are counted by their schema at every level of folders: hashing all columns each time took half a
        # crawl.
        object.__setattr__(self, "_hash", hash((self.file_format, self.columns, self.details, self.paths)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Inspection:
    """The result of a classifier that recognised a file.

    Attributes:
        schema: the file's schema.
        records: the number of records, exact or estimated.
        data_size: bytes of data when decompressed, as far as known; for the average record size.
        classifier: the classifier's name, for the log.
        notes: warnings, such as a column that was dropped.
        certainty: how sure the classifier is, above 0 and at most 1 (DG:add-classifier).
    """

    schema: FileSchema
    records: int
    data_size: int
    classifier: str
    notes: tuple[str, ...] = ()
    certainty: float = 1.0

    def compressed_with(self, compression: str) -> Inspection:
        """Return the inspection of the same data in a compressed file."""
        if compression == self.schema.file_format.compression:
            return self
        file_format = replace(self.schema.file_format, compression=compression)
        return replace(self, schema=replace(self.schema, file_format=file_format))


@dataclass(frozen=True, slots=True)
class CrawledFile:
    """One object of a target that counts as data.

    Attributes:
        entry: the listing's entry.
        relative: the key below the include path.
        inspection: the classifier's result for this file, or for a sampled file of its folder.
    """

    entry: ObjectEntry
    relative: str
    inspection: Inspection

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the file below the include path."""
        return tuple(self.relative.split("/")[:-1])

    @property
    def schema(self) -> FileSchema:
        """The file's schema."""
        return self.inspection.schema


class FileProblem(Exception):
    """A file of a recognised format cannot be read. It is left out, with a warning."""


class UnsupportedFormat(FileProblem):
    """A file has a format that Glue supports and this crawler does not; the message names the format."""
