"""Names that differ only in case: one name for Spark, two in Glue's records, lower case in the Data Catalog."""

from __future__ import annotations

import io
import json

import fastavro
import pytest
from harness.storage_lake import Lake
from pyspark.errors import AnalysisException

from glueprint.runtime.failures import Ending, explanation
from glueprint.runtime.frames import apply_mapping, typed_columns
from glueprint.runtime.frames.apply_mapping import Mapping
from glueprint.runtime.frames.relationalize import relationalize

pytestmark = pytest.mark.spark

RECORD = {"Year": "old", "id": "1", "Items": [{"Sku": "x"}]}


def body(kind: str, lines: int) -> bytes:
    """A file whose records have a column ``Year``."""
    if kind == "avro":
        fields = [{"name": name, "type": "string"} for name in ("Year", "id")]
        file = io.BytesIO()
        fastavro.writer(file, {"type": "record", "name": "r", "fields": fields}, [{"Year": "old", "id": "1"}])
        return file.getvalue()
    return (json.dumps(RECORD) + "\n").encode() * lines


@pytest.mark.parametrize(("kind", "lines"), [("json", 1), ("json", 2_100), ("avro", 1), ("parquet", 1)])
def test_a_partition_key_replaces_a_column_in_any_case(lake: Lake, kind: str, lines: int) -> None:
    """A column that a file and its folder both have gets the folder's value, and Spark ignores case in names
    ("Partition Discovery"; ``spark.sql.caseSensitive``): ``Year`` next to the key ``year`` is one column."""
    lake.table("in", kind, {"id": "string"}, {"year": "string"})
    lake.partition("in", "2024", folder="year=2024")
    if kind == "parquet":
        lake.write(lake.frame([("old", "1")], "Year string, id string"), "parquet", path=lake.uri("in/year=2024"))
    else:
        lake.put(f"in/year=2024/a.{kind}", body(kind, lines))
    frame = lake.read_table("in")
    assert frame.schema.names[-1] == "year"
    assert [name for name in frame.schema.names if name.lower() == "year"] == ["year"]
    root, *others = relationalize(frame, "root")
    assert root.data.select("id", "year").distinct().collect() == [("1", "2024")]
    if kind == "json":
        (items,) = others
        assert items.data.select("`Items.val.Sku`").distinct().collect() == [("x",)]


@pytest.mark.parametrize("lines", [1, 2_100])
def test_keys_of_records_that_differ_only_in_case(lake: Lake, lines: int) -> None:
    """``A`` and ``a`` are two fields for Glue (Scala API, "DynamicFrame class": names are compared with
    ``caseSensitive: Boolean = true``) and one name for Spark: transforms keep both, at each level; only a script
    that names one of them to Spark gets Spark's error, which is explained and has a way out
    (docs/fidelity/frames.md).
    """
    plain = '{"A": 1, "b": {"C": 1}, "x": [{"v": 1}]}\n'
    both = '{"A": 1, "b": {"C": 1, "c": 2}, "x": [{"v": 3, "V": "y"}], "a": "x"}\n'
    lake.put("in/a.json", plain * (lines - 1) + both)
    frame = lake.read("s3", "json", paths=[lake.uri("in/")])
    assert (frame.count(), frame.schema.names) == (lines, ["A", "b", "x", "a"])
    root, items = relationalize(frame, "root")
    assert root.schema.names == root.data.columns == ["A", "b.C", "b.c", "x", "a"]
    assert [tuple(row) for row in root.data.collect() if row[-1]] == [(1, 1, 2, lines, "x")]
    assert items.data.columns == ["id", "index", "x.val.v", "x.val.V"]
    assert [tuple(row) for row in items.data.collect() if row[-1]] == [(lines, 0, 3, "y")]
    mapped = apply_mapping.apply(frame, [Mapping.of("a", "small"), Mapping.of("b.c", "low")])
    assert [tuple(row) for row in mapped.data.collect() if row[0]] == [("x", 2)]
    assert typed_columns.nullable_data(frame).columns == frame.schema.names
    with pytest.raises(AnalysisException, match="Reference `A` is ambiguous") as failure:
        frame.data.select("A")
    explained = explanation(Ending(1, error=str(failure.value).splitlines()[0]))
    assert explained is not None
    assert "frame.toDF().toDF(" in explained
    positioned = frame.data.toDF("A", "b", "x", "a_2")
    assert positioned.where("a_2 is not null").select("A", "a_2").collect() == [(1, "x")]
