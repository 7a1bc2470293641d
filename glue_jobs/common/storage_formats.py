"""How the files of a table are stored: what the Data Catalog has to record so that engines can read them."""

from dataclasses import dataclass, replace
from typing import Any, Dict, Sequence, Tuple

from glue_jobs.common.columns import Columns, columns_to_api


@dataclass(frozen=True)
class StorageFormat:
    """A file format with its compression.

    Attributes:
        classification: Glue's name of the format.
        compression: ``compressionType`` of the table.
        input_format: Hive's input format class.
        output_format: Hive's output format class.
        serde: Hive's SerDe class.
        serde_parameters: what the SerDe has to know.
        parameters: further parameters of a table.
    """

    classification: str
    compression: str
    input_format: str
    output_format: str
    serde: str
    serde_parameters: Tuple[Tuple[str, str], ...] = (("serialization.format", "1"),)
    parameters: Tuple[Tuple[str, str], ...] = ()

    def descriptor(self, columns: Columns, location: str) -> Dict[str, Any]:
        """The ``StorageDescriptor`` of a table or partition."""
        return {
            "Columns": columns_to_api(columns),
            "Location": location,
            "InputFormat": self.input_format,
            "OutputFormat": self.output_format,
            "SerdeInfo": {"SerializationLibrary": self.serde, "Parameters": dict(self.serde_parameters)},
            "Parameters": {
                "classification": self.classification,
                "compressionType": self.compression,
                **dict(self.parameters),
            },
        }


SNAPPY_PARQUET = StorageFormat(
    classification="parquet",
    compression="snappy",
    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    serde="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
)

_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_FORMATS = {
    "parquet": SNAPPY_PARQUET,
    "orc": StorageFormat(
        classification="orc",
        compression="zlib",
        input_format="org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        output_format="org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        serde="org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    "json": StorageFormat(
        classification="json",
        compression="gzip",
        input_format=_TEXT_INPUT,
        output_format=_TEXT_OUTPUT,
        serde="org.openx.data.jsonserde.JsonSerDe",
    ),
    "csv": StorageFormat(
        classification="csv",
        compression="gzip",
        input_format=_TEXT_INPUT,
        output_format=_TEXT_OUTPUT,
        serde="org.apache.hadoop.hive.serde2.OpenCSVSerde",
        serde_parameters=(("separatorChar", ","), ("quoteChar", '"'), ("escapeChar", "\\")),
        parameters=(("skip.header.line.count", "1"), ("areColumnsQuoted", "true"), ("delimiter", ",")),
    ),
}
_CSV_TYPES = ("boolean", "int", "bigint", "double", "string")


def storage_format(name: str, compression: str) -> StorageFormat:
    """The storage format of ``parquet``, ``orc``, ``json`` or ``csv`` with a compression."""
    return replace(_FORMATS[name], compression=compression)


def catalog_columns(name: str, columns: Sequence[Tuple[str, str]]) -> Columns:
    """The columns of a table in this format: where its SerDe cannot read a type, the column is its text."""
    if name != "csv":
        return tuple(columns)
    return tuple((column, hive if hive in _CSV_TYPES else "string") for column, hive in columns)
