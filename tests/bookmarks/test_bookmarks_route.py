"""A run takes up its bookmark and commits it: numbers, repeated calls, refusals, ranges, resets."""

from __future__ import annotations

import pytest
from bookmarks_house import ENABLED, JOB, PAUSED, House, Side

from glueprint.local.protocol import ApiError
from glueprint.runtime.bookmarks import BookmarkOption, BookmarkOptions, BookmarkRefused
from glueprint.runtime.s3objects import S3Object


def _object(key: str, modified: float) -> S3Object:
    return S3Object("b", key, 1, modified)


def test_numbers_are_those_that_aws_was_seen_to_give(house: House) -> None:
    """One run: Version 2, Run 2, no PreviousRunId; two: Version 4, Run 3 (a transcript of get-job-bookmark)."""
    first = house.begin()
    first.bookmarks.commit()
    assert house.entry() | {"JobBookmark": ""} == {
        "JobName": JOB,
        "Version": 2,
        "Run": 2,
        "Attempt": 0,
        "RunId": first.run_id,
        "JobBookmark": "",
    }
    second = house.begin()
    second.bookmarks.commit()
    entry = house.entry()
    assert (entry["Version"], entry["Run"], entry["RunId"]) == (4, 3, second.run_id)
    assert entry["PreviousRunId"] == first.run_id


def test_attempts_count_runs_after_one_that_did_not_commit(house: House) -> None:
    """Attempt 'is only incremented when there is a run after a failed attempt' (AWS Glue guide)."""
    house.begin()
    house.begin()
    assert (house.entry()["Run"], house.entry()["Attempt"]) == (1, 1)
    third = house.begin()
    assert (house.entry()["Run"], house.entry()["Attempt"]) == (1, 2)
    third.bookmarks.commit()
    assert (house.entry()["Run"], house.entry()["Attempt"]) == (2, 0)


def test_a_call_that_is_repeated_answers_as_before(house: House) -> None:
    """A job whose answer was lost with the server asks again: no new version, no refusal (issue 5, 3)."""
    run = house.begin()
    again = run.side.begin(JOB, ENABLED)
    assert (again.version, house.entry()["Version"]) == (1, 1)
    state = '{"ctx":{}}'
    assert [run.side.commit(JOB, 1, state), run.side.commit(JOB, 1, state)] == [2, 2]
    assert (house.entry()["Version"], house.entry()["Run"]) == (2, 2)


def test_several_commits_of_a_run_are_one_run(house: House) -> None:
    """Version rises with every update, Run only with every run (AWS Glue guide); the last state counts."""
    run = house.begin()
    run.bookmarks.new_objects("one", "s", [_object("a", house.now)])
    run.bookmarks.commit()
    run.bookmarks.new_objects("two", "s", [_object("b", house.now)])
    run.bookmarks.commit()
    entry = house.entry(run.run_id)
    assert (entry["Version"], entry["Run"]) == (3, 2)
    assert '"one"' in entry["JobBookmark"]
    assert '"two"' in entry["JobBookmark"]


def test_of_two_runs_at_once_only_the_one_that_began_last_commits(house: House) -> None:
    """AWS Glue guide, "Job bookmark update failed due to version mismatch": Glue's words."""
    house.begin().bookmarks.commit()
    slow, fast = house.begin(), house.begin()
    with pytest.raises(BookmarkRefused) as refused:
        slow.bookmarks.commit()
    words = "Continuation update failed due to version mismatch. Expected version 3 but found version 4"
    assert str(refused.value).startswith(words)
    assert fast.run_id in str(refused.value)
    fast.bookmarks.commit()
    assert house.entry()["RunId"] == fast.run_id


def test_a_job_that_may_run_twice_at_once_is_warned_of_it(house: House) -> None:
    """Docs require MaxConcurrentRuns 1 (AWS Glue guide, "A job is reprocessing data"): the run's log says so."""
    assert house.begin().printed == []
    house.delete_job()
    house.put_job(most_runs=3)
    (line,) = house.begin().printed
    assert "MaxConcurrentRuns 3" in line


@pytest.mark.parametrize("state", ["STOPPING", "STOPPED", "FAILED", "SUCCEEDED", "TIMEOUT", "WAITING"])
def test_only_a_run_that_runs_has_a_bookmark_to_keep(house: House, state: str) -> None:
    """Nothing is committed after the end of a run, whoever asks (issue 5, 3)."""
    run = house.begin()
    house.change_run(run.run_id, state)
    with pytest.raises(BookmarkRefused, match=f"is {state}"):
        run.bookmarks.commit()
    with pytest.raises(BookmarkRefused, match=f"is {state}"):
        Side(house, run.run_id).begin(JOB, ENABLED)


def test_a_run_may_begin_before_its_start_is_stored(house: House) -> None:
    """STARTING lasts until the server has stored that the process runs; the script may be quicker."""
    assert Side(house, house.new_run("STARTING")).begin(JOB, ENABLED).version == 1


def test_a_run_that_nobody_knows_is_refused(house: House) -> None:
    """EntityNotFoundException, as for GetJobRun (service model)."""
    with pytest.raises(BookmarkRefused, match="Job run jr_none not found"):
        Side(house, "jr_none").begin(JOB, ENABLED)


def test_a_paused_run_leaves_no_trace(house: House) -> None:
    """'without updating the state of the last bookmark' (AWS Glue guide): no version, no row."""
    house.begin().bookmarks.commit()
    before = house.entry()
    paused = house.begin(PAUSED)
    paused.bookmarks.new_objects("ctx", "s", [_object("a", house.now)])
    paused.bookmarks.commit()
    assert house.entry() == before


def test_a_range_names_runs_that_have_a_bookmark(house: House) -> None:
    """A run id of --job-bookmark-from or -to that left no bookmark is refused by name."""
    run = house.begin()
    run.bookmarks.commit()
    options = BookmarkOptions(BookmarkOption.PAUSE, run.run_id, "jr_none")
    with pytest.raises(BookmarkRefused, match="run jr_none not found"):
        house.begin(options)


def test_a_reset_during_a_run_wins(house: House) -> None:
    """Who resets while a run goes on finds the bookmark empty afterwards: the run's commit is refused."""
    run = house.begin()
    house.reset()
    with pytest.raises(BookmarkRefused, match="found version 2: a reset has changed"):
        run.bookmarks.commit()
    assert house.entry()["JobBookmark"] == "{}"


def test_a_reset_to_the_run_that_goes_on_wins_too(house: House) -> None:
    """The newest row is then the run's own again, but not the version that it knows."""
    run = house.begin()
    run.bookmarks.commit()
    house.reset(run.run_id)
    run.bookmarks.new_objects("ctx", "s", [_object("a", house.now)])
    with pytest.raises(BookmarkRefused, match="Expected version 2 but found version 3"):
        run.bookmarks.commit()


def test_reset_to_a_run_goes_back_to_what_it_left(house: House) -> None:
    """ResetJobBookmark with RunId (AWS Glue guide, rewinding); the next run reads what came after that run."""
    runs = []
    for key in ("a", "b", "c"):
        house.now += 10_000
        run = house.begin()
        listing = [_object(one, 1_700_010_000.0 + 10_000 * i) for i, one in enumerate("abc") if one <= key]
        assert [one.key for one in run.bookmarks.new_objects("ctx", "s", listing)] == [key]
        run.bookmarks.commit()
        runs.append(run.run_id)
    assert house.reset(runs[0])["RunId"] == runs[0]
    again = house.begin()
    listing = [_object(one, 1_700_010_000.0 + 10_000 * i) for i, one in enumerate("abc")]
    assert [one.key for one in again.bookmarks.new_objects("ctx", "s", listing)] == ["b", "c"]


def test_deleting_the_job_deletes_its_bookmark(house: House) -> None:
    """'If you delete a job, the job bookmark is deleted' (AWS Glue guide); a run that goes on cannot commit."""
    run = house.begin()
    house.delete_job()
    with pytest.raises(ApiError, match="not found"):
        house.entry()
    with pytest.raises(BookmarkRefused, match="found version 0"):
        run.bookmarks.commit()


def test_the_name_of_the_bookmark_is_what_init_is_given(house: House) -> None:
    """'Each instance of the state is keyed by a job name': scripts give Job.init names of their own."""
    run = house.begin(name=f"{JOB}-trips")
    run.bookmarks.commit()
    other = house.begin()
    assert (run.side.begin(f"{JOB}-trips", ENABLED).version, other.side.begin(JOB, ENABLED).version) == (2, 1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/glueprint/v1/job-runs/jr_1/bookmark/begin", b"{", 400),
        ("POST", "/glueprint/v1/job-runs/jr_1/bookmark/begin", b"[]", 400),
        ("POST", "/glueprint/v1/job-runs/jr_1/bookmark/begin", b"{}", 400),
        ("POST", "/glueprint/v1/job-runs/jr_1/bookmark/commit", b'{"JobName":"a","Version":"","State":"{}"}', 400),
        ("POST", "/glueprint/v1/job-runs/jr_1/bookmark/commit", b'{"JobName":"a","Version":1,"State":"[]"}', 400),
        ("POST", "/glueprint/v1/job-runs/jr_1/bookmark/commit", b'{"JobName":"a","Version":1,"State":"{"}', 400),
        ("GET", "/glueprint/v1/job-runs/jr_1/bookmark/begin", b"", 405),
        ("POST", "/glueprint/v1/job-runs/jr_1/bookmark", b"{}", 404),
        ("POST", "/elsewhere", b"{}", 404),
    ],
)
def test_what_is_no_call_is_refused(house: House, method: str, path: str, body: bytes, status: int) -> None:
    """One error shape over the whole route (docs/architecture.md)."""
    answered, told = house.route.handle(method, path, body)
    assert answered == status
    assert told["__type"]
    assert told["message"]
