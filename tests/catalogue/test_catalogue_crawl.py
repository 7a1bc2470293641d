"""The jobs of ``crawl_locations``: tables with stable names follow the crawlers' own tables."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fake_catalogue import Countdown, FakeCatalogue, Killed, Mortal, all_keys
from fake_s3 import FakeS3

from glue_jobs.common.manifest import write_manifest
from glue_jobs.common.presence import MarkerMissing, put_marker
from glue_jobs.common.run_lock import DestinationLocked, acquire_lock
from glue_jobs.crawl_locations import look, publish

NOW = datetime(2024, 5, 1, tzinfo=UTC)
ORDERS, RETURNS = "s3://landing/a b/orders/", "s3://other/é=%2B+/orders/"
TABLES = [["orders", ORDERS], ["returns", RETURNS]]
LOCK = "s3://scripts/locks/daily/"
COLUMNS = [("id", "bigint"), ("name", "string")]


class World:
    """Files, crawls that find them, and runs of the two jobs."""

    def __init__(self) -> None:
        self.s3 = FakeS3()
        self.glue = FakeCatalogue()
        self.columns = {ORDERS: list(COLUMNS), RETURNS: list(COLUMNS)}
        self.keys = {ORDERS: ["day"], RETURNS: []}

    def put(self, location: str, *paths: str) -> None:
        """Files of a location."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        for path in paths:
            self.s3.put_object(Bucket=bucket, Key=prefix + path, Body=b"x")

    def remove(self, location: str, path: str) -> None:
        """Delete a file."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        self.s3.delete_object(bucket, prefix + path)

    def crawl(self) -> None:
        """What the crawlers write: names of their choice, a partition for each folder; nothing is ever deleted."""
        for number, (location, columns) in enumerate(self.columns.items()):
            bucket, _, prefix = location.removeprefix("s3://").partition("/")
            files = sorted(key for key in all_keys(self.s3, bucket) if key.startswith(prefix))
            if not files:
                continue
            name = f"source_daily_orders_{number}"
            storage = {
                "Location": location,
                "Columns": [{"Name": name, "Type": hive} for name, hive in columns],
                "SerdeInfo": {"SerializationLibrary": "serde", "Parameters": {"field.delim": ","}},
            }
            self.glue.tables[name] = {
                "Name": name,
                "Parameters": {"classification": "csv", "UPDATED_BY_CRAWLER": "c", "objectCount": str(len(files))},
                "PartitionKeys": [{"Name": key, "Type": "string"} for key in self.keys[location]],
                "StorageDescriptor": storage,
            }
            partitions = self.glue.partitions.setdefault(name, {})
            for folder in {key.removeprefix(prefix).rpartition("/")[0] for key in files if self.keys[location]}:
                values = folder.rpartition("=")[2]
                place = {**storage, "Location": f"{location}{folder}/"}
                partitions[values,] = {"Values": [values], "Parameters": {}, "StorageDescriptor": place}

    def look(self, run: str, **changes: str) -> bool:
        """The first job, without its acts on missing input."""
        arguments = {
            "WORKFLOW_NAME": "daily",
            "WORKFLOW_RUN_ID": run,
            "tables": json.dumps(TABLES),
            "required_locations": "all",
            "minimum_files": "1",
            "manifest_folder": "s3://scripts/manifests",
            "exclusions": "",
            **changes,
        }
        marker, manifest = look.look(self.s3, arguments, NOW)
        if marker.present:
            write_manifest(self.s3, marker.manifest, manifest)
        put_marker(self.glue, "daily", run, marker)
        return marker.present

    def publish(self, run: str, countdown: Countdown | None = None, **changes: str) -> None:
        """The last job."""
        arguments = {
            "WORKFLOW_NAME": "daily",
            "WORKFLOW_RUN_ID": run,
            "tables": json.dumps(TABLES),
            "database": "sales",
            "crawled_prefix": "source_daily_",
            "schema_changes": "update",
            "removed_partitions": "delete",
            "lock_folder": LOCK,
            **changes,
        }
        s3, glue = (Mortal(client, countdown or Countdown()) for client in (self.s3, self.glue))
        publish.publish_tables(s3, glue, arguments)

    def cycle(self, run: str, countdown: Countdown | None = None, **changes: str) -> None:
        """All of a run."""
        assert self.look(run)
        self.crawl()
        self.publish(run, countdown, **changes)

    def shown(self) -> dict[str, Any]:
        """The tables with stable names, and their partitions."""
        found: dict[str, Any] = {}
        for name, table in self.glue.tables.items():
            if not name.startswith("source_"):
                found[name] = (copy.deepcopy(table), copy.deepcopy(self.glue.partitions.get(name, {})))
        return found

    def days(self) -> list[str]:
        """The partitions of the orders."""
        return sorted(values[0] for values in self.glue.partitions["orders"])

    def count(self, run: str, name: str) -> str:
        """A count of the run."""
        return self.glue.properties[run][f"crawl_locations.{name}"]


@pytest.fixture
def world() -> World:
    """Two locations with files; both folders have one name."""
    made = World()
    made.put(ORDERS, "day=1/a.csv", "day=2/a.csv")
    made.put(RETURNS, "a.csv", "b.csv")
    return made


def test_tables_have_the_names_that_were_chosen(world: World) -> None:
    """Whatever the crawlers call theirs (README); what crawlers write about themselves is left out."""
    world.cycle("r1")
    assert set(world.shown()) == {"orders", "returns"}
    table = world.glue.tables["returns"]
    assert table["StorageDescriptor"]["Location"] == RETURNS
    assert table["Parameters"] == {"classification": "csv", "objectCount": "2", "glueprint.workflow": "daily"}
    assert world.days() == ["1", "2"]
    counts = ("tables", "partitions", "partitions_added", "partitions_removed", "files_in")
    assert [world.count("r1", name) for name in counts] == ["2", "2", "2", "0", "4"]
    assert not [key for key in all_keys(world.s3, "scripts") if "_lock" in key]


def test_a_run_changes_only_what_is_different(world: World) -> None:
    """A second run without changes makes no change to the catalog (table_copies)."""
    world.cycle("r1")
    before = world.shown()
    countdown = Countdown()
    world.cycle("r2", countdown)
    assert world.shown() == before
    assert countdown.count == 3  # lock, run properties, lock
    world.put(ORDERS, "day=3/a.csv")
    world.cycle("r3")
    assert (world.days(), world.count("r3", "partitions_added")) == (["1", "2", "3"], "1")


@pytest.mark.parametrize(("rule", "days"), [("delete", ["2", "3"]), ("keep", ["1", "2", "3"])])
def test_partitions_whose_files_are_gone(world: World, rule: str, days: list[str]) -> None:
    """Parameter RemovedPartitions; a file that came after the look keeps its partition."""
    world.cycle("r1")
    world.remove(ORDERS, "day=1/a.csv")
    assert world.look("r2")
    world.put(ORDERS, "day=3/late.csv")
    world.crawl()
    world.publish("r2", removed_partitions=rule)
    assert world.days() == days


CHANGES = [
    ([("id", "bigint"), ("name", "string"), ("price", "double")], {"update", "add"}),
    ([("id", "bigint"), ("price", "double"), ("name", "string")], {"update"}),
    ([("id", "string"), ("name", "string")], {"update"}),
    ([("id", "bigint")], {"update"}),
    (COLUMNS, {"update", "add", "fail"}),
]


@pytest.mark.parametrize(("columns", "accepted"), CHANGES)
def test_changed_columns(columns: list[tuple[str, str]], accepted: set[str]) -> None:
    """Parameter SchemaChanges: what is not accepted fails, with every reason, and no table is changed. Columns of
    CSV are found by position, so that a new one must be the last one."""
    for rule in ("update", "add", "fail"):
        world = World()
        world.put(ORDERS, "day=1/a.csv")
        world.put(RETURNS, "a.csv")
        world.cycle("r1")
        before = world.shown()
        world.columns[RETURNS] = columns
        world.put(ORDERS, "day=2/a.csv")
        if rule in accepted:
            world.cycle("r2", schema_changes=rule)
            names = [column["Name"] for column in world.glue.tables["returns"]["StorageDescriptor"]["Columns"]]
            assert names == [name for name, _ in columns]
        else:
            with pytest.raises(publish.CrawlUnusable, match=r"^No table was changed:\nsales\.returns: "):
                world.cycle("r2", schema_changes=rule)
            assert world.shown() == before


def test_other_partition_keys_are_refused(world: World) -> None:
    """A table's partition keys cannot change (service model of UpdateTable); the message names the remedy."""
    world.cycle("r1")
    world.keys[ORDERS] = ["hour"]
    with pytest.raises(
        publish.CrawlUnusable, match="partitioned by day string, its files now by hour string; delete"
    ):
        world.cycle("r2")


def test_everything_that_is_wrong_is_reported_at_once(world: World) -> None:
    """Tables of others, crawls that made several tables or none: no table is changed."""
    assert world.look("r1")
    world.crawl()
    crawled = world.glue.tables.pop("source_daily_orders_0")
    for name in ("x", "y"):
        storage = {**crawled["StorageDescriptor"], "Location": f"{ORDERS}{name}/"}
        world.glue.tables[f"source_daily_{name}"] = {
            **crawled,
            "Name": f"source_daily_{name}",
            "StorageDescriptor": storage,
        }
    world.glue.tables["returns"] = {
        "Name": "returns",
        "Parameters": {},
        "PartitionKeys": [],
        "StorageDescriptor": {},
    }
    before = world.shown()
    with pytest.raises(publish.CrawlUnusable) as caught:
        world.publish("r1")
    message = str(caught.value)
    assert "made several tables of it (source_daily_x, source_daily_y)" in message
    assert "returns exists and was not made by this blueprint; choose another name" in message
    assert world.shown() == before
    world.glue.tables["returns"]["Parameters"] = {"glueprint.workflow": "weekly"}
    del world.glue.tables["source_daily_x"], world.glue.tables["source_daily_y"]
    with pytest.raises(
        publish.CrawlUnusable, match=r"did not recognise its files[\s\S]*belongs to the workflow weekly"
    ):
        world.publish("r1")


def test_any_location_is_enough(world: World) -> None:
    """RequiredLocations any: the table of a location without files stays as it was."""
    world.cycle("r1")
    before = world.shown()["returns"]
    for path in ("a.csv", "b.csv"):
        world.remove(RETURNS, path)
    assert not world.look("r2")
    assert world.glue.properties["r2"]["file_presence.reason"] == f"{RETURNS}: no file is there"
    assert world.look("r3", required_locations="any")
    world.crawl()
    world.publish("r3")
    assert world.shown()["returns"] == before
    assert world.count("r3", "tables") == "1"


def test_excluded_files_do_not_count(world: World) -> None:
    """Exclusions are the crawlers' own patterns, for paths in the location; MinimumFiles is for each location."""
    assert world.look("r1", exclusions='["b*", "day=2/**"]')
    assert world.glue.properties["r1"]["file_presence.count"] == "2"
    assert not world.look("r2", exclusions='["b*", "day=2/**"]', minimum_files="2")


def test_without_input_nothing_is_published(world: World) -> None:
    """The marker "false" ends the job; a missing marker is an error (presence)."""
    assert not world.look("r1", minimum_files="9")
    countdown = Countdown()
    world.publish("r1", countdown)
    assert countdown.count == 0
    world.glue.runs["r2"] = "RUNNING"
    with pytest.raises(MarkerMissing):
        world.publish("r2")


def test_a_resumed_run_has_the_marker_of_the_run_before(world: World) -> None:
    """ResumeWorkflowRun makes a new run in which the look does not run again (resumed_run)."""
    assert world.look("r1")
    world.crawl()
    world.glue.runs |= {"r1": "COMPLETED", "r2": "RUNNING"}

    def get_workflow_run(Name: str, RunId: str) -> dict[str, Any]:  # noqa: N803
        return {"Run": {"Status": world.glue.runs[RunId], "PreviousRunId": "r1"}}

    world.glue.get_workflow_run = get_workflow_run  # type: ignore[method-assign]
    world.publish("r2")
    assert world.days() == ["1", "2"]


def test_a_run_without_the_lock_changes_nothing(world: World) -> None:
    """Another run of the workflow is at work (run_lock)."""
    world.glue.runs["r0"] = "RUNNING"
    acquire_lock(world.s3, world.glue, LOCK, "daily", "r0")
    with pytest.raises(DestinationLocked, match="locked by the run r0"):
        world.cycle("r1")
    assert world.shown() == {}


@pytest.mark.parametrize("is_retried", [True, False], ids=["retried", "next run"])
def test_killed_before_any_change(is_retried: bool) -> None:
    """A reader sees each partition and each table as it was or as it will be; done again, or by the next run, all
    is as if it had never been killed."""
    expected: dict[str, Any] | None = None
    for kill_before in [None, *range(1000)]:
        world = World()
        world.put(ORDERS, "day=1/a.csv", "day=2/a.csv")
        world.put(RETURNS, "a.csv")
        world.cycle("r1")
        before = world.shown()
        world.columns[ORDERS].append(("price", "double"))
        world.remove(ORDERS, "day=1/a.csv")
        world.put(ORDERS, "day=3/a.csv")
        world.put(RETURNS, "b.csv")
        was_killed = False
        try:
            world.cycle("r2", Countdown(kill_before))
        except Killed:
            was_killed = True
            for name, (table, partitions) in world.shown().items():
                assert expected is not None
                assert table in (before[name][0], expected[name][0])
                for values, partition in partitions.items():
                    assert partition in (before[name][1].get(values), expected[name][1].get(values))
            if is_retried:
                world.publish("r2")
            else:
                world.glue.runs["r2"] = "COMPLETED"
                world.cycle("r3")
        if expected is None:
            expected = world.shown()
            assert world.days() == ["2", "3"]
            continue
        assert world.shown() == expected
        assert not [key for key in all_keys(world.s3, "scripts") if "_lock" in key]
        if not was_killed:
            assert kill_before is not None
            assert kill_before >= 7
            return
