"""The lock against a second run (glue_jobs/common/run_lock.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fake_catalogue import Countdown, FakeCatalogue, Killed, Mortal, all_keys
from fake_s3 import FakeS3

from glue_jobs.common import run_lock
from glue_jobs.common.run_lock import (
    DestinationLocked,
    LockNotOwned,
    acquire_lock,
    check_lock,
    release_lock,
)

FOLDER = "s3://lake/a folder/é=%2B/"
KEY = "a folder/é=%2B/_lock.json"


def glue(**runs: str) -> FakeCatalogue:
    """A Glue with these workflow runs."""
    made = FakeCatalogue()
    made.runs.update(runs)
    return made


def holder(s3: Any) -> str:
    """The run that holds the lock."""
    run: str = json.loads(s3.get_object(Bucket="lake", Key=KEY)["Body"].read())["run"]
    return run


def test_a_retry_of_the_run_continues_and_the_last_job_releases(s3: Any) -> None:
    """moto obeys the conditions as S3 does: the second acquire finds the run's own lock."""
    for _ in range(2):
        acquire_lock(s3, glue(r1="RUNNING"), FOLDER, "daily", "r1")
        check_lock(s3, FOLDER, "daily", "r1")
    assert holder(s3) == "r1"
    assert release_lock(s3, FOLDER, "daily", "r1")
    assert not release_lock(s3, FOLDER, "daily", "r1")
    assert all_keys(s3, "lake") == set()
    with pytest.raises(DestinationLocked, match="it was released"):
        check_lock(s3, FOLDER, "daily", "r1")


@pytest.mark.parametrize("status", ["RUNNING", "STOPPING"])
def test_a_second_run_fails_clearly_while_the_first_goes_on(s3: Any, status: str) -> None:
    """The error names the run that holds the lock; nothing is changed."""
    acquire_lock(s3, glue(), FOLDER, "daily", "r1")
    with pytest.raises(DestinationLocked, match=f"locked by the run r1 of the workflow daily, which is {status}"):
        acquire_lock(s3, glue(r1=status), FOLDER, "daily", "r2")
    assert holder(s3) == "r1"
    with pytest.raises(DestinationLocked, match="the run r1 does"):
        check_lock(s3, FOLDER, "daily", "r2")
    assert not release_lock(s3, FOLDER, "daily", "r2")
    assert holder(s3) == "r1"


@pytest.mark.parametrize("runs", [{}, {"r1": "COMPLETED"}, {"r1": "STOPPED"}, {"r1": "ERROR"}])
def test_the_lock_of_a_run_that_has_ended_is_taken_over(s3: Any, runs: dict[str, str]) -> None:
    """A run that ended, or whose workflow was deleted, holds nothing any more."""
    acquire_lock(s3, glue(), FOLDER, "daily", "r1")
    acquire_lock(s3, glue(**runs), FOLDER, "daily", "r2")
    assert holder(s3) == "r2"
    assert not release_lock(s3, FOLDER, "daily", "r1")


def test_another_workflow_is_refused(s3: Any) -> None:
    """Two workflows with one destination: the error names the remedy."""
    acquire_lock(s3, glue(), FOLDER, "daily", "r1")
    for refused in (
        lambda: acquire_lock(s3, glue(r1="COMPLETED"), FOLDER, "weekly", "r2"),
        lambda: check_lock(s3, FOLDER, "weekly", "r2"),
    ):
        with pytest.raises(LockNotOwned, match=r"locked by the workflow daily.*choose another destination"):
            refused()
    assert not release_lock(s3, FOLDER, "weekly", "r1")
    assert holder(s3) == "r1"


class Interrupted:
    """An S3 client before whose next PutObject something else happens."""

    def __init__(self, s3: FakeS3, first: Callable[[], None]) -> None:
        self._s3 = s3
        self._first: Callable[[], None] | None = first

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def put_object(self, **request: Any) -> None:
        """PutObject, after what comes first."""
        first, self._first = self._first, None
        if first is not None:
            first()
        self._s3.put_object(**request)


@pytest.mark.parametrize("held_before", [False, True])
def test_of_two_contenders_one_gets_the_lock(held_before: bool) -> None:
    """Both see the lock free (or its run ended); the one whose PutObject comes second finds the other's lock."""
    s3, world = FakeS3(), glue(r2="RUNNING", r3="RUNNING")
    if held_before:
        acquire_lock(s3, world, FOLDER, "daily", "r1")
    slow = Interrupted(s3, lambda: acquire_lock(s3, world, FOLDER, "daily", "r3"))
    with pytest.raises(DestinationLocked, match="locked by the run r3"):
        acquire_lock(slow, world, FOLDER, "daily", "r2")
    assert holder(s3) == "r3"


def test_a_lock_that_is_released_meanwhile_is_acquired() -> None:
    """The take-over finds no object any more, and creates it."""
    s3, world = FakeS3(), glue(r1="COMPLETED")
    acquire_lock(s3, world, FOLDER, "daily", "r1")

    def release() -> None:
        release_lock(s3, FOLDER, "daily", "r1")

    acquire_lock(Interrupted(s3, release), world, FOLDER, "daily", "r2")
    assert holder(s3) == "r2"


def test_a_lock_that_changes_all_the_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no endless loop."""
    monkeypatch.setattr(run_lock, "_put_lock", lambda *_: False)
    with pytest.raises(DestinationLocked, match="other runs compete"):
        acquire_lock(FakeS3(), glue(), FOLDER, "daily", "r1")


@pytest.mark.parametrize("kill_before", [0, 1])
def test_killed_before_any_change_it_is_acquired_by_the_retry(kill_before: int) -> None:
    """Acquire and release change one object each; the retry, or the next run, goes on from either state."""
    s3, world = FakeS3(), glue(r1="RUNNING")
    mortal = Mortal(s3, Countdown(kill_before))

    def run() -> None:
        acquire_lock(mortal, world, FOLDER, "daily", "r1")
        release_lock(mortal, FOLDER, "daily", "r1")

    with pytest.raises(Killed):
        run()
    acquire_lock(s3, world, FOLDER, "daily", "r1")
    check_lock(s3, FOLDER, "daily", "r1")
    assert release_lock(s3, FOLDER, "daily", "r1")


def test_other_requests_of_the_client_are_not_conditional(s3: Any) -> None:
    """The header is added to the lock's PutObject alone, and the handler does not stay."""
    other = Interrupted(s3, lambda: [s3.put_object(Bucket="lake", Key="x", Body=b"1") for _ in range(2)])
    acquire_lock(other, glue(), FOLDER, "daily", "r1")
    s3.put_object(Bucket="lake", Key=KEY, Body=b"overwritten")
    assert all_keys(s3, "lake") == {"x", KEY}


def test_other_errors_of_s3_are_not_hidden(s3: Any) -> None:
    """A bucket that does not exist is not a lost race."""
    with pytest.raises(s3.exceptions.NoSuchBucket):
        acquire_lock(s3, glue(), "s3://nowhere/x/", "daily", "r1")
