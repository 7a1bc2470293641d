"""Publications that keep what earlier runs wrote (glue_jobs/common/publishing.py, modes of ``publish``)."""

from __future__ import annotations

from typing import Any

import pytest
from fake_catalogue import Countdown, FakeCatalogue, Killed, Mortal, all_keys
from fake_s3 import FakeS3

from glue_jobs.common import publishing
from glue_jobs.common.catalog_view import CatalogView, TableDefinition
from glue_jobs.common.publishing import (
    APPEND,
    REPLACE,
    REPLACE_PARTITIONS,
    Destination,
    Output,
    Part,
    Publication,
    publish,
    read_publication,
    retire_old_runs,
)
from glue_jobs.common.storage_formats import SNAPPY_PARQUET

DESTINATION = Destination("daily", "s3://lake/li nes/é=%2B/")
PREFIX = "li nes/é=%2B/"
Lines = dict[str, list[str]]
"""Lines by day."""


def definition(is_partitioned: bool = True) -> TableDefinition:
    """A table, by day or not partitioned."""
    keys = (("day", "string"),) if is_partitioned else ()
    return TableDefinition("db", "lines", (("line", "string"),), keys, SNAPPY_PARQUET)


class World:
    """A destination with its table, and runs that write lines as text files."""

    def __init__(self, s3: Any = None, is_partitioned: bool = True) -> None:
        self.s3 = s3 or FakeS3()
        self.glue = FakeCatalogue()
        self.is_partitioned = is_partitioned

    def run(self, name: str, lines: Lines, mode: str = APPEND, countdown: Countdown | None = None) -> Publication:
        """One run, with retirement."""
        s3, glue = (Mortal(client, countdown or Countdown()) for client in (self.s3, self.glue))

        def write() -> Output:
            parts = []
            for day, texts in lines.items():
                folder = f"day={day}/" if self.is_partitioned else ""
                key = f"{PREFIX}run={name}/{folder}part-0.txt"
                body = "\n".join(texts).encode()
                s3.put_object(Bucket="lake", Key=key, Body=body)
                parts.append(Part((day,) if self.is_partitioned else (), key, len(texts), len(body)))
            return Output(sum(map(len, lines.values())), tuple(parts))

        view = CatalogView(glue, DESTINATION, definition(self.is_partitioned))
        published = publish(s3, DESTINATION, name, "m", write, view, mode)
        retire_old_runs(s3, DESTINATION, published)
        return published

    def read(self) -> Lines:
        """The lines as a query sees them: all files in each partition's folder."""
        if "lines" not in self.glue.tables:
            return {}
        table = self.glue.tables["lines"]
        places = self.glue.partitions["lines"].values() if self.is_partitioned else [{"Values": ["all"], **table}]
        return {place["Values"][0]: self._lines(place["StorageDescriptor"]["Location"]) for place in places}

    def read_listed(self) -> Lines:
        """The lines as ``_published.json`` lists them."""
        found: Lines = {}
        published = read_publication(self.s3, DESTINATION.location)
        for part in published.parts if published else ():
            body = self.s3.get_object(Bucket="lake", Key=part.key)["Body"].read().decode()
            found.setdefault((*part.values, "all")[0], []).extend(body.split("\n"))
        return {day: sorted(lines) for day, lines in found.items()}

    def _lines(self, location: str) -> list[str]:
        prefix = location.removeprefix("s3://lake/")
        bodies = [
            self.s3.get_object(Bucket="lake", Key=entry["Key"])["Body"].read().decode()
            for entry in self.s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])
        ]
        return sorted(line for body in bodies for line in body.split("\n"))


def test_append_adds_to_what_is_there(s3: Any) -> None:
    """A day that gets more is complete in the new run's folder, by copies; others keep their folders."""
    world = World(s3)
    world.run("r1", {"1": ["a"], "2": ["b"]})
    published = world.run("r2", {"2": ["c"], "3": ["d", "e"]})
    assert world.read() == world.read_listed() == {"1": ["a"], "2": ["b", "c"], "3": ["d", "e"]}
    assert published.rows == 5
    assert {part.key.removeprefix(PREFIX) for part in published.parts} == {
        "run=r1/day=1/part-0.txt",
        "run=r2/day=2/kept-r1-part-0.txt",
        "run=r2/day=2/part-0.txt",
        "run=r2/day=3/part-0.txt",
    }
    assert world.glue.tables["lines"]["Parameters"]["recordCount"] == "5"


def test_replaced_folders_stay_for_one_more_run_and_others_go() -> None:
    """Queries of the publication before still read the day's old folder; the next run deletes it."""
    world = World()
    world.run("r1", {"1": ["a"], "2": ["b"]})
    world.run("r2", {"2": ["c"]})
    assert f"{PREFIX}run=r1/day=2/part-0.txt" in all_keys(world.s3, "lake")
    world.run("r3", {"2": ["d"]})
    keys = {key.removeprefix(PREFIX) for key in all_keys(world.s3, "lake")}
    assert "run=r1/day=2/part-0.txt" not in keys
    assert "run=r1/day=1/part-0.txt" in keys
    assert "run=r2/day=2/part-0.txt" in keys
    assert {key for key in keys if key.startswith("_loads/")} == {"_loads/r1", "_loads/r2", "_loads/r3"}
    world.run("r4", {"1": ["e"]})
    world.run("r5", {"3": ["f"]})
    keys = {key.removeprefix(PREFIX) for key in all_keys(world.s3, "lake")}
    assert not [key for key in keys if "r1/" in key or "r2/" in key or key in ("_loads/r1", "_loads/r2")]
    assert world.read() == {"1": ["a", "e"], "2": ["b", "c", "d"], "3": ["f"]}


def test_only_partitions_that_the_run_wrote_are_replaced() -> None:
    """Mode REPLACE_PARTITIONS; REPLACE afterwards keeps nothing."""
    world = World()
    world.run("r1", {"1": ["a"], "2": ["b"]})
    world.run("r2", {"2": ["c"]}, REPLACE_PARTITIONS)
    assert world.read() == world.read_listed() == {"1": ["a"], "2": ["c"]}
    world.run("r3", {"4": ["d"]}, REPLACE)
    assert world.read() == world.read_listed() == {"4": ["d"]}


@pytest.mark.parametrize("mode", [APPEND, REPLACE_PARTITIONS])
def test_a_run_with_nothing_to_add_changes_nothing_that_is_shown(mode: str) -> None:
    """Also without partitions, where the table's location is the data's folder."""
    for is_partitioned in (True, False):
        world = World(is_partitioned=is_partitioned)
        world.run("r1", {"1": ["a"]})
        before = world.read()
        for name in ("r2", "r3", "r4"):
            assert world.run(name, {}, mode).rows == 1
            assert world.read() == before
        assert before == world.read_listed()


def test_without_partitions_all_files_are_in_one_folder() -> None:
    """A copy of a copy keeps its name: it names the run that wrote the file."""
    world = World(is_partitioned=False)
    for name, line in (("r1", "a"), ("r2", "b"), ("r3", "c")):
        world.run(name, {"x": [line]})
    assert world.read() == {"all": ["a", "b", "c"]}
    shown = {key for key in all_keys(world.s3, "lake") if "run=r3/" in key}
    assert {key.rpartition("/")[2] for key in shown} == {"kept-r1-part-0.txt", "kept-r2-part-0.txt", "part-0.txt"}


def test_a_large_file_is_copied_by_parts(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """CopyObject copies up to 5 GB (API reference of S3); boto3's managed copy splits larger ones."""
    monkeypatch.setattr(publishing, "MAX_COPY_OBJECT_BYTES", 0)
    world = World(s3)
    world.run("r1", {"1": ["a"]})
    world.run("r2", {"1": ["b"]})
    assert world.read() == {"1": ["a", "b"]}


def test_an_unknown_mode_publishes_nothing() -> None:
    """A misspelt mode must not replace."""
    world = World()
    world.run("r1", {"1": ["a"]})
    with pytest.raises(ValueError, match="no mode 'apend'"):
        world.run("r2", {"1": ["b"]}, "apend")
    assert world.read_listed() == {"1": ["a"]}


def test_what_is_called_before_the_commit_may_prevent_it() -> None:
    """A run that has lost its lock publishes nothing (run_lock.check_lock)."""
    world = World()
    world.run("r1", {"1": ["a"]})

    def refuse() -> None:
        raise RuntimeError("the lock is lost")

    view = CatalogView(world.glue, DESTINATION, definition())
    with pytest.raises(RuntimeError, match="the lock is lost"):
        publish(world.s3, DESTINATION, "r2", "m", lambda: Output(0, ()), view, before_commit=refuse)
    assert world.read() == world.read_listed() == {"1": ["a"]}


@pytest.mark.parametrize("mode", [APPEND, REPLACE_PARTITIONS, REPLACE])
@pytest.mark.parametrize("is_retried", [True, False], ids=["retried", "next run"])
def test_killed_before_any_change(mode: str, is_retried: bool) -> None:
    """A reader sees each day as it was or as it will be; done again, rows and objects are those of a run never
    killed; without a retry, the next run leaves nothing of it."""
    expected: tuple[Any, ...] | None = None
    for kill_before in [None, *range(1000)]:
        world = World()
        world.run("r1", {"1": ["a"], "2": ["b"]}, mode)
        world.run("r2", {"2": ["c"], "3": ["d"]}, mode)
        before = world.read()
        last = {"2": ["e"], "3": ["f"], "4": ["g"]}
        was_killed = False
        try:
            world.run("r3", last, mode, Countdown(kill_before))
        except Killed:
            was_killed = True
            listed = world.read_listed()
            assert expected is None or listed in (before, expected[0])
            for day, lines in world.read().items():
                assert expected is None or lines in (before.get(day), expected[0].get(day))
            if is_retried:
                world.run("r3", last, mode)
            else:
                # Published and not shown: any run that publishes shows it.
                is_published = expected is not None and listed == expected[1]
                world.run("r4", {} if is_published and mode != REPLACE else last, mode)
        ended = (world.read(), world.read_listed())
        keys = all_keys(world.s3, "lake")
        if expected is None:
            expected = (*ended, keys)
            continue
        assert ended == expected[:2]
        if is_retried or not was_killed:
            assert keys == expected[2]
        if not was_killed:
            assert kill_before is not None
            assert kill_before >= 9
            return
