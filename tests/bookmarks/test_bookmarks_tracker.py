"""What sources are answered: with and without a name, before init, after a change of the source, for tables."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from bookmarks_house import PAUSED, House
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
from glueprint.runtime.bookmarks.state import BookmarkState, UnknownElement
from glueprint.runtime.s3objects import S3Object

A = S3Object("b", "a", 1, 1_699_999_000.0)


def test_a_source_without_a_name_has_no_bookmark(house: House) -> None:
    """'If you don't pass in the transformation_ctx parameter, job bookmarks are not enabled' (AWS Glue guide)."""
    for _ in range(2):
        run = house.begin()
        assert run.bookmarks.new_objects("", "s", [A]) == [A]
        assert run.bookmarks.key_range("", "s", ["id"]) is None
        run.bookmarks.commit()
    assert house.entry()["JobBookmark"] == "{}"


def test_before_init_everything_is_new_and_nothing_is_kept(house: House) -> None:
    """'Bookmarks won't work without calling' Job.init and Job.commit (AWS Glue guide, "Using job bookmarks")."""
    bookmarks = Bookmarks()
    assert bookmarks.new_objects("ctx", "s", [A]) == [A]
    assert bookmarks.key_range("ctx", "s", ["id"]) is None
    bookmarks.commit()


def test_without_commit_the_next_run_reads_again(house: House) -> None:
    """Without Job.commit no progress is stored (AWS Glue guide, "Job run failures")."""
    for _ in range(2):
        assert house.begin().bookmarks.new_objects("ctx", "s", [A]) == [A]


def test_a_listing_keeps_its_order(house: House) -> None:
    """What is new comes in the order in which it was listed: sources depend on it."""
    listing = [S3Object("b", key, 1, 1_699_999_000.0) for key in "dacb"]
    assert house.begin().bookmarks.new_objects("ctx", "s", listing) == listing


def test_another_source_under_the_same_name_is_read_from_its_beginning(house: House) -> None:
    """'Changing the source properties' voids the element's state
    (docs/facts/bookmarks.md#script-contract); the run's log says so."""
    first = house.begin()
    first.bookmarks.new_objects("ctx", "s3://b/ csv", [A])
    first.bookmarks.commit()
    second = house.begin()
    assert second.bookmarks.new_objects("ctx", "s3://b/ json", [A]) == [A]
    assert "'ctx' is not what it was" in second.printed[0]
    second.bookmarks.commit()
    assert house.begin().bookmarks.new_objects("ctx", "s3://b/ json", [A]) == []


def test_a_name_for_two_sources_is_warned_of(house: House) -> None:
    """A transformation_ctx is 'a unique identifier' (AWS Glue guide): two sources void each other's state."""
    run = house.begin()
    run.bookmarks.new_objects("ctx", "one", [A])
    run.bookmarks.new_objects("ctx", "two", [A])
    assert "used for two sources" in run.printed[0]


def test_what_no_source_asked_for_this_time_is_kept(house: House) -> None:
    """A commit stores every element: a source that one run leaves out has not lost its state."""
    first = house.begin()
    first.bookmarks.new_objects("ctx", "s", [A])
    first.bookmarks.commit()
    house.begin().bookmarks.commit()
    assert house.begin().bookmarks.new_objects("ctx", "s", [A]) == []


def test_what_a_bound_leaves_over_stays_new_however_old_it_is(house: House) -> None:
    """boundedFiles takes a part at a time, bookmarks the next part (AWS Glue guide, "workload partitioning")."""
    old = [S3Object("b", f"{number}", 1, 1_600_000_000.0 + number) for number in range(5)]
    found = []
    for _ in range(3):
        run = house.begin().bookmarks
        new = run.new_objects("ctx", "s", old, bound=lambda objects: objects[:2])
        found.append([one.key for one in new])
        run.commit()
        house.now += 10_000
    assert found == [["0", "1"], ["2", "3"], ["4"]]


def test_two_readings_of_one_name_both_count(house: House) -> None:
    """Two predicates on one table list different parts: the second reading does not forget the first."""
    now = float(int(house.now))
    first, second = S3Object("b", "p=1/a", 1, now), S3Object("b", "p=2/a", 1, now)
    run = house.begin()
    assert run.bookmarks.new_objects("ctx", "s", [first]) == [first]
    assert run.bookmarks.new_objects("ctx", "s", [second]) == [second]
    run.bookmarks.commit()
    assert house.begin().bookmarks.new_objects("ctx", "s", [first, second]) == []


def test_an_object_written_again_is_read_again(house: House) -> None:
    """'If your input source data has been modified since your last job run, the files are reprocessed'."""
    first = house.begin()
    now = float(int(house.now))
    first.bookmarks.new_objects("ctx", "s", [S3Object("b", "a", 1, now, "x")])
    first.bookmarks.commit()
    again = S3Object("b", "a", 1, now, "y")  # within the same second, which is all that S3 tells
    assert house.begin().bookmarks.new_objects("ctx", "s", [again]) == [again]


def test_rows_are_read_up_to_the_last_key_that_was_seen(house: House) -> None:
    """Rows beyond the last committed key are new; those that come while the job runs are the next run's."""
    first = house.begin().bookmarks
    whole = first.key_range("t", "emp", ["id"])
    assert whole == KeyRange(("id",))
    assert first.saw_keys("t", "emp", whole, (7,)).where() == "((`id` <= 7L)) OR `id` IS NULL"
    first.commit()
    second = house.begin().bookmarks
    rest = second.key_range("t", "emp", ["id"])
    assert rest is not None
    assert rest.where() == "((`id` > 7L))"
    assert second.saw_keys("t", "emp", rest, None).where() == "false"
    second.commit()
    assert house.begin().bookmarks.key_range("t", "emp", ["id"]) == rest


@pytest.mark.parametrize(
    ("columns", "order"), [(["id", "at"], SortOrder.ASCENDING), (["id"], SortOrder.DESCENDING)]
)
def test_other_keys_or_another_order_begin_anew(house: House, columns: list[str], order: SortOrder) -> None:
    """They are properties of the source, and change what the last key means
    (docs/facts/bookmarks.md#script-contract)."""
    first = house.begin().bookmarks
    first.saw_keys("t", "emp", KeyRange(("id",)), (7,))
    first.commit()
    assert house.begin().bookmarks.key_range("t", "emp", columns, order) == KeyRange(tuple(columns), order)


def test_a_range_of_runs_is_a_range_of_rows(house: House) -> None:
    """--job-bookmark-from X, -to Y: what X had read is left out, what Y had read is the end (AWS Glue guide)."""
    runs = []
    for last in (3, 7, 9):
        run = house.begin()
        run.bookmarks.saw_keys("t", "emp", KeyRange(("id",)), (last,))
        run.bookmarks.commit()
        runs.append(run.run_id)
    range_of_runs = BookmarkOptions(BookmarkOption.PAUSE, runs[0], runs[1])
    paused = house.begin(range_of_runs).bookmarks
    assert paused.key_range("t", "emp", ["id"]) == KeyRange(("id",), after=(3,), up_to=(7,))
    assert paused.key_range("new", "emp", ["id"]) == KeyRange(("id",), empty=True)
    assert house.begin(PAUSED).bookmarks.key_range("t", "emp", ["id"]) == KeyRange(("id",), after=(9,))


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
    listed=st.integers(0, 4_000_000_000_000),
    begins=st.integers(0, 4_000_000_000_000),
    seen=st.dictionaries(st.text("0123456789abcdef", min_size=1), st.integers(0, 4_000_000_000_000)),
)
ROWS = st.builds(
    KeyState,
    source=st.text("0123456789abcdef", min_size=1),
    columns=st.lists(st.text(min_size=1), min_size=1).map(tuple),
    order=st.sampled_from(SortOrder),
    last=st.lists(VALUES, min_size=1).map(tuple),
)


@given(st.dictionaries(st.text(), FILES | ROWS), st.integers(1, 100))
def test_a_bookmark_survives_its_text(elements: dict[str, FileState | KeyState], run: int) -> None:
    """What a commit stores is what the next run finds, and the same state is the same text (repeated commits)."""
    state = BookmarkState(elements)
    text = state.to_json(run)
    assert BookmarkState.from_json(text) == state
    assert BookmarkState.from_json(text).to_json(run) == text


@pytest.mark.parametrize("text", ['{"ctx":{}}', '{"ctx":{"jsonClass":"Other"}}', '{"ctx":1}'])
def test_a_bookmark_of_another_making_is_refused_by_name(text: str) -> None:
    """Better no run than one that skips: the message says which element, and what to do."""
    with pytest.raises(UnknownElement, match=r"'ctx'.*ResetJobBookmark"):
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
    """As Amazon's getResolvedOptions hands them over; disable is the default (AWS Glue guide)."""
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
def test_amazons_get_resolved_options_hands_them_over(argv: list[str], options: BookmarkOptions) -> None:
    """The names in its answer are Amazon's package's own (awsglue.utils.getResolvedOptions)."""
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
def test_options_that_make_no_sense_are_refused(arguments: dict[str, Any]) -> None:
    """'when used both the sub-options need to be provided' (AWS Glue guide)."""
    with pytest.raises(ValueError, match="job-bookmark"):
        BookmarkOptions.of_arguments(arguments)


def test_bookmarks_need_somebody_who_keeps_them() -> None:
    """A script outside a job run is told what to do instead of reading everything every time."""
    with pytest.raises(BookmarkRefused, match="job-bookmark-disable"):
        Bookmarks().begin("job", BookmarkOptions(BookmarkOption.ENABLE), None)


def test_literals_are_spark_sql(house: House) -> None:
    """Each kind of value as Spark's SQL reference writes it, quotes and backslashes escaped."""
    key = (1, 1.5, Decimal("2.50"), "it's\\", date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6))
    told = KeyRange(tuple("abcdef"), after=key).where()
    assert told is not None
    assert told.endswith(
        "(`a` = 1L AND `b` = 1.5D AND `c` = 2.50BD AND `d` = 'it\\'s\\\\' AND `e` = DATE '2026-01-02' "
        "AND `f` > TIMESTAMP '2026-01-02 03:04:05.000006'))"
    )
