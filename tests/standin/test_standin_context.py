"""Amazon's GlueContext, unmodified, over Glueprint's sources and sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.storage_lake import Lake

from glueprint.runtime.storage.errors import NotSupportedLocally, StorageError

if TYPE_CHECKING:
    from awsglue.context import GlueContext

pytestmark = [
    pytest.mark.spark,
    # Amazon's package uses DataFrames in ways that PySpark warns about.
    pytest.mark.filterwarnings("ignore:DataFrame constructor is internal:UserWarning"),
    pytest.mark.filterwarnings("ignore:DataFrame.sql_ctx is an internal property:UserWarning"),
]


def test_from_a_table_to_a_table(glue_context: GlueContext, lake: Lake) -> None:
    """The script that Glue's console writes: from_catalog, ApplyMapping, getSink with catalog update
    (DG:update-from-job).
    """
    from awsglue.transforms import ApplyMapping

    lake.put("people/p=1/a.csv", "id,name\n1,ann\n2,bob\n")
    skipped = {"skip.header.line.count": "1"}
    lake.table("people", "csv", {"id": "bigint", "name": "string"}, {"p": "int"}, parameters=skipped)
    lake.partition("people", "1", folder="p=1")
    source = glue_context.create_dynamic_frame.from_catalog(
        database=lake.name, table_name="people", transformation_ctx="source", push_down_predicate="p = 1"
    )
    mappings = [("id", "long", "id", "long"), ("name", "string", "who", "string"), ("p", "int", "p", "int")]
    mapped = ApplyMapping.apply(frame=source, mappings=mappings)
    sink = glue_context.getSink(
        connection_type="s3",
        path=lake.uri("out/"),
        enableUpdateCatalog=True,
        updateBehavior="UPDATE_IN_DATABASE",
        partitionKeys=["p"],
        transformation_ctx="sink",
    )
    sink.setFormat("glueparquet", compression="snappy")
    sink.setCatalogInfo(catalogDatabase=lake.name, catalogTableName="out")
    sink.writeFrame(mapped)
    written = glue_context.create_data_frame.from_catalog(database=lake.name, table_name="out")
    assert sorted(map(tuple, written.collect())) == [(1, "ann", 1), (2, "bob", 1)]
    assert list(lake.partitions("out")) == [("1",)]


def test_from_options_and_back(glue_context: GlueContext, lake: Lake) -> None:
    """``from_options`` for reading and writing, parquet by Spark's own reader, a collection by the names of its
    frames (developer guide, "DynamicFrameReader class", "DynamicFrameWriter class").
    """
    from awsglue.dynamicframe import DynamicFrameCollection

    lake.put_records("in/a.json", {"id": 1, "n": "x"}, {"id": 2, "n": "y"})
    options = {"paths": [lake.uri("in/")], "groupFiles": "inPartition", "groupSize": "1048576"}
    frame = glue_context.create_dynamic_frame.from_options("s3", options, "json", transformation_ctx="in")
    errors = glue_context.write_dynamic_frame.from_options(
        frame=frame, connection_type="s3", connection_options={"path": lake.uri("out")}, format="parquet"
    )
    assert errors.count() == 0
    written = {"paths": [lake.uri("out")]}
    assert glue_context.create_dynamic_frame_from_options("s3", written, "parquet").count() == 2
    both = DynamicFrameCollection({"left": frame, "right": frame.select_fields(["id"])}, glue_context)
    glue_context.write_from_options(both, "s3", {"path": lake.uri("many")}, "csv", {"writeHeader": False})
    assert lake.text("many").count("\n") == 4
    plain = glue_context.create_data_frame.from_options("s3", {"paths": [lake.uri("in/")]}, "json")
    assert sorted(map(tuple, plain.collect())) == [(1, "x"), (2, "y")]
    assert glue_context.getSource("s3", paths=[lake.uri("in/")]).name


def test_a_filter_loses_records_without_the_field(glue_context: GlueContext, lake: Lake) -> None:
    """The predicate raises KeyError for the record without ``b``, and Amazon's package drops it; an explicit null
    stays None. Source: lcalcagni/aws-glue-sensor-data-lakehouse (482 of 956 records remain on AWS).
    """
    lake.put("j/a.json", '{"a":1,"b":5}\n{"a":2}\n{"a":3,"b":null}\n{"a":4,"b":0}\n')
    reader = glue_context.create_dynamic_frame
    frame = reader.from_options("s3", {"paths": [lake.uri("j/")]}, format="json")
    assert frame.filter(lambda one: not (one["b"] == 0)).count() == 2  # noqa: SIM201 - as the script has it
    assert frame.map(lambda one: {"c": one["b"]}).errorsCount() == 1


def test_columns_of_one_name_are_written_once(
    glue_context: GlueContext, lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    """``SELECT *`` of a join: on AWS one of the columns remains. Names that differ in case only are refused."""
    from awsglue.dynamicframe import DynamicFrame

    def write(query: str) -> None:
        frame = DynamicFrame.fromDF(lake.services.spark.sql(query), glue_context, "joined")
        glue_context.write_dynamic_frame.from_options(frame, "s3", {"path": lake.uri("o/")}, format="json")

    write("SELECT * FROM VALUES (1, 'x') s (id, v) LEFT JOIN VALUES (2, true) c (id, w) ON s.id = c.id")
    assert lake.text("o/") == '{"id":1,"v":"x"}\n'
    assert "several columns are called id; the first of them is kept" in capsys.readouterr().err
    with pytest.raises(StorageError, match="differ only in case: id and ID: rename or drop one"):
        write("SELECT 1 AS id, 2 AS ID")


def test_formats_are_refused_and_folders_reported_without_files(
    glue_context: GlueContext, lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path with folders only: a misspelt format fails all the same, and the log states what was not read."""
    lake.put("f/month=1/a.csv", "1,2\n")
    reader, options = glue_context.create_dynamic_frame, {"paths": [lake.uri("f/")]}
    with pytest.raises(StorageError, match="'cvs' is not a format of Glue"):
        reader.from_options("s3", options, format="cvs")
    with pytest.raises(NotSupportedLocally, match="format ion"):
        reader.from_options("s3", options, format="ion")
    assert reader.from_options("s3", options, format="csv").count() == 0
    note = f'no file directly in {lake.uri("f/")}; its folders are read with "recurse": True'
    assert note in capsys.readouterr().err


def test_an_empty_path_is_an_empty_frame(glue_context: GlueContext, lake: Lake) -> None:
    """Without files there is nothing to infer: no records, no columns; writing the frame writes nothing."""
    frame = glue_context.create_dynamic_frame.from_options("s3", {"paths": [lake.uri("none/")]}, "json")
    assert frame.count() == 0
    assert frame.toDF().columns == []
    glue_context.write_dynamic_frame.from_options(frame, "s3", {"path": lake.uri("out")}, "json")
    assert lake.keys() == []


def test_writing_to_a_table(glue_context: GlueContext, lake: Lake) -> None:
    """``write_dynamic_frame.from_catalog`` writes to the table's location, in its format, with partitions if
    requested (DG:update-from-job, method 1).
    """
    lake.table("t", "csv", {"id": "int"}, {"p": "string"}, serde={"field.delim": "|"})
    frame = glue_context.create_dynamic_frame.from_rdd(
        glue_context.spark_session.sparkContext.parallelize([(1, "a")]), "rows", schema="id int, p string"
    )
    more = {"enableUpdateCatalog": True, "partitionKeys": ["p"]}
    glue_context.write_dynamic_frame.from_catalog(frame, lake.name, "t", additional_options=more)
    assert lake.text("t/p=a/").splitlines()[-1] == "1"
    assert list(lake.partitions("t")) == [("a",)]
    schema = glue_context.get_catalog_schema_as_spark_schema(lake.name, "t", None)
    assert schema.simpleString() == "struct<id:int,p:string>"


def test_purging(glue_context: GlueContext, lake: Lake) -> None:
    """Objects older than ``retentionPeriod`` hours are deleted, and partitions that become empty; a manifest
    lists them (developer guide, "GlueContext class", ``purge_table``, ``purge_s3_path``).
    """
    lake.put("t/old/a", "x")
    lake.put("t/other/b", "x")
    lake.table("t", "csv", {"id": "int"}, {"p": "int"})
    lake.partition("t", "1", folder="old")
    lake.partition("t", "2", folder="other")
    glue_context.purge_table(lake.name, "t", {"partitionPredicate": "p = 1"})
    assert len(lake.keys("t/")) == 2
    options = {"partitionPredicate": "p = 1", "retentionPeriod": 0, "manifestFilePath": lake.uri("log/")}
    glue_context.purge_table(lake.name, "t", options, "ctx")
    assert lake.keys("t/") == ["t/other/b"]
    assert list(lake.partitions("t")) == [("2",)]
    assert lake.text("log/ctx/Success.csv") == f"{lake.uri('t/old/a')}\n"
    glue_context.purge_s3_path(lake.uri("t/"), {"retentionPeriod": 0, "excludeStorageClasses": ["STANDARD"]})
    assert lake.keys("t/") == ["t/other/b"]


def test_ingestion_time_columns(glue_context: GlueContext) -> None:
    """Columns down to the granularity (developer guide, "GlueContext class", ``add_ingestion_time_columns``)."""
    data = glue_context.spark_session.range(1)
    made = glue_context.add_ingestion_time_columns(data, "hour")
    assert made.columns == ["id", "ingest_year", "ingest_month", "ingest_day", "ingest_hour"]


def test_unsupported_calls_are_refused(glue_context: GlueContext) -> None:
    """Calls marked X in docs/facts/runtime.md#calls-into-the-jvm raise "not supported locally: NAME"."""
    with pytest.raises(NotImplementedError, match=r"not supported locally: GlueContext\.transitionS3Path"):
        glue_context.transition_s3_path("s3://b/x", "GLACIER")
    with pytest.raises(NotImplementedError, match="not supported locally: connection type kafka"):
        glue_context.create_data_frame.from_options("kafka", {})
