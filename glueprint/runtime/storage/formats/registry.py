"""The class behind a format's name. Formats that the local Glue does not have are refused, with their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from pyspark.sql import SparkSession

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.chosen_files import FileSet
from glueprint.runtime.storage.errors import NotSupportedLocally, StorageError
from glueprint.runtime.storage.formats.avro import Avro
from glueprint.runtime.storage.formats.base import FileFormat, Target
from glueprint.runtime.storage.formats.columnar import ORC, PARQUET
from glueprint.runtime.storage.formats.csv import Csv
from glueprint.runtime.storage.formats.json_lines import Json
from glueprint.runtime.storage.formats.xml import Xml
from glueprint.runtime.storage.options import Options


class UnsupportedFormat:
    """A format that the local Glue does not have, and what to do instead."""

    def __init__(self, name: str, advice: str = "") -> None:
        self._name = name
        self._advice = advice

    def refuse(self) -> NoReturn:
        """Raise the error: no file is needed to know that this format cannot be read."""
        raise NotSupportedLocally(f"format {self._name}", self._advice)

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> NoReturn:
        """Refused."""
        self.refuse()

    def write(self, frame: Frame, target: Target, options: Options) -> NoReturn:
        """Refused."""
        self.refuse()


_LAKE_ADVICE = "table formats need JARs that do not come with PySpark; use spark.read with --extra-jars"

FORMATS: Mapping[str, FileFormat] = {
    "csv": Csv(),
    "json": Json(),
    "parquet": PARQUET,
    "glueparquet": PARQUET,
    "orc": ORC,
    "avro": Avro(),
    "xml": Xml(),
    "grokLog": UnsupportedFormat("grokLog"),
    "ion": UnsupportedFormat("ion"),
    "hudi": UnsupportedFormat("hudi", _LAKE_ADVICE),
    "delta": UnsupportedFormat("delta", _LAKE_ADVICE),
    "iceberg": UnsupportedFormat("iceberg", _LAKE_ADVICE),
}
"""The values of ``format=`` (developer guide, "Data format options")."""

_BY_FOLDED_NAME = {name.lower(): found for name, found in FORMATS.items()}


def file_format(name: str) -> FileFormat:
    """Return the format of that name, in any case.

    Raises:
        StorageError: there is none; the message lists the formats.
    """
    try:
        return _BY_FOLDED_NAME[name.lower()]
    except KeyError:
        raise StorageError(f"{name!r} is not a format of Glue; formats are {', '.join(FORMATS)}") from None
