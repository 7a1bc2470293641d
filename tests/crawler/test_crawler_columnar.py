"""Parquet, ORC and Avro: types, formats, SerDes and counts (DG:add-classifier, docs/facts/crawlers.md#formats)."""

from __future__ import annotations

import datetime
import decimal
import io
import json

import fastavro
import pyarrow as pa
import pyarrow.orc
from crawler_files import Crawled, table_of
from crawler_trees import parquet


def test_parquet_types() -> None:
    """Parquet's types become Glue's
    (docs/facts/crawlers.md#formats; int32 -> int, decimal(p,s), array, struct, map in Hive's
    syntax).
    """
    from glueprint.crawler.formats.arrow_types import columns_of as converted

    schema = pa.schema(
        {
            "I8": pa.int8(),
            "i32": pa.int32(),
            "i64": pa.int64(),
            "u32": pa.uint32(),
            "f": pa.float32(),
            "d": pa.float64(),
            "b": pa.bool_(),
            "s": pa.large_string(),
            "day": pa.date32(),
            "ts": pa.timestamp("us", tz="UTC"),
            "dec": pa.decimal128(12, 3),
            "bin": pa.binary(4),
            "l": pa.list_(pa.int32()),
            "st": pa.struct({"A": pa.int32(), "b": pa.list_(pa.string())}),
            "m": pa.map_(pa.string(), pa.float64()),
            "cat": pa.dictionary(pa.int8(), pa.string()),
            "time": pa.time64("us"),
        }
    )
    columns, notes = converted(schema)
    assert {name: str(kind) for name, kind in columns} == {
        "i8": "tinyint",
        "i32": "int",
        "i64": "bigint",
        "u32": "bigint",
        "f": "float",
        "d": "double",
        "b": "boolean",
        "s": "string",
        "day": "date",
        "ts": "timestamp",
        "dec": "decimal(12,3)",
        "bin": "binary",
        "l": "array<int>",
        "st": "struct<A:int,b:array<string>>",
        "m": "map<string,double>",
        "cat": "string",
        "time": "bigint",
    }
    assert notes == ()


def test_a_parquet_table_is_written_as_glue_writes_it(crawled: Crawled) -> None:
    """Formats, SerDe and counts come from the footer; names that clash in lower case are warnings
    (docs/facts/crawlers.md#formats)."""
    rows = 5
    content = parquet(a=list(range(rows)), A=[1.5] * rows, when=[datetime.date(2024, 1, 1)] * rows)
    result = crawled({"data/a.parquet": content})
    (table,) = result.tables
    assert dict(table.columns) == {"a": "bigint", "when": "date"}
    assert "'A' is dropped" in result.warnings[0]
    assert table.storage.input_format.endswith("MapredParquetInputFormat")
    assert dict(table.storage.serde_parameters) == {"serialization.format": "1"}
    assert dict(table.parameters)["recordCount"] == str(rows)
    assert dict(table.parameters)["sizeKey"] == str(len(content))


def test_orc(crawled: Crawled) -> None:
    """ORC is read from its footer (DG:add-classifier; classes as in the osm-pds tables that a crawler made)."""
    buffer = io.BytesIO()
    columns = {"Id": [1], "price": [decimal.Decimal("1.25")], "tags": [["x"]]}
    pyarrow.orc.write_table(pa.table(columns), buffer)
    table = table_of(crawled, buffer.getvalue())
    assert dict(table.columns) == {"id": "bigint", "price": "decimal(3,2)", "tags": "array<string>"}
    assert table.storage.serde == "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
    assert table.classification == "orc"


def test_avro(crawled: Crawled) -> None:
    """Avro's schema stands in the SerDe and table parameters (dump of Amazon's flights table)."""
    schema = {
        "type": "record",
        "name": "r",
        "fields": [
            {"name": "Yr", "type": ["null", "int"]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2}},
            {"name": "tags", "type": {"type": "map", "values": {"type": "array", "items": "string"}}},
            {"name": "kind", "type": {"type": "enum", "name": "k", "symbols": ["A"]}},
            {"name": "next", "type": ["null", "r"]},
        ],
    }
    buffer = io.BytesIO()
    record = {
        "Yr": 1,
        "at": datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        "amount": decimal.Decimal("1.25"),
        "tags": {},
        "kind": "A",
        "next": None,
    }
    fastavro.writer(buffer, fastavro.parse_schema(schema), [record] * 7, codec="deflate")
    table = table_of(crawled, buffer.getvalue())
    assert dict(table.columns) == {
        "yr": "int",
        "at": "timestamp",
        "amount": "decimal(8,2)",
        "tags": "map<string,array<string>>",
        "kind": "string",
        "next": "string",
    }
    literal = dict(table.parameters)["avro.schema.literal"]
    assert dict(table.storage.serde_parameters) == {"avro.schema.literal": literal, "serialization.format": "1"}
    assert json.loads(literal)["fields"][0]["name"] == "Yr"
    assert dict(table.parameters)["recordCount"] == "7"
