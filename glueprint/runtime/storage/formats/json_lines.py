"""JSON (developer guide, "Using the JSON format in AWS Glue")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from glueprint.runtime.frames import record_values, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.json_reading import read_json_files
from glueprint.runtime.frames.json_spark import CORRUPT_RECORD
from glueprint.runtime.storage import chosen_files
from glueprint.runtime.storage.chosen_files import FileSet
from glueprint.runtime.storage.formats.base import TIMESTAMPS, Target, append_with_spark
from glueprint.runtime.storage.options import Options

_TEXT = StructType([StructField("value", StringType())])


@dataclass(frozen=True)
class _ChosenFiles:
    """The chosen files for JSON's inference (``frames.json_files.JsonFiles``)."""

    session: SparkSession
    files: FileSet

    @property
    def keys(self) -> tuple[types.Field, ...]:
        """The partition columns."""
        return self.files.keys

    def texts(self, *, whole: bool) -> DataFrame:
        """Return lines, or complete files, in a column ``value``."""
        return chosen_files.TEXT.load(self.session, self.files, _TEXT, {"wholetext": str(whole).lower()})

    def parsed(self, schema: StructType) -> DataFrame:
        """Return records with these fields."""
        return chosen_files.JSON.load(self.session, self.files, schema, {})

    def inferred(self) -> StructType | None:
        """Return the schema that Spark infers."""
        return chosen_files.JSON.inferred(self.session, self.files, {"columnNameOfCorruptRecord": CORRUPT_RECORD})


class Json:
    """A record per line; with ``multiline`` or ``jsonPath``, the records of complete files."""

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """Read the files. Types are inferred, also for a table of the catalog; conflicts become choices."""
        return read_json_files(
            _ChosenFiles(session, files),
            multiline=options.flag("multiline"),
            json_path=options.text("jsonPath") or None,
        )

    def write(self, frame: Frame, target: Target, options: Options) -> None:
        """Write a record per line, without fields that have no value; a choice is the value that a record has."""
        if types.has_choice(frame.schema):
            append_with_spark(_as_text(frame, target.partition_keys), target, "text", {})
        else:
            append_with_spark(frame, target, "json", TIMESTAMPS)


def _as_text(frame: Frame, keys: Iterable[str]) -> Frame:
    """Return the records as lines of JSON, next to their partition columns; Spark's writer has no choices."""
    schema, key_names = frame.schema, list(keys)
    physical = StructType(
        [*_TEXT.fields, *(one for one in types.physical_struct(schema).fields if one.name in key_names)]
    )
    order = physical.names[1:]

    def lines(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
        for record in record_values.plain_records(schema, rows):
            values = [record.pop(key) for key in order]
            yield (record_values.json_line(record), *values)

    session = frame.data.sparkSession
    return Frame.of(session.createDataFrame(frame.data.rdd.mapPartitions(lines), physical, verifySchema=False))
