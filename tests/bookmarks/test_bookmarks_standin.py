"""The stand-in of Glue's ``Job``: ``init`` loads the bookmark, ``commit`` stores it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bookmarks_harness import JOB, BookmarkHarness, RouteClient

from glueprint.runtime.bookmarks import BookmarkRefused
from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.standin.job import Job
from glueprint.runtime.standin.session import JobSession

LISTING = [S3Object("b", "a", 1, 1_699_999_000.0)]
ENABLED = {"job_bookmark_option": "job-bookmark-enable"}


def _session(harness: BookmarkHarness) -> JobSession:
    return JobSession(Path("/nowhere"), bookmark_service=lambda run_id: RouteClient(harness, run_id))


def test_init_and_commit_store_the_bookmark_of_the_run(harness: BookmarkHarness) -> None:
    """The run is the one in JOB_RUN_ID of getResolvedOptions (docs/facts/runtime.md#getresolvedoptions)."""
    session, run_id = _session(harness), harness.new_run()
    job = Job(session)
    assert not job.isInitialized()
    job.init(JOB, None, {**ENABLED, "JOB_RUN_ID": run_id})
    assert job.isInitialized()
    assert session.bookmarks.new_objects("ctx", "s", LISTING) == LISTING
    job.commit()
    assert harness.entry()["RunId"] == run_id
    assert session.bookmarks.new_objects("ctx", "s", LISTING) == []


def test_init_without_arguments_disables_bookmarks_and_warns(
    harness: BookmarkHarness, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``Job.init`` reads the option from its arguments; without them everything is read
    (docs/fidelity/bookmarks.md)."""
    monkeypatch.setattr(sys, "argv", ["script.py", "--job-bookmark-option", "job-bookmark-enable"])
    session = _session(harness)
    Job(session).init(JOB, None, {})
    assert session.bookmarks.new_objects("ctx", "s", LISTING) == LISTING
    Job(session).commit()
    assert "job.init(args['JOB_NAME'], args)" in capsys.readouterr().err
    assert harness.runs == 0


def test_a_run_without_bookmarks_makes_no_call(
    harness: BookmarkHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    """job-bookmark-disable is the default (docs/facts/bookmarks.md#options): no call, no warning."""
    job = Job(_session(harness))
    job.commit()
    job.init(JOB, None, {"job_bookmark_option": "job-bookmark-disable", "JOB_RUN_ID": "jr_none"})
    job.commit()
    assert capsys.readouterr().err == ""


def test_arguments_without_a_run_id_are_refused(harness: BookmarkHarness) -> None:
    """Without JOB_RUN_ID no commit is possible: ``init`` fails, not the end of the job."""
    with pytest.raises(BookmarkRefused, match="getResolvedOptions"):
        Job(_session(harness)).init(JOB, None, ENABLED)
