"""The blueprint ``jdbc_to_s3`` without Spark and database: complete and incremental copies, partitions, kills."""

from __future__ import annotations

from typing import Any

import pytest
from fake_catalogue import Countdown, FakeCatalogue, Killed, Mortal, all_keys, query
from fake_s3 import FakeS3
from fake_tables import FakeTables, listed, write_fake
from layouts_in_memory import jobs, layout, moto_address

from glue_jobs.common import frame_parquet
from glue_jobs.common.listed_tables import TableManifest, write_table_manifest
from glue_jobs.common.presence import Marker, put_marker
from glue_jobs.common.publishing import CountMismatch
from glue_jobs.common.run_lock import acquire_lock
from glue_jobs.common.transfer_state import OtherColumn
from glue_jobs.jdbc_to_s3 import report, transfer
from glueprint.blueprint.layout_host import LayoutError

FOLDER = "s3://lake/copies/"
Rows = dict[str, list[tuple[int, str]]]


class World:
    """A database, a lake and a catalogue, and runs of the job in them."""

    def __init__(self, **arguments: str) -> None:
        self.s3 = FakeS3()
        self.glue = FakeCatalogue()
        self.arguments = {
            "aws_region": "us-east-1",
            "table_prefix": "",
            "default_schema": "public",
            "destination": FOLDER,
            "database": "sales",
            "query": "",
            "partition_keys": "",
            "incremental_column": "",
            **arguments,
        }

    def look(self, run: str, *names: str) -> None:
        """What the first job leaves: the lock, a manifest and a marker."""
        for known in self.glue.runs:
            self.glue.runs[known] = "COMPLETED"
        self.glue.runs[run] = "RUNNING"
        acquire_lock(self.s3, self.glue, FOLDER, "hourly", run)
        place = f"s3://scripts/{run}.json"
        write_table_manifest(self.s3, place, TableManifest("pg", "now", listed(*names)))
        put_marker(self.glue, "hourly", run, Marker(True, len(names), 0, "", "now", "pg", "", place))

    def copy(self, run: str, rows: Rows, countdown: Countdown | None = None, **source: Any) -> None:
        """One attempt of the job that copies."""
        s3 = Mortal(self.s3, countdown or Countdown())
        glue = Mortal(self.glue, countdown or Countdown())
        arguments = {"WORKFLOW_NAME": "hourly", "WORKFLOW_RUN_ID": run, **self.arguments}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(frame_parquet, "aws_client", lambda service, region: s3)
            transfer.copy_tables(s3, glue, arguments, lambda: FakeTables(rows, **source), write=write_fake)

    def run(self, run: str, rows: Rows) -> None:
        """A run that is not disturbed."""
        self.look(run, *rows)
        self.copy(run, rows)

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows of a table of the catalogue, sorted."""
        if table not in self.glue.tables:
            return []
        return sorted(tuple(row.values()) for row in query(self.s3, self.glue, table))


ONE = [(1, "a"), (2, "b")]
TWO = [*ONE, (3, "b"), (4, "c")]


def test_a_complete_copy_replaces_the_table() -> None:
    """README: "Without IncrementalColumn each run replaces the tables"; an empty table is there."""
    world = World(table_prefix="x_")
    world.run("r1", {"orders": TWO, "empty": []})
    world.run("r2", {"orders": ONE, "empty": []})
    assert world.rows("x_orders") == ONE
    assert world.rows("x_empty") == []
    properties = world.glue.properties["r2"]
    assert (properties["jdbc_to_s3.rows"], properties["jdbc_to_s3.tables"]) == ("2", "2")
    assert properties["jdbc_to_s3.consistent"] == "true"
    assert report.summary(properties, "sales")[-1] == "result   2 rows brought to 2 tables of sales"


def test_increments_go_into_partitions() -> None:
    """README: with IncrementalColumn a run adds only new rows; partitions by PartitionKeys."""
    world = World(incremental_column="id", partition_keys="note")
    world.run("r1", {"orders": ONE})
    world.run("r2", {"orders": TWO})
    world.run("r3", {"orders": TWO})
    assert world.rows("orders") == TWO
    assert set(world.glue.partitions["orders"]) == {("a",), ("b",), ("c",)}
    assert [world.glue.properties[run]["jdbc_to_s3.rows"] for run in ("r1", "r2", "r3")] == ["2", "2", "0"]


def test_another_incremental_column_is_refused() -> None:
    """README, limits: which rows of the published table are of which range is not known."""
    world = World()
    world.run("r1", {"orders": ONE})
    world.arguments["incremental_column"] = "id"
    with pytest.raises(OtherColumn, match="was copied completely, not by id"):
        world.run("r2", {"orders": TWO})


def test_columns_that_changed_are_refused_by_an_increment() -> None:
    """README, limits: engines could not read old and new files of one table; a new column may come."""
    world = World(incremental_column="id")
    world.run("r1", {"orders": ONE})
    columns = world.glue.tables["orders"]["StorageDescriptor"]["Columns"]
    columns[:] = [{"Name": "id", "Type": "bigint"}]
    world.run("r2", {"orders": TWO})
    columns = world.glue.tables["orders"]["StorageDescriptor"]["Columns"]
    columns[:] = [{"Name": "id", "Type": "int"}, {"Name": "gate", "Type": "string"}]
    with pytest.raises(transfer.ChangedColumns, match="id was int, is bigint; gate was string, is gone"):
        world.run("r3", {"orders": [*TWO, (9, "z")]})
    assert [row["id"] for row in query(world.s3, world.glue, "orders")] == [1, 2, 3, 4]


def test_wrong_partition_keys_are_named() -> None:
    """PartitionKeys: every key that a table does not have is named, before anything is written."""
    with pytest.raises(transfer.WrongPartitionKeys, match="PartitionKeys of orders: day is not a column"):
        World(partition_keys="day,note").run("r1", {"orders": ONE})
    with pytest.raises(transfer.WrongPartitionKeys, match="no column would be left"):
        World(partition_keys="id,note").run("r1", {"orders": ONE})


def test_other_counts_publish_nothing() -> None:
    """Counts are verified against the source."""
    world = World()
    world.look("r1", "orders")
    with pytest.raises(CountMismatch, match=r"public.orders has 1 rows, but 2 were written"):
        world.copy("r1", {"orders": ONE}, counted=lambda count: count - 1)
    assert "orders" not in world.glue.tables


def test_a_query_is_one_table() -> None:
    """Query and QueryTable: the manifest has the table's name, the job reads the query."""
    world = World(query="select 1")
    world.look("r1", "answers")
    world.copy("r1", {"answers": ONE})
    assert world.rows("answers") == ONE


@pytest.mark.parametrize(("column", "keys"), [("", ""), ("", "note"), ("id", "note"), ("id", "")])
def test_killed_before_any_change_and_run_again_it_ends_the_same(column: str, keys: str) -> None:
    """README: a run that fails, is killed and is run again, adds each row exactly once; in between every partition
    is complete, old or new.
    """
    before = {"orders": ONE, "other": ONE}
    after = {"orders": TWO, "other": [*ONE, (9, "a")]}
    expected: tuple[Any, ...] | None = None
    for kill_before in [None, *range(1000)]:
        world = World(incremental_column=column, partition_keys=keys)
        world.run("r1", before)
        world.look("r2", *after)
        countdown = Countdown(kill_before)
        was_killed = False
        try:
            world.copy("r2", after, countdown)
        except Killed:
            was_killed = True
            for name in after:
                for note in ("a", "b", "c"):
                    seen = [row for row in world.rows(name) if row[1] == note]
                    states = [[row for row in rows[name] if row[1] == note] for rows in (before, after)]
                    assert seen in states
            world.copy("r2", after)
        ended = (world.rows("orders"), world.rows("other"), all_keys(world.s3, "lake"))
        if expected is None:
            expected = ended
            assert expected[:2] == (TWO, [*ONE, (9, "a")])
            continue
        assert ended == expected
        if not was_killed:
            assert kill_before is not None
            assert kill_before >= 10
            return


def test_a_false_marker_copies_nothing() -> None:
    """OnMissing=continue: the job reads the marker and ends."""
    world = World()
    put_marker(world.glue, "hourly", "r1", Marker(False, 0, 0, "", "now", "pg", "no table matches x", ""))
    countdown = Countdown()
    world.copy("r1", {}, countdown)
    assert countdown.count == 0
    assert (
        report.summary(world.glue.properties["r1"], "sales")[-1] == "result   nothing copied: no table matches x"
    )


aws = pytest.fixture(scope="module")(moto_address)
PARAMETERS = {
    "ConnectionName": "pg",
    "DestinationLocation": "s3://lake/copies",
    "DestinationDatabase": "Sales",
    "Tables": ["orders"],
}


def test_the_workflow_is_look_transfer_report(aws: str) -> None:
    """The jobs that read the database run in the connection's network; parameters reach the job as texts."""
    made = jobs(
        layout(
            aws,
            "jdbc_to_s3",
            PARAMETERS,
            PartitionKeys=["Day"],
            IncrementalColumn="Id",
            KeyColumn="Key",
            ParallelReads=2,
            UnboundedNumbers="double",
            TablePrefix="p_",
            ExcludeTables=["tmp*"],
            OnMissing="continue",
        )
    )
    assert list(made) == ["look", "transfer", "report"]
    assert [step for step in made if "Connections" in made[step]] == ["look", "transfer"]
    wanted = {
        "--partition_keys": "day",
        "--incremental_column": "Id",
        "--key_column": "Key",
        "--parallel_reads": "2",
    }
    wanted |= {"--unbounded_numbers": "double", "--table_prefix": "p_", "--destination": "s3://lake/copies/"}
    given = made["transfer"]["DefaultArguments"]
    assert {name: given.get(name) for name in wanted} == wanted
    assert made["look"]["DefaultArguments"]["--exclude_tables"] == "tmp*"
    query_jobs = jobs(layout(aws, "jdbc_to_s3", PARAMETERS, Tables=[""], Query="select 1", QueryTable="Q"))
    assert query_jobs["look"]["DefaultArguments"]["--query_name"] == "q"
    assert query_jobs["transfer"]["DefaultArguments"]["--query"] == "select 1"


def test_wrong_parameters_are_reported_all_at_once(aws: str) -> None:
    """Every problem names its parameter, in one message."""
    with pytest.raises(LayoutError) as caught:
        layout(
            aws,
            "jdbc_to_s3",
            PARAMETERS,
            Query="-- select",
            PartitionKeys=["a,b", "c", "C"],
            ParallelReads=201,
            TablePrefix="a-b",
            KeyColumn="-k",
        )
    message = str(caught.value)
    wrong = (
        "Tables or Query must be given, and not both",
        "QueryTable must be given with Query",
        "Query must not start with a dash",
        "PartitionKeys must be a list",
        "PartitionKeys must not name a column twice",
        "ParallelReads must",
        "TablePrefix must",
        "KeyColumn must",
    )
    assert [text for text in wrong if text not in message] == []
