"""Which class is behind a format's name."""

from __future__ import annotations

from collections.abc import Mapping

from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.formats.avro.format import Avro
from glueprint.runtime.storage.formats.base import FileFormat
from glueprint.runtime.storage.formats.columnar import ORC, PARQUET
from glueprint.runtime.storage.formats.csv import Csv
from glueprint.runtime.storage.formats.json_lines import Json
from glueprint.runtime.storage.formats.refused import RefusedFormat

_LAKE_ADVICE = "table formats need JARs that do not come with PySpark; use spark.read with --extra-jars"

FORMATS: Mapping[str, FileFormat] = {
    "csv": Csv(),
    "json": Json(),
    "parquet": PARQUET,
    "glueparquet": PARQUET,
    "orc": ORC,
    "avro": Avro(),
    "xml": RefusedFormat("xml"),
    "grokLog": RefusedFormat("grokLog"),
    "ion": RefusedFormat("ion"),
    "hudi": RefusedFormat("hudi", _LAKE_ADVICE),
    "delta": RefusedFormat("delta", _LAKE_ADVICE),
    "iceberg": RefusedFormat("iceberg", _LAKE_ADVICE),
}
"""The values of ``format=`` (developer guide, "Data format options")."""

_BY_FOLDED_NAME = {name.lower(): found for name, found in FORMATS.items()}


def file_format(name: str) -> FileFormat:
    """The format of that name, in any case.

    Raises:
        StorageError: there is none; names those there are.
    """
    try:
        return _BY_FOLDED_NAME[name.lower()]
    except KeyError:
        raise StorageError(f"{name!r} is no format of Glue; formats are {', '.join(FORMATS)}") from None
