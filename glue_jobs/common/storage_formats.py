"""How the files of a table are stored: what the Data Catalog has to record so that engines can read them."""

from dataclasses import dataclass
from typing import Any, Dict

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
    """

    classification: str
    compression: str
    input_format: str
    output_format: str
    serde: str

    def descriptor(self, columns: Columns, location: str) -> Dict[str, Any]:
        """The ``StorageDescriptor`` of a table or partition."""
        return {
            "Columns": columns_to_api(columns),
            "Location": location,
            "InputFormat": self.input_format,
            "OutputFormat": self.output_format,
            "SerdeInfo": {"SerializationLibrary": self.serde, "Parameters": {"serialization.format": "1"}},
            "Parameters": {"classification": self.classification, "compressionType": self.compression},
        }


SNAPPY_PARQUET = StorageFormat(
    classification="parquet",
    compression="snappy",
    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    serde="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
)
