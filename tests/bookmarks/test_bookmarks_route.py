"""A run loads its bookmark and commits it: numbers, repeated calls, refusals, ranges, resets."""

from __future__ import annotations

import pytest
from bookmarks_harness import ENABLED, JOB, PAUSED, BookmarkHarness, RouteClient

from glueprint.local.protocol import ApiError
from glueprint.runtime.bookmarks import BookmarkOption, BookmarkOptions, BookmarkRefused
from glueprint.runtime.s3objects import S3Object


def _object(key: str, modified: float) -> S3Object:
    return S3Object("b", key, 1, modified)


def test_numbers_are_those_of_a_real_bookmark(harness: BookmarkHarness) -> None:
    """One run: Version 2, Run 2, no PreviousRunId; two: Version 4, Run 3 (docs/facts/bookmarks.md#counters)."""
    first = harness.begin()
    first.bookmarks.commit()
    assert harness.entry() | {"JobBookmark": ""} == {
        "JobName": JOB,
        "Version": 2,
        "Run": 2,
        "Attempt": 0,
        "RunId": first.run_id,
        "JobBookmark": "",
    }
    second = harness.begin()
    second.bookmarks.commit()
    entry = harness.entry()
    assert (entry["Version"], entry["Run"], entry["RunId"]) == (4, 3, second.run_id)
    assert entry["PreviousRunId"] == first.run_id


def test_attempts_count_runs_after_one_that_did_not_commit(harness: BookmarkHarness) -> None:
    """Attempt 'is only incremented when there is a run after a failed attempt' (DG:monitor-continuations)."""
    harness.begin()
    harness.begin()
    assert (harness.entry()["Run"], harness.entry()["Attempt"]) == (1, 1)
    third = harness.begin()
    assert (harness.entry()["Run"], harness.entry()["Attempt"]) == (1, 2)
    third.bookmarks.commit()
    assert (harness.entry()["Run"], harness.entry()["Attempt"]) == (2, 0)


def test_a_repeated_call_has_the_same_response(harness: BookmarkHarness) -> None:
    """A job repeats a call whose response was lost: no new version, no refusal."""
    run = harness.begin()
    again = run.client.begin(JOB, ENABLED)
    assert (again.version, harness.entry()["Version"]) == (1, 1)
    state = '{"ctx":{}}'
    assert [run.client.commit(JOB, 1, state), run.client.commit(JOB, 1, state)] == [2, 2]
    assert (harness.entry()["Version"], harness.entry()["Run"]) == (2, 2)


def test_several_commits_of_a_run_are_one_run(harness: BookmarkHarness) -> None:
    """Version rises with every update, Run only with every run (docs/facts/bookmarks.md#counters); the last state
    is stored."""
    run = harness.begin()
    run.bookmarks.new_objects("one", "s", [_object("a", harness.now)])
    run.bookmarks.commit()
    run.bookmarks.new_objects("two", "s", [_object("b", harness.now)])
    run.bookmarks.commit()
    entry = harness.entry(run.run_id)
    assert (entry["Version"], entry["Run"]) == (3, 2)
    assert '"one"' in entry["JobBookmark"]
    assert '"two"' in entry["JobBookmark"]


def test_of_two_simultaneous_runs_only_the_one_that_started_last_commits(harness: BookmarkHarness) -> None:
    """The error has Glue's words (docs/facts/bookmarks.md#concurrency)."""
    harness.begin().bookmarks.commit()
    slow, fast = harness.begin(), harness.begin()
    with pytest.raises(BookmarkRefused) as refused:
        slow.bookmarks.commit()
    words = "Continuation update failed due to version mismatch. Expected version 3 but found version 4"
    assert str(refused.value).startswith(words)
    assert fast.run_id in str(refused.value)
    fast.bookmarks.commit()
    assert harness.entry()["RunId"] == fast.run_id


def test_a_job_with_simultaneous_runs_is_warned(harness: BookmarkHarness) -> None:
    """The guide requires MaxConcurrentRuns 1 (docs/facts/bookmarks.md#concurrency): the run's log has a warning.
    """
    assert harness.begin().printed == []
    harness.delete_job()
    harness.put_job(max_concurrent_runs=3)
    (line,) = harness.begin().printed
    assert "MaxConcurrentRuns 3" in line


@pytest.mark.parametrize("state", ["STOPPING", "STOPPED", "FAILED", "SUCCEEDED", "TIMEOUT", "WAITING"])
def test_only_a_running_run_can_commit(harness: BookmarkHarness, state: str) -> None:
    """After the end of a run every call is refused (docs/fidelity/bookmarks.md)."""
    run = harness.begin()
    harness.change_run(run.run_id, state)
    with pytest.raises(BookmarkRefused, match=f"is {state}"):
        run.bookmarks.commit()
    with pytest.raises(BookmarkRefused, match=f"is {state}"):
        RouteClient(harness, run.run_id).begin(JOB, ENABLED)


def test_a_run_may_start_its_bookmark_before_it_is_running(harness: BookmarkHarness) -> None:
    """STARTING lasts until the server has stored that the process runs; the script may be faster."""
    assert RouteClient(harness, harness.new_run("STARTING")).begin(JOB, ENABLED).version == 1


def test_an_unknown_run_is_refused(harness: BookmarkHarness) -> None:
    """EntityNotFoundException, as for GetJobRun (service model)."""
    with pytest.raises(BookmarkRefused, match="Job run jr_none not found"):
        RouteClient(harness, "jr_none").begin(JOB, ENABLED)


def test_a_paused_run_changes_nothing(harness: BookmarkHarness) -> None:
    """'without updating the state of the last bookmark' (DG:monitor-continuations): no version, no row."""
    harness.begin().bookmarks.commit()
    before = harness.entry()
    paused = harness.begin(PAUSED)
    paused.bookmarks.new_objects("ctx", "s", [_object("a", harness.now)])
    paused.bookmarks.commit()
    assert harness.entry() == before


def test_a_range_of_runs_without_a_bookmark_is_refused(harness: BookmarkHarness) -> None:
    """A run of --job-bookmark-from or -to that stored no bookmark is refused and named in the error."""
    run = harness.begin()
    run.bookmarks.commit()
    options = BookmarkOptions(BookmarkOption.PAUSE, run.run_id, "jr_none")
    with pytest.raises(BookmarkRefused, match="run jr_none not found"):
        harness.begin(options)


def test_a_reset_during_a_run_wins(harness: BookmarkHarness) -> None:
    """After a reset during a run the bookmark stays empty: the run's commit is refused."""
    run = harness.begin()
    harness.reset()
    with pytest.raises(BookmarkRefused, match="found version 2: a reset has changed"):
        run.bookmarks.commit()
    assert harness.entry()["JobBookmark"] == "{}"


def test_a_reset_to_the_current_run_wins(harness: BookmarkHarness) -> None:
    """The newest row is the run's own, but it has another version than the run's."""
    run = harness.begin()
    run.bookmarks.commit()
    harness.reset(run.run_id)
    run.bookmarks.new_objects("ctx", "s", [_object("a", harness.now)])
    with pytest.raises(BookmarkRefused, match="Expected version 2 but found version 3"):
        run.bookmarks.commit()


def test_reset_to_a_run_restores_its_state(harness: BookmarkHarness) -> None:
    """ResetJobBookmark with RunId rewinds (docs/facts/bookmarks.md#reset): the next run reads what came after."""
    runs = []
    for key in ("a", "b", "c"):
        harness.now += 10_000
        run = harness.begin()
        listing = [_object(one, 1_700_010_000.0 + 10_000 * i) for i, one in enumerate("abc") if one <= key]
        assert [one.key for one in run.bookmarks.new_objects("ctx", "s", listing)] == [key]
        run.bookmarks.commit()
        runs.append(run.run_id)
    assert harness.reset(runs[0])["RunId"] == runs[0]
    again = harness.begin()
    listing = [_object(one, 1_700_010_000.0 + 10_000 * i) for i, one in enumerate("abc")]
    assert [one.key for one in again.bookmarks.new_objects("ctx", "s", listing)] == ["b", "c"]


def test_deleting_the_job_deletes_its_bookmark(harness: BookmarkHarness) -> None:
    """'If you delete a job, the job bookmark is deleted' (DG:monitor-continuations); a running run cannot
    commit.
    """
    run = harness.begin()
    harness.delete_job()
    with pytest.raises(ApiError, match="not found"):
        harness.entry()
    with pytest.raises(BookmarkRefused, match="found version 0"):
        run.bookmarks.commit()


def test_the_name_of_the_bookmark_is_the_one_passed_to_init(harness: BookmarkHarness) -> None:
    """'Each instance of the state is keyed by a job name' (DG:monitor-continuations): scripts choose the name."""
    run = harness.begin(name=f"{JOB}-trips")
    run.bookmarks.commit()
    other = harness.begin()
    assert (run.client.begin(f"{JOB}-trips", ENABLED).version, other.client.begin(JOB, ENABLED).version) == (2, 1)


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
def test_malformed_calls_are_refused(
    harness: BookmarkHarness, method: str, path: str, body: bytes, status: int
) -> None:
    """Every error of the route has the same shape (docs/architecture.md)."""
    answered, response = harness.route.handle(method, path, body)
    assert answered == status
    assert response["__type"]
    assert response["message"]
