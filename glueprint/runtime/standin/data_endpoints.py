"""Glue's ``DataSource`` and ``DataSink``: what ``getSource``, ``getSink`` and their siblings return."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame

from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.standin.dynamic_frame import DynamicFrame
from glueprint.runtime.standin.session import JobSession
from glueprint.runtime.storage.catalog.tables import TableName
from glueprint.runtime.storage.endpoints import Sink, Source
from glueprint.runtime.storage.errors import NotSupportedLocally, StorageError
from glueprint.runtime.storage.file_sink import FileSink
from glueprint.runtime.storage.file_source import FileSource
from glueprint.runtime.storage.option_tables import report_format_options
from glueprint.runtime.storage.options import Options


class DataSource:
    """Returns a source's records as a DynamicFrame or as Spark's Java DataFrame."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def setFormat(self, name: str, options: str) -> None:  # noqa: N802 - Java's name
        """The format of a source of files, with its options as JSON text."""
        self._source.format_name = name
        self._source.format_options = Options.of_json(options)
        report_format_options(name, self._source.format_options)

    def getDynamicFrame(self, minimum: int | None = None, target: int | None = None) -> DynamicFrame:  # noqa: N802
        """The records; with ``target`` in that number of Spark partitions."""
        return DynamicFrame(self._source.frame(target))

    def getSampleDynamicFrame(self, number: int, options: str) -> DynamicFrame:  # noqa: N802 - Java's name
        """The first ``number`` records: Glue returns a sample whose choice is not documented."""
        frame = self._source.frame()
        return DynamicFrame(frame.transformed(frame.data.limit(number), frame.schema))

    def getDataFrame(self) -> Any:  # noqa: N802 - Java's name
        """The records as a Java DataFrame."""
        source = self._source
        frame = source.data_frame() if isinstance(source, FileSource) else source.frame()
        return frame.data._jdf


class DataSink:
    """Writes DynamicFrames and DataFrames to a sink."""

    def __init__(self, session: JobSession, sink: Sink) -> None:
        self._session = session
        self._sink = sink

    def setFormat(self, name: str, options: str) -> None:  # noqa: N802 - Java's name
        """The format of a sink of files, with its options as JSON text."""
        self._sink.format_name = name
        self._sink.format_options = Options.of_json(options)
        report_format_options(name, self._sink.format_options)

    def setAccumulableSize(self, size: int) -> None:  # noqa: N802 - Java's name
        """The number of error records that Glue keeps in memory; not used here."""

    def setCatalogInfo(self, database: str, table: str, catalog_id: str = "") -> None:  # noqa: N802
        """The table that ``enableUpdateCatalog`` creates or updates."""
        if not isinstance(self._sink, FileSink):
            raise NotSupportedLocally("setCatalogInfo on a sink that does not write files")
        self._sink.table = TableName(database, table, catalog_id or "")

    def pyWriteDynamicFrame(self, frame: DynamicFrame, site: object, info: str) -> DynamicFrame:  # noqa: N802
        """Write, and return the frame of records that could not be written. It is empty: otherwise writing
        fails.
        """
        _require_distinct_names(frame.frame)
        self._sink.write(frame.frame)
        unwritten = frame.frame.transformed(frame.frame.data.limit(0), frame.frame.schema)
        return DynamicFrame(unwritten)

    def pyWriteDataFrame(self, java: Any, context: object, site: object, info: str) -> Any:  # noqa: N802
        """Write a Java DataFrame, and return the rows that could not be written: none."""
        frame = Frame.of(DataFrame(java, self._session.storage.spark))
        _require_distinct_names(frame)
        self._sink.write(frame)
        return frame.data.limit(0)._jdf


def _require_distinct_names(frame: Frame) -> None:
    """Refuse columns that Spark cannot tell apart, by name.

    Raises:
        StorageError: columns have the same name, or names that differ only in case.
    """
    by_name: dict[str, list[str]] = {}
    for name in frame.schema.names:
        by_name.setdefault(name.lower(), []).append(name)
    if same := [names for names in by_name.values() if len(names) > 1]:
        found = "; ".join(" and ".join(names) for names in same)
        raise StorageError(
            f"columns whose names are the same or differ only in case: {found}: rename or drop one before writing"
        )
