"""``compaction`` in place: the same rows in fewer files, wherever it is killed, and nothing deleted too early."""

from __future__ import annotations

from typing import Any

import pytest
from compaction_world import AVRO, CompactionWorld, parquet
from fake_catalogue import Countdown, Killed

from glue_jobs.common.location_switch import NotAllowed
from glue_jobs.common.rewriting import RewriteFailed
from glue_jobs.common.run_lock import DestinationLocked
from glue_jobs.common.source_table import UnsupportedTable
from glue_jobs.compaction.look import OverwrittenFile


@pytest.fixture
def world() -> CompactionWorld:
    """Two partitions of three small files each."""
    made = CompactionWorld()
    made.fill()
    return made


def test_small_files_become_one_and_the_rows_stay(world: CompactionWorld) -> None:
    """README: each partition gets a new folder, and the counts are run properties."""
    before = world.rows()
    properties = world.run("r1")
    assert world.rows() == before
    counts = {name: properties[f"compaction.{name}"] for name in ("partitions", "rows", "files_in", "files_out")}
    assert counts == {"partitions": "2", "rows": "12", "files_in": "6", "files_out": "2"}
    assert (properties["file_presence"], properties["file_presence.count"]) == ("true", "6")
    assert world.files("orders/_compacted/r1/") == [
        f"orders/_compacted/r1/day=0{day}/part-0000{day - 1}-00-000.snappy.parquet" for day in (1, 2)
    ]
    assert len(world.files("orders/day=")) == 6


def test_statistics_are_those_of_the_new_files(world: CompactionWorld) -> None:
    """README, "Statistics": recordCount, objectCount, averageRecordSize, sizeKey; others are kept."""
    world.run("r1")
    partition = world.glue.partitions["orders"][("01",)]["Parameters"]
    table = world.glue.tables["orders"]["Parameters"]
    sizes = {key.split("/")[3]: len(world.s3.objects["lake", key]) for key in world.files("orders/_compacted/r1/")}
    assert partition["mine"] == "kept"
    assert (partition["recordCount"], partition["objectCount"]) == ("6", "1")
    assert int(partition["sizeKey"]) == sizes["day=01"]
    assert int(partition["averageRecordSize"]) == sizes["day=01"] // 6
    assert (table["recordCount"], table["objectCount"], table["sizeKey"]) == ("12", "2", str(sum(sizes.values())))


def test_replaced_files_are_deleted_by_a_run_after_the_grace_period(world: CompactionWorld) -> None:
    """GraceHours: queries that are still reading the old files can finish."""
    before = world.rows()
    world.run("r1")
    world.later(hours=23)
    assert world.run("r2")["file_presence"] == "false"
    assert len(world.files("orders/day=")) == 6
    world.later(hours=25)
    world.run("r3")
    assert world.files("orders/day=") == []
    assert world.rows() == before
    assert not [key for key in world.s3.objects if "/claims/" in key[1] or "/outputs/" in key[1]]


def test_never_means_never(world: CompactionWorld) -> None:
    """GraceHours -1: the replaced files stay."""
    world.run("r1", grace_hours="never")
    world.later(hours=10_000)
    world.run("r2", grace_hours="never")
    assert len(world.files("orders/day=")) == 6


def test_a_compacted_partition_is_not_compacted_again(world: CompactionWorld) -> None:
    """README: runs are incremental; a partition waits for new files."""
    world.run("r1")
    properties = world.run("r2")
    assert properties["file_presence"] == "false"
    assert properties["file_presence.reason"] == "no partition of sales.orders needs it (2 compacted already)"


def test_files_that_arrive_in_the_old_folder_are_added_by_the_next_run(world: CompactionWorld) -> None:
    """README, "Files that arrive later": a writer that knows only the old folder loses no rows."""
    before = world.rows()
    world.run("r1")
    late = [{"id": 9, "name": "late"}]
    world.put("orders/day=01/", {"late.parquet": parquet(late)})
    world.run("r2")
    expected = sorted([*before, (late[0], "01")], key=repr)
    assert world.rows() == expected
    for hours in (25, 50, 75):
        world.later(hours)
        world.run(f"r{hours}")
        assert world.rows() == expected
    assert world.files("orders/day=") == []
    assert len(world.files("orders/_compacted/")) == 2


def test_an_overwritten_file_is_an_error(world: CompactionWorld) -> None:
    """Whether its rows are new ones cannot be known: nothing is guessed (README, "Files that arrive later")."""
    world.run("r1")
    world.put("orders/day=01/", {"0.parquet": parquet([{"id": 1, "name": "changed"}])})
    with pytest.raises(OverwrittenFile, match=r"day=01/0\.parquet was overwritten after its rows were compacted"):
        world.look("r2")
    world.glue.runs["r2"] = "COMPLETED"
    world.later(hours=25)
    with pytest.raises(OverwrittenFile):
        world.look("r3")
    assert "orders/day=01/0.parquet" in world.files()


def test_only_partitions_that_need_it_are_compacted(world: CompactionWorld) -> None:
    """MinimumFiles, SmallFilePercent, QuietMinutes: the reason of each is in the marker."""
    world.add_partition("03", {"a.parquet": parquet([{"id": 1, "name": "x"}])})
    big = b"x" * (1 << 20)
    world.add_partition("04", {"a": big, "b": big, "c": b"x", "d": b"x"})
    world.add_partition("05", {})
    assert world.look("r1", minimum_files="4", small_percent="51").reason == (
        "no partition of sales.orders needs it (4 few files, 1 few of its files are small)"
    )
    marker = world.look("r2", quiet_minutes="99999999")
    assert "3 its newest file is too new" in marker.reason
    assert world.look("r3", small_percent="51").count == 6
    assert world.look("r3", partition_filter="day = '01'").present


def test_the_lock_refuses_a_second_run(world: CompactionWorld) -> None:
    """Two runs of one workflow at once: the second one fails before it touches anything (README)."""
    world.look("r1")
    objects = dict(world.s3.objects)
    with pytest.raises(DestinationLocked, match="is locked by the run r1"):
        world.look("r2")
    assert world.s3.objects == objects


@pytest.mark.parametrize(
    ("parameters", "changes", "message"),
    [
        ({}, {"may_change": "false"}, "made by another program. To compact it in place set ChangeForeignTable"),
        ({"glueprint.compaction.workflow": "other"}, {}, "is compacted by the workflow other"),
        ({"glueprint.workflow": "daily"}, {}, "belongs to the workflow daily"),
    ],
)
def test_tables_of_others_are_refused(parameters: dict[str, str], changes: dict[str, str], message: str) -> None:
    """ChangeForeignTable: a user's table is changed with the user's consent, another workflow's never."""
    world = CompactionWorld(parameters=parameters)
    world.fill()
    objects = dict(world.s3.objects)
    with pytest.raises(NotAllowed, match=message):
        world.look("r1", **changes)
    assert world.s3.objects == objects


def test_its_own_table_needs_no_second_consent(world: CompactionWorld) -> None:
    """The mark glueprint.compaction.workflow is the consent of the first run."""
    world.run("r1")
    assert world.look("r2", may_change="false").reason


@pytest.mark.parametrize(
    ("parameters", "storage", "message"),
    [
        ({"table_type": "ICEBERG"}, {}, "it is a table of ICEBERG"),
        ({"projection.enabled": "true"}, {}, "its partitions are projected"),
        ({}, {"BucketColumns": ["id"]}, "it is bucketed"),
        ({}, {"InputFormat": "org.apache.hudi.hadoop.HoodieParquetInputFormat"}, "cannot be rewritten"),
        ({}, {"SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.RegexSerDe"}}, "RegexSerDe"),
    ],
)
def test_what_is_not_a_table_of_files_is_refused(
    parameters: dict[str, str], storage: dict[str, Any], message: str
) -> None:
    """README, "When not": their files are not what their folders contain."""
    world = CompactionWorld(parameters=parameters)
    world.glue.tables["orders"]["StorageDescriptor"].update(storage)
    world.fill()
    with pytest.raises(UnsupportedTable, match=message):
        world.look("r1")


def test_a_partition_that_changes_meanwhile_is_left_as_it_is(world: CompactionWorld) -> None:
    """README: a file that arrives between the look and the switch is neither lost nor hidden."""
    world.look("r1")
    world.put("orders/day=01/", {"new.parquet": parquet([{"id": 7, "name": "new"}])})
    before = world.rows()
    properties = world.compact("r1")
    assert (properties["compaction.partitions"], properties["compaction.skipped"]) == ("1", "1")
    assert world.rows() == before
    world.glue.runs["r1"] = "COMPLETED"
    world.later(hours=25)
    world.run("r2")
    assert world.rows() == before
    assert "orders/day=01/new.parquet" in world.files()
    assert world.files("orders/_compacted/r1/day=01/") == []


def test_bad_files_are_counted_and_nothing_is_changed(world: CompactionWorld) -> None:
    """All bad files at once, with their names; table and files stay as they are."""
    world.put("orders/day=01/", {"x.parquet": b"PAR1 no", "y.parquet": b"nothing"})
    world.look("r1")
    before = (world.glue.partitions["orders"], world.files("orders/day="))
    with pytest.raises(RewriteFailed, match="2 of 8 files cannot be rewritten; nothing was changed") as caught:
        world.compact("r1")
    assert "s3://lake/orders/day=01/x.parquet: not a Parquet file" in str(caught.value)
    assert (world.glue.partitions["orders"], world.files("orders/day=")) == before


def test_a_table_without_partitions_gets_a_new_location() -> None:
    """The table's own location is the switch; its old files are deleted later."""
    world = CompactionWorld(keys=False)
    world.put("orders/", {f"{n}.parquet": parquet([{"id": n, "name": "x"}]) for n in range(4)})
    before = world.rows()
    world.run("r1")
    assert world.rows() == before
    table = world.glue.tables["orders"]
    assert table["StorageDescriptor"]["Location"] == "s3://lake/orders/_compacted/r1/"
    assert (table["Parameters"]["recordCount"], table["Parameters"]["objectCount"]) == ("4", "1")
    world.put("orders/", {"late.parquet": parquet([{"id": 9, "name": "late"}])})
    world.run("r2")
    assert len(world.rows()) == 5
    world.later(hours=25)
    world.run("r3")
    assert len(world.rows()) == 5
    assert [key for key in world.files() if not key.endswith("_lock.json")] == [
        "orders/_compacted/r2/part-00000-00-000.snappy.parquet"
    ]


def test_rows_are_sorted_within_each_file(world: CompactionWorld) -> None:
    """SortColumns: ascending, names without case; nothing else changes."""
    before = world.rows()
    world.run("r1", sort_columns="name,id")
    assert world.rows() == before
    rows = world.read(world.s3.objects["lake", world.files("orders/_compacted/r1/")[0]])
    assert [row["id"] for row in rows] == [100, 110, 120, 101, 111, 121]


def test_what_the_format_cannot_do_is_refused(world: CompactionWorld) -> None:
    """SortColumns, Compression: every problem is named before anything is written."""
    world.glue.partitions["orders"][("01",)]["StorageDescriptor"] |= AVRO
    with pytest.raises(UnsupportedTable) as caught:
        world.look("r1", sort_columns="nope", compression="zstd")
    for problem in (
        "SortColumns: nope is not a column",
        "SortColumns: files of the format avro cannot be sorted",
        "Compression: avro files cannot have zstd, but keep",
    ):
        assert problem in str(caught.value)


def test_another_location_gets_a_copy(world: CompactionWorld) -> None:
    """DestinationLocation, DestinationTable: the table itself is not changed; the copy is published."""
    before, partitions = world.rows(), dict(world.glue.partitions["orders"])
    world.put("orders/day=02/", {"_SUCCESS": b"x"})
    properties = world.run("r1", destination="s3://lake/copy/", destination_table="copy", may_change="false")
    assert world.rows("copy") == before
    assert (world.rows(), world.glue.partitions["orders"]) == (before, partitions)
    assert properties["compaction.files_out"] == "2"
    assert world.glue.tables["copy"]["Parameters"]["glueprint.workflow"] == "tidy"


def disturbed(kill_before: int | None) -> tuple[CompactionWorld, bool]:
    """A world in which the second run of a workflow was killed, and whether it was."""
    world = CompactionWorld()
    world.fill()
    world.run("r1")
    world.put("orders/day=01/", {"late.parquet": parquet([{"id": 9, "name": "late"}])})
    world.add_partition("03", {f"{n}.parquet": parquet([{"id": n, "name": "x"}]) for n in range(2)})
    world.later(hours=25)  # the run also deletes what r1 has replaced
    countdown = Countdown(kill_before)
    try:
        world.look("r2", countdown)
        world.compact("r2", countdown)
    except Killed:
        return world, True
    return world, False


def test_killed_at_every_step_it_loses_and_doubles_nothing() -> None:
    """Before each change to S3 and Glue: a reader sees every row once, and a retry ends as if nothing was."""
    end, was_killed = disturbed(None)
    assert not was_killed
    expected, keys = end.rows(), end.files()
    late = ({"id": 9, "name": "late"}, "01")
    assert late in expected
    steps = 0
    for kill_before in range(1000):
        world, was_killed = disturbed(kill_before)
        if not was_killed:
            break
        steps += 1
        # The late row appears with the switch of its partition.
        assert world.rows() in (expected, [row for row in expected if row != late])
        if "r2" not in world.glue.properties:  # killed in the first job, which is repeated
            world.look("r2")
        world.compact("r2")
        assert world.rows() == expected
        assert set(keys) <= set(world.files())
    assert steps > 15


def test_killed_at_every_step_and_never_repeated_the_next_run_finishes_it() -> None:
    """A run that dies leaves nothing that the next runs do not clear away (README, "Killed runs")."""
    for kill_before in range(0, 1000, 2):
        world, was_killed = disturbed(kill_before)
        if not was_killed:
            break
        world.glue.runs["r2"] = "ERROR"
        for hours in (0, 26, 52, 78):
            world.later(hours)
            world.run(f"r-{hours}")
        assert len(world.rows()) == 15
        assert world.files("orders/day=") == []
        assert len([key for key in world.files("orders/_compacted/") if key.endswith(".parquet")]) == 3
