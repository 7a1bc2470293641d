"""Databases, tried with the Derby that comes with Spark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pyspark
import pytest
from harness.storage_lake import Lake, rows
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.bookmarks import Bookmarks, Key, KeyRange, SortOrder
from glueprint.runtime.frames import types
from glueprint.runtime.storage.catalog.sources import catalog_sink
from glueprint.runtime.storage.catalog.tables import TableName
from glueprint.runtime.storage.connections import connection, sink_of_connection
from glueprint.runtime.storage.errors import BadOption, StorageError
from glueprint.runtime.storage.jdbc.conf import (
    VENDORS,
    JdbcConf,
    conf_of_connection,
    conf_of_options,
    server_of_url,
    vendor_of_url,
)
from glueprint.runtime.storage.jdbc.database import JdbcDatabase
from glueprint.runtime.storage.jdbc.sink import JdbcSink
from glueprint.runtime.storage.options import Options

pytestmark = pytest.mark.spark


@pytest.fixture
def url(lake: Lake) -> str:
    """A database of this test's own, in Java's memory."""
    return f"jdbc:derby:memory:{lake.name};create=true"


def people(lake: Lake, url: str) -> JdbcDatabase:
    """A table with a primary key and three rows."""
    conf = conf_of_options(lake.services, Options({"url": url}), "")
    database = JdbcDatabase(lake.services.spark, conf)
    database.execute(
        [
            "create table people (id int not null primary key, name varchar(20))",
            "insert into people values (1, 'ann'), (2, 'bob'), (3, null)",
        ]
    )
    return database


def test_a_table_is_read_and_written(lake: Lake, url: str) -> None:
    """Rows are added to what is there, a table that is not there comes into being (developer guide, "JDBC
    connections").
    """
    people(lake, url)
    frame = lake.read("jdbc", url=url, dbtable="people")
    assert [row["NAME"] for row in rows(frame)] == ["ann", "bob", None]
    for _ in range(2):
        connection("jdbc").sink(lake.services, Options({"url": url, "dbtable": "copies"}), "").write(frame)
    assert lake.read("jdbc", url=url, dbtable="copies").count() == 6
    queried = lake.read("jdbc", url=url, query="select id from people where id > 1;")
    assert [row["ID"] for row in rows(queried)] == [2, 3]


def test_a_table_is_read_in_parallel(lake: Lake, url: str) -> None:
    """``hashexpression`` and ``hashpartitions`` split the reading; no row is lost, those without a value are not
    either (developer guide, "Reading from JDBC tables in parallel").
    """
    people(lake, url).execute(["insert into people values (-4, 'cid')"])
    options = {"url": url, "dbtable": "people", "hashpartitions": "3"}
    by_expression = lake.read("jdbc", hashexpression="id", **options)
    assert by_expression.data.rdd.getNumPartitions() == 3
    assert [row["ID"] for row in rows(by_expression)] == [-4, 1, 2, 3]
    assert lake.read("jdbc", hashfield="name", **options).count() == 4
    with pytest.raises(BadOption, match=r"hashfield.*missing"):
        lake.read("jdbc", hashfield="missing", **options)


def test_a_sample_query_is_read_in_parallel(lake: Lake, url: str) -> None:
    """With ``enablePartitioningForSampleQuery`` the query ends in WHERE or AND, and a condition is appended for
    each partition; without, ``sampleSize`` limits the rows (DG:aws-glue-programming-etl-connect-jdbc-home)."""
    people(lake, url)
    options = {"url": url, "dbtable": "people", "enablePartitioningForSampleQuery": True}
    query = "select name from people where id > 1 AND "
    split = lake.read("jdbc", sampleQuery=query, hashfield="id", hashpartitions="2", **options)
    assert split.data.rdd.getNumPartitions() == 2
    assert sorted(row["NAME"] or "" for row in rows(split)) == ["", "bob"]
    whole = lake.read("jdbc", sampleQuery="select * from people where", **options)
    assert [row["ID"] for row in rows(whole)] == [1, 2, 3]
    with pytest.raises(BadOption, match="ends in WHERE or AND"):
        lake.read("jdbc", sampleQuery="select * from people", hashfield="id", **options)
    plain = lake.read("jdbc", url=url, sampleQuery="select * from people where id < 3", sampleSize="1")
    assert plain.count() == 1


def test_a_filter_predicate_selects_rows(lake: Lake, url: str) -> None:
    """``filterPredicate`` is an additional condition (DG:aws-glue-programming-etl-connect, custom connectors)."""
    people(lake, url)
    found = lake.read("custom.jdbc", url=url, dbtable="people", filterPredicate="id < 3")
    assert [row["ID"] for row in rows(found)] == [1, 2]


class Remembering(Bookmarks):
    """Returns a range and records the calls."""

    def __init__(self, after: Key | None) -> None:
        super().__init__()
        self.after = after
        self.requested: list[tuple[str, ...]] = []
        self.last: Key | None = None

    def key_range(
        self, ctx: str, source: str, columns: Sequence[str], order: SortOrder = SortOrder.ASCENDING
    ) -> KeyRange | None:
        self.requested.append(tuple(columns))
        return KeyRange(tuple(columns), order, self.after)

    def record_last_key(self, ctx: str, source: str, seen: KeyRange, last: Key | None) -> KeyRange:
        self.last = last
        return seen if last is None else seen.ending_at(last)


def test_a_bookmark_goes_by_the_primary_key(lake: Lake, url: str) -> None:
    """Without ``jobBookmarkKeys`` the primary key is the bookmark's
    (docs/facts/bookmarks.md#jdbc-sources); later rows are read, and the
    last key is reported.
    """
    people(lake, url)
    bookmarks = lake.services.bookmarks = Remembering(after=(1,))
    source = connection("jdbc").source(lake.services, Options({"url": url, "dbtable": "people"}), "ctx", "")
    assert [row["ID"] for row in rows(source.frame())] == [2, 3]
    assert bookmarks.requested == [("ID",)]
    assert bookmarks.last == (3,)


def test_a_bookmark_by_keys_downwards(lake: Lake, url: str) -> None:
    """``jobBookmarkKeys`` with ``jobBookmarkKeysSortOrder`` desc: smaller keys are later
    (docs/facts/bookmarks.md#jdbc-sources)."""
    people(lake, url)
    bookmarks = lake.services.bookmarks = Remembering(after=(3,))
    options = {"url": url, "dbtable": "people", "jobBookmarkKeys": ["id"], "jobBookmarkKeysSortOrder": "desc"}
    source = connection("jdbc").source(lake.services, Options(options), "ctx", "")
    assert [row["ID"] for row in rows(source.frame())] == [1, 2]
    assert bookmarks.last == (1,)
    with pytest.raises(BadOption, match=r"jobBookmarkKeys.*'missing'"):
        connection("jdbc").source(
            lake.services, Options({**options, "jobBookmarkKeys": ["missing"]}), "ctx", ""
        ).frame()


def test_a_connection_of_the_catalog(lake: Lake, url: str) -> None:
    """``from_jdbc_conf`` and tables with a ``connectionName`` go through the connection (developer guide,
    "GlueContext class"; location ``database.table`` as crawlers write it).
    """
    people(lake, url)
    lake.services.glue.create_connection(
        ConnectionInput={
            "Name": lake.name,
            "ConnectionType": "JDBC",
            "ConnectionProperties": {"JDBC_CONNECTION_URL": url, "USERNAME": "app", "PASSWORD": "secret"},
        }
    )
    frame = lake.read("jdbc", connectionName=lake.name, useConnectionProperties="true", dbtable="app.people")
    sink_of_connection(lake.services, lake.name, Options({"dbtable": "people2", "database": "x"}), "").write(frame)
    assert lake.read("jdbc", url=url, dbtable="app.people2").count() == 3
    lake.table("t", "jdbc", {"id": "int"}, parameters={"connectionName": lake.name}, location="db.app.people")
    assert [row["ID"] for row in rows(lake.read_table("t"))] == [1, 2, 3]


def test_a_crawled_table_of_mixed_case_is_read_and_written(lake: Lake, url: str) -> None:
    """A crawler writes the name in the database's own spelling, which SQL needs in quotes (ISO SQL, delimited
    identifiers); also with a dot in it, and its columns when they are hashed.
    """
    database = JdbcDatabase(lake.services.spark, conf_of_options(lake.services, Options({"url": url}), "derby"))
    database.execute(
        [
            'create table "My.Orders" ("Id" int, "Note" varchar(9))',
            "insert into \"My.Orders\" values (1, 'a'), (2, 'b')",
        ]
    )
    lake.services.glue.create_connection(
        ConnectionInput={
            "Name": lake.name,
            "ConnectionType": "JDBC",
            "ConnectionProperties": {"JDBC_CONNECTION_URL": url, "USERNAME": "app", "PASSWORD": "secret"},
        }
    )
    parameters = {"connectionName": lake.name}
    lake.table("t", "jdbc", {"id": "int"}, parameters=parameters, location="db.APP.My.Orders")
    frame = lake.read_table("t", hashfield="id", hashpartitions="2")
    assert sorted(row["Id"] for row in rows(frame)) == [1, 2]
    catalog_sink(lake.services, TableName(lake.name, "t"), Options()).write(frame)
    assert lake.read_table("t").count() == 4


def test_arrays_are_written_where_a_database_has_them(lake: Lake) -> None:
    """PostgreSQL's manual, "Arrays"; Spark writes arrays of simple values there (``PostgresDialect``)."""

    def storable(vendor: str, logical: types.Type) -> bool:
        return JdbcSink(lake.services, JdbcConf("", "", "", VENDORS[vendor]), Options())._is_storable(logical)

    assert storable("postgresql", types.Array(types.STRING))
    assert not storable("postgresql", types.Array(types.Struct()))
    assert not storable("mysql", types.Array(types.STRING))


def test_drivers_in_the_data_directory_are_loaded(lake: Lake, s3_root: Path) -> None:
    """A driver's JAR in ``<data-dir>/jdbc-drivers/`` needs no ``--extra-jars``: on AWS drivers are there."""
    lake.put("x.txt", "a bucket that Spark reads")
    lake.services.spark.read.text(lake.uri("x.txt"))
    folder = s3_root.parent / "jdbc-drivers"
    folder.mkdir()
    [jar] = Path(pyspark.__file__).parent.joinpath("jars").glob("derby-*.jar")
    (folder / "some-driver.jar").write_bytes(jar.read_bytes())
    with pytest.raises(StorageError, match=r"no JDBC driver for mysql: .*jdbc-drivers/"):
        lake.read("mysql", url="jdbc:mysql://localhost/x", dbtable="t")
    loader = lake.services.spark._jvm.java.lang.Thread.currentThread().getContextClassLoader()
    assert any(url.getPath().endswith("/some-driver.jar") for url in loader.getURLs())


def test_what_extract_jdbc_conf_tells(lake: Lake) -> None:
    """Keys as in the developer guide ("GlueContext class", ``extract_jdbc_conf``); ``url`` is without database."""
    lake.services.glue.create_connection(
        ConnectionInput={
            "Name": lake.name,
            "ConnectionType": "JDBC",
            "ConnectionProperties": {
                "JDBC_CONNECTION_URL": "jdbc:mysql://db.example:3306/sales",
                "USERNAME": "u",
                "PASSWORD": "p",
            },
        }
    )
    conf = conf_of_connection(lake.services, lake.name)
    found = conf.as_extract_jdbc_conf()
    assert found["url"] == "jdbc:mysql://db.example:3306"
    assert found["fullUrl"] == "jdbc:mysql://db.example:3306/sales"
    assert (found["user"], found["password"], found["vendor"]) == ("u", "p", "mysql")
    assert conf.in_database("other").url == "jdbc:mysql://db.example:3306/other"


def test_a_driver_that_is_not_there(lake: Lake) -> None:
    """The error names the class and how to add a driver."""
    with pytest.raises(StorageError, match=r"no JDBC driver for mysql: .*com\.mysql\.cj\.jdbc\.Driver.*--extra-j"):
        lake.read("mysql", url="jdbc:mysql://localhost/x", dbtable="t")


def test_a_driver_from_s3(lake: Lake, url: str) -> None:
    """``customJdbcDriverS3Path`` brings a JAR into the running session (developer guide, "JDBC connections"); that
    the class is looked for is seen by one that no JAR has.
    """
    [jar] = Path(pyspark.__file__).parent.joinpath("jars").glob("derby-*.jar")
    lake.put("drivers/derby.jar", jar.read_bytes())
    people(lake, url)
    options = {"url": url, "dbtable": "people", "customJdbcDriverS3Path": lake.uri("drivers/derby.jar")}
    with ZipFile(jar) as classes:  # the package differs between the Derby of Spark 3.5 and that of 4.1
        [file] = (one for one in classes.namelist() if one.endswith("/AutoloadedDriver.class"))
    driver = file.removesuffix(".class").replace("/", ".")
    assert lake.read("jdbc", customJdbcDriverClassName=driver, **options).count() == 3
    with pytest.raises(StorageError, match=r"there is no class com\.example\.Driver"):
        lake.read("jdbc", customJdbcDriverClassName="com.example.Driver", **options)


def test_an_address_of_another_vendor(lake: Lake) -> None:
    """The address must be of the connection type (developer guide, "JDBC connections": url by vendor)."""
    with pytest.raises(StorageError, match="must start with jdbc:postgresql:"):
        lake.read("postgresql", url="jdbc:mysql://localhost/x", dbtable="t")
    with pytest.raises(StorageError, match="has none of Glue's prefixes"):
        lake.read("jdbc", url="jdbc:tea:x", dbtable="t")


def test_nested_columns_are_refused(lake: Lake, url: str) -> None:
    """No table can hold a struct: the error names the column and the remedy."""
    frame = lake.frame([(1, [1])], "a int, b array<int>")
    with pytest.raises(StorageError, match="cannot contain the columns b: relationalize"):
        connection("jdbc").sink(lake.services, Options({"url": url, "dbtable": "x"}), "").write(frame)


@given(
    st.sampled_from([one for one in VENDORS.values() if one.name not in ("derby", "oracle")]),
    st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True),
    st.integers(1, 65535),
    st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,10}", fullmatch=True),
)
def test_addresses_come_apart_and_together(vendor: object, host: str, port: int, database: str) -> None:
    """A server's address with a database is taken apart into both, for each vendor's way to write them."""
    found = next(one for one in VENDORS.values() if one is vendor)
    server = f"{found.prefix}//{host}:{port}"
    assert server_of_url(found.url_of(server, database)) == server
    assert vendor_of_url(server) is found
