"""Statements over the Data Catalog and S3: what each does, from Athena's user guide."""

from __future__ import annotations

import pytest
from query_running import Statements

ROWS = [["1", "ann", "10.50"], ["2", "bob", "2.25"], ["3", None, "0.75"]]


def test_the_result_is_csv_with_quotes(shop: Statements) -> None:
    """ "Query result files": every value is in quotes, null is nothing."""
    text = shop.text("SELECT id, name, price FROM sales ORDER BY id")
    assert text == '"id","name","price"\n"1","ann","10.50"\n"2","bob","2.25"\n"3",,"0.75"\n'


@pytest.mark.parametrize("form", ["PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"])
def test_a_table_is_created_from_a_query(shop: Statements, form: str) -> None:
    """ "CREATE TABLE AS": each format, with all types of values, is read back as it was."""
    values = (
        "id, price, day, cast(id as double) / 4 AS d, array[id, 2] AS a, map(array['k'], array[name]) AS m,"
        " cast(row(id, name) AS row(x bigint, y varchar)) AS r, timestamp '2024-01-01 10:00:00.5' AS ts, id >"
        " 1 AS b"
    )
    shop.run(f"CREATE TABLE made_{form} WITH (format = '{form}') AS SELECT {values} FROM sales")
    expected = shop.rows(f"SELECT {values} FROM sales ORDER BY id")
    assert shop.rows(f"SELECT * FROM made_{form} ORDER BY id") == expected


def test_partitions_are_written_pruned_and_repaired(shop: Statements) -> None:
    """ "CTAS with partitioned_by", "INSERT INTO", "MSCK REPAIR TABLE", "ALTER TABLE ADD/DROP PARTITION"."""
    place = "external_location = 's3://data/parts/'"
    shop.run(
        f"CREATE TABLE parts WITH (partitioned_by = ARRAY['region'], {place}) AS SELECT id, region FROM sales"
    )
    assert shop.text("SHOW PARTITIONS parts") == "region=n\nregion=s\n"
    pruned = shop.answer("SELECT * FROM parts WHERE region = 'n' AND id > 0")
    assert (pruned.statistics["Partitions"], pruned.statistics["Files"]) == (1, 1)
    shop.run("INSERT INTO parts SELECT 9, 'w'")
    assert shop.rows("SELECT id FROM parts WHERE region IN ('w', 's') ORDER BY 1") == [["2"], ["9"]]
    shop.run("ALTER TABLE parts DROP PARTITION (region = 'w')")
    assert shop.rows("SELECT count(*) FROM parts") == [["3"]]
    shop.run("MSCK REPAIR TABLE parts")
    assert shop.rows("SELECT count(*), max(region) FROM parts") == [["4", "w"]]
    shop.run("ALTER TABLE parts DROP PARTITION (region > 'n')")
    shop.run(
        "ALTER TABLE parts ADD IF NOT EXISTS PARTITION (region = 'x') LOCATION 's3://data/parts/region=s/'"
    )
    assert shop.rows("SELECT id FROM parts WHERE region = 'x'") == [["2"]]
    assert shop.rows("SELECT \"$path\" LIKE 's3://data/parts/region=s/%' FROM parts WHERE region = 'x'") == [
        ["true"]
    ]


def test_a_filter_of_an_outer_joins_other_side_does_not_prune(shop: Statements) -> None:
    """Rows without partner stay, also if the condition accepts null: the partitions are all read."""
    shop.run(
        "CREATE TABLE sides WITH (partitioned_by = ARRAY['region'], external_location = 's3://data/sides/') "
        "AS SELECT id, region FROM sales"
    )
    found = shop.rows(
        "SELECT s.id FROM sales s LEFT JOIN sides t ON s.id = t.id WHERE t.region IS NULL OR t.region = 'x'"
        " ORDER BY 1"
    )
    assert found == []


def test_views_are_those_of_athena(shop: Statements) -> None:
    """A view is stored as base64 in ViewOriginalText; names in it are those of its own database."""
    shop.run("CREATE OR REPLACE VIEW totals AS SELECT region, sum(price) AS total FROM sales GROUP BY region")
    assert shop.rows("SELECT * FROM totals ORDER BY 1") == [["n", "11.25"], ["s", "2.25"]]
    table = shop.client("glue").get_table(DatabaseName="shop", Name="totals")["Table"]
    assert table["TableType"] == "VIRTUAL_VIEW"
    assert table["ViewOriginalText"].startswith("/* Presto View: ")
    assert shop.error("CREATE VIEW totals AS SELECT 1 AS a").startswith("TABLE_ALREADY_EXISTS")
    assert shop.error("DROP TABLE totals").endswith("use DROP VIEW")
    shop.run("DROP VIEW totals")


def test_unload_writes_files_without_a_table(shop: Statements) -> None:
    """ "UNLOAD": files and a manifest; a location that has files is refused."""
    sql = "UNLOAD (SELECT id FROM sales) TO 's3://data/unloaded/' WITH (format = 'PARQUET')"
    answer = shop.answer(sql)
    assert answer.error is None
    assert answer.manifest is not None
    bucket, _, key = answer.manifest.removeprefix("s3://").partition("/")
    listed = shop.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().split()
    assert [one.startswith("s3://data/unloaded/") for one in listed] == [True]
    assert shop.error(sql).startswith("HIVE_PATH_ALREADY_EXISTS")


def test_the_catalog_is_shown(shop: Statements) -> None:
    """SHOW and DESCRIBE, as text."""
    assert "sales" in shop.text("SHOW TABLES 'sal*'").split()
    assert "shop" in shop.text("SHOW DATABASES").split()
    assert shop.text("DESCRIBE sales").splitlines()[2].split() == ["price", "decimal(4,2)"]
    created = shop.text("SHOW CREATE TABLE sales")
    assert created.startswith("CREATE EXTERNAL TABLE `shop.sales`(\n  `id` int, \n  `name` string, \n")
    shop.run(created.replace("shop.sales", "shop`.`copied").replace("`copied", "`copied", 1))
    assert shop.rows("SELECT count(*) FROM copied") == [["3"]]


def test_statements_are_prepared(shop: Statements) -> None:
    """ "Querying with prepared statements": PREPARE, EXECUTE USING, DEALLOCATE; and ExecutionParameters."""
    shop.run("PREPARE one_sale FROM SELECT name FROM sales WHERE id = ? AND region = ?")
    assert shop.rows("EXECUTE one_sale USING 1, 'n'") == [["ann"]]
    assert shop.error("EXECUTE one_sale USING 1").startswith(
        "INVALID_PARAMETER_USAGE: Incorrect number of parameters"
    )
    shop.run("DEALLOCATE PREPARE one_sale")
    assert (
        shop.error("EXECUTE one_sale USING 1, 'n'")
        == "NOT_FOUND: PreparedStatement one_sale was not found in workGroup primary"
    )
    assert shop.rows("SELECT name FROM sales WHERE id = ?", "2") == [["bob"]]


def test_databases_are_created_and_dropped(shop: Statements) -> None:
    """ "CREATE DATABASE", "DROP DATABASE": one with tables only with CASCADE."""
    shop.run("CREATE DATABASE IF NOT EXISTS extra COMMENT 'c'", "CREATE TABLE extra.t AS SELECT 1 AS a")
    assert "not empty" in shop.error("DROP DATABASE extra")
    shop.run("DROP DATABASE extra CASCADE", "DROP DATABASE IF EXISTS extra")
    assert shop.error("SELECT * FROM extra.t") == "SCHEMA_NOT_FOUND: line 1:15: Schema 'extra' does not exist"


REFUSED = [
    ("MERGE INTO sales USING x ON 1 = 1", "NOT_SUPPORTED: MERGE INTO"),
    (
        "CREATE TABLE t WITH (bucketed_by = ARRAY['id'], bucket_count = 2) AS SELECT 1 id",
        "NOT_SUPPORTED: bucketed tables",
    ),
    ("CREATE TABLE t WITH (table_type = 'ICEBERG') AS SELECT 1 id", "NOT_SUPPORTED: table_type ICEBERG"),
    (
        "CREATE TABLE t (id int) LOCATION 's3://data/t/' TBLPROPERTIES ('table_type' = 'ICEBERG')",
        "NOT_SUPPORTED: CREATE TABLE with table_type",
    ),
    (
        "CREATE EXTERNAL TABLE t (id int) CLUSTERED BY (id) INTO 2 BUCKETS LOCATION 's3://data/t/'",
        "NOT_SUPPORTED: bucketed",
    ),
    ("CREATE TABLE t AS SELECT 1", "MISSING_COLUMN_NAME: "),
    ("CREATE TABLE sales AS SELECT 1 AS a", "TABLE_ALREADY_EXISTS: "),
    (
        "CREATE TABLE t WITH (partitioned_by = ARRAY['id']) AS SELECT id, name FROM sales",
        "HIVE_COLUMN_ORDER_MISMATCH: ",
    ),
    ("INSERT INTO sales SELECT 1", "SYNTAX_ERROR: Insert query has mismatched column types"),
    ("INSERT INTO sales (id) SELECT 'a'", "TYPE_MISMATCH: Insert query has mismatched column types"),
    ("DELETE FROM sales", "NOT_SUPPORTED: DELETE (Iceberg)"),
    ("EXPLAIN ANALYZE SELECT 1", "NOT_SUPPORTED: EXPLAIN ANALYZE"),
    ("SELECT * FROM information_schema.tables", "NOT_SUPPORTED: line 1:15: information_schema"),
    ("SELECT * FROM other.shop.sales", "CATALOG_NOT_FOUND: line 1:15: Catalog 'other' not found"),
    ("GRANT SELECT ON sales TO x", "NOT_SUPPORTED: GRANT"),
    ("FROB sales", "SYNTAX_ERROR: line 1:1: mismatched input 'FROB'"),
    ("SELECT 1; SELECT 2", "SYNTAX_ERROR: Only one sql statement is allowed"),
    ("SELECT ?", "INVALID_PARAMETER_USAGE: "),
]


@pytest.mark.parametrize(("sql", "expected"), REFUSED, ids=[sql[:40] for sql, _ in REFUSED])
def test_what_is_not_supported_is_refused_by_name(shop: Statements, sql: str, expected: str) -> None:
    """Athena's own limits, and those of the local one (docs/query.md)."""
    assert shop.error(sql).startswith(expected)
