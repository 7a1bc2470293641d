"""Loads that append, that check sidecars, that leave bad files out, and that read several locations."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fake_catalogue import Countdown, Killed, all_keys, query
from fake_s3 import FakeS3
from test_catalogue_load import World, crawled
from test_catalogue_look import arguments

from glue_jobs.common.crawled_table import UnusableTable
from glue_jobs.common.manifest import write_manifest
from glue_jobs.common.presence import put_marker
from glue_jobs.common.run_lock import DestinationLocked, acquire_lock
from glue_jobs.file_presence import load, look

NOW = datetime(2024, 5, 1, tzinfo=UTC)
COLUMNS = [("id", "bigint"), ("name", "string")]
QUARANTINE = "s3://lake/bad files/é=%2B/"


class LoadWorld(World):
    """Runs of look and load."""

    def __init__(self, s3: Any = None, **options: Any) -> None:
        super().__init__(s3 or FakeS3(), COLUMNS, **{"keys": [("day", "string")], **options})
        self.options: dict[str, str] = {
            "load_mode": "append",
            "destination": "s3://lake/flights",
            "table": "flights",
        }

    def day(self, day: int, name: str, *ids: int) -> bytes:
        """A CSV file of a day."""
        body = "".join(["id,name\n", *(f"{id},n{id}\n" for id in ids)]).encode()
        self.put(f"day={day}/{name}", body)
        return body

    def search(self, run: str, **changes: str) -> bool:
        """What the first job does; whether the input is there."""
        given = arguments(**{"file_pattern": "*", "WORKFLOW_RUN_ID": run, **self.options, **changes})
        loaded = look.read_loaded(self.s3, self.glue, given)
        marker, manifest, _ = look.look(self.s3, given, look.read_expectations(self.glue, given), loaded, NOW)
        if marker.present:
            write_manifest(self.s3, marker.manifest, manifest)
        put_marker(self.glue, "daily", run, marker)
        return marker.present

    def cycle(self, run: str, countdown: Countdown | None = None, **changes: str) -> None:
        """Look, and load if the input is there."""
        if self.search(run, **changes):
            self.load(run, countdown, **{"load_mode": self.options["load_mode"], **changes})

    def ids(self) -> list[tuple[str, int]]:
        """Day and id of each row."""
        return sorted((row["day"], row["id"]) for row in query(self.s3, self.glue, "flights"))

    def count(self, run: str, name: str) -> str:
        """A count of the run's properties."""
        return self.glue.properties[run]["file_presence." + name]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> LoadWorld:
    """A fast S3."""
    made = LoadWorld()
    monkeypatch.setattr(load, "aws_client", lambda service, region: made.s3)
    return made


def test_each_file_is_loaded_once(world: LoadWorld) -> None:
    """LoadMode append: the table keeps what earlier runs loaded, also of files that are gone (blueprint.cfg)."""
    world.day(1, "a.csv", 1, 2)
    world.day(2, "a.csv", 3)
    world.cycle("r1")
    world.s3.delete_object("landing", "in/day=2/a.csv")
    world.day(2, "b.csv", 4)
    world.cycle("r2")
    assert world.ids() == [("1", 1), ("1", 2), ("2", 3), ("2", 4)]
    assert (world.count("r2", "rows"), world.count("r2", "files_in")) == ("4", "1")
    assert not world.search("r3")
    assert world.count("r3", "reason") == "no file is there (2 files were loaded before)"


def test_a_file_that_another_run_loaded_meanwhile_is_not_loaded_again(world: LoadWorld) -> None:
    """Two runs found the same file; the second one's load sees the ledger of the first (load.write_and_record)."""
    world.day(1, "a.csv", 1)
    assert world.search("r1")
    assert world.search("r2")
    world.load("r1", load_mode="append")
    world.day(1, "b.csv", 2)
    world.load("r2", load_mode="append")
    assert world.ids() == [("1", 1)]
    world.cycle("r3")
    assert world.ids() == [("1", 1), ("1", 2)]


def test_replace_after_append_and_back(world: LoadWorld) -> None:
    """Every load writes its ledger, so that a workflow may change its LoadMode."""
    world.day(1, "a.csv", 1)
    world.cycle("r1", load_mode="replace")
    world.day(1, "b.csv", 2)
    world.cycle("r2")
    assert world.ids() == [("1", 1), ("1", 2)]
    world.s3.delete_object("landing", "in/day=1/a.csv")
    world.cycle("r3", load_mode="replace")
    assert world.ids() == [("1", 2)]
    assert not world.search("r4")
    ledgers = {key for key in all_keys(world.s3, "lake") if "_ledger/" in key}
    assert ledgers == {"flights/_ledger/r2.json.gz", "flights/_ledger/r3.json.gz"}


def test_new_columns_are_added_and_other_types_refused(world: LoadWorld) -> None:
    """Append cannot change what earlier files contain; a column that new files lack is null (README)."""
    world.day(1, "a.csv", 1)
    world.cycle("r1")
    world.glue.tables["source_in"] = crawled([("id", "bigint"), ("price", "double")], [("day", "string")])
    world.put("day=2/b.csv", "id,price\n2,0.5\n")
    world.cycle("r2")
    rows = sorted(query(world.s3, world.glue, "flights"), key=lambda row: row["id"])
    assert rows[1] == {"id": 2, "name": None, "price": 0.5, "day": "2"}
    columns = world.glue.tables["flights"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in columns] == ["id", "name", "price"]
    world.glue.tables["source_in"] = crawled([("id", "string")], [("day", "string")])
    world.put("day=2/c.csv", "id\nx\n")
    with pytest.raises(UnusableTable, match="the column id is bigint in the destination, string in source_in"):
        world.cycle("r3")
    world.glue.tables["source_in"] = crawled([("id", "bigint"), ("day", "string")], [("name", "bigint")])
    with pytest.raises(UnusableTable, match="the folders' key name is bigint, but string in the destination"):
        world.cycle("r4")


def test_sidecars_are_compared_with_what_is_loaded(world: LoadWorld) -> None:
    """SidecarFiles: digests as md5sum and sha256sum print them, and row counts; every bad file is named."""
    bodies = {name: world.day(1, name, number) for number, name in enumerate("abcdef")}
    for name, text in {
        "a.md5": hashlib.md5(bodies["a"]).hexdigest() + "  a.csv\n",
        "a.sha256": hashlib.sha256(bodies["a"]).hexdigest().upper(),
        "a.rows": " 1\n",
        "b.md5": "0" * 32,
        "c.sha256": "0" * 64,
        "d.rows": "2",
        "e.rows": "many",
        "f.md5": "",
    }.items():
        world.put("day=1/" + name, text)
    assert world.search("r1", sidecar_files="check")
    with pytest.raises(load.LoadFailed) as caught:
        world.load("r1")
    message = str(caught.value)
    assert message.startswith("5 files could not be loaded")
    for part in (
        f"day=1/b: its MD5 is {hashlib.md5(bodies['b']).hexdigest()}, not {'0' * 32}",
        "day=1/c: its SHA256 is",
        "day=1/d: it has 1 rows, not 2",
        "day=1/e.rows contains no number of rows",
        "day=1/f.md5 contains no digest",
    ):
        assert part in message
    assert "flights" not in world.glue.tables


def test_bad_files_go_to_the_quarantine_and_others_are_loaded(world: LoadWorld) -> None:
    """MaximumRejects and QuarantineLocation: each bad file is copied with its reason, counted, and left where it
    is; rows that were read of it before it failed are not loaded."""
    world.day(1, "good.csv", 1)
    world.put("day=1/é =%2B+.csv", "id,name\n7,x\nseven,y\n")
    world.put("day=2/long" + "g" * 200 + ".csv", "id,name,more\n8,x,y\n")
    options = {"maximum_rejects": "2", "quarantine": QUARANTINE}
    world.cycle("r1", **options)
    assert world.ids() == [("1", 1)]
    assert (world.count("r1", "rejected"), world.count("r1", "rows")) == ("2", "1")
    kept = {key for key in all_keys(world.s3, "lake") if key.startswith("bad files/é=%2B/run=r1/landing/in/day=")}
    assert len(kept) == 4
    reason = world.s3.get_object("lake", "bad files/é=%2B/run=r1/landing/in/day=1/é =%2B+.csv.reason.txt")
    assert "'seven'" in reason["Body"].read().decode()
    assert "in/day=1/é =%2B+.csv" in all_keys(world.s3, "landing")
    assert not world.search("r2")
    world.put("day=1/é =%2B+.csv", "id,name\n7,x\n")
    world.cycle("r3", **options)
    assert world.ids() == [("1", 1), ("1", 7)]


@pytest.mark.parametrize(("good", "bad"), [(1, 3), (0, 1)])
def test_too_many_bad_files_fail_the_load(world: LoadWorld, good: int, bad: int) -> None:
    """More than MaximumRejects, or no good file at all: nothing is published and nothing copied (README)."""
    for number in range(good):
        world.day(1, f"good{number}.csv", number)
    for number in range(bad):
        world.put(f"day=1/bad{number}.csv", "id,name\nx,y\n")
    with pytest.raises(load.LoadFailed, match=f"^{bad} files could not be loaded"):
        world.cycle("r1", maximum_rejects="2", quarantine=QUARANTINE)
    assert not [key for key in all_keys(world.s3, "lake") if key.startswith("bad files/")]
    assert "flights" not in world.glue.tables


def test_too_few_rows_fail_the_load(world: LoadWorld) -> None:
    """MinimumRows: the table stays as it was (blueprint.cfg)."""
    world.day(1, "a.csv", 1, 2)
    world.cycle("r1", minimum_rows="2")
    world.day(1, "b.csv", 3)
    with pytest.raises(load.LoadFailed, match="1 of at least 2 rows are there; nothing was published"):
        world.cycle("r2", minimum_rows="2")
    assert world.ids() == [("1", 1), ("1", 2)]


def test_several_locations_are_loaded_into_one_table(world: LoadWorld) -> None:
    """MoreLocations: files of each are read as their own crawled table describes; columns are those of all."""
    world.day(1, "a.csv", 1)
    for bucket in ("landing", "other"):
        world.s3.put_object(Bucket=bucket, Key="more/day=2/b.csv", Body=b"price;id\n0.5;2\n")
        table = crawled([("price", "double"), ("id", "bigint")], [("day", "string")])
        table["StorageDescriptor"]["Location"] = f"s3://{bucket}/more/"
        table["StorageDescriptor"]["SerdeInfo"]["Parameters"]["field.delim"] = ";"
        world.glue.tables[f"source_{bucket}"] = {**table, "Name": f"source_{bucket}"}
    places = ["s3://landing/in", "s3://landing/more", "s3://other/more/"]
    world.cycle("r1", locations=json.dumps(places))
    assert world.ids() == [("1", 1), ("2", 2), ("2", 2)]
    assert world.count("r1", "files_in") == "3"
    table["StorageDescriptor"]["Columns"][1]["Type"] = "int"
    with pytest.raises(UnusableTable, match=r"id is bigint in source_landing, int in source_other"):
        world.load("r1")


def test_a_load_without_the_lock_publishes_nothing(world: LoadWorld) -> None:
    """A run that still goes on after another one has started does not publish over it (run_lock)."""
    world.day(1, "a.csv", 1)
    world.glue.runs["r0"] = "RUNNING"
    acquire_lock(world.s3, world.glue, "s3://lake/flights/", "daily", "r0")
    assert world.search("r1")
    with pytest.raises(DestinationLocked, match="locked by the run r0"):
        world.load("r1")
    assert "flights" not in world.glue.tables


def test_a_resumed_run_loads_what_the_run_before_found(world: LoadWorld) -> None:
    """ResumeWorkflowRun makes a new run, in which the look does not run again (resumed_run)."""
    world.day(1, "a.csv", 1)
    assert world.search("r1")
    world.glue.runs |= {"r1": "COMPLETED", "r2": "RUNNING"}

    def get_workflow_run(Name: str, RunId: str) -> dict[str, Any]:  # noqa: N803
        return {"Run": {"Status": world.glue.runs[RunId], "PreviousRunId": "r1"}}

    world.glue.get_workflow_run = get_workflow_run  # type: ignore[method-assign]
    world.load("r2", load_mode="append")
    assert world.ids() == [("1", 1)]
    assert world.count("r2", "rows") == "1"


@pytest.mark.parametrize("is_retried", [True, False], ids=["retried", "next run"])
def test_an_append_killed_before_any_change(monkeypatch: pytest.MonkeyPatch, is_retried: bool) -> None:
    """With a bad file and sidecars: done again, or by the next run, no row is lost or doubled; a query sees each
    day as it was or as it will be."""
    monkeypatch.setattr(load, "MIN_GROUP_BYTES", 1)  # a task for each file
    options = {"maximum_rejects": "1", "quarantine": QUARANTINE, "sidecar_files": "check"}
    expected: Any = None
    for kill_before in [None, *range(1000)]:
        world = LoadWorld()
        monkeypatch.setattr(load, "aws_client", lambda service, region, world=world: world.s3)
        world.day(1, "a.csv", 1)
        world.day(2, "a.csv", 2)
        world.cycle("r1", **options)
        before = world.ids()
        world.put("day=2/b.csv.md5", hashlib.md5(world.day(2, "b.csv", 3)).hexdigest())
        world.put("day=2/bad.csv", "id,name\nx,y\n")
        world.day(3, "c.csv", 4, 5)
        was_killed = False
        try:
            world.cycle("r2", Countdown(kill_before), **options)
        except Killed:
            was_killed = True
            for day in ("1", "2", "3"):
                seen, old, new = (
                    [row for row in rows if row[0] == day] for rows in (world.ids(), before, expected)
                )
                assert seen in (old, new)
            if is_retried:
                world.load("r2", load_mode="append", **options)
            else:
                world.glue.runs["r2"] = "COMPLETED"
                world.cycle("r3", **options)
        assert expected is None or world.ids() == expected
        expected = world.ids()
        assert not world.search("r4", sidecar_files="check")
        if expected is not None and kill_before is not None and not was_killed:
            assert kill_before >= 14
            return
    assert expected == [("1", 1), ("2", 2), ("2", 3), ("3", 4), ("3", 5)]
