"""How the Data Catalog describes the files of each format: classification, SerDe, input and output format.

Sources: docs/facts/crawlers.md#formats; developer guide, "Creating tables". The parameters that crawlers and jobs
write into their tables are in their rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
JSON = "org.openx.data.jsonserde.JsonSerDe"
HCATALOG_JSON = "org.apache.hive.hcatalog.data.JsonSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
ORC = "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
AVRO = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
GROK = "com.amazonaws.glue.serde.GrokSerDe"
REGEX = "org.apache.hadoop.hive.serde2.RegexSerDe"
CLOUDTRAIL = "com.amazon.emr.hive.serde.CloudTrailSerde"
CLOUDTRAIL_INPUT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
NO_SERDE = ""
"""XML tables have none: only Glue's own readers know the format."""

DEFAULT_SERDES: Mapping[str, str] = {
    "csv": LAZY_SIMPLE,
    "json": JSON,
    "parquet": PARQUET,
    "orc": ORC,
    "avro": AVRO,
    "xml": NO_SERDE,
}
"""The SerDe of tables of each classification, unless a classifier or a user names another one."""


@dataclass(frozen=True)
class FileFormats:
    """Input and output format class of a SerDe's tables."""

    input_format: str
    output_format: str


_BINARY = {
    PARQUET: FileFormats(
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    ),
    ORC: FileFormats(
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    ),
    AVRO: FileFormats(
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    ),
    NO_SERDE: FileFormats("", ""),
}


def file_formats(serde: str) -> FileFormats:
    """Return input and output format of tables with this SerDe; Hadoop's text formats for lines of text."""
    return _BINARY.get(serde, FileFormats(TEXT_INPUT, TEXT_OUTPUT))
