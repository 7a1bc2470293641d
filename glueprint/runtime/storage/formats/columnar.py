"""Parquet and ORC: files that carry their schema."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.union import union
from glueprint.runtime.shared import spark_versions
from glueprint.runtime.storage import chosen_files
from glueprint.runtime.storage.chosen_files import DataFile, FileSet
from glueprint.runtime.storage.errors import print_note
from glueprint.runtime.storage.formats.base import Target, append_with_spark
from glueprint.runtime.storage.options import Options

_DISAGREE = "CANNOT_MERGE_SCHEMAS"
"""Spark's error for files that have a column with different types."""


class Columnar:
    """A format that Spark reads and writes itself.

    Args:
        spark_name: its name for Spark's writer.
        reader: its reader.
        write_options: format options of Glue and their names in Spark.
    """

    def __init__(
        self, spark_name: str, reader: chosen_files.FileReader, write_options: Mapping[str, str]
    ) -> None:
        self._spark_name = spark_name
        self._reader = reader
        self._write_options = write_options

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """Return all files with their schemas merged: columns that only some have are null in the others.

        A column whose type differs between files becomes a choice.
        """
        try:
            return self._merged_by_spark(session, files)
        except Py4JJavaError as error:
            if _DISAGREE not in str(error):
                raise
        print_note(
            "the files disagree about the type of a column (Spark's message is above): it is read as a choice"
        )
        return functools.reduce(union, self._by_schema(session, files))

    def _merged_by_spark(self, session: SparkSession, files: FileSet) -> Frame:
        merging_schemas = {"mergeSchema": str(len(files.files) > 1).lower()}
        found = self._reader.inferred(session, files, merging_schemas)
        return self._loaded(session, files, found or StructType([]))

    def _by_schema(self, session: SparkSession, files: FileSet) -> Iterator[Frame]:
        """Yield a frame for each schema of the files, in the order of the files."""
        groups: dict[str, list[DataFile]] = {}
        for one in files.files:
            found = self._reader.inferred(session, files.subset([one]), {})
            groups.setdefault((found or StructType([])).json(), []).append(one)
        for schema, members in groups.items():
            yield self._loaded(session, files.subset(members), StructType.fromJson(json.loads(schema)))

    def _loaded(self, session: SparkSession, files: FileSet, found: StructType) -> Frame:
        data = StructType(list(types.except_keys(found.fields, files.keys)))
        return Frame.of(self._reader.load(session, files, data, {}))

    def write(self, frame: Frame, target: Target, options: Options) -> None:
        """Write the files, compressed with snappy by default. Choices are structs, as ``toDF`` has them."""
        if choices := [one.name for one in frame.schema if types.has_choice(one.type)]:
            print_note(
                f"the columns {', '.join(choices)} have values of several types and are written as structs with a "
                "field for each type; resolveChoice makes them one type"
            )
        untyped = list(types.null_fields(frame.schema))
        if untyped and not spark_versions.writes_void(self._spark_name):
            print_note(
                f"the fields {', '.join(untyped)} have no value in any record, or only arrays without elements, "
                f"and so no type: Spark cannot write them as {self._spark_name}. DropNullFields removes them, "
                "ApplyMapping gives them a type"
            )
        given = {glue: spark for glue, spark in self._write_options.items() if options.get(glue) is not None}
        chosen = {spark: options.text(glue) for glue, spark in given.items()}
        append_with_spark(frame, target, self._spark_name, chosen)


PARQUET = Columnar(
    "parquet",
    chosen_files.PARQUET,
    {"compression": "compression", "blockSize": "parquet.block.size", "pageSize": "parquet.page.size"},
)
ORC = Columnar("orc", chosen_files.ORC, {"compression": "compression"})
