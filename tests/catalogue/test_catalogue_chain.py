"""The jobs of ``incremental_chain`` in this process, with Spark's work replaced: killed before every change."""

from __future__ import annotations

from typing import Any

import pytest
from chain_world import STEPS, World, frozen
from fake_catalogue import Countdown, Killed, all_keys

from glue_jobs.common import workflow_run
from glue_jobs.common.appended_table import SchemaChanged, schema_differences
from glue_jobs.common.batches import BatchGone, LoadedElsewhere
from glue_jobs.common.manifest import Manifest
from glue_jobs.common.presence import MarkerMissing
from glue_jobs.common.publishing import NotOwned
from glue_jobs.common.run_lock import DestinationLocked
from glue_jobs.incremental_chain import ingest, look, publish, transform


def test_each_run_adds_its_new_files() -> None:
    """README, "Exactly once": a run adds what is new; what was loaded is left out, whatever its time."""
    world = World()
    world.put("a.txt", "1", "2")
    world.run("wr_1")
    world.put("b.txt", "3")
    world.put("copy.txt", "1", "2")
    world.run("wr_2")
    assert world.rows() == [("1", "in/a.txt"), ("2", "in/a.txt"), ("3", "in/b.txt")]
    properties = world.glue.properties["wr_2"]
    assert properties["file_presence.count"] == "1"
    assert properties["incremental_chain.files_known"] == "1"
    assert properties["incremental_chain.files_duplicates"] == "1"
    assert properties["incremental_chain.rows"] == "1"
    assert properties["incremental_chain.table_rows"] == "3"
    assert not [key for key in all_keys(world.s3, "lake") if "_staging" in key or "_lock" in key]
    assert len([key for key in all_keys(world.s3, "lake") if "_ledger" in key]) == 1


def test_a_chain_killed_before_any_change_and_continued_ends_the_same() -> None:
    """README, "Exactly once": every job is killed before each of its changes to S3 and Glue. A reader sees the old
    rows or the new ones; done again, rows and objects are those of a chain never killed."""
    for name in STEPS:
        expected: tuple[Any, ...] | None = None
        for kill_before in [None, *range(1000)]:
            world = World()
            world.put("a.txt", "1")
            world.run("wr_1")
            world.put("b.txt", "2", "3")
            before = world.rows()
            world.start("wr_2")
            was_killed = False
            for step in STEPS:
                try:
                    world.step(step, "wr_2", Countdown(kill_before) if step == name else None)
                except Killed:
                    was_killed = True
                    assert world.rows() in (before, [("1", "in/a.txt"), ("2", "in/b.txt"), ("3", "in/b.txt")])
                    world.step(step, "wr_2")
            ended = (world.rows(), all_keys(world.s3, "lake"), world.glue.properties["wr_2"])
            if expected is None:
                expected = ended
                assert len(world.rows()) == 3
                continue
            assert ended == expected
            if not was_killed:
                assert kill_before
                break


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("name", STEPS)
def test_a_run_killed_and_never_continued_is_made_up_for_by_the_next_one(name: str, more: bool) -> None:
    """README, "Exactly once": the next run takes the files that are not published yet, and shows what is published
    and not visible, also if there is no other new file; nothing is left behind."""
    for kill_before in range(25):
        world = World()
        world.put("a.txt", "1")
        world.run("wr_1")
        world.put("b.txt", "2")
        world.start("wr_2")
        try:
            for step in STEPS:
                world.step(step, "wr_2", Countdown(kill_before) if step == name else None)
        except Killed:
            if more:
                world.put("c.txt", "3")
            world.run("wr_3")
        else:
            assert kill_before > 1
            break
        added = [("3", "in/c.txt")] if more else []
        assert world.rows() == [("1", "in/a.txt"), ("2", "in/b.txt"), *added]
        assert not [key for key in all_keys(world.s3, "lake") if "_staging" in key or "_lock" in key]


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_resumed_run_continues_with_the_batch(step: str) -> None:
    """README, "When a job fails": a run can be resumed at each job, also if the new run had no properties
    (docs/facts/workflows.md#resume: whether it has them is not documented)."""
    world = World()
    world.put("a.txt", "1")
    world.start("wr_1")
    for name in STEPS[: STEPS.index(step)]:
        world.step(name, "wr_1")
    world.start("wr_2", resumes="wr_1")
    world.start("wr_3", resumes="wr_2")
    world.glue.properties["wr_1"]["incremental_chain.failed"] = step
    for name in STEPS[STEPS.index(step) :]:
        world.step(name, "wr_3")
    assert world.glue.properties["wr_3"]["incremental_chain.failed"] == ""
    assert world.rows() == [("1", "in/a.txt")]
    assert world.glue.properties["wr_3"]["incremental_chain.batch"] == "wr_1"
    # Once more, although it is published: nothing happens.
    world.start("wr_4", resumes="wr_3")
    for name in STEPS[STEPS.index(step) :]:
        world.step(name, "wr_4")
    assert world.rows() == [("1", "in/a.txt")]


def test_a_run_whose_files_another_one_has_published_cannot_be_resumed() -> None:
    """README, "When a job fails": resuming an old run must not load its files twice."""
    world = World()
    world.put("a.txt", "1")
    world.start("wr_1")
    world.step("look", "wr_1")
    world.step("ingest", "wr_1")
    world.run("wr_2")
    world.start("wr_3", resumes="wr_1")
    with pytest.raises(LoadedElsewhere, match=r"1 of the 1 files .* in/a.txt by wr_2"):
        world.step("ingest", "wr_3")
    with pytest.raises(BatchGone, match="start the workflow again"):
        world.step("transform", "wr_3")
    with pytest.raises(BatchGone, match="start the workflow again"):
        world.step("publish", "wr_3")
    assert world.rows() == [("1", "in/a.txt")]


def test_without_new_files_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """OnMissing: skip stops the run, fail fails it; continue lets later jobs read the marker and end."""
    monkeypatch.setattr(workflow_run.time, "sleep", lambda seconds: None)
    world = World()
    world.run("wr_1")
    assert world.glue.properties["wr_1"]["file_presence"] == "false"
    assert "no new file" in world.glue.properties["wr_1"]["file_presence.reason"]
    world.start("wr_2")
    world.step("look", "wr_2", on_missing="skip")
    assert world.glue.runs["wr_2"] == "STOPPED"
    world.start("wr_3")
    with pytest.raises(look.FilesMissing):
        world.step("look", "wr_3", on_missing="fail")
    assert all_keys(world.s3, "lake") == set()
    assert world.glue.tables == {}


def test_a_job_without_a_marker_fails() -> None:
    """A missing marker is an error, never "false" (presence.py)."""
    world = World()
    world.start("wr_1")
    with pytest.raises(MarkerMissing):
        world.step("ingest", "wr_1")


def test_changed_files_fail_load_or_are_left_out() -> None:
    """ChangedFiles: a file that was loaded and overwritten is never lost or doubled silently."""
    world = World()
    world.put("a.txt", "1")
    world.run("wr_1")
    world.put("a.txt", "1", "2")
    with pytest.raises(look.FilesChanged, match=r"1 files were overwritten .*in/a.txt"):
        world.run("wr_2")
    world.run("wr_3", changed_files="skip")
    assert world.rows() == [("1", "in/a.txt")]
    assert world.glue.properties["wr_3"]["incremental_chain.files_changed"] == "1"
    world.run("wr_4", changed_files="load")
    assert world.rows() == [("1", "in/a.txt"), ("1", "in/a.txt"), ("2", "in/a.txt")]


def test_duplicates_are_loaded_if_that_is_chosen() -> None:
    """DuplicateFiles=load: two files with equal content are two files."""
    world = World()
    world.put("a.txt", "1")
    world.put("b.txt", "1")
    world.run("wr_1", duplicate_files="load")
    assert world.rows() == [("1", "in/a.txt"), ("1", "in/b.txt")]


def test_a_file_that_changes_while_it_is_read_stops_the_run() -> None:
    """What was frozen is staged, or nothing is (docs/decisions/publishing-a-load.md)."""
    world = World()
    world.put("a.txt", "1")
    world.start("wr_1")
    world.step("look", "wr_1")
    world.put("a.txt", "2")
    with pytest.raises(ingest.InputChanged, match=r"such as in/a.txt"):
        world.step("ingest", "wr_1")
    world.run("wr_2")
    assert world.rows() == [("2", "in/a.txt")]


def test_two_runs_at_once_never_write_together() -> None:
    """README, limits: the second of two runs fails before it touches anything."""
    world = World()
    world.put("a.txt", "1")
    world.start("wr_1")
    world.step("look", "wr_1")
    world.glue.runs["wr_2"] = "RUNNING"
    keys = all_keys(world.s3, "lake")
    with pytest.raises(DestinationLocked, match="wr_1"):
        world.step("look", "wr_2")
    assert all_keys(world.s3, "lake") == keys
    for name in STEPS[1:]:
        world.step(name, "wr_1")
    assert world.rows() == [("1", "in/a.txt")]


def test_another_workflow_and_its_table_are_left_alone() -> None:
    """README, limits: a destination or a table of another owner is refused before anything is published."""
    world = World()
    world.put("a.txt", "1")
    world.run("wr_1")
    world.start("wr_2")
    with pytest.raises(NotOwned, match="the workflow trips"):
        world.step("look", "wr_2", WORKFLOW_NAME="other")
    other = World()
    other.put("a.txt", "1")
    other.glue.tables["trips"] = {"Name": "trips", "Parameters": {}, "PartitionKeys": []}
    with pytest.raises(NotOwned, match="was not made by this blueprint"):
        other.run("wr_1")
    assert "trips/_published.json" not in all_keys(other.s3, "lake")


def test_other_columns_than_the_tables_are_refused() -> None:
    """README, "The statement": a result with other columns or types is refused, and each difference is named."""
    world = World()
    world.put("a.txt", "1")
    world.run("wr_1")
    world.put("b.txt", "2")
    world.columns = (("line", "bigint"), ("input_file", "string"))
    with pytest.raises(SchemaChanged, match="the column line is bigint and not string"):
        world.run("wr_2")
    assert world.rows() == [("1", "in/a.txt")]
    assert schema_differences((("a", "int"),), (("b", "int"),)) == [
        "the column a is missing",
        "the column b (int) is new",
    ]


def test_a_damaged_result_is_not_published() -> None:
    """The files of the result are compared with what was written before the atomic step (publish.py)."""
    world = World()
    world.put("a.txt", "1")
    world.start("wr_1")
    for name in STEPS[:3]:
        world.step(name, "wr_1")
    world.s3.delete_object(Bucket="lake", Key="trips/run=wr_1/part-0.parquet")
    with pytest.raises(publish.ResultDamaged, match="Resume the run at the job transform"):
        world.step("publish", "wr_1")
    world.start("wr_2", resumes="wr_1")
    for name in STEPS[2:]:
        world.step(name, "wr_2")
    assert world.rows() == [("1", "in/a.txt")]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ([("a", "int"), ("A", "int")], "two columns are named a"),
        ([("run", "string")], "run is the name of the partition key"),
        ([("count(1)", "bigint")], "has characters"),
        ([("a", "void")], "the column a is of type void"),
        ([], "it must be a query"),
    ],
)
def test_a_result_that_no_table_can_have_is_refused(fields: list[tuple[str, str]], problem: str) -> None:
    """README, "The statement": the error names the column that needs AS or CAST."""
    with pytest.raises(transform.StatementFailed, match="use AS and CAST") as caught:
        transform.result_columns(fields)
    assert problem in str(caught.value)


def test_objects_that_are_no_input_are_kept_from_glues_reader() -> None:
    """Glue's reader opens all of a location; what FilePattern leaves out is excluded by name (ingest.py)."""
    world = World()
    for name in ("a.txt", "notes.md", "deep/x.md", "_hidden.md", "folder/"):
        world.put(name, "1")
    world.put("empty.txt", "")
    manifest = Manifest("s3://landing/in/", "landing", "now", ())
    assert ingest.other_objects(world.s3, manifest, "*.txt") == [
        "s3://landing/in/deep/x.md",
        "s3://landing/in/empty.txt",
        "s3://landing/in/notes.md",
    ]


def test_a_files_name_is_recognised_plain_and_encoded() -> None:
    """How Glue's reader writes special characters of a key is not documented; both forms count (ingest.py)."""
    manifest = Manifest("s3://b/in/", "b", "now", tuple(frozen(key) for key in ("in/a b+c=d.csv", "in/é%.csv")))
    names = ingest.file_names(manifest)
    assert names["s3://b/in/a b+c=d.csv"] == names["s3://b/in/a%20b+c=d.csv"] == "in/a b+c=d.csv"
    assert names["s3://b/in/%C3%A9%25.csv"] == "in/é%.csv"
    twins = Manifest("s3://b/in/", "b", "now", (frozen("in/a b"), frozen("in/a%20b")))
    with pytest.raises(ingest.UnusableInput, match="same name once it is encoded"):
        ingest.file_names(twins)
