"""The loading job: exactly the manifest's files, and never half an answer, wherever it is killed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_catalogue import Countdown, FakeCatalogue, Killed, Mortal, all_keys, query
from fake_s3 import FakeS3
from hypothesis import given, settings
from hypothesis import strategies as st

from glue_jobs.common.crawled_table import UnusableTable
from glue_jobs.common.input_files import choose
from glue_jobs.common.manifest import FrozenFile, Manifest, manifest_from_json, write_manifest
from glue_jobs.common.presence import Marker, MarkerMissing, put_marker
from glue_jobs.common.publishing import NotOwned
from glue_jobs.file_presence import load

Columns = Sequence[tuple[str, str]]
COLUMNS = [("flight", "bigint"), ("carrier", "string"), ("delay", "double")]
KEYS = [("year", "string"), ("month", "string")]


def crawled(columns: Columns, keys: Columns, kind: str = "csv") -> dict[str, Any]:
    """A table as the crawler leaves it (docs/facts/crawlers.md#what-a-crawl-writes)."""
    return {
        "Name": "source_in",
        "PartitionKeys": [{"Name": name, "Type": hive} for name, hive in keys],
        "Parameters": {"classification": kind, "skip.header.line.count": "1", "delimiter": ","},
        "StorageDescriptor": {
            "Location": "s3://landing/in/",
            "Columns": [{"Name": name, "Type": hive} for name, hive in columns],
            "SerdeInfo": {"Parameters": {"field.delim": ","}},
        },
    }


class World:
    """A landing bucket, a catalogue, and runs of the loading job."""

    def __init__(self, s3: Any, columns: Columns = COLUMNS, **options: Any) -> None:
        self.s3 = s3
        self.glue = FakeCatalogue()
        table = crawled(columns, options.get("keys", KEYS), options.get("kind", "csv"))
        self.glue.tables["source_in"] = table

    def put(self, key: str, body: str | bytes) -> None:
        """A file of the source."""
        self.s3.put_object(Bucket="landing", Key="in/" + key, Body=body)

    def look(self, run: str) -> None:
        """What the first job leaves: a manifest and a marker."""
        listing = self.s3.list_objects_v2(Bucket="landing", Prefix="in/").get("Contents", [])
        files = tuple(choose(listing, "in/", "*"))
        place = f"s3://scripts/{run}.json"
        write_manifest(self.s3, place, Manifest("s3://landing/in/", "landing", "now", files))
        marker = Marker(True, len(files), 1, "then", "now", "s3://landing/in/", "", place)
        put_marker(self.glue, "daily", run, marker)

    def load(self, run: str, countdown: Countdown | None = None, **changes: str) -> None:
        """One attempt of the loading job; tasks run one after another."""
        arguments = {
            "WORKFLOW_NAME": "daily",
            "WORKFLOW_RUN_ID": run,
            "aws_region": "us-east-1",
            "crawled_prefix": "source_",
            "database": "flights",
            "table": "flights",
            "destination": "s3://lake/flights",
            "partition_keys": "",
            "load_mode": "replace",
            "minimum_rows": "0",
            "maximum_rejects": "0",
            "quarantine": "",
            **changes,
        }
        countdown = countdown or Countdown()

        def one_by_one(
            task: Callable[[load.Group], load.GroupResult], groups: Sequence[load.Group]
        ) -> list[load.GroupResult]:
            results = []
            for group in groups:
                countdown.step()
                results.append(task(group))
            return results

        load.load(Mortal(self.s3, countdown), Mortal(self.glue, countdown), arguments, one_by_one)

    def rows(self) -> list[tuple[Any, ...]]:
        """The destination's rows, sorted."""
        return sorted((tuple(row.values()) for row in query(self.s3, self.glue, "flights")), key=repr)


@pytest.fixture
def world(s3: Any) -> World:
    """Two months of flights in three files."""
    made = World(s3)
    made.put("year=2013/month=01/a.csv", "Flight,Carrier,Delay\n1,UA,2.5\n2,,\n")
    made.put("year=2013/month=01/b.csv", "flight,carrier,delay\n3,AA,-1\n")
    made.put("year=2013/month=02/a.csv", 'delay,flight,carrier\n7,4,"B,6"\n')
    return made


FIRST = [
    (1, "UA", 2.5, "2013", "01"),
    (2, "", None, "2013", "01"),
    (3, "AA", -1.0, "2013", "01"),
    (4, "B,6", 7.0, "2013", "02"),
]


def test_the_manifests_rows_are_loaded_with_the_crawlers_types(world: World) -> None:
    """CSV values get the crawled column's type, whatever the header's case and order."""
    world.look("wr_1")
    world.load("wr_1")
    assert world.rows() == FIRST
    assert world.glue.properties["wr_1"]["file_presence.rows"] == "4"
    table = world.glue.tables["flights"]
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == KEYS
    assert [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]] == COLUMNS


def test_files_that_came_later_are_not_loaded(world: World) -> None:
    """Exactly the manifest's files."""
    world.look("wr_1")
    world.put("year=2013/month=02/late.csv", "flight,carrier,delay\n9,XX,9\n")
    world.load("wr_1")
    assert world.rows() == FIRST


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_a_file_that_changed_since_is_refused(world: World, change: str) -> None:
    """What was frozen is loaded or nothing is."""
    world.look("wr_1")
    key = "in/year=2013/month=02/a.csv"
    if change == "deleted":
        world.s3.delete_object(Bucket="landing", Key=key)
    else:
        world.s3.put_object(Bucket="landing", Key=key, Body=b"flight,carrier,delay\n5,ZZ,1\n")
    with pytest.raises(load.LoadFailed, match=r"month=02/a.csv was (changed|deleted) after it was found"):
        world.load("wr_1")
    assert "flights" not in world.glue.tables


def test_every_bad_file_is_reported_at_once(world: World) -> None:
    """A value that is not of the crawled type fails the load with file and row; nothing is published."""
    world.put("year=2013/month=03/x.csv", "flight,carrier,delay\n1,UA,2\nten,UA,2\n")
    world.put("year=2013/month=03/y.csv", "flight,carrier,delay,gate\n1,UA,2,B\n")
    world.look("wr_1")
    with pytest.raises(load.LoadFailed) as caught:
        world.load("wr_1")
    message = str(caught.value)
    assert message.startswith("2 files could not be loaded")
    assert "month=03/x.csv" in message
    assert "'ten'" in message
    assert "month=03/y.csv: the table has no column gate" in message
    assert "flights" not in world.glue.tables


def test_the_table_shows_the_last_load_and_only_it(world: World) -> None:
    """A load replaces the one before: partitions appear, change and vanish
    (docs/decisions/publishing-a-load.md)."""
    world.look("wr_1")
    world.load("wr_1")
    world.s3.delete_object(Bucket="landing", Key="in/year=2013/month=02/a.csv")
    world.put("year=2013/month=03/a.csv", "flight,carrier,delay\n8,UA,0\n")
    world.look("wr_2")
    world.load("wr_2")
    assert world.rows() == [*FIRST[:3], (8, "UA", 0.0, "2013", "03")]


def test_only_the_load_before_the_last_is_kept(world: World) -> None:
    """Queries that still read the previous load finish; older data goes (docs/decisions/publishing-a-load.md)."""
    for run in ("wr_1", "wr_2", "wr_3"):
        world.look(run)
        world.load(run)
    runs = {key.split("/")[1] for key in all_keys(world.s3, "lake") if "/run=" in key}
    assert runs == {"run=wr_2", "run=wr_3"}


def test_data_of_others_is_never_deleted(world: World) -> None:
    """Only folders that a load of this blueprint claimed are ever deleted
    (docs/decisions/publishing-a-load.md)."""
    world.s3.put_object(Bucket="lake", Key="flights/run=7/mine.txt", Body=b"mine")
    for run in ("wr_1", "wr_2", "wr_3"):
        world.look(run)
        world.load(run)
    assert "flights/run=7/mine.txt" in all_keys(world.s3, "lake")


def test_a_load_killed_before_any_change_and_done_again_ends_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wherever it is killed, doing it again ends with the rows and objects of a load never killed."""
    monkeypatch.setattr(load, "MIN_GROUP_BYTES", 1)  # a task for each file
    monkeypatch.setattr(load, "aws_client", lambda service, region: world.s3)
    expected: tuple[Any, ...] | None = None
    for kill_before in [None, *range(1000)]:
        world = World(FakeS3())
        world.put("year=2013/month=01/a.csv", "flight,carrier,delay\n1,UA,1\n")
        world.put("year=2013/month=02/a.csv", "flight,carrier,delay\n2,UA,2\n")
        for run in ("wr_1", "wr_2"):
            world.look(run)
            world.load(run)
        world.s3.delete_object(Bucket="landing", Key="in/year=2013/month=02/a.csv")
        world.put("year=2013/month=01/a.csv", "flight,carrier,delay\n5,UA,5\n6,UA,6\n")
        world.put("year=2013/month=03/a.csv", "flight,carrier,delay\n7,UA,7\n")
        world.look("wr_3")
        countdown = Countdown(kill_before)
        before = world.rows()
        try:
            world.load("wr_3", countdown)
            was_killed = False
        except Killed:
            was_killed = True
            for month in ("01", "02", "03"):
                # In between a query sees each partition whole: as it was, or as it will be.
                seen = [row for row in world.rows() if row[-1] == month]
                old = [row for row in before if row[-1] == month]
                new = [row for row in expected[0] if row[-1] == month] if expected else []
                assert seen in (old, new)
            world.load("wr_3")
        ended = (world.rows(), all_keys(world.s3, "lake"), world.glue.properties["wr_3"]["file_presence.rows"])
        if expected is None:
            expected = ended
            assert len(expected[0]) == 3
            continue
        assert ended == expected
        if not was_killed:
            assert kill_before is not None
            assert kill_before >= 10
            return


def test_a_load_killed_and_never_done_again_leaves_nothing_behind_the_next(world: World) -> None:
    """The next run's load clears away what a killed one claimed (docs/decisions/publishing-a-load.md)."""
    for run, kill_before in (("wr_1", None), ("wr_2", 2), ("wr_3", None)):
        world.look(run)
        try:
            world.load(run, Countdown(kill_before))
        except Killed:
            assert run == "wr_2"
    assert not [key for key in all_keys(world.s3, "lake") if "wr_2" in key]
    assert world.rows() == FIRST


def test_a_false_marker_loads_nothing(world: World) -> None:
    """With OnMissing=continue the load sees the marker and ends; nothing is written."""
    put_marker(world.glue, "daily", "wr_1", Marker(False, 0, 0, "", "now", "s3://landing/in/", "none there", ""))
    countdown = Countdown()
    world.load("wr_1", countdown)
    assert countdown.count == 0
    assert all_keys(world.s3, "lake") == set()


def test_a_missing_marker_is_an_error(world: World) -> None:
    """No job looked: that is not the same as "false"."""
    world.glue.runs["wr_1"] = "RUNNING"
    with pytest.raises(MarkerMissing):
        world.load("wr_1")


def test_a_table_of_another_owner_is_never_replaced(world: World) -> None:
    """A table that this workflow did not make is refused before anything is written
    (docs/decisions/publishing-a-load.md)."""
    world.look("wr_1")
    world.glue.tables["flights"] = {"Name": "flights", "Parameters": {}, "PartitionKeys": []}
    countdown = Countdown()
    with pytest.raises(NotOwned, match="was not made by this blueprint"):
        world.load("wr_1", countdown)
    assert countdown.count == 0


def test_a_folder_of_another_owner_is_never_replaced(world: World) -> None:
    """Two workflows with one destination folder would delete one another's data
    (docs/decisions/publishing-a-load.md)."""
    world.look("wr_1")
    world.load("wr_1")
    world.look("wr_2")
    with pytest.raises(NotOwned, match="holds the data of the workflow daily"):
        world.load("wr_2", WORKFLOW_NAME="other", table="other")


def test_chosen_columns_become_partitions(world: World) -> None:
    """PartitionKeys may be columns of the files; the folders' keys then become columns (blueprint.cfg)."""
    world.look("wr_1")
    world.load("wr_1", partition_keys="carrier,flight")
    rows = {(row["carrier"], row["flight"]): row for row in query(world.s3, world.glue, "flights")}
    assert rows[("B,6", "4")] == {"delay": 7.0, "year": "2013", "month": "02", "carrier": "B,6", "flight": "4"}
    assert ("__HIVE_DEFAULT_PARTITION__", "2") in rows
    assert len(rows) == 4


def test_wrong_partition_keys_are_reported_at_once(world: World) -> None:
    """Every key that cannot be one is named, before anything is written."""
    world.look("wr_1")
    with pytest.raises(load.LoadFailed) as caught:
        world.load("wr_1", partition_keys="nope,delay,carrier,carrier")
    for problem in ("nope is not a column", "delay is of type double", "carrier is given twice"):
        assert problem in str(caught.value)


def test_a_source_without_folders_is_one_table_without_partitions(s3: Any) -> None:
    """Without partitions the table's own location is switched (docs/decisions/publishing-a-load.md)."""
    world = World(s3, keys=[])
    world.put("a.csv", "flight,carrier,delay\n1,UA,2\n")
    for run in ("wr_1", "wr_2"):
        world.look(run)
        world.load(run)
    assert world.rows() == [(1, "UA", 2.0)]
    assert world.glue.tables["flights"]["StorageDescriptor"]["Location"] == "s3://lake/flights/run=wr_2/"


def test_parquet_is_loaded_and_missing_columns_are_null(s3: Any) -> None:
    """Parquet keeps its values; a column that a file lacks is null; names match without case."""
    world = World(s3, [("flight", "int"), ("at", "timestamp"), ("tags", "array<string>")], kind="parquet", keys=[])
    at = datetime(2013, 1, 1, 5, 15, tzinfo=UTC)
    first = pa.table({"Flight": pa.array([1], pa.int64()), "at": pa.array([at], pa.timestamp("ns", "UTC"))})
    second = pa.table({"flight": pa.array([2], pa.int32()), "tags": [["x", "y"]]})
    for name, table in (("a.parquet", first), ("b.parquet", second)):
        body = io.BytesIO()
        pq.write_table(table, body)
        world.put(name, body.getvalue())
    world.look("wr_1")
    world.load("wr_1")
    assert query(s3, world.glue, "flights") == [
        {"flight": 1, "at": at.replace(tzinfo=None), "tags": None},
        {"flight": 2, "at": None, "tags": ["x", "y"]},
    ]


def test_compressed_csv_is_read(s3: Any) -> None:
    """The name's ending tells the compression, as it tells Spark (Arrow, open_csv)."""
    import gzip

    world = World(s3, keys=[])
    world.put("a.csv.gz", gzip.compress(b"flight,carrier,delay\n1,UA,2\n"))
    world.look("wr_1")
    world.load("wr_1")
    assert world.rows() == [(1, "UA", 2.0)]


def test_several_crawled_tables_are_an_error(world: World) -> None:
    """One location, one table: otherwise the message says that the files do not look alike (README)."""
    table = world.glue.tables.pop("source_in")
    for part in ("a", "b"):
        name = f"source_{part}"
        storage = {**table["StorageDescriptor"], "Location": f"s3://landing/in/{part}/"}
        world.glue.tables[name] = {**table, "Name": name, "StorageDescriptor": storage}
    world.look("wr_1")
    with pytest.raises(UnusableTable, match=r"several tables .*source_a, source_b"):
        world.load("wr_1")


ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
        st.text('a"b,;é\n ', max_size=5),
        st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    ),
    min_size=1,
    max_size=8,
)


@given(st.dictionaries(st.tuples(st.sampled_from(["01", "02"]), st.sampled_from("abc")), ROWS, min_size=1))
@settings(max_examples=40, deadline=None)
def test_any_rows_arrive_as_they_were(files: dict[tuple[str, str], list[tuple[Any, ...]]]) -> None:
    """What Python's csv wrote is what a query of the table reads, whatever the texts hold."""
    world = World(FakeS3())
    expected = []
    for (month, name), rows in files.items():
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL if name == "a" else csv.QUOTE_MINIMAL)
        writer.writerows([("flight", "carrier", "delay"), *rows])
        world.put(f"year=2013/month={month}/{name}.csv", text.getvalue())
        expected += [(*row, "2013", month) for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "aws_client", lambda service, region: world.s3)
        world.look("wr_1")
        world.load("wr_1")
    assert sorted(world.rows(), key=repr) == sorted(expected, key=repr)


FILES = st.lists(
    st.builds(
        FrozenFile,
        key=st.builds("in/{}/{}".format, st.sampled_from("abc"), st.integers(0, 10**6)),
        size=st.integers(1, 50 << 20),
        etag=st.just("e"),
        modified=st.just("t"),
    ),
    max_size=60,
    unique_by=lambda file: file.key,
)


@given(FILES)
def test_groups_hold_every_file_once_in_order(files: list[FrozenFile]) -> None:
    """No file is lost or doubled, no group but one of a single file is over 128 MB (load.group_files)."""
    groups = load.group_files(files)
    assert [file for group in groups for file in group.files] == sorted(files, key=lambda file: file.key)
    assert [group.number for group in groups] == list(range(len(groups)))
    for group in groups:
        assert len(group.files) == 1 or sum(file.size for file in group.files) <= load.MAX_GROUP_BYTES
    assert load.group_files(list(reversed(files))) == groups


@given(FILES, st.text())
def test_a_manifest_survives_its_json(files: list[FrozenFile], text: str) -> None:
    """What was frozen is what is read (manifest.Manifest)."""
    manifest = Manifest(text, "b", text, tuple(files))
    assert manifest_from_json(manifest.to_json()) == manifest


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": [{"key": "a"}]}', "null"])
def test_a_broken_manifest_is_refused(text: str) -> None:
    """Garbage is a ValueError, nothing else (manifest.manifest_from_json)."""
    with pytest.raises(ValueError):
        manifest_from_json(text)
