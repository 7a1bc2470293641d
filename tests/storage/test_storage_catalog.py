"""Tables of the Data Catalog as sources."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from harness.storage_lake import Lake, names, rows

from glueprint.runtime.bookmarks.tracker import Bookmarks
from glueprint.runtime.frames import types
from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.storage.catalog.sources import catalog_source
from glueprint.runtime.storage.catalog.tables import TableName
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.file_source import FileSource
from glueprint.runtime.storage.options import Options

pytestmark = pytest.mark.spark


def test_a_json_table_with_partitions_away_from_their_names(lake: Lake) -> None:
    """Partition values are the catalog's, typed by its keys, wherever the files lie (GetPartitions, Values and
    StorageDescriptor.Location).
    """
    lake.put_records("t/somewhere/a.json", {"a": 1}, {"a": 2})
    lake.put_records("t/elsewhere/b.json", {"a": 3})
    lake.put_records("t/unknown/c.json", {"a": 4})
    lake.table("t", "json", {"a": "int"}, {"year": "int", "day": "date"})
    lake.partition("t", "2024", "2024-01-02", folder="somewhere")
    lake.partition("t", "2025", "2025-01-02", folder="elsewhere")
    frame = lake.read_table("t")
    assert frame.schema.fields[1:] == (types.Field("year", types.INT), types.Field("day", types.DATE))
    assert rows(frame) == [
        {"a": 1, "year": 2024, "day": datetime.date(2024, 1, 2)},
        {"a": 2, "year": 2024, "day": datetime.date(2024, 1, 2)},
        {"a": 3, "year": 2025, "day": datetime.date(2025, 1, 2)},
    ]


def test_a_push_down_predicate_is_spark_sql_over_the_keys(lake: Lake) -> None:
    """Values have the keys' types, functions of Spark SQL work (developer guide, "Pre-filtering using pushdown
    predicates": "any Boolean expression supported by Spark SQL").
    """
    lake.table("t", "json", {"a": "int"}, {"year": "int", "region": "string"})
    for at, (year, region) in enumerate([("9", "eu"), ("10", "eu"), ("10", "us")]):
        lake.put_records(f"t/{at}/a.json", {"a": at})
        lake.partition("t", year, region, folder=str(at))
    assert [row["a"] for row in rows(lake.read_table("t", "year > 9 and upper(region) in ('EU')"))] == [1]
    assert [row["a"] for row in rows(lake.read_table("t", catalogPartitionPredicate="region = 'us'"))] == [2]


def test_a_predicate_over_other_columns_is_refused(lake: Lake) -> None:
    """In the words that Glue's jobs fail with (aws-glue error text, as published in issues)."""
    lake.table("t", "json", {"a": "int"}, {"year": "int"})
    lake.partition("t", "2024", folder="x")
    with pytest.raises(StorageError, match=r"User's pushdown predicate: a = 1 can not be resolved against part"):
        lake.read_table("t", "a = 1")


@pytest.mark.parametrize("kind", ["json", "csv", "parquet", "orc", "avro"])
def test_a_table_without_files_for_this_run_is_a_frame_without_columns(
    lake: Lake, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Glue takes the schema from the records, not from the catalog: without records there is none, also after a
    predicate that chooses nothing (dev.classmethod.jp, 20210707-aws-glue-enable-glue-datacatalog). Public scripts
    rely on it: ``if len(frame.toDF().columns) == 0: continue`` guards what replaces data
    (LBHackney-IT/Data-Platform, copy_tables_landing_to_raw.py).
    """
    lake.table("t", kind, {"a": "bigint"}, {"year": "int"})
    lake.put("t/x/a", b"1")
    lake.partition("t", "2024", folder="x")
    frame = lake.read_table("t", "year > 2024")
    assert (frame.schema.names, frame.data.columns, frame.data.count()) == ([], [], 0)
    assert f"{lake.name}.t: no file to read in this run" in capsys.readouterr().err


def test_a_run_without_new_files_is_a_frame_without_columns(lake: Lake) -> None:
    """The same after a bookmark that has read all files; without a bookmark they have their columns."""
    lake.table("t", "json", {"a": "int"})
    lake.put_records("t/a.json", {"a": 1})
    later = replace(lake, services=replace(lake.services, bookmarks=_AllRead()))
    assert later.read_table("t", ctx="c").schema.names == []
    assert lake.read_table("t", ctx="c").schema.names == ["a"]


class _AllRead(Bookmarks):
    """A bookmark to which no file is new."""

    def new_objects(self, *source: object) -> list[S3Object]:
        return []


def test_a_data_frame_of_a_table_without_files_has_the_catalogs_columns(lake: Lake) -> None:
    """``create_data_frame.from_catalog`` has the schema of the table (docs/fidelity/storage.md#reading-files)."""
    lake.table("t", "json", {"a": "array<struct<b:int,d:string>>", "e": "decimal(9,3)"}, {"year": "int"})
    source = catalog_source(
        lake.services, TableName(lake.name, "t"), predicate="", options=Options(), ctx=""
    )
    assert isinstance(source, FileSource)
    frame = source.data_frame()
    assert names(frame.schema) == ["a", "e", "year"]
    assert frame.schema.get("a") == types.Array(
        types.Struct((types.Field("b", types.INT), types.Field("d", types.STRING)))
    )
    assert frame.data.count() == 0


def test_a_table_that_is_not_there(lake: Lake) -> None:
    """Glue's own error names the operation that did not find it (service model, GetTable)."""
    with pytest.raises(lake.services.glue.exceptions.EntityNotFoundException, match="GetTable"):
        lake.read_table("nowhere")


def test_a_table_without_classification_is_refused(lake: Lake) -> None:
    """Glue's jobs refuse it in these words (Athena guide, "Tables for AWS Glue ETL jobs need the classification
    property").
    """
    lake.table("t", "", {"a": "int"})
    with pytest.raises(StorageError, match=r"No classification or connection in lake-\w+\.t"):
        lake.read_table("t")


def test_a_table_without_location_is_refused(lake: Lake) -> None:
    """Rather than reading whatever an empty path means."""
    storage = {"Columns": [{"Name": "a", "Type": "int"}]}
    table = {"Name": "t", "Parameters": {"classification": "json"}, "StorageDescriptor": storage}
    lake.services.glue.create_table(DatabaseName=lake.name, TableInput=table)
    with pytest.raises(StorageError, match=r"the table lake-\w+\.t has no location"):
        lake.read_table("t")


def test_a_type_that_is_none_is_refused(lake: Lake) -> None:
    """The error names column, table and text."""
    lake.table("t", "json", {"a": "array<nonsense>"})
    with pytest.raises(StorageError, match=r"column 'a' of the table lake-\w+\.t: the type 'array<nonsense>'"):
        lake.read_table("t")


def test_exclusions_of_a_table(lake: Lake) -> None:
    """Crawlers put theirs into the table's parameters, as JSON text with whole addresses
    (docs/facts/crawlers.md#exclusions)."""
    lake.put_records("t/a.json", {"a": 1})
    lake.put_records("t/b.json", {"a": 2})
    lake.table("t", "json", {"a": "int"}, parameters={"exclusions": f'["{lake.uri("t/b*")}"]'})
    assert rows(lake.read_table("t")) == [{"a": 1}]
    assert lake.read_table("t", exclusions=["**"]).data.count() == 0


def test_what_bounds_leave_over_comes_later(lake: Lake) -> None:
    """``boundedFiles`` without a bookmark takes the oldest files ("Workload partitioning with bounded
    execution").
    """
    for at in range(3):
        lake.put_records(f"t/{at}.json", {"a": at})
    lake.table("t", "json", {"a": "int"})
    assert lake.read_table("t", boundedFiles="2").data.count() == 2
    assert lake.read_table("t", boundedSize="1").data.count() == 1
