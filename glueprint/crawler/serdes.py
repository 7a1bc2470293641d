"""The classes that read each format, as a crawler writes them into the catalog
(docs/facts/crawlers.md#formats)."""

from __future__ import annotations

from dataclasses import dataclass

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
JSON = "org.openx.data.jsonserde.JsonSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
ORC = "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
AVRO = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
GROK = "com.amazonaws.glue.serde.GrokSerDe"
NO_SERDE = ""
"""XML tables have none: only Glue's own readers know the format."""


@dataclass(frozen=True, slots=True)
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
    """Input and output format of tables with this SerDe; those of lines of text have Hadoop's text formats."""
    return _BINARY.get(serde, FileFormats(TEXT_INPUT, TEXT_OUTPUT))
