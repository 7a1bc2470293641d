"""``partitioning``: every row once, in its partition, in few files, wherever a run is killed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from compaction_world import CSV, JSON_LINES, ORC, PARQUET, parquet
from fake_catalogue import Countdown, FakeCatalogue, Killed, Mortal, all_keys, query
from fake_s3 import FakeS3
from hypothesis import given, settings
from hypothesis import strategies as st

from glue_jobs.common import repartitioning, row_spill
from glue_jobs.common.partition_scheme import BadScheme
from glue_jobs.common.projected_view import NotProjectable
from glue_jobs.common.repartitioning import plan_files
from glue_jobs.common.rewriting import RewriteFailed
from glue_jobs.common.row_spill import SpillRange
from glue_jobs.common.run_lock import DestinationLocked
from glue_jobs.common.source_table import UnsupportedTable
from glue_jobs.partitioning import look, partition

COLUMNS = [("id", "bigint"), ("carrier", "string"), ("at", "timestamp"), ("price", "decimal(10,2)")]
SCHEMA = pa.schema(
    [("id", pa.int64()), ("carrier", pa.string()), ("at", pa.timestamp("us")), ("price", pa.decimal128(10, 2))]
)
ARGUMENTS = {
    "WORKFLOW_NAME": "cut",
    "aws_region": "us-east-1",
    "database": "sales",
    "table": "orders",
    "partition_filter": "",
    "partition_columns": "carrier",
    "timestamp_column": "",
    "granularity": "day",
    "destination": "s3://lake/cut/",
    "destination_database": "sales",
    "destination_table": "cut",
    "target_megabytes": "1",
    "compression": "snappy",
    "maximum_partitions": "1000",
    "projection": "false",
    "partition_index": "false",
    "on_missing": "skip",
    "manifest_folder": "s3://scripts/glueprint/manifests/cut/",
}


def rows(count: int = 12) -> list[dict[str, Any]]:
    """Rows of three carriers and one without."""
    carriers = ["UA", "AA", "B6", None]
    return [
        {"id": n, "carrier": carriers[n % 4], "at": datetime(2013, 1 + n % 2, 1 + n % 3, n % 24), "price": None}
        for n in range(count)
    ]


class PartitioningWorld:
    """The table ``sales.orders``, and runs of ``partitioning`` that write ``sales.cut``."""

    def __init__(self, storage: dict[str, Any] = PARQUET, columns: Any = COLUMNS, keys: Any = ()) -> None:
        self.s3 = FakeS3()
        self.glue = FakeCatalogue()
        self.arguments = dict(ARGUMENTS)
        described = [{"Name": name, "Type": kind} for name, kind in columns]
        table = {
            "Name": "orders",
            "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in keys],
            "StorageDescriptor": {**storage, "Columns": described, "Location": "s3://lake/orders/"},
        }
        self.glue.create_table("sales", table)

    def put(self, name: str, body: bytes, values: Sequence[str] = ()) -> None:
        """A file, in a partition that is made if it is not there."""
        folder = "orders/" + "".join(f"{value}/" for value in values)
        self.s3.put_object(Bucket="lake", Key=folder + name, Body=body)
        if values and tuple(values) not in self.glue.partitions["orders"]:
            storage = {**self.glue.tables["orders"]["StorageDescriptor"], "Location": f"s3://lake/{folder}"}
            entry = {"Values": list(values), "StorageDescriptor": storage, "Parameters": {}}
            self.glue.batch_create_partition("sales", "orders", [entry])

    def look(self, run: str, **changes: str) -> Any:
        """The first job; the marker."""
        self.glue.runs[run] = "RUNNING"
        arguments = {**self.arguments, "WORKFLOW_RUN_ID": run, **changes}
        return look.look(self.s3, self.glue, arguments, datetime(2024, 1, 1, tzinfo=UTC))

    def partition(self, run: str, countdown: Countdown | None = None, **changes: str) -> None:
        """An attempt of the second job."""
        countdown = countdown or Countdown()

        def one_by_one(task: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
            return [task(item) for item in items]

        with pytest.MonkeyPatch.context() as patch:
            s3 = Mortal(self.s3, countdown)
            patch.setattr(repartitioning, "aws_client", lambda service, region: s3)
            arguments = {**self.arguments, "WORKFLOW_RUN_ID": run, **changes}
            partition.partition(s3, Mortal(self.glue, countdown), arguments, one_by_one)

    def run(self, run: str, **changes: str) -> dict[str, str]:
        """A run that ends; its properties."""
        self.look(run, **changes)
        self.partition(run, **changes)
        self.glue.runs[run] = "COMPLETED"
        return self.glue.properties[run]

    def rows(self) -> list[dict[str, Any]]:
        """The result's rows with their partition's values, by id."""
        return sorted(query(self.s3, self.glue, "cut"), key=lambda row: (row["id"] is None, row["id"]))


@pytest.fixture
def world() -> PartitioningWorld:
    """Twelve rows in three files."""
    made = PartitioningWorld()
    for number in range(3):
        made.put(f"{number}.parquet", parquet(rows()[number::3], SCHEMA))
    return made


def with_null_folder(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as a query returns them: a value of a key is text, none is Hive's default partition."""
    return [{**row, "carrier": row["carrier"] or "__HIVE_DEFAULT_PARTITION__"} for row in found]


def test_each_row_is_in_its_partition_and_each_partition_is_one_file(world: PartitioningWorld) -> None:
    """PartitionColumns: the columns move to the folders; rows without a value to the default partition."""
    properties = world.run("r1")
    assert world.rows() == with_null_folder(rows())
    counts = {name: properties[f"partitioning.{name}"] for name in ("rows", "files_in", "files_out", "partitions")}
    assert counts == {"rows": "12", "files_in": "3", "files_out": "4", "partitions": "4"}
    assert not [key for key in all_keys(world.s3, "lake") if "_spill" in key or "_lock" in key]
    assert world.glue.tables["cut"]["Parameters"]["recordCount"] == "12"


@pytest.mark.parametrize(
    ("granularity", "keys"),
    [("year", ["year"]), ("month", ["year", "month"]), ("hour", ["year", "month", "day", "hour"])],
)
def test_a_timestamp_makes_year_month_day_hour(
    world: PartitioningWorld, granularity: str, keys: list[str]
) -> None:
    """TimestampColumn, Granularity: the column stays in the files."""
    formats = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H"}
    world.run("r1", partition_columns="", timestamp_column="at", granularity=granularity)
    assert world.rows() == [{**row, **{key: row["at"].strftime(formats[key]) for key in keys}} for row in rows()]
    assert [key["Name"] for key in world.glue.tables["cut"]["PartitionKeys"]] == keys


def test_texts_are_moments_too() -> None:
    """TimestampColumn may be text; one that is not a moment fails the run, and nothing is published."""
    world = PartitioningWorld(columns=[("id", "bigint"), ("at", "string")])
    world.put(
        "a.parquet", parquet([{"id": 1, "at": "2024-05-06 07:08:09"}, {"id": 2, "at": "2024-06-01T00:00:00"}])
    )
    changes = {"partition_columns": "", "timestamp_column": "at", "granularity": "month"}
    world.run("r1", **changes)
    assert [(row["id"], row["month"]) for row in world.rows()] == [(1, "05"), (2, "06")]
    world.put("b.parquet", parquet([{"id": 1, "at": "tomorrow"}]))
    with pytest.raises(RewriteFailed, match=r"1 problems; nothing was published:\n.*b\.parquet.*tomorrow"):
        world.run("r2", **changes)
    assert len(world.rows()) == 2


def test_a_partitioned_table_is_partitioned_again() -> None:
    """The source's keys become columns, with their types; one of them may be a key again."""
    world = PartitioningWorld(keys=[("year", "int"), ("day", "date")])
    for number, row in enumerate(rows()):
        day = "__HIVE_DEFAULT_PARTITION__" if number % 5 == 0 else f"2013-01-0{1 + number % 2}"
        world.put(f"{number}.parquet", parquet([row], SCHEMA), (str(2012 + number % 2), day))
    world.run("r1", partition_columns="year,carrier")
    found = world.rows()
    assert [row["id"] for row in found] == list(range(12))
    assert {(row["id"], row["year"]) for row in found} == {(n, str(2012 + n % 2)) for n in range(12)}
    assert [row["day"] is None for row in found] == [n % 5 == 0 for n in range(12)]
    assert str(found[1]["day"]) == "2013-01-02"


def test_skew_makes_neither_many_nor_large_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """One huge partition is several files of the target size, hundreds of tiny ones are one file each."""
    monkeypatch.setattr(repartitioning, "MIN_SPLIT_BYTES", 200_000)
    monkeypatch.setattr(row_spill, "SPILL_BYTES", 100_000)
    world = PartitioningWorld(columns=[("id", "bigint"), ("carrier", "string"), ("text", "string")])
    count = 30_000
    for number in range(20):
        part = [
            {"id": n, "carrier": f"c{n}" if n % 100 == 0 else "big", "text": f"{n * 7919:032x}{n * 104729:064x}"}
            for n in range(number, count, 20)
        ]
        world.put(f"{number:02}.parquet", parquet(part, compression="none", use_dictionary=False))
    world.run("r1")
    assert [row["id"] for row in world.rows()] == list(range(count))
    keys = [key for key in all_keys(world.s3, "lake") if key.endswith(".parquet") and "carrier=" in key]
    big = [len(world.s3.objects["lake", key]) for key in keys if "carrier=big" in key]
    assert len(keys) - len(big) == count // 100
    assert 2 <= len(big) <= 5


FORMATS: dict[str, tuple[dict[str, Any], Callable[[list[dict[str, Any]]], bytes]]] = {
    "csv": (CSV, lambda found: ("id,carrier\n" + "".join(f"{r['id']},{r['carrier']}\n" for r in found)).encode()),
    "json": (JSON_LINES, lambda found: "".join(json.dumps(row) + "\n" for row in found).encode()),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_text_formats_are_read_with_the_tables_types(kind: str) -> None:
    """README: CSV and JSON lines as sources; a value that does not fit fails the run with its place."""
    storage, encode = FORMATS[kind]
    world = PartitioningWorld(storage, columns=[("id", "bigint"), ("carrier", "string")])
    found = [{"id": row["id"], "carrier": row["carrier"] or "none"} for row in rows()]
    world.put(f"a.{kind}", encode(found[:6]))
    world.put(f"b.{kind}.gz", gzip.compress(encode(found[6:])))
    world.run("r1")
    assert world.rows() == found
    world.put(f"c.{kind}", encode([{"id": "x1", "carrier": "UA"}]))
    with pytest.raises(RewriteFailed, match=r"c\.\w+: 1 records do not fit"):
        world.run("r2")
    assert world.rows() == found


def test_orc_is_read() -> None:
    """README: ORC as a source."""
    import io

    from pyarrow import orc

    world = PartitioningWorld(ORC, columns=[("id", "bigint"), ("carrier", "string")])
    body = io.BytesIO()
    orc.write_table(pa.Table.from_pylist(rows()).select(["id", "carrier"]), body)
    world.put("a.orc", body.getvalue())
    world.run("r1")
    assert world.rows() == with_null_folder([{"id": row["id"], "carrier": row["carrier"]} for row in rows()])


def test_bad_files_are_counted_and_nothing_is_published(world: PartitioningWorld) -> None:
    """Broken Parquet, a column that the table lacks, a text that is no number: all of them at once."""
    world.put("x.parquet", b"PAR1 no")
    world.put("y.parquet", parquet([{"id": 1, "more": 2}]))
    world.put("z.parquet", parquet([{"id": "one"}]))
    world.put("0.empty", b"")
    with pytest.raises(RewriteFailed, match="3 problems; nothing was published") as caught:
        world.run("r1")
    for problem in (
        "x.parquet: not a Parquet",
        "y.parquet: the table has no column more",
        "z.parquet: column id is",
    ):
        assert f"s3://lake/orders/{problem}" in str(caught.value)
    assert "cut" not in world.glue.tables


def test_missing_columns_are_null_and_types_are_widened(world: PartitioningWorld) -> None:
    """Schema drift: a file without a column, an int where the table has a bigint, names in other case."""
    schema = pa.schema([("ID", pa.int32()), ("carrier", pa.string())])
    world.put("x.parquet", parquet([{"ID": 100, "carrier": "UA"}], schema))
    world.run("r1")
    assert world.rows()[-1] == {"id": 100, "carrier": "UA", "at": None, "price": None}


def test_too_many_partitions_are_refused(world: PartitioningWorld) -> None:
    """MaximumPartitions: a column with very many values is seldom meant."""
    with pytest.raises(RewriteFailed, match="more than 5 partitions"):
        world.run("r1", partition_columns="id", maximum_partitions="5")
    assert "cut" not in world.glue.tables


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"partition_columns": "nope,price"}, "PartitionColumns: there is no column nope; there are id, carrier"),
        ({"partition_columns": "nope,price"}, "PartitionColumns: price is of type decimal"),
        ({"partition_columns": "", "timestamp_column": "nope"}, "TimestampColumn: there is no column nope"),
        ({"partition_columns": "", "timestamp_column": "id"}, "TimestampColumn: id is of type bigint"),
    ],
)
def test_keys_that_cannot_be_are_refused_by_the_look(
    world: PartitioningWorld, changes: dict[str, str], problem: str
) -> None:
    """Before anything is written or locked."""
    before = dict(world.s3.objects)
    with pytest.raises(BadScheme) as caught:
        world.look("r1", **changes)
    assert problem in str(caught.value)
    assert world.s3.objects == before


def test_the_destination_is_apart_from_the_source(world: PartitioningWorld) -> None:
    """DestinationLocation: else the result would be read as input."""
    with pytest.raises(UnsupportedTable, match="must not lie in one another"):
        world.look("r1", destination="s3://lake/orders/cut/")


def test_the_second_run_of_two_at_once_is_refused(world: PartitioningWorld) -> None:
    """README: it fails before it touches anything."""
    world.look("r1")
    with pytest.raises(DestinationLocked):
        world.look("r2")


def test_without_files_the_marker_is_false() -> None:
    """OnMissing: nothing is locked or written."""
    world = PartitioningWorld()
    marker = world.look("r1")
    assert (marker.present, marker.reason) == (False, "sales.orders has no files")
    world.partition("r1")
    assert world.s3.objects == {}


def test_projection_needs_no_registered_partitions(world: PartitioningWorld) -> None:
    """PartitionProjection: the parameters that Athena reads; all partitions switch at once."""
    changes = {"partition_columns": "", "timestamp_column": "at", "granularity": "month", "projection": "true"}
    for run in ("r1", "r2"):
        world.run(run, **changes)
        parameters = world.glue.tables["cut"]["Parameters"]
        assert parameters["storage.location.template"] == (
            f"s3://lake/cut/run={run}/year=${{year}}/month=${{month}}/"
        )
    assert world.glue.partitions["cut"] == {}
    projection = {key: value for key, value in parameters.items() if key.startswith("projection.")}
    assert projection == {
        "projection.enabled": "true",
        "projection.year.type": "integer",
        "projection.year.range": "2013,2013",
        "projection.year.digits": "4",
        "projection.month.type": "integer",
        "projection.month.range": "1,2",
        "projection.month.digits": "2",
    }


def test_what_projection_cannot_express_is_refused(world: PartitioningWorld) -> None:
    """Rows without a value would be invisible: nothing is published."""
    with pytest.raises(NotProjectable, match="Some rows have no value of carrier"):
        world.run("r1", projection="true")
    assert "cut" not in world.glue.tables


def test_the_partition_index_is_made_once(world: PartitioningWorld) -> None:
    """PartitionIndex: over all keys."""
    for run in ("r1", "r2"):
        world.run(run, partition_index="true")
    assert world.glue.indexes["cut"] == {"IndexName": "glueprint_keys", "Keys": ["carrier"]}


@pytest.mark.parametrize("codec", ["snappy", "zstd", "gzip"])
def test_the_compression_is_in_the_names(world: PartitioningWorld, codec: str) -> None:
    """Compression."""
    world.run("r1", compression=codec)
    keys = [key for key in all_keys(world.s3, "lake") if "carrier=UA" in key]
    assert keys == [f"cut/run=r1/carrier=UA/{keys[0].rpartition('/')[2]}"]
    assert keys[0].endswith(f".{codec}.parquet")


def test_killed_at_every_step_and_repeated_it_ends_the_same() -> None:
    """Before each change to S3 and Glue: a reader sees the old or the new partition, and a retry ends the same."""

    def made() -> PartitioningWorld:
        world = PartitioningWorld()
        world.put("a.parquet", parquet(rows()[:6], SCHEMA))
        world.run("r1")
        world.put("b.parquet", parquet(rows()[6:], SCHEMA))
        world.look("r2")
        return world

    end = made()
    old = end.rows()
    end.partition("r2")
    expected, keys = end.rows(), all_keys(end.s3, "lake")
    steps = 0
    for kill_before in range(1000):
        world = made()
        try:
            world.partition("r2", Countdown(kill_before))
            break
        except Killed:
            steps += 1
        seen = world.rows()
        for carrier in ("UA", "AA", "B6"):
            one = [row for row in seen if row["carrier"] == carrier]
            assert one in (
                [r for r in old if r["carrier"] == carrier],
                [r for r in expected if r["carrier"] == carrier],
            )
        world.partition("r2")
        assert world.rows() == expected
        assert all_keys(world.s3, "lake") == keys
    assert steps >= 12


RANGES = st.lists(
    st.builds(
        SpillRange,
        values=st.tuples(st.sampled_from("abcd")),
        task=st.integers(0, 5),
        start=st.just(0),
        end=st.integers(1, 9),
        rows=st.just(1),
        size=st.integers(1, 500),
    ),
    max_size=20,
    unique_by=lambda one: (one.values, one.task),
)


@given(RANGES, st.integers(1, 1000), st.integers(1, 10_000))
def test_files_hold_every_range_once(ranges: list[SpillRange], target: int, input_bytes: int) -> None:
    """No rows are lost or doubled; each file is of one partition (repartitioning.plan_files)."""
    files = plan_files(ranges, input_bytes, target)
    found = [one for file in files for one in file.ranges]
    assert sorted(found, key=repr) == sorted(ranges, key=repr)
    assert [file.number for file in files] == list(range(len(files)))
    assert all({one.values for one in file.ranges} == {file.values} for file in files)


TEXTS = st.one_of(
    st.none(), st.sampled_from(["a b", "ü=ö", "50%", "1+1", "x'y", "日本", "a/b", " ", ".."]), st.text()
)


@given(st.lists(st.lists(TEXTS, max_size=5), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_any_values_arrive(files: list[list[str | None]]) -> None:
    """Spaces, =, %, +, quotes, slashes, Unicode, nulls: each value is its partition's value in the catalog."""
    world = PartitioningWorld(columns=[("id", "bigint"), ("carrier", "string")])
    schema = pa.schema([("id", pa.int64()), ("carrier", pa.string())])
    expected = []
    for number, values in enumerate(files):
        found = [{"id": number * 10 + index, "carrier": value} for index, value in enumerate(values)]
        world.put(f"{number}.parquet", parquet(found, schema))
        expected += with_null_folder(found)
    world.run("r1")
    assert world.rows() == expected
