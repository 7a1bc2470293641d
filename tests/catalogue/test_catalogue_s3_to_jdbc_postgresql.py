"""Merging rows of Spark into a real PostgreSQL: values, keys, and kills before every step."""

from __future__ import annotations

from typing import Any

import pytest
from fake_catalogue import Countdown, Killed
from harness.postgresql import DRIVER, Postgres
from postgresql_databases import Database, server_of_module, spark_with_driver

from glue_jobs.common import postgresql_merge
from glue_jobs.common.jdbc_session import JdbcSession
from glue_jobs.common.postgresql_merge import UnusableTarget, WrongRows
from glue_jobs.s3_to_jdbc.load import merge_table

pytestmark = [
    pytest.mark.spark,
    pytest.mark.catalogue,
    pytest.mark.skipif(not DRIVER.exists(), reason="scripts/databases.sh installs PostgreSQL and its driver"),
]

postgres = pytest.fixture(scope="module")(server_of_module)
engine = pytest.fixture(scope="module")(spark_with_driver)


@pytest.fixture
def database(engine: Any, postgres: Postgres) -> Database:
    """An empty database."""
    return Database(engine, postgres)


def merge(
    database: Database,
    rows: list[tuple[Any, ...]],
    schema: str,
    session: JdbcSession | None = None,
    **changes: str,
) -> tuple[int, int, int]:
    """Merge rows into the table ``t`` by ``id``: how many were inserted, updated and deleted."""
    arguments = {
        "WORKFLOW_NAME": "daily",
        "target_table": "t",
        "key_columns": "id",
        "order_column": "",
        "write_mode": "upsert",
        "parallel_writes": "2",
        **changes,
    }
    frame = database.engine.createDataFrame(rows, schema)
    opened = session or database.session()
    try:
        merged = merge_table(arguments, frame, opened, lambda: None)
    finally:
        opened.close()
    return merged.inserted, merged.updated, merged.deleted


def test_rows_are_inserted_and_updated_by_key(database: Database) -> None:
    """README: rows with new keys are inserted, the others updated; columns that the source lacks stay or get their
    default; the same rows again change nothing.
    """
    database.sql(
        "create table t (id int primary key, \"Note\" text, other text default 'new');"
        "insert into t values (1, 'old', 'kept'), (9, 'untouched', 'kept')"
    )
    rows = [(1, "one"), (2, None), (3, "three")]
    assert merge(database, rows, "id int, note string") == (2, 1, 0)
    expected = "1|one|kept\n2||new\n3|three|new\n9|untouched|kept"
    assert database.sql("select * from t order by 1") == expected
    assert merge(database, rows, "id int, note string") == (0, 3, 0)
    assert database.sql("select * from t order by 1") == expected
    assert merge(database, [], "id int, note string") == (0, 0, 0)
    assert database.sql("select * from t order by 1") == expected
    assert merge(database, rows[:1], "id int, note string", write_mode="replace") == (1, 0, 4)
    assert database.sql("select * from t") == "1|one|new"
    assert database.sql("select count(*) from pg_class where relname like 'glueprint%'") == "0"


def test_values_become_what_the_columns_are(database: Database) -> None:
    """README: texts become uuid, json or an enum; identities, arrays, bytes, decimals and times."""
    database.sql(
        "create type mood as enum ('good'); create table t (id bigint generated always as identity primary key,"
        " uid uuid, doc jsonb, plain json, how mood, tags text[], raw bytea, price numeric(10, 2), at timestamptz,"
        " day date, big numeric)"
    )
    row = (1, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", '{"a": 1}', "[1]", "good", ["x", None], b"\x01", "9.99")
    frame = (
        database.engine.createDataFrame(
            [row],
            "id long, uid string, doc string, plain string, how string,"
            " tags array<string>, raw binary, price string",
        )
        .selectExpr(
            "*",
            "cast(price as decimal(10,2)) as p",
            "timestamp'2024-03-01 12:00:00Z' as at",
            "date'2024-03-01' as day",
            "cast('1.5' as decimal(38,18)) as big",
        )
        .drop("price")
        .withColumnRenamed("p", "price")
    )
    session = database.session()
    arguments = {
        "WORKFLOW_NAME": "w",
        "target_table": "public.t",
        "key_columns": "ID",
        "order_column": "",
        "write_mode": "",
    }
    merge_table({**arguments, "parallel_writes": "1"}, frame, session, lambda: None)
    session.close()
    kept = "select id, uid, doc->'a', plain, how, tags, raw, price, at at time zone 'UTC', day, big from t"
    assert database.sql(kept) == (
        "1|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|1|[1]|good|{x,NULL}|\\x01|9.99|2024-03-01 12:00:00|2024-03-01|"
        "1.500000000000000000"
    )


def test_several_rows_with_one_key(database: Database) -> None:
    """OrderColumn: the greatest value counts, no value counts least; without it they fail the run."""
    database.sql("create table t (id int, part text, at int, note text, unique (part, id))")
    rows = [(1, "a", 1, "old"), (1, "a", 3, "new"), (1, "a", None, "none"), (1, "b", 2, "other")]
    schema = "id int, part string, at int, note string"
    keys = {"key_columns": "id,part"}
    with pytest.raises(WrongRows, match=r'1 keys \("id", "part"\) are those of several rows'):
        merge(database, rows, schema, **keys)
    assert database.sql("select count(*) from t") == "0"
    assert merge(database, rows, schema, order_column="At", **keys) == (2, 0, 0)
    assert database.sql("select part, note from t order by 1") == "a|new\nb|other"


def test_what_cannot_be_merged_leaves_the_table_as_it_was(database: Database) -> None:
    """README: rows without a key, values that do not fit, missing columns, and a key that is not unique."""
    database.sql(
        "create table t (id int primary key, n int check (n > 0), twice int generated always as (n * 2) stored);"
        "create table plain (id int); insert into t values (7, 7)"
    )
    with pytest.raises(WrongRows, match="1 rows have no key"):
        merge(database, [(1, 1), (None, 2)], "id int, n int")
    with pytest.raises(Exception, match="violates check constraint"):
        merge(database, [(1, 1), (2, -1)], "id int, n int", write_mode="replace")
    with pytest.raises(UnusableTarget, match=r"it has no column m; the key x is not a column"):
        merge(database, [(1, 1)], "id int, m int", key_columns="x")
    with pytest.raises(UnusableTarget, match="the column twice is generated"):
        merge(database, [(1, 1)], "id int, twice int")
    with pytest.raises(UnusableTarget, match=r"public\.plain: no primary key or unique index consists of id"):
        merge(database, [(1,)], "id int", target_table="plain")
    with pytest.raises(UnusableTarget, match=r"no table nope\.t"):
        merge(database, [(1,)], "id int", target_table="nope.t")
    assert database.sql("select id, n from t") == "7|7"


class MortalSession(JdbcSession):
    """A session whose process ends before the step with a number."""

    countdown = Countdown()

    def execute(self, statement: str) -> None:
        """A step."""
        self.countdown.step()
        super().execute(statement)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """A step."""
        self.countdown.step()
        return super().query(statement)

    def commit(self) -> None:
        """A step."""
        self.countdown.step()
        super().commit()


def test_killed_before_any_step_and_run_again_it_ends_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """README: a run that is killed leaves the table as it was; the next one merges, and drops what was left. Modes
    take turns.
    """
    rows = [(number, f"n{number}") for number in range(2, 40)]
    schema = "id int, note string"
    database.sql("create table t (id int primary key, note text)")
    ended = "\n".join(f"{number}|{note}" for number, note in rows)
    fill = postgresql_merge.fill_staging

    def fill_and_step(*arguments: Any) -> None:
        fill(*arguments)
        MortalSession.countdown.step()

    monkeypatch.setattr("glue_jobs.s3_to_jdbc.load.fill_staging", fill_and_step)
    for kill_before in range(100):
        mode = ("upsert", "replace")[kill_before % 2]
        expected = ("1|old\n" if mode == "upsert" else "") + ended
        database.sql("truncate t; insert into t values (1, 'old'), (2, 'old')")
        MortalSession.countdown = Countdown(kill_before)
        was_killed = False
        try:
            merge(database, rows, schema, MortalSession(database.engine, database.address), write_mode=mode)
        except Killed:
            was_killed = True
            assert database.sql("select * from t order by 1") == "1|old\n2|old"
            MortalSession.countdown = Countdown()
            merge(database, rows, schema, write_mode=mode)
        assert database.sql("select * from t order by 1") == expected
        assert database.sql("select count(*) from pg_class where relname like 'glueprint%'") == "0"
        if not was_killed:
            assert kill_before >= 12
            return


def test_a_table_in_partitions_and_a_task_that_wrote_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partitioned target; and rows that a task committed twice, because its first end was not reported."""
    database.sql(
        "create table t (id int, day date, primary key (id, day)) partition by range (day);"
        "create table t_1 partition of t for values from ('2024-01-01') to ('2025-01-01')"
    )
    fill = postgresql_merge.fill_staging

    def fill_twice(*arguments: Any) -> None:
        fill(*arguments)
        fill(*arguments)

    monkeypatch.setattr("glue_jobs.s3_to_jdbc.load.fill_staging", fill_twice)
    rows = [(number, f"2024-01-0{number}") for number in range(1, 5)]
    for expected in ((4, 0, 0), (0, 4, 0)):
        assert merge(database, rows, "id int, day string", key_columns="id,day") == expected
    assert database.sql("select count(*) from t") == "4"
