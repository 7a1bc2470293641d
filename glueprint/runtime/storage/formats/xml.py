"""XML (developer guide, "Using the XML format in AWS Glue"): read, not written, as in Glue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql.types import StringType, StructField, StructType

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.json_reading import read_documents
from glueprint.runtime.frames.typed_columns import column_by_name
from glueprint.runtime.frames.xml_text import XmlRows
from glueprint.runtime.storage import chosen_files
from glueprint.runtime.storage.chosen_files import FileSet
from glueprint.runtime.storage.errors import BadOption, StorageError
from glueprint.runtime.storage.formats.base import Target
from glueprint.runtime.storage.options import Options

_TEXT = StructType([StructField("value", StringType())])
_UTF_8 = frozenset({"UTF-8", "UTF8", "US-ASCII", "ASCII"})
_ENCODINGS = {"LATIN1": "ISO-8859-1", **{one: one for one in ("ISO-8859-1", "UTF-16", "UTF-16BE", "UTF-16LE")}}
"""What Spark's ``decode`` knows."""


@dataclass(frozen=True)
class _Documents:
    """The chosen files as texts."""

    session: SparkSession
    files: FileSet
    encoding: str

    @property
    def keys(self) -> tuple[types.Field, ...]:
        """The partition columns."""
        return self.files.keys

    def texts(self, *, whole: bool) -> DataFrame:
        """Return complete files in a column ``value``, and the partition columns."""
        if self.encoding in _UTF_8:
            return chosen_files.TEXT.load(self.session, self.files, _TEXT, {"wholetext": "true"})
        content = chosen_files.BINARY.load(self.session, self.files, chosen_files.BINARY_SCHEMA, {})
        value = F.decode(F.col("content"), _ENCODINGS[self.encoding]).alias("value")
        return content.select(value, *(column_by_name(one.name) for one in self.keys))


class Xml:
    """A record for each element of the option ``rowTag``."""

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """Read the files. Types are inferred, also for a table of the catalog; conflicts become choices."""
        encoding = (options.text("encoding") or "UTF-8").upper()
        if encoding not in _UTF_8 and encoding not in _ENCODINGS:
            raise BadOption("encoding", options.text("encoding"), "UTF-8, US-ASCII, ISO-8859-1 or UTF-16")
        prefix = "_" if options.get("attributePrefix") is None else options.text("attributePrefix")
        rows = XmlRows(
            options.required("rowTag", "the format xml"),
            None if options.flag("excludeAttribute") else prefix,
            options.text("valueTag") or "_VALUE",
            options.flag("ignoreSurroundingSpaces"),
            options.flag("treatEmptyValuesAsNulls"),
        )
        return read_documents(_Documents(session, files, encoding), rows, what="reading XML")

    def write(self, frame: Frame, target: Target, options: Options) -> NoReturn:
        """Refused, as by Glue.

        Raises:
            StorageError: always.
        """
        raise StorageError("xml cannot be written: Glue only reads it; use json, csv, parquet, orc or avro")
