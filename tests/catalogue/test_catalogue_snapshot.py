"""The blueprint ``snapshot`` without Spark and database: what is looked for, published, kept, and killed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fake_catalogue import Countdown, FakeCatalogue, Killed, Mortal, all_keys, query
from fake_s3 import FakeS3
from fake_tables import FakeTables, listed, write_fake

from glue_jobs.common import frame_parquet, table_look
from glue_jobs.common.catalog_frame import header_lines
from glue_jobs.common.database_address import DatabaseAddress, UnusableConnection, read_connection
from glue_jobs.common.listed_tables import (
    ListedTable,
    NamesCollide,
    TableManifest,
    choose_tables,
    destination_names,
    read_table_manifest,
    write_table_manifest,
)
from glue_jobs.common.presence import Marker, put_marker
from glue_jobs.common.publishing import CountMismatch, Destination, NotOwned
from glue_jobs.common.run_lock import DestinationLocked, acquire_lock
from glue_jobs.common.snapshot_history import kept_snapshots, merged_columns
from glue_jobs.snapshot import report, snapshot

FOLDER = "s3://lake/snap/"
Rows = dict[str, list[tuple[int, str]]]


class World:
    """A source, a lake and a catalogue, and runs of the job in them."""

    def __init__(self, **arguments: str) -> None:
        self.s3 = FakeS3()
        self.glue = FakeCatalogue()
        self.arguments = {
            "table_prefix": "",
            "default_schema": "public",
            "database": "snaps",
            "keep_snapshots": "2",
            "incremental_column": "",
            **arguments,
        }

    def look(self, run: str, names: tuple[str, ...], workflow: str = "nightly") -> None:
        """What the first job leaves: the lock, a manifest and a marker."""
        for status in self.glue.runs:
            self.glue.runs[status] = "COMPLETED"
        self.glue.runs[run] = "RUNNING"
        acquire_lock(self.s3, self.glue, FOLDER, workflow, run)
        place = f"s3://scripts/{run}.json"
        day = f"2026-11-{int(run[1:]):02}T02:00:00.000000Z"
        write_table_manifest(self.s3, place, TableManifest("pg", day, listed(*names)))
        put_marker(self.glue, workflow, run, Marker(True, len(names), 0, "", day, "pg", "", place))

    def copy(self, run: str, rows: Rows, countdown: Countdown | None = None, **source: Any) -> None:
        """One attempt of the job that copies."""
        s3 = Mortal(self.s3, countdown or Countdown())
        glue = Mortal(self.glue, countdown or Countdown())
        arguments = {"WORKFLOW_NAME": "nightly", "WORKFLOW_RUN_ID": run, **self.arguments}
        writing = snapshot.Writing("us-east-1", Destination("nightly", FOLDER), run, write_fake)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(frame_parquet, "aws_client", lambda service, region: s3)
            snapshot.snapshot(s3, glue, arguments, lambda: FakeTables(rows, **source), writing)

    def run(self, run: str, rows: Rows) -> None:
        """A run that is not disturbed."""
        self.look(run, tuple(rows))
        self.copy(run, rows)

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows of a table of the catalogue, sorted."""
        if table not in self.glue.tables:
            return []
        return sorted(tuple(row.values()) for row in query(self.s3, self.glue, table))


ONE = [(1, "a"), (2, "b")]
TWO = [(2, "B"), (3, "c")]
FIRST, SECOND, THIRD = (f"2026-11-0{day}T02-00-00Z" for day in (1, 2, 3))


def test_snapshots_are_partitions_and_latest_is_the_newest() -> None:
    """README: `orders` has all snapshots that are kept, `orders_latest` the newest one; so has an empty table."""
    world = World()
    world.run("r1", {"orders": ONE, "empty": []})
    world.run("r2", {"orders": TWO, "empty": []})
    assert world.rows("orders") == sorted([(*row, FIRST) for row in ONE] + [(*row, SECOND) for row in TWO])
    assert world.rows("orders_latest") == TWO
    assert world.rows("empty") == world.rows("empty_latest") == []
    assert set(world.glue.partitions["empty"]) == {(FIRST,), (SECOND,)}
    properties = world.glue.properties["r2"]
    assert (properties["snapshot.rows"], properties["snapshot.tables"], properties["snapshot.files_out"]) == (
        "2",
        "2",
        "2",
    )
    assert (properties["snapshot.label"], properties["snapshot.consistent"]) == (SECOND, "true")


def test_the_newest_are_kept_and_the_one_that_left_is_deleted_a_run_later() -> None:
    """KeepSnapshots; files of a snapshot that is no longer shown stay for queries until the next run."""
    world = World(keep_snapshots="2")
    for number in range(1, 5):
        world.run(f"r{number}", {"orders": [(number, "x")]})
    assert {row[-1][:10] for row in world.rows("orders")} == {"2026-11-03", "2026-11-04"}
    runs = {key.split("/")[1] for key in all_keys(world.s3, "lake") if "/run=" in key}
    assert runs == {"run=r2", "run=r3", "run=r4"}
    described = {key for key in all_keys(world.s3, "lake") if "_snapshots" in key}
    assert described == {f"snap/_snapshots/r{number}.json" for number in (2, 3, 4)}


def test_a_table_that_left_the_source_goes_with_its_last_snapshot() -> None:
    """README, limits: it keeps its `_latest` until its last snapshot is deleted; then both tables are."""
    world = World(keep_snapshots="2")
    world.run("r1", {"orders": ONE, "old": ONE})
    world.run("r2", {"orders": TWO})
    assert world.rows("old_latest") == ONE
    world.run("r3", {"orders": TWO})
    assert {"old", "old_latest"} & set(world.glue.tables) == set()
    world.run("r4", {"orders": TWO, "old": TWO})
    assert world.rows("old_latest") == TWO


def test_increments_add_up_and_bounds_are_part_of_what_is_published() -> None:
    """README, "Incremental": only greater values are copied; nothing is deleted; there is no `_latest` table."""
    world = World(keep_snapshots="1", incremental_column="id")
    world.run("r1", {"orders": ONE})
    world.run("r2", {"orders": [*ONE, (5, "e")]})
    world.run("r3", {"orders": [*ONE, (5, "e")]})
    world.run("r4", {"orders": [*ONE, (5, "e"), (6, "f")], "new": [(1, "n")]})
    assert [row[:2] for row in world.rows("orders")] == [*ONE, (5, "e"), (6, "f")]
    assert [row[:2] for row in world.rows("new")] == [(1, "n")]
    assert "orders_latest" not in world.glue.tables
    assert [table.high for table in kept_snapshots(world.s3, FOLDER, "r3")[-1].tables] == ["5"]


def test_changing_between_complete_and_incremental_starts_a_new_history() -> None:
    """README, limits: increments of a table are only complete together."""
    world = World()
    world.run("r1", {"orders": ONE})
    world.arguments["incremental_column"] = "id"
    world.run("r2", {"orders": ONE})
    assert world.rows("orders") == [(*row, SECOND) for row in ONE]
    assert "orders_latest" not in world.glue.tables
    world.arguments["incremental_column"] = ""
    world.run("r3", {"orders": TWO})
    assert world.rows("orders") == [(*row, THIRD) for row in TWO]


def test_other_counts_than_the_sources_publish_nothing() -> None:
    """README: "A run that fails this publishes nothing"."""
    world = World()
    world.run("r1", {"orders": ONE})
    world.look("r2", ("orders",))
    with pytest.raises(CountMismatch, match=r"public.orders has 3 rows, but 2 were written"):
        world.copy("r2", {"orders": TWO}, counted=lambda count: count + 1)
    assert world.rows("orders_latest") == ONE


@pytest.mark.parametrize("column", ["", "id"])
def test_killed_before_any_change_and_run_again_it_ends_the_same(column: str) -> None:
    """README: "A run that is killed ... leaves all tables as they were, or completes the snapshot"; wherever it is
    killed, a reader sees complete tables, and the second attempt ends with the same rows and objects.
    """
    first: Rows = {"orders": ONE, "gone": ONE}
    last: Rows = {"orders": [*TWO, (9, "z")], "new": ONE, "empty": []}
    expected: tuple[Any, ...] | None = None
    for kill_before in [None, *range(1000)]:
        world = World(keep_snapshots="1", incremental_column=column)
        world.run("r1", first)
        world.run("r2", {"orders": TWO})
        before = {name: world.rows(name) for name in world.glue.tables}
        world.look("r3", tuple(last))
        countdown = Countdown(kill_before)
        was_killed = False
        try:
            world.copy("r3", last, countdown)
        except Killed:
            was_killed = True
            assert expected is not None
            for name in ("orders", "new"):
                # In between each snapshot is complete; the new one may be there before the oldest one goes.
                known = [*before.get(name, []), *expected[0].get(name, [])]
                labels = {row[-1] for row in world.rows(name)}
                assert world.rows(name) == sorted({row for row in known if row[-1] in labels})
            for name in ("orders_latest", "new_latest"):
                assert world.rows(name) in (before.get(name, []), expected[0].get(name, []))
            world.copy("r3", last)
        ended = (
            {name: world.rows(name) for name in world.glue.tables},
            all_keys(world.s3, "lake"),
            world.glue.properties["r3"],
        )
        if expected is None:
            expected = ended
            continue
        assert ended == expected
        if not was_killed:
            assert kill_before is not None
            assert kill_before >= 12
            return


def test_a_snapshot_that_was_killed_and_not_run_again_leaves_nothing() -> None:
    """The next run deletes the files and the description of one that was never published."""
    world = World()
    world.run("r1", {"orders": ONE})
    world.look("r2", ("orders",))
    with pytest.raises(Killed):
        world.copy("r2", {"orders": TWO}, Countdown(3))
    assert [key for key in all_keys(world.s3, "lake") if "r2" in key]
    world.run("r3", {"orders": TWO})
    assert [key for key in all_keys(world.s3, "lake") if "r2" in key] == []


def test_a_false_marker_copies_nothing() -> None:
    """OnMissing=continue: the job reads the marker and ends; the source is not opened."""
    world = World()
    put_marker(world.glue, "nightly", "r1", Marker(False, 0, 0, "", "now", "pg", "no table matches x", ""))
    countdown = Countdown()
    world.copy("r1", {}, countdown)
    assert countdown.count == 0


def test_without_the_lock_nothing_is_published() -> None:
    """A second run that took the lock meanwhile is not overwritten."""
    world = World()
    world.look("r1", ("orders",))
    world.look("r2", ("orders",))
    with pytest.raises(DestinationLocked, match="r1 no longer holds the lock"):
        world.copy("r1", {"orders": ONE})
    assert "orders" not in world.glue.tables


@pytest.mark.parametrize("taken", ["orders", "orders_latest"])
def test_a_table_of_another_owner_is_refused_before_anything_is_written(taken: str) -> None:
    """Only tables with the workflow's mark are changed (docs/decisions/publishing-a-load.md)."""
    world = World()
    world.look("r1", ("orders",))
    world.glue.tables[taken] = {"Name": taken, "Parameters": {}, "PartitionKeys": []}
    with pytest.raises(NotOwned, match=f"The table snaps.{taken} exists and was not made by this blueprint"):
        world.copy("r1", {"orders": ONE})
    assert not [key for key in all_keys(world.s3, "lake") if "run=" in key]


FOUND = [
    ListedTable("public", "orders", 10),
    ListedTable("public", "Orders Old", 5),
    ListedTable("sales", "orders", 1),
    ListedTable("sales", "tmp_1", 1),
]


@pytest.mark.parametrize(
    ("wanted", "excluded", "chosen", "missing"),
    [
        (["orders"], [], ["public.orders"], []),
        (["sales.*"], ["sales.tmp_*"], ["sales.orders"], []),
        (["*"], [], ["public.Orders Old", "public.orders", "sales.orders", "sales.tmp_1"], []),
        (["public.*", "nope", "sales.x*"], [], ["public.Orders Old", "public.orders"], ["nope", "sales.x*"]),
        (["orders", "tmp_1"], ["orders"], [], ["orders", "tmp_1"]),
    ],
)
def test_tables_are_chosen_by_names_and_patterns(
    wanted: list[str], excluded: list[str], chosen: list[str], missing: list[str]
) -> None:
    """Tables and ExcludeTables (blueprint.cfg): without a schema the schema is public; case matters."""
    found, lacking = choose_tables(FOUND, wanted, excluded, "public")
    assert ([table.full_name for table in found], lacking) == (chosen, missing)


def test_names_in_the_catalogue() -> None:
    """README: a table of public keeps its name; two tables with one name are an error that names both."""
    assert list(destination_names(FOUND, "p_", "public")) == [
        "p_orders",
        "p_orders_old",
        "p_sales_orders",
        "p_sales_tmp_1",
    ]
    with pytest.raises(NamesCollide, match=r"public\.a\.b and public\.A-B would both be named a_b"):
        destination_names([ListedTable("public", "a.b"), ListedTable("public", "A-B")], "", "public")


def test_columns_of_older_snapshots_stay() -> None:
    """README, limits: the newest type of a column, and columns that only older snapshots have."""
    assert merged_columns([(("a", "int"), ("b", "int")), (("c", "int"), ("a", "bigint"))]) == (
        ("c", "int"),
        ("a", "bigint"),
        ("b", "int"),
    )


class Connections(FakeCatalogue):
    """A Glue with one connection."""

    def __init__(self, **properties: str) -> None:
        super().__init__()
        self.connection = properties

    def get_connection(self, Name: str) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
        """GetConnection."""
        if Name != "pg":
            raise self.exceptions.EntityNotFoundException(Name)
        return {"Connection": {"ConnectionType": "JDBC", "ConnectionProperties": self.connection}}


LOOKING = {
    "WORKFLOW_RUN_ID": "r1",
    "connection_name": "pg",
    "source_database": "",
    "tables": "orders,sales.*",
    "exclude_tables": "",
    "default_schema": "public",
    "manifest_folder": "s3://scripts/manifests",
}
NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)


def looked(found: list[ListedTable], **arguments: str) -> tuple[Marker, TableManifest]:
    """A look at a PostgreSQL database with these tables."""
    glue = Connections(JDBC_CONNECTION_URL="jdbc:postgresql://h/db", USERNAME="u", PASSWORD="p")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_look, "list_postgresql_tables", lambda address: found)
        return table_look.find_input(glue, {**LOOKING, **arguments}, NOW, lambda: None)


def test_the_look_freezes_the_tables() -> None:
    """The marker has the same keys as for files: count of tables, bytes, location of the source."""
    marker, manifest = looked(FOUND)
    assert (marker.present, marker.count, marker.total_bytes, marker.location) == (True, 3, 12, "pg")
    assert marker.manifest == "s3://scripts/manifests/r1.json"
    s3 = FakeS3()
    write_table_manifest(s3, marker.manifest, manifest)
    assert read_table_manifest(s3, marker.manifest) == manifest


def test_each_entry_must_match_a_table() -> None:
    """README: OnMissing applies when an entry of Tables matches no table; the reason names all such entries."""
    marker, _ = looked(FOUND[:1], tables="orders,nope,sales.*")
    assert (marker.present, marker.manifest) == (False, "")
    assert marker.reason == "no table matches nope, sales.*"


def test_other_databases_are_given_by_names() -> None:
    """README: of other databases than PostgreSQL, Tables must be names."""
    glue = Connections(JDBC_CONNECTION_URL="jdbc:mysql://h/db", USERNAME="u", PASSWORD="p")
    marker, manifest = table_look.find_input(glue, {**LOOKING, "tables": "orders,shop.items"}, NOW, lambda: None)
    assert marker.present
    assert [(table.schema, table.name) for table in manifest.tables] == [("", "orders"), ("shop", "items")]
    with pytest.raises(table_look.UnusableTables, match=r"name them one by one instead of sales\.\*"):
        table_look.find_input(glue, LOOKING, NOW, lambda: None)


def test_views_and_tables_elsewhere_are_not_found_in_the_catalogue() -> None:
    """README, limits: the Data Catalog's views, tables of databases and of table formats are not copied."""
    glue = FakeCatalogue()
    glue.tables = {
        "files": {"Name": "files"},
        "view": {"Name": "view", "TableType": "VIRTUAL_VIEW"},
        "jdbc": {"Name": "jdbc", "Parameters": {"connectionName": "pg"}},
        "iceberg": {"Name": "iceberg", "Parameters": {"table_type": "ICEBERG"}},
    }
    arguments = {**LOOKING, "connection_name": "", "source_database": "shop", "tables": "*"}
    marker, manifest = table_look.find_input(glue, arguments, NOW, lambda: None)
    assert marker.location == "shop"
    assert [table.full_name for table in manifest.tables] == ["files"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("jdbc:postgresql://db.example:5433/shop", ("db.example", 5433, "shop", "prefer")),
        ("jdbc:postgresql://db.example/shop?ssl=true", ("db.example", 5432, "shop", "require")),
        ("jdbc:postgresql://[::1]:1/shop?sslmode=verify-full", ("::1", 1, "shop", "verify-full")),
    ],
)
def test_addresses_of_postgresql(url: str, expected: tuple[str, int, str, str]) -> None:
    """The driver's addresses (https://jdbc.postgresql.org/documentation/use/) as libpq's parameters."""
    found = DatabaseAddress(url, "u", "secret").postgresql_parameters()
    assert (found["host"], found["port"], found["dbname"], found["sslmode"]) == expected
    assert "secret" not in repr(DatabaseAddress(url, "u", "secret"))


def test_a_connection_with_a_secret() -> None:
    """SECRET_ID in place of user and password (DG:connection-properties)."""

    class Secrets:
        def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - as boto3 names it
            assert SecretId == "shop"
            return {"SecretString": '{"username": "u", "password": "p"}'}

    glue = Connections(JDBC_CONNECTION_URL="jdbc:postgresql://h/db", SECRET_ID="shop", JDBC_ENFORCE_SSL="true")
    address = read_connection(glue, "pg", Secrets)
    assert (address.user, address.password) == ("u", "p")
    assert address.postgresql_parameters()["sslmode"] == "require"


def test_connections_that_cannot_be_used_are_named() -> None:
    """The message names the connection and what it must be."""
    with pytest.raises(UnusableConnection, match="nope does not exist"):
        read_connection(Connections(), "nope", lambda: None)
    with pytest.raises(UnusableConnection, match="no JDBC_CONNECTION_URL"):
        read_connection(Connections(), "pg", lambda: None)
    with pytest.raises(UnusableConnection, match="not an address"):
        DatabaseAddress("jdbc:postgresql:db", "u", "p").postgresql_parameters()


def test_the_report_states_what_was_copied_and_from_which_moment() -> None:
    """One line a table, with the snapshots that are kept."""
    world = World()
    world.run("r1", {"orders": ONE, "empty": []})
    lines = report.summary(world.glue.properties["r1"], kept_snapshots(world.s3, FOLDER, "r1"), "snaps")
    assert lines[2:] == [
        f"snapshot   {FIRST}, 2 tables, 2 rows",
        "moment     all tables as they were at one moment",
        f"kept       {FIRST}",
        "table      snaps.empty: 0 rows",
        "table      snaps.orders: 2 rows",
    ]


@pytest.mark.parametrize("place", ["table", "storage", "serde"])
def test_the_lines_of_a_header_are_stated_in_three_places(place: str) -> None:
    """Crawlers write `skip.header.line.count` into the table and the SerDe, Athena into the table
    (docs/facts/crawlers.md); Spark SQL reads it nowhere (SPARK-11374).
    """
    stated = {"skip.header.line.count": "1"}
    definition = {
        "Parameters": stated if place == "table" else {},
        "StorageDescriptor": {
            "Parameters": stated if place == "storage" else {},
            "SerdeInfo": {"Parameters": stated if place == "serde" else {}},
        },
    }
    assert header_lines(definition) == 1
    assert header_lines({}) == 0
