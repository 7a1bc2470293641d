"""The private route of a real server: signed, only for running runs, retried while the server is away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from harness.local_server import Server, until

from glueprint.local.faults import VARIABLE
from glueprint.runtime.bookmarks import BookmarkOption, BookmarkOptions, BookmarkRefused, Bookmarks
from glueprint.runtime.bookmarks.client import BookmarkClient
from glueprint.runtime.s3objects import S3Object

ENABLED = BookmarkOptions(BookmarkOption.ENABLE)
WAITS = "import time\ntime.sleep(600)\n"
LISTING = [S3Object("b", "a", 1, 1_700_000_000.0)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a job that runs until it is stopped."""
    with Server(tmp_path_factory.mktemp("bookmarks") / "data") as server:
        server.put_job("waits", WAITS)
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[BookmarkClient]:
    """A client for a run of that job, which is stopped afterwards."""
    glue = server.client("glue")
    run_id = glue.start_job_run(JobName="waits")["JobRunId"]
    endpoint = json.loads((server.data_dir / "endpoint.json").read_text())
    keys = endpoint["access_key"], endpoint["secret_key"]
    yield BookmarkClient(server.url, run_id, "us-east-1", *keys, retry_seconds=200.0)
    glue.batch_stop_job_run(JobName="waits", JobRunIds=[run_id])
    server.finished_job_run("waits", run_id)


def _running(server: Server, client: BookmarkClient) -> None:
    glue = server.client("glue")

    def look() -> bool | None:
        state = glue.get_job_run(JobName="waits", RunId=client.run_id)["JobRun"]["JobRunState"]
        return state == "RUNNING" or None

    until(look)


def test_a_committed_bookmark_is_returned(server: Server, client: BookmarkClient) -> None:
    """GetJobBookmark and the next Job.init return what a run commits (docs/facts/bookmarks.md#script-contract)."""
    bookmarks = Bookmarks()
    bookmarks.begin("there", ENABLED, client)
    assert bookmarks.new_objects("ctx", "s", LISTING) == LISTING
    bookmarks.commit()
    entry = server.client("glue").get_job_bookmark(JobName="there")["JobBookmarkEntry"]
    assert entry["RunId"] == client.run_id
    assert entry["JobBookmark"] == client.begin("there", ENABLED).state


def test_a_wrong_key_is_refused(client: BookmarkClient) -> None:
    """Calls are signed like every other request: another secret or another key is refused with a reason."""
    with pytest.raises(BookmarkRefused, match="signature"):
        replace(client, secret_key="guessed").begin("key", ENABLED)
    with pytest.raises(BookmarkRefused, match=r"key|token"):
        replace(client, access_key="AKIAGUESSED").begin("key", ENABLED)


def test_a_run_that_was_stopped_commits_nothing(server: Server, client: BookmarkClient) -> None:
    """A run can commit only while it is RUNNING (docs/fidelity/bookmarks.md)."""
    _running(server, client)
    version = client.begin("stopped", ENABLED).version
    server.client("glue").batch_stop_job_run(JobName="waits", JobRunIds=[client.run_id])
    server.finished_job_run("waits", client.run_id)
    with pytest.raises(BookmarkRefused, match=f"{client.run_id} is STOPPED"):
        client.commit("stopped", version, "{}")


@pytest.mark.parametrize("point", ["bookmark-committing", "bookmark-committed"])
def test_a_commit_survives_a_restart_of_the_server(tmp_path: Path, point: str) -> None:
    """The server is killed before or after it stores the commit: the job's call is retried and succeeds."""
    data = tmp_path / "data"
    with Server(data, environment={VARIABLE: point}) as dying:
        dying.put_job("waits", WAITS)
        run_id = dying.client("glue").start_job_run(JobName="waits")["JobRunId"]
        endpoint = json.loads((data / "endpoint.json").read_text())
        keys = endpoint["access_key"], endpoint["secret_key"]
        client = BookmarkClient(dying.url, run_id, "us-east-1", *keys, 200.0)
        _running(dying, client)
        bookmarks = Bookmarks()
        bookmarks.begin("waits", ENABLED, client)
        bookmarks.new_objects("ctx", "s", LISTING)
        committing = threading.Thread(target=bookmarks.commit)
        committing.start()
        assert dying.process is not None
        dying.process.wait(200)
    with Server(data) as next_one:
        assert next_one.url == client.url
        committing.join(200)
        assert not committing.is_alive()
        glue = next_one.client("glue")
        entry = glue.get_job_bookmark(JobName="waits")["JobBookmarkEntry"]
        assert (entry["Version"], entry["Run"], entry["RunId"]) == (2, 2, run_id)
        bookmarks.commit()  # and the job continues from there
        assert glue.get_job_bookmark(JobName="waits")["JobBookmarkEntry"]["Version"] == 3


def test_calls_to_a_server_that_stays_away_fail_with_a_reason(client: BookmarkClient) -> None:
    """A job does not wait for ever for a server that is not started again."""
    nowhere = replace(client, url="http://127.0.0.1:9", retry_seconds=0.2)
    with pytest.raises(BookmarkRefused, match="did not accept the job's bookmark within 0 s"):
        nowhere.begin("away", ENABLED)
