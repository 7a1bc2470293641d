"""JDBC targets: include paths, types, and a real database (Derby) through its own driver."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from crawler_derby import make_database
from hypothesis import given
from hypothesis import strategies as st

from glueprint.crawler.jdbc.drafts import included
from glueprint.crawler.jdbc.include import BadJdbcPathError, JdbcPath, location_of
from glueprint.crawler.jdbc.java import database_of_url, engine_of_url
from glueprint.crawler.jdbc.metadata import DatabaseTable
from glueprint.crawler.jdbc.types import DatabaseType
from glueprint.crawler.naming import table_names
from glueprint.crawler.result import CrawlResult
from glueprint.crawler.specification import CrawlSpec, JdbcTarget, KnownTable
from glueprint.crawler.table_changes import covers
from glueprint.crawler.wire import found_table_to_table_input
from glueprint.facts.hive_types import parse

TARGET = JdbcTarget("shop/%", "shops", "jdbc:derby:/data/shop")
MARKETS = ("Market_US_Table", "Market_EMEA_Table", "Market_AP_Table")
DOCUMENTED = ("HR_us", "HR_fr", "Employees_Table", "Finance", *MARKETS)
"""The tables of ``MyDatabase/MySchema`` in DG:define-crawler, "Example of JDBC Exclude Patterns"."""


class Listed:
    """A database with one schema and these tables; answers every question with all of them that fit."""

    def __init__(self, schema: str, names: Sequence[str]) -> None:
        self._tables = [DatabaseTable("MyDatabase", schema, name, False, ()) for name in names]

    def tables(self, path: JdbcPath) -> Sequence[DatabaseTable]:
        """The tables that ``path`` means."""
        return [table for table in self._tables if path.includes(table.schema, table.name)]


def _names(path: str, *exclusions: str, schema: str = "MySchema") -> list[str]:
    target = replace(TARGET, path=path, exclusions=exclusions)
    return [table.name for table in included(target, JdbcPath.parse(path), Listed(schema, DOCUMENTED))]


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("MyDatabase/MySchema/%", 7),
        ("MyDatabase/%", 7),
        ("MyDatabase/%/%", 7),
        ("MyDatabase/MySchema/Finance", 1),
        ("MyDatabase/MySchema/HR%", 2),
        ("MyDatabase/myschema/%", 0),
        ("MyDatabase/Other/%", 0),
    ],
)
def test_include_paths(path: str, count: int) -> None:
    """Database, schema, table; % for all schemas or tables; case-sensitive (DG:define-crawler, include path)."""
    assert len(_names(path)) == count


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("HR*", {"Employees_Table", "Finance", "Market_US_Table", "Market_EMEA_Table", "Market_AP_Table"}),
        ("Market_*", {"HR_us", "HR_fr", "Employees_Table", "Finance"}),
        ("**_Table", {"HR_us", "HR_fr", "Finance"}),
    ],
)
@pytest.mark.parametrize("path", ["MyDatabase/MySchema/%", "MyDatabase/%"])
def test_documented_exclusions(path: str, pattern: str, left: set[str]) -> None:
    """DG:define-crawler, "Example of JDBC Exclude Patterns"; the bare name counts below every path (choice)."""
    assert set(_names(path, pattern)) == left


def test_exclusions_can_name_the_schema() -> None:
    """Below a path that leaves the schema open it is part of what a pattern sees: ``**`` crosses "folder or schema
    boundaries" (DG:define-crawler).
    """
    assert _names("MyDatabase/%", "MySchema/H*", "Other/F*") == list(DOCUMENTED[2:])
    assert _names("MyDatabase/%", "MySchema/**") == []


@pytest.mark.parametrize("path", ["", "db", "db/", "%/t", "a/b/c/d", "db//t"])
def test_paths_that_name_no_tables_are_refused(path: str) -> None:
    """Two or three parts; % never stands for the database (DG:define-crawler)."""
    with pytest.raises(BadJdbcPathError):
        JdbcPath.parse(path)


PARTS = st.text(alphabet="aB_$", min_size=1, max_size=4)


@given(PARTS, PARTS, PARTS, PARTS)
def test_a_path_covers_what_it_includes(database: str, schema: str, table: str, other: str) -> None:
    """Tables found by a path lie under it, so that one that is gone can be missed; others do not."""
    location = location_of((database, schema, table))
    for below in ("%", f"{schema}/%", f"%/{table}", f"{schema}/{table}"):
        path = f"{database}/{below}"
        assert JdbcPath.parse(path).includes(schema, table)
        assert covers(path, location)
    assert covers(f"{database}/{other}/%", location) == (other == schema)
    assert not covers(f"{database}/%", f"s3://{location}/")
    assert not covers("s3://bucket/", location)


def test_names_of_database_tables() -> None:
    """Glue names them ``database_schema_table``, in lower case
    (docs/facts/crawlers.md#table-names), and finds its own again."""
    assert table_names(["Shop.dbo.Order-Lines"], "p_", {}) == ["p_shop_dbo_order_lines"]
    known = {"shop_dbo_t": "Shop.dbo.t"}
    assert table_names(["Shop.dbo.t", "shop.dbo.T"], "", known)[0] == "shop_dbo_t"


@pytest.mark.parametrize(
    ("code", "name", "size", "digits", "expected"),
    [
        (-7, "BIT", 1, 0, "boolean"),
        (-7, "BIT", 8, 0, "binary"),
        (-6, "TINYINT", 3, 0, "tinyint"),
        (-6, "TINYINT UNSIGNED", 3, 0, "smallint"),
        (4, "INT UNSIGNED", 10, 0, "bigint"),
        (-5, "BIGINT UNSIGNED", 20, 0, "decimal(20,0)"),
        (3, "DECIMAL", 10, 2, "decimal(10,2)"),
        (2, "NUMBER", 0, -127, "decimal(38,18)"),
        (2, "numeric", 131089, 0, "decimal(38,18)"),
        (3, "DECIMAL", 5, -2, "decimal(5,0)"),
        (2014, "TIMESTAMPTZ", 35, 6, "timestamp"),
        (1111, "uuid", 0, 0, "string"),
        (1111, "jsonb", 0, 0, "string"),
        (2003, "_int4", 0, 0, "string"),
        (-104, "INTERVALDS", 0, 0, "string"),
    ],
)
def test_types_of_other_engines(code: int, name: str, size: int, digits: int, expected: str) -> None:
    """What drivers of MySQL, PostgreSQL, Oracle and SQL Server say of types (choice: docs/fidelity/crawler.md)."""
    assert str(DatabaseType(code, name, size, digits).to_glue()) == expected


@given(st.integers(-3000, 3000), st.text(max_size=5), st.integers(-5, 200_000), st.integers(-200, 200))
def test_every_type_is_one_that_the_catalog_can_hold(code: int, name: str, size: int, digits: int) -> None:
    """Whatever a driver says, the column has a type that can be read back, and decimals are ones that Hive knows
    (at most 38 digits, no more of them after the point).
    """
    kind = DatabaseType(code, name, size, digits).to_glue()
    assert parse(str(kind)) == kind
    if kind.name.startswith("decimal"):
        precision, scale = map(int, kind.name[8:-1].split(","))
        assert 0 <= scale <= precision <= 38


@pytest.mark.parametrize(
    ("url", "engine", "database"),
    [
        ("jdbc:derby:/data/shop;create=true", "derby", "shop"),
        ("jdbc:postgresql://h:5432/orders?ssl=true", "postgresql", "orders"),
        ("jdbc:oracle:thin:@h:1521:orcl", "oracle", "orcl"),
        ("jdbc:oracle:thin:@//h:1521/orcl", "oracle", "orcl"),
        ("jdbc:derby:shop", "derby", "shop"),
    ],
)
def test_urls(url: str, engine: str, database: str) -> None:
    """Engine and database stand in the URL (developer guide, "AWS Glue connection properties", JDBC URL)."""
    assert (engine_of_url(url), database_of_url(url)) == (engine, database)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with two schemas, a view, comments and one column of every type that Derby has."""
    return make_database(
        tmp_path_factory.mktemp("derby") / "shop",
        "CREATE TABLE orders (id BIGINT NOT NULL PRIMARY KEY, price DECIMAL(10,2), placed TIMESTAMP, "
        "placed_on DATE, paid BOOLEAN, weight DOUBLE, ratio REAL, boxes SMALLINT, n INT, note VARCHAR(20), "
        '"Odd Name" CHAR(3), '
        "body CLOB, photo BLOB, raw VARCHAR(8) FOR BIT DATA, hour_of TIME, doc XML)",
        "CREATE VIEW dear AS SELECT id, price FROM orders WHERE price > 100",
        "CREATE SCHEMA crm",
        "CREATE TABLE crm.customers (id INT, name VARCHAR(50))",
        "CREATE TABLE crm.hr_people (id INT)",
    )


def _crawl(tmp_path: Path, *targets: JdbcTarget, **settings: object) -> CrawlResult:
    """Crawl in a process, as the server does."""
    spec, result = tmp_path / "spec.json", tmp_path / "result.json"
    spec.write_text(replace(CrawlSpec("c", "db", (), jdbc_targets=targets, crawl_id="7"), **settings).to_json())  # type: ignore[arg-type]
    ran = subprocess.run(
        [sys.executable, "-m", "glueprint.crawler", str(spec), str(result)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert not (tmp_path / "derby.log").exists()
    return CrawlResult.from_json(result.read_text())


def test_a_real_database(shop: str, tmp_path: Path) -> None:
    """Tables and views of all schemas with their types; system tables are not crawled (a real database
    through its driver; members as in tables that were crawled through JDBC,
    docs/facts/crawlers.md#what-a-crawl-writes).
    """
    target = replace(TARGET, url=shop, exclusions=("hr_*", "HR_*"))
    result = _crawl(tmp_path, target)
    assert (result.error, result.warnings) == (None, ())
    tables = {table.name: table for table in result.tables}
    assert sorted(tables) == ["shop_app_dear", "shop_app_orders", "shop_crm_customers"]
    assert dict(tables["shop_app_orders"].columns) == {
        "id": "bigint",
        "price": "decimal(10,2)",
        "placed": "timestamp",
        "placed_on": "date",
        "paid": "boolean",
        "weight": "double",
        "ratio": "float",
        "boxes": "smallint",
        "n": "int",
        "note": "string",
        "odd name": "string",
        "body": "string",
        "photo": "binary",
        "raw": "binary",
        "hour_of": "string",
        "doc": "string",
    }
    written = found_table_to_table_input(tables["shop_crm_customers"])
    assert written == {
        "Name": "shop_crm_customers",
        "Owner": "owner",
        "Retention": 0,
        "PartitionKeys": [],
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"}],
            "Location": "shop.CRM.CUSTOMERS",
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"Parameters": {}},
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": written["Parameters"],
            "StoredAsSubDirectories": False,
        },
        "Parameters": {
            "CRAWL_RUN_ID": "7",
            "CrawlerSchemaDeserializerVersion": "1.0",
            "CrawlerSchemaSerializerVersion": "1.0",
            "UPDATED_BY_CRAWLER": "c",
            "classification": "derby",
            "compressionType": "none",
            "connectionName": "shops",
            "exclusions": '["hr_*", "HR_*"]',
            "typeOfData": "table",
        },
    }
    assert dict(tables["shop_app_dear"].parameters)["typeOfData"] == "view"
    assert any(line.startswith('table shop_app_orders, column "price": decimal(10,2)') for line in result.messages)


def test_additional_metadata_and_known_tables(shop: str, tmp_path: Path) -> None:
    """RAWTYPES gives "the native-level datatype" (service model, JdbcTarget.EnableAdditionalMetadata); a table
    found before keeps its name; one schema and a prefix narrow the rest.
    """
    target = replace(TARGET, url=shop, path="shop/CRM/CUST%", metadata=("RAWTYPES", "COMMENTS"))
    known = KnownTable("p_shop_crm_customers", "shop.CRM.CUSTOMERS")
    result = _crawl(tmp_path, target, table_prefix="P_", existing_tables=(known,))
    (table,) = result.tables
    assert table.name == known.name
    columns = found_table_to_table_input(table)["StorageDescriptor"]["Columns"]
    assert [column["Parameters"] for column in columns] == [{"rawType": "INTEGER"}, {"rawType": "VARCHAR(50)"}]
    assert CrawlResult.from_json(result.to_json()) == result


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "jdbc:postgresql://127.0.0.1:1/shop"}, "there is no JDBC driver for postgresql here"),
        ({"driver_class": "com.example.Driver"}, "driver class com.example.Driver of connection shops cannot be"),
        ({"jars": ("/nowhere/driver.jar",)}, "there is no driver at /nowhere/driver.jar"),
        ({"url": "jdbc:derby:/nowhere/shop"}, "Database '/nowhere/shop' not found"),
        ({"path": "other/%"}, "names database 'other', and the connection leads to 'shop'"),
        ({"exclusions": ("[",)}, "opening bracket"),
    ],
    ids=["no driver", "no class", "no jar", "no database", "other database", "bad pattern"],
)
def test_what_is_wrong_fails_the_crawl_in_words(
    shop: str, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    """A database that cannot be read is the crawl's error, which contains a remedy."""
    target = replace(replace(TARGET, url=shop, password="s3cret"), **change)  # type: ignore[arg-type]
    result = _crawl(tmp_path, target)
    assert result.error is not None
    assert words in result.error
    assert "s3cret" not in result.error
    assert result.tables == ()
