"""Files of JSON records, as far as inference and reading need to know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from glueprint.runtime.frames import types

CORRUPT = "glueprint corrupt record"
"""The column in which Spark's reader says that there is a line that is no JSON."""


class JsonFiles(Protocol):
    """Some files, whoever found them; ``keys`` are columns that every record has besides (partition columns)."""

    @property
    def session(self) -> SparkSession:
        """The running session."""
        ...

    @property
    def keys(self) -> tuple[types.Field, ...]:
        """The names and types of the columns that are not in the files."""
        ...

    def texts(self, *, whole: bool) -> DataFrame:
        """The files' text in a column ``value``, a row for each line or each ``whole`` file; then the keys."""
        ...

    def parsed(self, schema: StructType) -> DataFrame:
        """The records, a line each, with these fields of these types; then the keys. What does not fit is null."""
        ...

    def inferred(self) -> StructType | None:
        """The schema that Spark finds, with a column :data:`CORRUPT` if there is a line that is no JSON."""
        ...


@dataclass(frozen=True, slots=True)
class JsonPaths:
    """Files that Spark finds at ``paths``; no keys."""

    session: SparkSession
    paths: Sequence[str]
    keys: tuple[types.Field, ...] = ()

    def texts(self, *, whole: bool) -> DataFrame:
        """See :class:`JsonFiles`."""
        return self.session.read.text(list(self.paths), wholetext=whole)

    def parsed(self, schema: StructType) -> DataFrame:
        """See :class:`JsonFiles`."""
        return self.session.read.schema(schema).json(list(self.paths))

    def inferred(self) -> StructType | None:
        """See :class:`JsonFiles`."""
        return self.session.read.option("columnNameOfCorruptRecord", CORRUPT).json(list(self.paths)).schema
