"""``snapshot`` on a real local Glue with a real PostgreSQL: the tutorial, random kills, and a copy of the copy."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness.postgresql import DRIVER, Postgres, running_postgres
from real_runs import RealRuns, kill_at_random

from glue_jobs.common.storage_formats import SNAPPY_PARQUET

pytest.importorskip("psycopg2", reason="the look needs it, as in Glue's Python shell")
pytestmark = [
    pytest.mark.catalogue,
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(not DRIVER.exists(), reason="scripts/databases.sh installs PostgreSQL and its driver"),
]

TABLES = """
create schema sales;
create table sales."Orders" (id int primary key, note text, price numeric);
insert into sales."Orders" select g, 'n' || g, g + 0.25 from generate_series(1, 500) g;
create table customers (name text);
insert into customers values ('a'), ('b');
create table sales.empty (id int);
create table sales.tmp_1 (id int);
"""
BUCKET = "snapshot-lake"


@pytest.fixture(scope="module")
def shop(real: RealRuns) -> Iterator[Postgres]:
    """A server with a database ``shop``, and a connection ``shop`` to it whose driver is in S3."""
    with running_postgres() as server:
        server.sql("create database shop")
        server.sql(TABLES, "shop")
        real.put(real.bucket(BUCKET), {"drivers/postgresql.jar": DRIVER.read_bytes()})
        properties = {
            "JDBC_CONNECTION_URL": server.url("shop"),
            "USERNAME": "glue",
            "PASSWORD": "x",
            "JDBC_DRIVER_JAR_URI": f"s3://{BUCKET}/drivers/postgresql.jar",
            "JDBC_DRIVER_CLASS_NAME": "org.postgresql.Driver",
        }
        real.glue.create_connection(
            ConnectionInput={"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": properties}
        )
        yield server


def rows(real: RealRuns, database: str, table: str) -> list[tuple[Any, ...]]:
    """The rows of a table in the catalogue: of its partitions, or of its own folder."""
    found = real.glue.get_table(DatabaseName=database, Name=table)["Table"]
    places = [found]
    if found["PartitionKeys"]:
        places = real.glue.get_partitions(DatabaseName=database, TableName=table)["Partitions"]
    read = []
    for place in places:
        bucket, _, prefix = place["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
        for key in real.keys(bucket, prefix):
            data = pq.read_table(io.BytesIO(real.s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
            read += [(*row.values(), *place.get("Values", ())) for row in data.to_pylist()]
    return sorted(read)


def test_snapshots_of_a_database_killed_at_random(real: RealRuns, shop: Postgres) -> None:
    """README: all chosen tables as of one moment, as partitions and as ``_latest``; a run that is killed leaves
    the tables as they were or completes the snapshot, for a reader who reads all the while.
    """
    workflow = real.create(
        "snapshot",
        ConnectionName="shop",
        Tables=["sales.*", "customers"],
        ExcludeTables=["sales.tmp_*"],
        DestinationLocation=f"s3://{BUCKET}/snap/",
        DestinationDatabase="shop_snapshots",
        TablePrefix="pg_",
        KeepSnapshots=2,
        MaxRetries=3,
    )
    first = real.run(workflow)
    assert first.succeeded, first
    assert (first.properties["file_presence"], first.properties["file_presence.count"]) == ("true", "3")
    assert (first.properties["snapshot.rows"], first.properties["snapshot.consistent"]) == ("502", "true")
    label = first.properties["snapshot.label"]
    orders = rows(real, "shop_snapshots", "pg_sales_orders_latest")
    assert [row[0] for row in orders] == list(range(1, 501))
    assert rows(real, "shop_snapshots", "pg_customers") == [("a", label), ("b", label)]
    assert rows(real, "shop_snapshots", "pg_sales_empty_latest") == []
    shop.sql("insert into customers values ('c')", "shop")

    def read() -> None:
        assert rows(real, "shop_snapshots", "pg_sales_orders_latest") == orders
        names = [name for (name,) in rows(real, "shop_snapshots", "pg_customers_latest")]
        assert names in (["a", "b"], ["a", "b", "c"])

    disturbed = kill_at_random(real, workflow, 8, read=read, longest_seconds=6.0)
    assert disturbed.reads > 10
    read()
    assert len({row[-1] for row in rows(real, "shop_snapshots", "pg_customers")}) == 2
    left = {key.split("/")[1] for key in real.keys(BUCKET, "snap/run=")}
    assert len(left) <= 3


def test_missing_tables_and_a_copy_of_tables_in_the_catalogue(real: RealRuns, shop: Postgres) -> None:
    """OnMissing=skip stops the run; SourceDatabase copies tables of the Data Catalog, here the snapshots."""
    missing = real.create(
        "snapshot",
        ConnectionName="shop",
        Tables=["sales.nope*"],
        DestinationLocation=f"s3://{BUCKET}/none/",
        DestinationDatabase="none",
    )
    stopped = real.run(missing)
    assert (stopped.status, stopped.properties["file_presence"]) == ("STOPPED", "false")
    assert stopped.properties["file_presence.reason"] == "no table matches sales.nope*"
    assert real.keys(BUCKET, "none/") == []
    copies = real.create(
        "snapshot",
        SourceDatabase="shop_snapshots",
        Tables=["*_latest"],
        DestinationLocation=f"s3://{BUCKET}/copies/",
        DestinationDatabase="copies",
        IncrementalColumn="",
    )
    copied = real.run(copies)
    assert copied.succeeded, copied
    assert copied.properties["snapshot.consistent"] == "false"
    assert rows(real, "copies", "pg_sales_orders_latest_latest") == rows(
        real, "shop_snapshots", "pg_sales_orders_latest"
    )
    assert rows(real, "copies", "pg_sales_empty_latest_latest") == []


def test_a_query_in_partitions_and_its_increment(real: RealRuns, shop: Postgres) -> None:
    """README of jdbc_to_s3: partitions of a query, and new rows, each once, also when the jobs are killed."""
    workflow = real.create(
        "jdbc_to_s3",
        ConnectionName="shop",
        Query='select id, note, (id % 3)::int as third from sales."Orders"',
        QueryTable="orders",
        DestinationLocation=f"s3://{BUCKET}/query/",
        DestinationDatabase="queries",
        PartitionKeys=["third"],
        IncrementalColumn="id",
        KeyColumn="id",
        ParallelReads=2,
        MaxRetries=3,
    )
    first = real.run(workflow)
    assert first.succeeded, first
    assert (first.properties["jdbc_to_s3.rows"], first.properties["jdbc_to_s3.consistent"]) == ("500", "true")
    shop.sql("""insert into sales."Orders" select g, 'late', 1 from generate_series(501, 506) g""", "shop")

    def read() -> None:
        found = rows(real, "queries", "orders")
        for third in ("0", "1", "2"):
            assert len([row for row in found if row[-1] == third]) in (166, 167, 168, 169)

    disturbed = kill_at_random(real, workflow, 4, read=read, longest_seconds=6.0)
    assert disturbed.reads > 5
    assert [row[0] for row in rows(real, "queries", "orders")] == list(range(1, 507))


def test_rows_are_merged_into_the_database(real: RealRuns, shop: Postgres) -> None:
    """README of s3_to_jdbc: by key, all or nothing for a reader of the database, also when the jobs are killed."""
    body = io.BytesIO()
    pq.write_table(pa.table({"id": range(1, 2001), "score": [0.5] * 2000}), body)
    real.put(BUCKET, {"scores/part.parquet": body.getvalue()})
    real.glue.create_database(DatabaseInput={"Name": "analytics"})
    columns = (("id", "bigint"), ("score", "double"))
    storage = SNAPPY_PARQUET.descriptor(columns, f"s3://{BUCKET}/scores/")
    table = {"Name": "scores", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, "PartitionKeys": []}
    real.glue.create_table(DatabaseName="analytics", TableInput={**table, "Parameters": {"EXTERNAL": "TRUE"}})
    shop.sql(
        "create table scores (id int primary key, score real); insert into scores values (1, 9), (0, 9)", "shop"
    )
    workflow = real.create(
        "s3_to_jdbc",
        SourceDatabase="analytics",
        SourceTable="scores",
        ConnectionName="shop",
        TargetTable="scores",
        KeyColumns=["id"],
        ParallelWrites=2,
        MaxRetries=3,
    )

    def read() -> None:
        assert shop.sql("select count(*), sum(score) from scores", "shop") in ("2|18", "2001|1009")

    disturbed = kill_at_random(real, workflow, 5, read=read, longest_seconds=8.0)
    assert disturbed.reads > 5
    assert shop.sql("select count(*), sum(score) from scores", "shop") == "2001|1009"
    properties = disturbed.last.properties
    assert (properties["file_presence"], properties["s3_to_jdbc.rows"]) == ("true", "2000")
    assert shop.sql("select count(*) from pg_class where relname like 'glueprint%'", "shop") == "0"
