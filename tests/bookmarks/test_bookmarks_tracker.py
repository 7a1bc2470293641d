"""What sources read: with and without a transformation_ctx, before init, after a change of the source, tables."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from bookmarks_harness import PAUSED, BookmarkHarness
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.bookmarks import (
    BookmarkOption,
    BookmarkOptions,
    BookmarkRefused,
    Bookmarks,
    KeyRange,
    SortOrder,
)
from glueprint.runtime.bookmarks.files import FileState
from glueprint.runtime.bookmarks.keys import KeyState
from glueprint.runtime.bookmarks.state import BookmarkState, UnreadableBookmark
from glueprint.runtime.s3objects import S3Object

A = S3Object("b", "a", 1, 1_699_999_000.0)


def test_a_source_without_a_name_has_no_bookmark(harness: BookmarkHarness) -> None:
    """'If you don't pass in the transformation_ctx parameter, job bookmarks are not enabled'
    (DG:monitor-continuations)."""
    for _ in range(2):
        run = harness.begin()
        assert run.bookmarks.new_objects("", "s", [A]) == [A]
        assert run.bookmarks.key_range("", "s", ["id"]) is None
        run.bookmarks.commit()
    assert harness.entry()["JobBookmark"] == "{}"


def test_before_init_everything_is_new_and_nothing_is_stored(harness: BookmarkHarness) -> None:
    """'Bookmarks won't work without calling' Job.init and Job.commit (DG:programming-etl-connect-bookmarks)."""
    bookmarks = Bookmarks()
    assert bookmarks.new_objects("ctx", "s", [A]) == [A]
    assert bookmarks.key_range("ctx", "s", ["id"]) is None
    bookmarks.commit()


def test_without_commit_the_next_run_reads_again(harness: BookmarkHarness) -> None:
    """Without Job.commit nothing is stored (docs/facts/bookmarks.md#script-contract)."""
    for _ in range(2):
        assert harness.begin().bookmarks.new_objects("ctx", "s", [A]) == [A]


def test_a_listing_keeps_its_order(harness: BookmarkHarness) -> None:
    """New objects are returned in the order of the listing: sources depend on it."""
    listing = [S3Object("b", key, 1, 1_699_999_000.0) for key in "dacb"]
    assert harness.begin().bookmarks.new_objects("ctx", "s", listing) == listing


def test_another_source_with_the_same_name_is_read_completely(harness: BookmarkHarness) -> None:
    """'Changing the source properties' voids the element's state
    (docs/facts/bookmarks.md#script-contract); the run's log has a warning."""
    first = harness.begin()
    first.bookmarks.new_objects("ctx", "s3://b/ csv", [A])
    first.bookmarks.commit()
    second = harness.begin()
    assert second.bookmarks.new_objects("ctx", "s3://b/ json", [A]) == [A]
    assert "'ctx' has changed" in second.printed[0]
    second.bookmarks.commit()
    assert harness.begin().bookmarks.new_objects("ctx", "s3://b/ json", [A]) == []


def test_a_name_used_for_two_sources_is_warned_about(harness: BookmarkHarness) -> None:
    """A transformation_ctx is 'a unique identifier' (DG:monitor-continuations): two sources void each other."""
    run = harness.begin()
    run.bookmarks.new_objects("ctx", "one", [A])
    run.bookmarks.new_objects("ctx", "two", [A])
    assert "used for two sources" in run.printed[0]


def test_a_source_that_a_run_does_not_read_keeps_its_state(harness: BookmarkHarness) -> None:
    """A commit stores every element, also those of sources that the run does not read."""
    first = harness.begin()
    first.bookmarks.new_objects("ctx", "s", [A])
    first.bookmarks.commit()
    harness.begin().bookmarks.commit()
    assert harness.begin().bookmarks.new_objects("ctx", "s", [A]) == []


def test_objects_beyond_a_bound_stay_new_however_old_they_are(harness: BookmarkHarness) -> None:
    """boundedFiles limits one run, and the next run reads the next part (AWS Glue guide, "Workload
    partitioning")."""
    old = [S3Object("b", f"{number}", 1, 1_600_000_000.0 + number) for number in range(5)]
    found = []
    for _ in range(3):
        run = harness.begin().bookmarks
        new = run.new_objects("ctx", "s", old, bound=lambda objects: objects[:2])
        found.append([one.key for one in new])
        run.commit()
        harness.now += 10_000
    assert found == [["0", "1"], ["2", "3"], ["4"]]


def test_two_reads_of_one_name_both_count(harness: BookmarkHarness) -> None:
    """Two predicates on one table list different parts: the second read does not replace the first."""
    now = float(int(harness.now))
    first, second = S3Object("b", "p=1/a", 1, now), S3Object("b", "p=2/a", 1, now)
    run = harness.begin()
    assert run.bookmarks.new_objects("ctx", "s", [first]) == [first]
    assert run.bookmarks.new_objects("ctx", "s", [second]) == [second]
    run.bookmarks.commit()
    assert harness.begin().bookmarks.new_objects("ctx", "s", [first, second]) == []


def test_an_object_written_again_is_read_again(harness: BookmarkHarness) -> None:
    """'If your input source data has been modified since your last job run, the files are reprocessed'
    (DG:monitor-continuations)."""
    first = harness.begin()
    now = float(int(harness.now))
    first.bookmarks.new_objects("ctx", "s", [S3Object("b", "a", 1, now, "x")])
    first.bookmarks.commit()
    again = S3Object("b", "a", 1, now, "y")  # within the same second, which is S3's resolution
    assert harness.begin().bookmarks.new_objects("ctx", "s", [again]) == [again]


def test_rows_are_read_up_to_the_last_recorded_key(harness: BookmarkHarness) -> None:
    """Rows beyond the last committed key are new; rows inserted while the job runs are left to the next run."""
    first = harness.begin().bookmarks
    complete = first.key_range("t", "emp", ["id"])
    assert complete == KeyRange(("id",))
    assert first.record_last_key("t", "emp", complete, (7,)).where() == "((`id` <= 7L)) OR `id` IS NULL"
    first.commit()
    second = harness.begin().bookmarks
    rest = second.key_range("t", "emp", ["id"])
    assert rest is not None
    assert rest.where() == "((`id` > 7L))"
    assert second.record_last_key("t", "emp", rest, None).where() == "false"
    second.commit()
    assert harness.begin().bookmarks.key_range("t", "emp", ["id"]) == rest


@pytest.mark.parametrize(
    ("columns", "order"), [(["id", "at"], SortOrder.ASCENDING), (["id"], SortOrder.DESCENDING)]
)
def test_other_keys_or_another_order_void_the_bookmark(
    harness: BookmarkHarness, columns: list[str], order: SortOrder
) -> None:
    """They are properties of the source, and change the meaning of the last key
    (docs/facts/bookmarks.md#script-contract)."""
    first = harness.begin().bookmarks
    first.record_last_key("t", "emp", KeyRange(("id",)), (7,))
    first.commit()
    assert harness.begin().bookmarks.key_range("t", "emp", columns, order) == KeyRange(tuple(columns), order)


def test_a_range_of_runs_is_a_range_of_rows(harness: BookmarkHarness) -> None:
    """--job-bookmark-from X, -to Y: rows that X read are left out, and Y's last row is the end
    (docs/facts/bookmarks.md#options)."""
    runs = []
    for last in (3, 7, 9):
        run = harness.begin()
        run.bookmarks.record_last_key("t", "emp", KeyRange(("id",)), (last,))
        run.bookmarks.commit()
        runs.append(run.run_id)
    range_of_runs = BookmarkOptions(BookmarkOption.PAUSE, runs[0], runs[1])
    paused = harness.begin(range_of_runs).bookmarks
    assert paused.key_range("t", "emp", ["id"]) == KeyRange(("id",), after=(3,), up_to=(7,))
    assert paused.key_range("new", "emp", ["id"]) == KeyRange(("id",), empty=True)
    assert harness.begin(PAUSED).bookmarks.key_range("t", "emp", ["id"]) == KeyRange(("id",), after=(9,))


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates(),
    st.datetimes(),
)
FILES = st.builds(
    FileState,
    source=st.text("0123456789abcdef", min_size=1),
    listed_at=st.integers(0, 4_000_000_000_000),
    band_start=st.integers(0, 4_000_000_000_000),
    read_in_band=st.dictionaries(st.text("0123456789abcdef", min_size=1), st.integers(0, 4_000_000_000_000)),
)
ROWS = st.builds(
    KeyState,
    source=st.text("0123456789abcdef", min_size=1),
    columns=st.lists(st.text(min_size=1), min_size=1).map(tuple),
    order=st.sampled_from(SortOrder),
    last=st.lists(VALUES, min_size=1).map(tuple),
)


@given(st.dictionaries(st.text(), FILES | ROWS), st.integers(1, 100))
def test_a_bookmark_survives_a_round_trip(elements: dict[str, FileState | KeyState], run: int) -> None:
    """The next run loads what a commit stored, and equal states have equal texts (repeated commits)."""
    state = BookmarkState(elements)
    text = state.to_json(run)
    assert BookmarkState.from_json(text) == state
    assert BookmarkState.from_json(text).to_json(run) == text


@pytest.mark.parametrize("text", ['{"ctx":{}}', '{"ctx":{"jsonClass":"Other"}}', '{"ctx":1}'])
def test_an_unreadable_bookmark_is_refused(text: str) -> None:
    """The run fails instead of skipping data: the message contains the element and the remedy."""
    with pytest.raises(UnreadableBookmark, match=r"'ctx'.*ResetJobBookmark"):
        BookmarkState.from_json(text)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({}, BookmarkOptions()),
        ({"job_bookmark_option": "job-bookmark-enable"}, BookmarkOptions(BookmarkOption.ENABLE)),
        (
            {"job_bookmark_option": "job-bookmark-pause", "job_bookmark_from": "a", "job_bookmark_to": "b"},
            BookmarkOptions(BookmarkOption.PAUSE, "a", "b"),
        ),
        (
            {"job_bookmark_option": "job-bookmark-pause", "job_bookmark_from": None, "job_bookmark_to": None},
            BookmarkOptions(BookmarkOption.PAUSE),
        ),
    ],
)
def test_options_are_read_from_the_arguments_of_init(arguments: dict[str, Any], options: BookmarkOptions) -> None:
    """The arguments have getResolvedOptions' names; disable is the default (docs/facts/bookmarks.md#options)."""
    assert BookmarkOptions.of_arguments(arguments) == options


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        ([], BookmarkOptions()),
        (["--job-bookmark-option", "job-bookmark-enable"], BookmarkOptions(BookmarkOption.ENABLE)),
        (["--continuation-option", "continuation-readonly"], BookmarkOptions(BookmarkOption.PAUSE)),
        (
            ["--job-bookmark-option", "job-bookmark-pause", "--job-bookmark-from", "a", "--job-bookmark-to", "b"],
            BookmarkOptions(BookmarkOption.PAUSE, "a", "b"),
        ),
    ],
)
def test_amazons_get_resolved_options_passes_them(argv: list[str], options: BookmarkOptions) -> None:
    """The names in its result are those of Amazon's package (docs/facts/runtime.md#getresolvedoptions)."""
    from awsglue.utils import getResolvedOptions

    args = getResolvedOptions(["script.py", "--JOB_NAME", "j", "--JOB_RUN_ID", "jr_1", *argv], ["JOB_NAME"])
    assert args["JOB_RUN_ID"] == "jr_1"
    assert BookmarkOptions.of_arguments(args) == options


@pytest.mark.parametrize(
    "arguments",
    [
        {"job_bookmark_option": "sometimes"},
        {"job_bookmark_option": "job-bookmark-pause", "job_bookmark_from": "a"},
    ],
)
def test_contradictory_options_are_refused(arguments: dict[str, Any]) -> None:
    """'when used both the sub-options need to be provided' (DG:monitor-continuations)."""
    with pytest.raises(ValueError, match="job-bookmark"):
        BookmarkOptions.of_arguments(arguments)


def test_bookmarks_require_a_service() -> None:
    """Outside a job run the error contains the remedy; the script does not read everything every time."""
    with pytest.raises(BookmarkRefused, match="job-bookmark-disable"):
        Bookmarks().begin("job", BookmarkOptions(BookmarkOption.ENABLE), None)


def test_literals_are_spark_sql(harness: BookmarkHarness) -> None:
    """Each kind of value as Spark's SQL reference writes it, quotes and backslashes escaped."""
    key = (1, 1.5, Decimal("2.50"), "it's\\", date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6))
    condition = KeyRange(tuple("abcdef"), after=key).where()
    assert condition is not None
    assert condition.endswith(
        "(`a` = 1L AND `b` = 1.5D AND `c` = 2.50BD AND `d` = 'it\\'s\\\\' AND `e` = DATE '2026-01-02' "
        "AND `f` > TIMESTAMP '2026-01-02 03:04:05.000006'))"
    )
