"""Parquet and ORC: files that carry their schema."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import SparkSession

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage import relation
from glueprint.runtime.storage.files import FileSet
from glueprint.runtime.storage.formats.base import Target, append_with_spark
from glueprint.runtime.storage.options import Options


class Columnar:
    """A format that Spark reads and writes by itself.

    Args:
        spark_name: its name for Spark's writer.
        reader: its reader.
        write_options: format options of Glue and what Spark calls them.
    """

    def __init__(
        self, spark_name: str, reader: relation.FileReader, write_options: Mapping[str, str]
    ) -> None:
        self._spark_name = spark_name
        self._reader = reader
        self._write_options = write_options

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """The schemas of all files merged: columns that only some have are null in the others."""
        merging = {"mergeSchema": str(len(files.files) > 1).lower()}
        found = self._reader.inferred(session, files, merging)
        physical = found if found is not None else types.physical_struct(declared or types.Struct())
        keys = {one.name for one in files.keys}
        physical = type(physical)([one for one in physical.fields if one.name not in keys])
        return Frame.of(self._reader.load(session, files, physical, merging))

    def write(self, frame: Frame, target: Target, options: Options) -> None:
        """Compressed with snappy unless told otherwise."""
        given = {glue: spark for glue, spark in self._write_options.items() if options.get(glue) is not None}
        chosen = {spark: options.text(glue) for glue, spark in given.items()}
        append_with_spark(frame, target, self._spark_name, chosen)


PARQUET = Columnar(
    "parquet",
    relation.PARQUET,
    {"compression": "compression", "blockSize": "parquet.block.size", "pageSize": "parquet.page.size"},
)
ORC = Columnar("orc", relation.ORC, {"compression": "compression"})
