"""Tables, partitions, databases and functions that Spark SQL writes to the Data Catalog, as Spark on Glue does.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyspark.sql.utils import AnalysisException
from sparksql_lake import PARQUET, PARQUET_OUT, TEXT, TEXT_OUT, SqlLake

pytestmark = pytest.mark.spark


def _columns(columns: list[dict[str, Any]]) -> dict[str, str]:
    return {each["Name"]: each["Type"] for each in columns}


def test_save_as_table(lake: SqlLake) -> None:
    """saveAsTable makes a managed table below the database's location: provider, schema and partition keys as
    Spark's HiveExternalCatalog writes them, and partitions; append and overwrite do not change it.
    """
    frame = lake.session.range(4).selectExpr("id", "cast(id % 2 as int) as half", "'x' as Name")
    frame.write.partitionBy("half").saveAsTable("made")
    kept = lake.described("made")
    assert kept["TableType"] == "MANAGED_TABLE"
    assert _columns(kept["StorageDescriptor"]["Columns"]) == {"id": "bigint", "name": "string"}
    assert _columns(kept["PartitionKeys"]) == {"half": "int"}
    assert kept["StorageDescriptor"]["Location"] == lake.uri("db/made")
    assert kept["StorageDescriptor"]["InputFormat"] == PARQUET
    assert kept["StorageDescriptor"]["OutputFormat"] == PARQUET_OUT
    assert kept["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    parameters = kept["Parameters"]
    assert parameters["spark.sql.sources.provider"] == "parquet"
    assert parameters["spark.sql.partitionProvider"] == "catalog"
    assert parameters["spark.sql.sources.schema.partCol.0"] == "half"
    fields = json.loads(parameters["spark.sql.sources.schema"])["fields"]
    assert [each["name"] for each in fields] == ["id", "Name", "half"]
    assert lake.partitions("made") == {(half,): lake.uri(f"db/made/half={half}") for half in ("0", "1")}
    frame.where("id = 3").write.mode("append").partitionBy("half").saveAsTable("made")
    assert lake.rows("select Name, id from made where half = 1") == [("x", 1), ("x", 3), ("x", 3)]
    frame.limit(1).write.mode("overwrite").partitionBy("half").saveAsTable("made")
    assert lake.rows("select id from made") == [(0,)]
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_ALREADY_EXISTS"):
        frame.write.saveAsTable("made")


def test_insert_into(lake: SqlLake) -> None:
    """insertInto and INSERT write to a crawled table's location and register new partitions."""
    lake.do(
        "create external table log (id int, word string) partitioned by (day string) row format delimited "
        f"fields terminated by '|' stored as textfile location '{lake.uri('log')}'"
    )
    storage = lake.described("log")["StorageDescriptor"]
    assert (storage["InputFormat"], storage["OutputFormat"]) == (TEXT, TEXT_OUT)
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": "|", "serialization.format": "|"},
    }
    lake.do("insert into log partition (day = '1') values (1, 'a')")
    assert "".join(path.read_text() for path in (lake.files / "log" / "day=1").iterdir()) == "1|a\n"
    lake.session.conf.set("hive.exec.dynamic.partition.mode", "nonstrict")
    more = lake.session.createDataFrame([(2, "b", "2"), (3, "c", "3")], "id int, word string, day string")
    more.write.insertInto("log")
    assert lake.rows("select * from log") == [(1, "a", "1"), (2, "b", "2"), (3, "c", "3")]
    assert lake.partitions("log") == {(day,): lake.uri(f"log/day={day}") for day in "123"}
    lake.do("insert overwrite log partition (day = '2') values (9, 'z')")
    assert lake.rows("select id from log where day = '2'") == [(9,)]


@pytest.mark.parametrize("form", ["parquet", "orc", "avro", "textfile"])
def test_create_table_as_select(lake: SqlLake, form: str) -> None:
    """STORED AS makes a table that Hive's own formats write and read, Avro's too: it is among Spark's JARs."""
    lake.do(f"create table copied stored as {form} as select 1 as id, 'a' as word")
    assert lake.rows("select * from copied") == [(1, "a")]
    assert "spark.sql.sources.provider" not in lake.described("copied")["Parameters"]


@pytest.mark.parametrize("provider", ["csv", "json"])
def test_data_source_tables(lake: SqlLake, provider: str) -> None:
    """USING makes one of Spark's own tables, with its schema in Glue's parameters (HiveExternalCatalog)."""
    lake.do(f"create table own (id int, word string) using {provider} options (header 'true')")
    lake.do("insert into own values (1, 'a')")
    assert lake.rows("select * from own") == [(1, "a")]
    assert lake.described("own")["Parameters"]["spark.sql.sources.provider"] == provider


def test_statements_that_change_partitions(lake: SqlLake) -> None:
    """ALTER TABLE ADD, SET LOCATION and DROP PARTITION and MSCK REPAIR change Glue's partitions; an existing
    partition is refused unless IF NOT EXISTS.
    """
    lake.do(
        "create external table parts (id int) partitioned by (y int, m string) stored as parquet "
        f"location '{lake.uri('parts')}'"
    )
    lake.do(
        "alter table parts add partition (y=2024, m='1:2')",
        f"alter table parts add if not exists partition (y=2024, m='1:2') partition (y=2025, m='3') "
        f"location '{lake.uri('else/where')}'",
    )
    assert lake.partitions("parts") == {
        ("2024", "1:2"): lake.uri("parts/y=2024/m=1%3A2"),
        ("2025", "3"): lake.uri("else/where"),
    }
    with pytest.raises(AnalysisException, match="PARTITIONS_ALREADY_EXIST"):
        lake.do("alter table parts add partition (y=2025, m='3')")
    lake.do(f"alter table parts partition (y=2025, m='3') set location '{lake.uri('moved')}'")
    assert lake.partitions("parts")["2025", "3"] == lake.uri("moved")
    assert lake.rows("show partitions parts partition (y=2025)") == [("y=2025/m=3",)]
    lake.do("alter table parts drop partition (y=2025)")
    lake.session.range(1).selectExpr("cast(id as int) as id").write.parquet(lake.uri("parts/y=2026/m=4"))
    lake.do("msck repair table parts")
    assert set(lake.partitions("parts")) == {("2024", "1:2"), ("2026", "4")}
    assert lake.rows("select * from parts where y > 2025") == [(0, 2026, "4")]


def test_alter_table(lake: SqlLake) -> None:
    """Columns and properties are changed in Glue; a table cannot be renamed (Amazon's metastore client)."""
    lake.do("create table changing (a int) stored as parquet")
    lake.do("alter table changing add columns (b string comment 'new')")
    lake.do("alter table changing set tblproperties ('owner_team' = 'x')", "comment on table changing is 'words'")
    kept = lake.described("changing")
    assert kept["StorageDescriptor"]["Columns"] == [
        {"Name": "a", "Type": "int"},
        {"Name": "b", "Type": "string", "Comment": "new"},
    ]
    assert kept["Parameters"]["owner_team"] == "x"
    assert kept["Parameters"]["comment"] == "words"
    with pytest.raises(AnalysisException, match="Table rename is not supported"):
        lake.do("alter table changing rename to changed")


def test_drop_table(lake: SqlLake) -> None:
    """Dropping a managed table removes its data; the data of an external table stays (Hive; the same on Glue).
    """
    lake.do("create table own stored as parquet as select 1 as id")
    lake.do(f"create table external_one stored as parquet location '{lake.uri('external_one')}' as select 1 as id")
    assert (lake.described("own")["TableType"], lake.described("external_one")["TableType"]) == (
        "MANAGED_TABLE",
        "EXTERNAL_TABLE",
    )
    lake.do("drop table own", "drop table external_one", "drop table if exists own")
    assert not (lake.files / "db" / "own").exists()
    assert list((lake.files / "external_one").iterdir())
    assert lake.rows("show tables") == []
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_NOT_FOUND"):
        lake.do("drop table own")


def test_databases(lake: SqlLake) -> None:
    """CREATE, ALTER and DROP DATABASE change Glue's databases; one with tables is not dropped unless CASCADE."""
    name = f"{lake.database}_more"
    lake.do(f"create database {name} comment 'words' location '{lake.uri('more')}'")
    made = lake.glue.get_database(Name=name)["Database"]
    assert (made["Description"], made["LocationUri"]) == ("words", lake.uri("more"))
    lake.do(f"alter database {name} set dbproperties ('a' = 'b')")
    lake.do(f"create table {name}.t using parquet as select 1 as id")
    assert lake.glue.get_database(Name=name)["Database"]["Parameters"] == {"a": "b"}
    with pytest.raises(AnalysisException, match="SCHEMA_NOT_EMPTY"):
        lake.do(f"drop database {name}")
    lake.do(f"drop database {name} cascade")
    with pytest.raises(ClientError, match="EntityNotFound"):
        lake.glue.get_database(Name=name)
    assert not (lake.files / "more").exists()


def test_a_database_without_a_location(lake: SqlLake) -> None:
    """A database without LocationUri, as crawlers make them, refuses a managed table with AWS's message
    (Hadoop's "Can not create a Path from an empty string"); a table with a path works.
    """
    name = f"{lake.database}_bare"
    lake.glue.create_database(DatabaseInput={"Name": name})
    with pytest.raises(Exception, match="Can not create a Path from an empty string"):
        lake.session.catalog.listDatabases()  # Spark's, for all databases, if one of them has no location
    frame = lake.session.range(2)
    with pytest.raises(Exception, match="Can not create a Path from an empty string"):
        frame.write.saveAsTable(f"{name}.t")
    frame.write.option("path", lake.uri("placed")).saveAsTable(f"{name}.t")
    assert lake.rows(f"select * from {name}.t") == [(0,), (1,)]
    assert lake.glue.get_table(DatabaseName=name, Name="t")["Table"]["TableType"] == "EXTERNAL_TABLE"
    lake.do(f"drop database {name} cascade")


def test_a_bucket_that_does_not_exist(lake: SqlLake) -> None:
    """A location in a missing bucket is refused with the bucket's name, and nothing is registered
    (docs/decisions/s3-storage.md).
    """
    with pytest.raises(Exception, match=r"NoSuchBucket|no-such-bucket"):
        lake.do("create table lost (id int) stored as parquet location 's3://no-such-bucket/x'")
    assert lake.rows("show tables") == []


def test_functions(lake: SqlLake) -> None:
    """An unknown function is Spark's own error; a permanent one is Glue's (GetUserDefinedFunction)."""
    with pytest.raises(AnalysisException, match="UNRESOLVED_ROUTINE"):
        lake.rows("select no_such_function(1)")
    lake.do("create function upper_case as 'org.apache.hadoop.hive.ql.udf.generic.GenericUDFUpper'")
    made = lake.glue.get_user_defined_function(DatabaseName=lake.database, FunctionName="upper_case")
    assert made["UserDefinedFunction"]["ClassName"].endswith("GenericUDFUpper")
    assert lake.rows("select upper_case('a')") == [("A",)]
    assert (f"{lake.database}.upper_case".lower() in str(lake.rows("show user functions")).lower())
    lake.do("drop function upper_case")
