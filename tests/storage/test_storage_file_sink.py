"""Sinks of files and what they tell the catalog."""

from __future__ import annotations

import pytest
from harness.storage_lake import Lake, rows
from pyspark.sql.utils import AnalysisException

from glueprint.runtime.shared import spark_versions
from glueprint.runtime.storage.errors import StorageError

pytestmark = pytest.mark.spark


def test_a_sink_creates_table_and_partitions(lake: Lake) -> None:
    """``enableUpdateCatalog`` with ``setCatalogInfo``: the table comes into being, with the written partitions
    (developer guide, "Updating the schema ... using AWS Glue ETL jobs", creating new tables).
    """
    frame = lake.frame([(1, "x", "eu"), (2, "y", "a/b")], "a int, b string, region string")
    options = {"path": lake.uri("out/"), "partitionKeys": ["region"], "enableUpdateCatalog": True}
    lake.write(frame, "glueparquet", table="out", **options)
    table = lake.described("out")
    assert table["PartitionKeys"] == [{"Name": "region", "Type": "string"}]
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "a", "Type": "int"},
        {"Name": "b", "Type": "string"},
    ]
    assert table["Parameters"]["classification"] == "parquet"
    assert table["Parameters"]["CreatedByJob"] == "a-job"
    assert lake.partitions("out") == {
        ("eu",): lake.uri("out/region=eu/"),
        ("a/b",): lake.uri("out/region=a%2Fb/"),
    }
    assert rows(lake.read_table("out")) == [
        {"a": 1, "b": "x", "region": "eu"},
        {"a": 2, "b": "y", "region": "a/b"},
    ]


def test_a_second_write_appends_and_updates(lake: Lake) -> None:
    """Sinks add files; UPDATE_IN_DATABASE overwrites the schema and new partitions are added (same page)."""
    options = {"path": lake.uri("out/"), "partitionKeys": ["p"], "enableUpdateCatalog": True}
    lake.write(lake.frame([(1, 1)], "a int, p int"), "json", table="out", **options)
    lake.write(lake.frame([(2, "n", 1), (3, "n", 2)], "a int, b string, p int"), "json", table="out", **options)
    assert [one["Name"] for one in lake.described("out")["StorageDescriptor"]["Columns"]] == ["a", "b"]
    assert sorted(lake.partitions("out")) == [("1",), ("2",)]
    assert [row["a"] for row in rows(lake.read_table("out"))] == [1, 2, 3]
    assert not [key for key in lake.keys("out") if key.endswith("_SUCCESS")]


def test_log_adds_partitions_only_for_known_columns(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG: "new partitions will be added only if the DynamicFrame schema is equivalent to or contains a subset of
    the columns defined in the Data Catalog table's schema" (same page).
    """
    options = {"path": lake.uri("out/"), "partitionKeys": ["p"], "enableUpdateCatalog": True}
    lake.write(lake.frame([(1, "x", 1)], "a int, b string, p int"), "json", table="out", **options)
    logged = {**options, "updateBehavior": "LOG"}
    lake.write(lake.frame([(2, 2)], "a int, p int"), "json", table="out", **logged)
    lake.write(lake.frame([(2, 2, 3)], "a int, c int, p int"), "json", table="out", **logged)
    assert sorted(lake.partitions("out")) == [("1",), ("2",)]
    assert [one["Name"] for one in lake.described("out")["StorageDescriptor"]["Columns"]] == ["a", "b"]
    assert "no partition is added" in capsys.readouterr().err


def test_other_partition_keys_than_the_tables_are_refused(lake: Lake) -> None:
    """"Your partitionKeys must be equivalent, and in the same order" (same page)."""
    options = {"path": lake.uri("out/"), "enableUpdateCatalog": True}
    frame = lake.frame([(1, 1, 1)], "a int, p int, q int")
    lake.write(frame, "json", table="out", partitionKeys=["p"], **options)
    with pytest.raises(StorageError, match=r"partitionKeys \[q\] must be those of the table"):
        lake.write(frame, "json", table="out", partitionKeys=["q"], **options)


def test_a_bucket_that_is_not_there(lake: Lake) -> None:
    """S3 says NoSuchBucket; so does the sink, before anything is written."""
    with pytest.raises(StorageError, match=r"NoSuchBucket: .* s3://no-such-bucket-here"):
        lake.write(lake.frame([(1,)], "a int"), "json", path="s3://no-such-bucket-here/x")


def test_csv_as_glue_writes_it(lake: Lake) -> None:
    """A header, quotes only where needed, quotes doubled (developer guide, "Using the CSV format")."""
    lake.write(lake.frame([(1, 'x"y,z'), (None, "")], "a int, b string"), "csv", path=lake.uri("out"))
    lines = lake.text("out").splitlines()
    assert sorted(set(lines)) == [",", '1,"x""y,z"', "a,b"]


@pytest.mark.parametrize("format_name", ["parquet", "orc", "json", "csv", "avro"])
def test_a_frame_without_rows_writes_no_file(lake: Lake, format_name: str) -> None:
    """A run whose bookmark finds nothing new leaves no file, also after transforms: else each run of a schedule
    adds one without rows.
    """
    lake.table("in", "csv", {"a": "bigint", "b": "string"})
    lake.write(lake.read_table("in"), format_name, path=lake.uri("out/"), partitionKeys=["b"])
    one = lake.frame([(1, "x")], "a int, b string")
    filtered = one.transformed(one.data.where("1 = 0").where("a > 1"), one.schema)
    lake.write(filtered, format_name, path=lake.uri("out/"))
    assert lake.keys("out") == []


def test_markers_of_folders_do_not_disturb_spark(lake: Lake) -> None:
    """Glue and EMR leave ``k=1_$folder$`` next to a folder, which Hadoop's S3 file systems do not list as a file
    (Hadoop, S3AUtils, ``S3N_FOLDER_SUFFIX``).
    """
    frame = lake.frame([(1, "x"), (2, "y")], "a int, k string")
    lake.write(frame, "parquet", path=lake.uri("t/"), partitionKeys=["k"])
    for key in ("t_$folder$", "t/k=x_$folder$", "t/k=y_$folder$"):
        lake.put(key, "")
    read = lake.services.spark.read.parquet(lake.uri("t/"))
    assert sorted(map(tuple, read.collect())) == [(1, "x"), (2, "y")]
    assert {"t_$folder$", "t/k=x_$folder$"} <= set(lake.keys())
    assert lake.services.s3.get_object(Bucket=lake.name, Key="t/k=x_$folder$")["Body"].read() == b""


def test_parquet_with_an_unresolved_choice_is_noted(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    """A choice is written as ``toDF`` has it, a struct (developer guide, "ResolveChoice", make_struct); the log
    names the column.
    """
    lake.put_records("in/a.json", {"a": 1, "b": "x"}, {"a": "one", "b": "y"})
    lake.write(lake.read("s3", "json", paths=[lake.uri("in/")]), "parquet", path=lake.uri("out/"))
    assert "the columns a have values of several types and are written as structs" in capsys.readouterr().err


@pytest.mark.parametrize("format_name", ["parquet", "glueparquet", "orc"])
def test_columns_without_a_type_are_named_before_spark_refuses_them(
    lake: Lake, format_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Spark's writers of Parquet and ORC know no ``void``, and its message names no column before 3.5 (Glue 4.0:
    Spark 3.3); DropNullFields is for such fields (developer guide, "DropNullFields").
    """
    lake.put_records("in/a.json", {"a": 1, "n": None, "s": {"m": None}, "l": []})
    frame = lake.read("s3", "json", paths=[lake.uri("in/")])
    if spark_versions.writes_void(format_name.removeprefix("glue")):
        lake.write(frame, format_name, path=lake.uri("out/"))
        assert "no value in any record" not in capsys.readouterr().err
        return
    with pytest.raises(AnalysisException):
        lake.write(frame, format_name, path=lake.uri("out/"))
    assert "the fields n, s.m, l have no value in any record" in capsys.readouterr().err


@pytest.mark.parametrize("format_name", ["json", "csv", "glueparquet", "avro"])
def test_partition_keys_name_columns_in_any_case(lake: Lake, format_name: str) -> None:
    """Spark's ``partitionBy`` ignores case, the Data Catalog has lower case only: ``partitionKeys=["YEAR"]`` is
    the column ``Year``, in the folders' names and for a table that exists (docs/fidelity/storage.md)."""
    options = {"path": lake.uri("out/"), "partitionKeys": ["YEAR"], "enableUpdateCatalog": True}
    for year in (2024, 2025):
        lake.write(lake.frame([(year, "x")], "Year int, A string"), format_name, table="out", **options)
    assert lake.described("out")["PartitionKeys"] == [{"Name": "year", "Type": "int"}]
    assert lake.partitions("out") == {(str(year),): lake.uri(f"out/Year={year}/") for year in (2024, 2025)}
    assert sorted(one["year"] for one in rows(lake.read_table("out"))) == [2024, 2025]
    frame = lake.frame([(1, "x")], "Year int, A string")
    with pytest.raises(StorageError, match="the frame has no column 'month'; its columns are Year, A"):
        lake.write(frame, format_name, path=lake.uri("o"), partitionKeys=["month"])
