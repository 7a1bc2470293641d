"""JSON (developer guide, "Using the JSON format in AWS Glue")."""

from __future__ import annotations

from pyspark.sql import SparkSession

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage import relation
from glueprint.runtime.storage.files import FileSet
from glueprint.runtime.storage.formats.base import Target, append_with_spark
from glueprint.runtime.storage.formats.texts import TIMESTAMPS
from glueprint.runtime.storage.options import Options


class Json:
    """A record per line, or with ``multiline`` records over several lines; types are found in the data."""

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """Types come from the records, also for a table of the catalog; disagreements become choices."""
        spark_options = {"multiLine": str(options.flag("multiline")).lower()}
        found = relation.JSON.inferred(session, files, spark_options)
        physical = found if found is not None else types.physical_struct(declared or types.Struct())
        return Frame.of(relation.JSON.load(session, files, physical, spark_options))

    def write(self, frame: Frame, target: Target, options: Options) -> None:
        """A record per line."""
        append_with_spark(frame, target, "json", TIMESTAMPS)
