"""What every file format can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pyspark.sql import SparkSession

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.chosen_files import FileSet
from glueprint.runtime.storage.options import Options


@dataclass(frozen=True)
class Target:
    """The target of a sink that writes files.

    Attributes:
        path: a folder; files are added to existing ones, as Glue's sinks do.
        partition_keys: columns that become folders ``key=value``.
        compression: ``gzip``, ``bzip2``, ...; empty for the format's own default.
        writer_options: options that the script passes on to Spark's writer.
    """

    path: str
    partition_keys: tuple[str, ...] = ()
    compression: str = ""
    writer_options: Mapping[str, str] = field(default_factory=dict)


class FileFormat(Protocol):
    """A format that reads and writes files."""

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """Return the records of ``files`` (at least one), partition columns last.

        Args:
            options: ``format_options``.
            declared: the columns of the catalog's table, without partition columns; None outside the catalog.
        """
        ...

    def write(self, frame: Frame, target: Target, options: Options) -> None:
        """Add the frame's records to ``target``."""
        ...


_NO_MARKER = "mapreduce.fileoutputcommitter.marksuccessfuljobs"


def append_with_spark(
    frame: Frame, target: Target, spark_format: str, options: Mapping[str, str]
) -> None:
    """Write with Spark's own writer of ``spark_format``.

    Without a ``_SUCCESS`` file, which Glue's sinks do not leave.
    """
    data = typed_columns.nullable_data(frame)
    chosen = {_NO_MARKER: "false", **options, **target.writer_options}
    writer = data.write.mode("append").format(spark_format).options(**chosen)
    if target.compression:
        writer = writer.option("compression", target.compression)
    if target.partition_keys:
        writer = writer.partitionBy(*target.partition_keys)
    writer.save(target.path)


TIMESTAMPS = {"timestampFormat": "yyyy-MM-dd HH:mm:ss.SSSSSS", "dateFormat": "yyyy-MM-dd"}
"""Options of Spark's writers: timestamps as a crawler reads them, in microseconds, so that nothing is lost."""
