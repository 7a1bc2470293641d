"""conversion, disturbed: killed before every change, two runs at once, folders and tables of others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conversion_world import ConversionWorld
from fake_catalogue import Countdown, Killed, all_keys
from fake_s3 import FakeS3

from glue_jobs.common import pieces
from glue_jobs.common.publishing import NotOwned
from glue_jobs.common.run_lock import DestinationLocked, acquire_lock, release_lock
from glue_jobs.common.source_rounds import ReadingFailed


def visible(world: ConversionWorld) -> list[Any]:
    """What a reader finds through the catalogue, partition by partition."""
    rows = []
    for values, partition in sorted(world.glue.partitions["orders"].items()):
        bucket, _, prefix = partition["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
        keys = [
            entry["Key"] for entry in world.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        ]
        rows.append((values, tuple(len(world.s3.objects[bucket, key]) for key in keys)))
    return rows


def test_killed_before_any_change_and_run_again_it_ends_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """README: "A run that is killed ... leaves it as it was or completes it", for each reader."""
    monkeypatch.setattr(pieces, "MIN_GROUP_BYTES", 1)  # a task for each file
    expected: tuple[Any, ...] | None = None
    for kill_before in [None, *range(1000)]:
        world = ConversionWorld(FakeS3(), monkeypatch, maximum_bad_records="1")
        world.put("day=1/a.csv", "id,name\n1,x\n")
        world.put("day=2/a.csv", "id,name\n2,y\n")
        world.look("wr_1")
        world.convert("wr_1")
        world.s3.delete_object(Bucket="landing", Key="in/day=2/a.csv")
        world.put("day=1/a.csv", "id,name\n5,x\n6,a longer text\n")
        world.put("day=3/a.csv", "id,name\n7,z\n8,v,w\n")
        world.look("wr_2")
        before, seen_before = world.rows(), visible(world)
        countdown = Countdown(kill_before)
        was_killed = False
        try:
            world.convert("wr_2", countdown)
        except Killed:
            was_killed = True
            if expected:
                assert world.rows() in (before, expected[0])
                for part in visible(world):
                    assert part in seen_before or part in expected[3]
            world.convert("wr_2")
        counts = {name: world.count("wr_2", name) for name in ("rows", "files_in", "files_out", "bad_records")}
        ended = (world.rows(), all_keys(world.s3, "lake"), counts, visible(world), world.bad("wr_2"))
        if expected is None:
            expected = ended
            assert [row["id"] for row in ended[0]] == [5, 6, 7]
            assert counts == {"rows": 3, "files_in": 2, "files_out": 3, "bad_records": 1}
            continue
        assert ended == expected
        if not was_killed:
            assert kill_before is not None
            assert kill_before >= 12
            return


def test_a_second_run_at_the_same_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails before it touches anything; when the first one has ended, it may start (README)."""
    world = ConversionWorld(FakeS3(), monkeypatch)
    world.put("a.csv", "id\n1\n")
    world.look("wr_1")
    monkeypatch.setattr(world.glue, "get_workflow_run", lambda **_: {"Run": {"Status": "RUNNING"}}, raising=False)
    before = all_keys(world.s3, "lake")
    with pytest.raises(DestinationLocked):
        world.look("wr_2")
    assert all_keys(world.s3, "lake") == before
    world.convert("wr_1")
    assert release_lock(world.s3, "s3://lake/out/", "daily", "wr_1")
    world.look("wr_2")
    with pytest.raises(DestinationLocked):
        world.convert("wr_1")
    world.convert("wr_2")


def test_tables_and_folders_of_others_are_never_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that the workflow did not make, and another workflow's destination, are refused before any write."""
    world = ConversionWorld(FakeS3(), monkeypatch)
    world.put("a.csv", "id\n1\n")
    world.look("wr_1")
    world.glue.tables["orders"] = {"Name": "orders", "Parameters": {}, "PartitionKeys": []}
    countdown = Countdown()
    with pytest.raises(NotOwned):
        world.convert("wr_1", countdown)
    assert countdown.count == 0
    world.convert("wr_1", table="other")
    release_lock(world.s3, "s3://lake/out/", "daily", "wr_1")
    acquire_lock(world.s3, world.glue, "s3://lake/out/", "another", "wr_9")
    world.glue.properties["wr_9"] = world.glue.properties["wr_1"]
    with pytest.raises(NotOwned):
        world.convert("wr_9", WORKFLOW_NAME="another", table="third")


def test_without_files_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """OnMissing=continue: the job reads the marker and ends; no lock is left (README)."""
    world = ConversionWorld(FakeS3(), monkeypatch)
    world.put("folder/", "")
    world.put("_hidden.csv", "id\n1\n")
    marker = world.look("wr_1")
    assert (marker.present, marker.reason) == (False, "no file is there")
    countdown = Countdown()
    world.convert("wr_1", countdown)
    assert countdown.count == 0
    assert all_keys(world.s3, "lake") == set()
    assert world.report("wr_1")[-1] == "result       nothing converted: no file is there"


def test_without_a_database_there_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """DestinationDatabase is optional."""
    world = ConversionWorld(FakeS3(), monkeypatch)
    world.put("a.csv", "id\n1\n")
    assert world.run(database="", table="") == [{"id": 1}]
    assert world.glue.tables == {}


@pytest.mark.parametrize("number_of_files", [700, pytest.param(20_000, marks=pytest.mark.catalogue)])
def test_many_files_with_strange_names(monkeypatch: pytest.MonkeyPatch, number_of_files: int) -> None:
    """Names with spaces, unicode, =, % and +; tasks of at most 1,000 files; each file's rows once."""
    world = ConversionWorld(FakeS3(), monkeypatch)
    for number in range(number_of_files):
        world.put(f"a b/é+%{number % 7}/x=y%2F&+{number % 100}/{number} =.csv", f"id\n{number}\n")
    world.look("wr_1", file_pattern="**/*.csv")
    world.convert("wr_1", schema="id bigint")
    ids = [row["id"] for row in world.rows()]
    assert sorted(ids) == list(range(number_of_files))
    assert len(ids) == number_of_files
    published = json.loads(world.s3.objects["lake", "out/_published.json"])
    assert {part["values"][0] for part in published["parts"]} == {f"y/&+{number}" for number in range(100)}


def test_folders_are_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Location's folders (README): values as they are, an empty one is Hive's; keys that differ fail the run."""
    world = ConversionWorld(FakeS3(), monkeypatch)
    world.put("Year=2024/city=New%20York/a.csv", "id\n1\n")
    world.put("year=2024/city=/a.csv", "id\n2\n")
    assert world.run() == [
        {"id": 1, "year": "2024", "city": "New York"},
        {"id": 2, "year": "2024", "city": "__HIVE_DEFAULT_PARTITION__"},
    ]
    world.put("year=2024/a.csv", "id\n3\n")
    with pytest.raises(ReadingFailed, match=r"different keys: year, city \(.*\); year \("):
        world.run("wr_2")
    world.s3.objects = {key: body for key, body in world.s3.objects.items() if key[0] != "landing"}
    world.put("a=1/a=2/x.csv", "id\n1\n")
    with pytest.raises(ReadingFailed, match="Folders name a key twice: a, a"):
        world.run("wr_3")
