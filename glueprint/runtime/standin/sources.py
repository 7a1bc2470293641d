"""Stands for Glue's ``DataSource``: what ``getSource`` and ``getCatalogSource`` give to Amazon's package."""

from __future__ import annotations

from typing import Any

from glueprint.runtime.standin.dynamic_frame import DynamicFrame
from glueprint.runtime.storage.endpoints import Source
from glueprint.runtime.storage.options import Options


class DataSource:
    """Hands a source's frame over as a DynamicFrame or as Spark's own Java DataFrame."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def setFormat(self, name: str, options: str) -> None:  # noqa: N802 - Java's name
        """The format of a source of files, with its options as JSON text."""
        self._source.format_name = name
        self._source.format_options = Options.of_json(options)

    def getDynamicFrame(self, minimum: int | None = None, target: int | None = None) -> DynamicFrame:  # noqa: N802
        """The records; with ``target`` in so many Spark partitions."""
        return DynamicFrame(self._source.frame(target))

    def getSampleDynamicFrame(self, number: int, options: str) -> DynamicFrame:  # noqa: N802 - Java's name
        """The first ``number`` records: Glue promises a sample and does not say which."""
        frame = self._source.frame()
        return DynamicFrame(frame.become(frame.data.limit(number), frame.schema))

    def getDataFrame(self) -> Any:  # noqa: N802 - Java's name
        """The records as a Java DataFrame."""
        return self._source.frame().data._jdf
