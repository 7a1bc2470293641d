"""What Amazon's ``Job`` finds in place of Glue's: init takes the bookmark up, commit stores it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bookmarks_house import JOB, House, Side

from glueprint.runtime.bookmarks import BookmarkRefused
from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.standin.job import Job
from glueprint.runtime.standin.session import JobSession

LISTING = [S3Object("b", "a", 1, 1_699_999_000.0)]
ENABLED = {"job_bookmark_option": "job-bookmark-enable"}


def _session(house: House) -> JobSession:
    return JobSession(Path("/nowhere"), bookmark_service=lambda run_id: Side(house, run_id))


def test_init_and_commit_keep_the_runs_bookmark(house: House) -> None:
    """The run is the one that getResolvedOptions names in JOB_RUN_ID (Amazon's package adds it for that)."""
    session, run_id = _session(house), house.new_run()
    job = Job(session)
    assert not job.isInitialized()
    job.init(JOB, None, {**ENABLED, "JOB_RUN_ID": run_id})
    assert job.isInitialized()
    assert session.bookmarks.new_objects("ctx", "s", LISTING) == LISTING
    job.commit()
    assert house.entry()["RunId"] == run_id
    assert session.bookmarks.new_objects("ctx", "s", LISTING) == []


def test_init_without_arguments_leaves_bookmarks_off_and_says_so(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Glue's Job reads the option from the arguments of init; a script that forgets them reads everything."""
    monkeypatch.setattr(sys, "argv", ["script.py", "--job-bookmark-option", "job-bookmark-enable"])
    session = _session(house)
    Job(session).init(JOB, None, {})
    assert session.bookmarks.new_objects("ctx", "s", LISTING) == LISTING
    Job(session).commit()
    assert "job.init(args['JOB_NAME'], args)" in capsys.readouterr().err
    assert house.runs == 0


def test_a_run_without_bookmarks_asks_nobody(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """job-bookmark-disable is the default (AWS Glue guide): no call, no warning."""
    job = Job(_session(house))
    job.commit()
    job.init(JOB, None, {"job_bookmark_option": "job-bookmark-disable", "JOB_RUN_ID": "jr_none"})
    job.commit()
    assert capsys.readouterr().err == ""


def test_arguments_that_name_no_run_are_refused(house: House) -> None:
    """Without JOB_RUN_ID nobody could commit: better told at init than at the end of the job."""
    with pytest.raises(BookmarkRefused, match="getResolvedOptions"):
        Job(_session(house)).init(JOB, None, ENABLED)
