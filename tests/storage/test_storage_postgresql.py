"""A real PostgreSQL with its own driver: `make databases` installs both (scripts/databases.sh), and runs these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from harness.local_server import GLUE_VERSION, ROLE, Server, until
from harness.postgresql import DRIVER, Postgres, running_postgres
from harness.storage_lake import Lake, rows

from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.catalog.sources import catalog_sink
from glueprint.runtime.storage.catalog.tables import TableName
from glueprint.runtime.storage.connections import connection, sink_of_connection
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.options import Options

pytestmark = [pytest.mark.spark, pytest.mark.databases]

_TABLES = """
create schema "Sales";
create type "Sales".mood as enum ('good', 'bad');
create table "Sales"."MixedCase" (
    "Id" int primary key, "Note" text, tags text[], counts int[], amount numeric, price numeric(10, 2),
    at timestamptz, local timestamp, uid uuid, doc json, docb jsonb, how "Sales".mood, day date, flag boolean,
    raw bytea, small smallint, ratio real
);
insert into "Sales"."MixedCase" values
    (1, 'first', '{a,b}', '{1,2}', 1.5, 9.99, '2024-03-01 12:00:00+02', '2024-03-01 12:00:00',
     'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"k": 1}', '{"k": 2}', 'good',
     '2024-03-01', true, '\\x01ff', 3, 0.5),
    (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
    (3, 'third', '{}', '{null,3}', 12345678901234567890.123456789, 0.01,
     '2024-07-01 00:00:00Z', '1999-12-31 23:59:59',
     'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '[]', '[]', 'bad', '1999-12-31', false, '', -3, -0.5);
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server for this module."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def url(lake: Lake, postgres: Postgres) -> str:
    """A database of this test's own with the tables, and a connection of its name with the driver from S3."""
    lake.put("drivers/postgresql.jar", DRIVER.read_bytes())
    postgres.sql(f'create database "{lake.name}"')
    postgres.sql(_TABLES, lake.name)
    _connect(lake.services.glue, lake.name, postgres.url(lake.name), lake.uri("drivers/postgresql.jar"))
    return postgres.url(lake.name)


def _connect(glue: Any, name: str, url: str, jar: str) -> None:
    properties = {"JDBC_CONNECTION_URL": url, "USERNAME": "glue", "PASSWORD": "x", "JDBC_DRIVER_JAR_URI": jar}
    properties["JDBC_DRIVER_CLASS_NAME"] = "org.postgresql.Driver"
    glue.create_connection(
        ConnectionInput={"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": properties}
    )


def _crawled(lake: Lake) -> dict[str, dict[str, str]]:
    """Crawl the database into the test's own; return the columns of each table that was made."""
    glue = lake.services.glue
    targets = {"JdbcTargets": [{"ConnectionName": lake.name, "Path": f"{lake.name}/%"}]}
    glue.create_crawler(Name=lake.name, Role=ROLE, DatabaseName=lake.name, Targets=targets)
    glue.start_crawler(Name=lake.name)

    def ended() -> dict[str, Any] | None:
        crawl: dict[str, Any] = glue.list_crawls(CrawlerName=lake.name, MaxResults=1)["Crawls"][0]
        return crawl if crawl["State"] != "RUNNING" else None

    crawl = until(ended)
    assert crawl["State"] == "COMPLETED", crawl
    found = glue.get_tables(DatabaseName=lake.name)["TableList"]
    return {
        one["Name"]: {column["Name"]: column["Type"] for column in one["StorageDescriptor"]["Columns"]}
        for one in found
    }


def test_a_crawled_table_is_read_and_written(lake: Lake, url: str, postgres: Postgres) -> None:
    """A mixed-case table in a mixed-case schema: crawled, read from the catalog in parallel, and written to. Types
    as Spark's ``PostgresDialect`` and the crawler (docs/fidelity/crawler.md) map them.
    """
    tables = _crawled(lake)
    [(name, columns)] = tables.items()
    assert columns["id"] == "int", columns
    assert {one: columns[one] for one in ("amount", "price", "uid", "doc", "tags", "at")} == {
        "amount": "decimal(38,18)",
        "price": "decimal(10,2)",
        "uid": "string",
        "doc": "string",
        "tags": "string",
        "at": "timestamp",
    }
    frame = lake.read_table(name, hashfield="id", hashpartitions="2")
    found = {row["Id"]: row for row in rows(frame)}
    assert sorted(found) == [1, 2, 3]
    first = found[1]
    assert (first["Note"], first["tags"], first["counts"]) == ("first", ["a", "b"], [1, 2])
    assert (str(first["price"]), float(first["amount"])) == ("9.99", 1.5)
    assert first["at"].isoformat() == "2024-03-01T10:00:00"
    assert first["local"].isoformat() == "2024-03-01T12:00:00"
    assert first["uid"] == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert (first["doc"], first["docb"], first["how"]) == ('{"k": 1}', '{"k": 2}', "good")
    assert (bytes(first["raw"]), first["flag"], first["small"]) == (b"\x01\xff", True, 3)
    assert found[3]["counts"] == [None, 3]
    assert str(found[3]["amount"]).startswith("12345678901234567890.123456789")
    assert {value for key, value in found[2].items() if key != "Id"} == {None}
    added = Frame.of(frame.data.where("Id > 1").selectExpr("Id + 10 as Id", "Note", "tags", "price"))
    catalog_sink(lake.services, TableName(lake.name, name), Options()).write(added)
    query = 'select "Id", "Note", tags, price from "Sales"."MixedCase" where "Id" > 10 order by 1'
    kept = postgres.sql(query, lake.name)
    assert kept.splitlines() == ["12|||", "13|third|{}|0.01"]


def test_arrays_and_nulls_are_written(lake: Lake, url: str, postgres: Postgres) -> None:
    """Into a table that the sink makes, and again into it: arrays become arrays, null stays null (PostgreSQL's
    manual, "Arrays"; Spark's ``PostgresDialect``). Arrays of structs are refused by name.
    """
    frame = lake.frame(
        [(1, ["x", None], [1, 2], None, "t"), (2, None, [], None, None)],
        "id int, words array<string>, numbers array<bigint>, nothing string, text string",
    )

    def write(table: str, records: Frame) -> None:
        options = Options({"dbtable": table, "database": lake.name})
        sink_of_connection(lake.services, lake.name, options, "").write(records)

    for _ in range(2):
        write("made", frame)
    query = "select distinct id, words, numbers, nothing is null, text from made order by id"
    kept = postgres.sql(query, lake.name)
    assert kept.splitlines() == ["1|{x,NULL}|{1,2}|t|t", "2||{}|t|"]
    back = lake.read("jdbc", connectionName=lake.name, useConnectionProperties="true", dbtable="made")
    assert [row["words"] for row in rows(back)][:1] == [["x", None]]
    nested = lake.frame([(1, [(1,)])], "id int, parts array<struct<a: int>>")
    with pytest.raises(StorageError, match="cannot contain the columns parts"):
        write("made2", nested)


def test_queries_in_parallel(lake: Lake, url: str) -> None:
    """``sampleQuery`` with ``enablePartitioningForSampleQuery`` over a mixed-case table
    (DG:aws-glue-programming-etl-connect-jdbc-home); ``hashexpression`` and a quoted ``dbtable``.
    """
    options = {"connectionName": lake.name, "useConnectionProperties": "true", "dbtable": '"Sales"."MixedCase"'}
    query = 'select "Id", "Note" from "Sales"."MixedCase" where "Id" < 3 and'
    split = lake.read(
        "postgresql",
        sampleQuery=query,
        enablePartitioningForSampleQuery=True,
        hashfield="Id",
        hashpartitions="3",
        **options,
    )
    assert sorted(row["Id"] for row in rows(split)) == [1, 2]
    assert split.data.rdd.getNumPartitions() == 3
    by_expression = lake.read("postgresql", hashexpression='"Id"', hashpartitions="2", **options)
    assert sorted(row["Id"] for row in rows(by_expression)) == [1, 2, 3]


def test_text_for_a_uuid_is_refused_by_the_database(lake: Lake, url: str, postgres: Postgres) -> None:
    """As on AWS, whose driver is the same: text goes into columns of uuid or json only with the driver's own
    ``stringtype=unspecified`` (https://jdbc.postgresql.org/documentation/use/).
    """
    frame = lake.frame([(9, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a13", '{"a": 1}')], "Id int, uid string, doc string")

    def write(**options: str) -> None:
        chosen = Options({"dbtable": '"Sales"."MixedCase"', **options})
        connection("postgresql").sink(lake.services, chosen, "").write(frame)

    with pytest.raises(Exception, match="of type uuid but expression is of type character varying"):
        write(connectionName=lake.name)
    driver = {
        "customJdbcDriverS3Path": lake.uri("drivers/postgresql.jar"),
        "customJdbcDriverClassName": "org.postgresql.Driver",
    }
    write(url=f"{url}?stringtype=unspecified", user="glue", password="x", **driver)
    assert postgres.sql('select doc from "Sales"."MixedCase" where "Id" = 9', lake.name) == '{"a": 1}'


_SCRIPT = """
from awsglue.context import GlueContext
from pyspark.context import SparkContext

spark = GlueContext(SparkContext.getOrCreate()).spark_session
options = {"url": "URL", "user": "glue", "password": "x"}
found = spark.read.format("jdbc").options(dbtable='"Sales"."MixedCase"', **options).load()
found.select("Id", "tags").write.format("jdbc").options(dbtable="copied", **options).save()
print("rows", spark.read.jdbc("URL", "copied", properties={"user": "glue"}).count())
"""


def test_plain_spark_finds_the_driver_of_a_connection(server: Server, postgres: Postgres) -> None:
    """``spark.read.format("jdbc")`` in a job whose connection names the driver's JAR; neither the script nor
    ``--extra-jars`` do (developer guide, "Adding connections to a job").
    """
    postgres.sql("create database job")
    postgres.sql(_TABLES, "job")
    glue, s3 = server.client("glue"), server.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="pg.jar", Body=DRIVER.read_bytes())
    s3.put_object(Bucket="code", Key="job.py", Body=_SCRIPT.replace("URL", postgres.url("job")).encode())
    _connect(glue, "pg", postgres.url("job"), "s3://code/pg.jar")
    command = {"Name": "glueetl", "ScriptLocation": "s3://code/job.py"}
    connections = {"Connections": ["pg"]}
    glue.create_job(Name="job", Role=ROLE, Command=command, GlueVersion=GLUE_VERSION, Connections=connections)
    run = server.finished_job_run("job", glue.start_job_run(JobName="job")["JobRunId"])
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
    assert postgres.sql("select count(*) from copied", "job") == "3"
