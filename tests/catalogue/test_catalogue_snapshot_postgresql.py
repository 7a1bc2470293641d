"""Reading a real PostgreSQL with Spark: types, shared snapshots, parallel reads; and Derby, for other databases.

The tables' files are written in this process; ``test_catalogue_snapshot_runs.py`` runs the jobs themselves.
"""

from __future__ import annotations

import io
import threading
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from fake_s3 import FakeS3
from harness.postgresql import DRIVER, Postgres
from postgresql_databases import Database, server_of_module, spark_with_driver

from glue_jobs.common import frame_parquet, jdbc_table
from glue_jobs.common.database_address import DatabaseAddress
from glue_jobs.common.database_source import DatabaseSource
from glue_jobs.common.frame_parquet import FrameTarget, frame_columns, write_files
from glue_jobs.common.jdbc_session import JdbcSession
from glue_jobs.common.jdbc_table import ListedQuery, UnreadableTable, plan_reading
from glue_jobs.common.listed_tables import ListedTable
from glue_jobs.common.postgresql_tables import list_postgresql_tables
from glue_jobs.common.table_source import Slice, UnusableColumn

pytestmark = [
    pytest.mark.spark,
    pytest.mark.catalogue,
    pytest.mark.skipif(not DRIVER.exists(), reason="scripts/databases.sh installs PostgreSQL and its driver"),
]

TYPES = """
create schema "Sales";
create type "Sales".mood as enum ('good', 'bad');
create domain price as numeric(8, 2) check (value >= 0);
create table "Sales"."Mixed Case" (
    "Id" int primary key, "Note" text, tags text[], counts int[], small int2[], uids uuid[], amount numeric,
    price numeric(10, 2), cost price, wide numeric(50, 3), at timestamptz, local timestamp, uid uuid, doc json,
    docb jsonb, how "Sales".mood, day date, flag boolean, raw bytea, tiny smallint, ratio real, exact float8,
    big bigint, span interval, net inet, code char(3), "from" varchar(10)
);
insert into "Sales"."Mixed Case" values
    (1, 'é \\ '' "', '{a,b}', '{1,2}', '{1}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', 1.5, 9.99, 3, 7.125,
     '2024-03-01 12:00:00+02', '2024-03-01 12:00:00.123456', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"k": 1}',
     '{"k": 2}', 'good', '2024-03-01', true, '\\x01ff', 3, 0.5, 0.1, 9223372036854775807, '1 day', '10.0.0.1',
     'ab', 'x'),
    (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
     null, null, null, null, null, null, null, null),
    (3, '', '{}', '{null,3}', '{}', '{}', -12345678901234567890.123456789012345678, 0.01, 0, 0,
     '1969-12-31 23:59:59Z', '0001-01-01 00:00:00',
     'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '[]', '[]', 'bad', 'infinity', false, '', -3,
     -0.5, 'NaN', -1, '-1 mon', '::1', 'abc', '');
"""


postgres = pytest.fixture(scope="module")(server_of_module)
engine = pytest.fixture(scope="module")(spark_with_driver)


@pytest.fixture
def database(engine: Any, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Database:
    """An empty database; small tables are shared by several tasks, too."""
    monkeypatch.setattr(jdbc_table, "MIN_TASK_BYTES", 8192)
    return Database(engine, postgres)


def copied(part: Slice) -> list[dict[str, Any]]:
    """The rows of a slice, written as Parquet and read again."""
    s3 = FakeS3()
    target = FrameTarget("us-east-1", "lake", "t/", frame_columns(part.frame))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame_parquet, "aws_client", lambda service, region: s3)
        files = list(write_files(target, 0, iter(part.frame._collect_as_arrow()), even_if_empty=True))
    tables = [pq.read_table(io.BytesIO(s3.objects["lake", part.key])) for part in files]
    rows = [row for table in tables for row in table.to_pylist()]
    assert part.verify(len(rows)) == len(rows)
    return rows


def table(name: str, schema: str = "public") -> ListedTable:
    """A table."""
    return ListedTable(schema, name)


def test_values_of_all_types_arrive(database: Database) -> None:
    """README, "Types"; names in lower case."""
    database.sql(TYPES)
    source = database.source()
    mixed = table("Mixed Case", "Sales")
    source.begin([mixed])
    part = source.slice(mixed, "", "")
    types = dict(frame_columns(part.frame))
    assert {name: types[name] for name in ("amount", "price", "cost", "wide", "uids", "small", "span")} == {
        "amount": "decimal(38,18)",
        "price": "decimal(10,2)",
        "cost": "decimal(8,2)",
        "wide": "decimal(38,18)",
        "uids": "array<string>",
        "small": "array<int>",
        "span": "string",
    }
    first, second, third = sorted(copied(part), key=lambda row: row["id"])
    source.close()
    assert (first["note"], first["tags"], first["counts"], first["small"]) == (
        "é \\ ' \"",
        ["a", "b"],
        [1, 2],
        [1],
    )
    assert (first["amount"], first["price"], first["cost"]) == (Decimal("1.5"), Decimal("9.99"), Decimal(3))
    assert (first["at"].isoformat(), first["local"].isoformat()) == (
        "2024-03-01T10:00:00",
        "2024-03-01T12:00:00.123456",
    )
    assert first["uids"] == [first["uid"]] == ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]
    assert (first["doc"], first["docb"], first["how"], first["from"]) == ('{"k": 1}', '{"k": 2}', "good", "x")
    assert (first["raw"], first["big"], first["span"], first["net"]) == (
        b"\x01\xff",
        2**63 - 1,
        "1 day",
        "10.0.0.1/32",
    )
    assert first["code"].rstrip() == "ab"
    assert {value for name, value in second.items() if name != "id"} == {None}
    assert third["amount"] == Decimal("-12345678901234567890.123456789012345678")
    assert (third["day"].isoformat(), third["local"].year, third["at"].isoformat()) == (
        "9999-12-31",
        1,
        "1969-12-31T23:59:59",
    )
    assert (third["counts"], third["note"], third["raw"], str(third["exact"])) == ([None, 3], "", b"", "nan")


def test_numbers_that_do_not_fit_are_never_rounded(database: Database) -> None:
    """UnboundedNumbers: the error has the column and the number of values; string is exact, double is rounded."""
    database.sql(
        "create table t (a numeric, b numeric[], c numeric(5, 1));"
        "insert into t values (0.1234567890123456789, '{1,1e30}', 1), (1, '{1}', 'NaN'), (2, null, null)"
    )
    source = database.source()
    source.begin([table("t")])
    with pytest.raises(UnreadableTable, match=r"without loss: 1 in a, 1 in b, 1 in c"):
        source.slice(table("t"), "", "")
    source.close()
    database.sql("update t set c = 3")
    for unbounded, expected in (("string", "0.1234567890123456789"), ("double", 0.12345678901234568)):
        source = database.source(unbounded=unbounded)
        source.begin([table("t")])
        rows = sorted(copied(source.slice(table("t"), "", "")), key=lambda row: str(row["a"]))
        source.close()
        assert rows[0]["a"] == expected
        assert len(rows) == 3


def test_all_tables_are_as_of_one_moment_while_others_write(database: Database) -> None:
    """README: one transaction exports its snapshot, every task reads in it. Money moves between two tables all the
    while: every snapshot has the same sum, and none has what was inserted after its start.
    """
    database.sql(
        "create table a as select g as id, 100 as money, repeat('x', 200) as pad from generate_series(1, 2000) g;"
        "create table b as select * from a"
    )
    over = threading.Event()
    moves = "begin; update a set money = money - 7 where id = {0}; update b set money = money + 7 where id = {0};"
    moves += "insert into a values (10000 + {0}, 0, ''); delete from b where id = 10000 + {0}; commit;"

    def write() -> None:
        number = 1
        while not over.is_set():
            database.sql("".join(moves.format(number + step) for step in range(20)))
            number += 20

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            source = database.source(tasks=3)
            source.begin([table("a"), table("b")])
            count = int(database.sql("select count(*) from a"))
            database.sql("insert into a values (99999, 1000000, 'late')")
            parts = [source.slice(table(name), "", "") for name in ("a", "b")]
            assert [part.tasks for part in parts] == [3, 3]
            rows = [copied(part) for part in parts]
            source.close()
            database.sql("delete from a where id = 99999")
            assert sum(row["money"] for one in rows for row in one) == 2 * 2000 * 100
            assert len({row["id"] for row in rows[0]}) == len(rows[0]) <= count
            assert 99999 not in {row["id"] for row in rows[0]}
    finally:
        over.set()
        writer.join()


def test_tables_cannot_be_truncated_or_altered_meanwhile(database: Database) -> None:
    """README: tables are locked against ALTER, DROP and TRUNCATE, not against writing."""
    database.sql("create table t (a int); insert into t values (1)")
    source = database.source()
    source.begin([table("t")])
    with pytest.raises(AssertionError, match="lock timeout"):
        database.sql("set lock_timeout = '50ms'; truncate t")
    database.sql("insert into t values (2)")
    assert copied(source.slice(table("t"), "", "")) == [{"a": 1}]
    source.close()
    database.sql("truncate t")


SHARED = """
create table words as select case when g % 10 <> 0 then 'Wörd-' || (g % 37) end as word, g as id, g::numeric as n,
    md5(g::text)::uuid as uid, now() + g * interval '1 hour' as at, repeat('p', 100) as pad
    from generate_series(1, 1500) g;
create table parts (id int, day date, pad text) partition by range (day);
create table parts_1 partition of parts for values from ('2024-01-01') to ('2024-02-01');
create table parts_2 partition of parts for values from ('2024-02-01') to ('2024-03-01');
insert into parts select g, '2024-01-01'::date + g % 60, repeat('p', 100) from generate_series(1, 1500) g;
create view seen as select * from words;
create materialized view kept as select * from words;
create table keyed (id bigint primary key, pad text);
insert into keyed select g * 1000, '' from generate_series(1, 500) g;
create table inherited () inherits (keyed);
insert into inherited select g, '' from generate_series(-50, -1) g;
create table empty (id int primary key);
"""


@pytest.mark.parametrize(
    ("name", "key", "tasks"),
    [
        ("words", "", 4),
        ("words", "word", 4),
        ("words", "uid", 4),
        ("words", "at", 4),
        ("words", "n", 4),
        ("words", "id", 4),
        ("parts", "", 4),
        ("parts", "day", 4),
        ("seen", "", 1),
        ("seen", "word", 4),
        ("kept", "", 4),
        ("keyed", "", 3),
        ("keyed", "id", 4),
        ("empty", "", 1),
        ("empty", "id", 1),
    ],
)
def test_tasks_share_a_table_without_gaps_or_overlaps(database: Database, name: str, key: str, tasks: int) -> None:
    """README, "How tasks share a table": each row is read by exactly one task, whatever the key's type; a key in
    another form (numbers as text) is compared in its own order; rows without a value are read, too.
    """
    database.sql(SHARED)
    session = database.session()
    for unbounded in ("decimal", "string"):
        plan = plan_reading(session, table(name), 4, key, unbounded)
        assert len(plan.predicates or ("all",)) == tasks
        counts = [
            int(session.query(f"SELECT count(*) FROM {plan.query(session.quote)} WHERE {predicate}")[0][0])
            for predicate in plan.predicates or ("1 = 1",)
        ]
        assert sum(counts) == plan.rows == int(database.sql(f"select count(*) from {name}"))
        if key and tasks > 1 and key != "word":
            assert max(counts) <= plan.rows / 3
    session.close()


def test_a_primary_key_is_found_where_blocks_cannot_be_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """README: of older versions of PostgreSQL by a primary key of one integer column."""
    monkeypatch.setattr(jdbc_table, "FIRST_WITH_TID_RANGES", 10**9)
    database.sql(SHARED)
    session = database.session()
    plan = plan_reading(session, table("keyed"), 4)
    assert plan.key == '"id"'
    assert len(plan.predicates) == 4
    assert plan_reading(session, table("words"), 4).predicates == ()
    session.close()


def test_increments_by_time_and_by_number(database: Database) -> None:
    """README, "Incremental": rows above the bound, up to the greatest value at the start of the snapshot."""
    database.sql(
        "create table t (id bigint, at timestamptz); insert into t values (1, '2024-01-01 00:00:00.000001Z'),"
        " (2, '2024-01-02Z')"
    )
    highs: dict[str, str] = {"id": "", "at": ""}
    for expected in ([1, 2], [3], []):
        for column, low in highs.items():
            source = database.source()
            source.begin([table("t")])
            part = source.slice(table("t"), column, low)
            assert sorted(row["id"] for row in copied(part)) == expected
            highs[column] = part.high or low
            source.close()
        if expected == [1, 2]:
            database.sql("insert into t values (3, '2024-01-02 00:00:00.000001Z')")
    assert highs["id"] == "3"
    source = database.source()
    source.begin([table("t")])
    with pytest.raises(UnusableColumn, match="has no column nope; there are id, at"):
        source.slice(table("t"), "nope", "")
    source.close()
    database.sql("insert into t values (4, null)")
    source = database.source()
    source.begin([table("t")])
    with pytest.raises(UnusableColumn, match=r"at of public.t has no value in 1 rows"):
        source.slice(table("t"), "at", "")
    source.close()


def test_tables_that_cannot_be_read_are_named(database: Database) -> None:
    """Columns that differ in case only, a missing key, a table that is gone."""
    database.sql('create table twice ("a" int, "A" int); create table t (a int)')
    session = database.session()
    with pytest.raises(UnreadableTable, match=r"public.twice: two columns are named a, but for case"):
        plan_reading(session, table("twice"), 1)
    with pytest.raises(UnreadableTable, match=r"public.t has no column b; there are a"):
        plan_reading(session, table("t"), 1, "b")
    with pytest.raises(Exception, match=r'relation "public.gone" does not exist'):
        plan_reading(session, table("gone"), 1)
    session.close()


def test_the_look_lists_tables_that_may_be_read(database: Database) -> None:
    """README: partitions are part of their table; tables without SELECT are not there for the user."""
    pytest.importorskip("psycopg2")
    database.sql(
        TYPES + SHARED + "create table secret (a int); drop role if exists reader; create role reader login"
    )
    database.sql('grant usage on schema "Sales" to reader; grant select on "Sales"."Mixed Case", words to reader')
    url = database.server.url(database.name)
    everything = [one.full_name for one in list_postgresql_tables(DatabaseAddress(url, "glue", "x"))]
    assert "public.parts" in everything
    assert "public.parts_1" not in everything
    readable = list_postgresql_tables(DatabaseAddress(url, "reader", "x"))
    assert [one.full_name for one in readable] == ["Sales.Mixed Case", "public.words"]
    assert all(one.size > 0 for one in readable)
    database.sql("drop owned by reader; drop role reader")


def test_a_query_is_read_with_the_types_of_its_columns(database: Database) -> None:
    """README of jdbc_to_s3: Query, shared by KeyColumn; numbers are not rounded there either."""
    database.sql(SHARED)
    text = (
        'select id, n, at::date as day, n / 3 as third, word::varchar(9) as "Word", uid from words where id > 500;'
    )
    source = database.source(key="id", unbounded="string")
    query = ListedQuery("", "answers", 0, text)
    source.begin([query])
    part = source.slice(query, "id", "600")
    assert (part.tasks, part.high) == (4, "1500")
    assert dict(frame_columns(part.frame)) == {
        "id": "int",
        "n": "string",
        "day": "date",
        "third": "string",
        "word": "string",
        "uid": "string",
    }
    rows = copied(part)
    source.close()
    assert sorted(row["id"] for row in rows) == list(range(601, 1501))
    assert {row["third"] for row in rows if row["id"] == 700} == {"233.3333333333333333"}


def test_a_session_that_holds_the_snapshot_and_is_lost_fails_the_run(database: Database) -> None:
    """README: a run that fails publishes nothing; the database's error reaches the log."""
    database.sql("create table t as select generate_series(1, 10) as a")
    source = database.source()
    source.begin([table("t")])
    part = source.slice(table("t"), "", "")
    database.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'glueprint'")
    with pytest.raises(Exception, match=r"invalid snapshot identifier|does not exist|terminating connection"):
        copied(part)
    with pytest.raises(Exception, match=r"terminat|closed|I/O"):
        source.close()


def test_other_databases_are_read_by_a_primary_key_and_counted_twice(engine: Any) -> None:
    """README: without a snapshot the number of rows must be between that before and that after; Derby, which comes
    with Spark, stands for them.
    """
    session = JdbcSession(engine, DatabaseAddress("jdbc:derby:memory:shop;create=true", "", ""))
    session.execute("create table items (id int primary key, name varchar(20), price decimal(9, 2))")
    session.execute("insert into items values (1, 'a', 1.5), (50, 'b', 2), (99, null, null)")
    items = ListedTable("APP", "ITEMS")
    plan = plan_reading(session, items, 4)
    assert len(plan.predicates) == 4
    source = DatabaseSource(engine, session, 4, "", "decimal")
    source.begin([items])
    assert not source.is_consistent
    part = source.slice(items, "", "")
    rows = sorted(copied(part), key=lambda row: row["id"])
    assert rows[0] == {"id": 1, "name": "a", "price": Decimal("1.50")}
    assert len(rows) == 3
    increment = source.slice(items, "ID", "1")
    assert (sorted(row["id"] for row in copied(increment)), increment.high) == ([50, 99], "99")
    session.execute("insert into items values (100, 'late', 1)")
    assert [part.verify(count) for count in (2, 3, 4, 5)] == [3, 3, 4, 4]
    source.close()
