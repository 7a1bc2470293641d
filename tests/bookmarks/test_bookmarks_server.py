"""The private route of a real server: signed, only for runs that run, patient while the server is away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from local_server import Server, until

from glueprint.local.faults import VARIABLE
from glueprint.runtime.bookmarks import BookmarkOption, BookmarkOptions, BookmarkRefused, Bookmarks
from glueprint.runtime.bookmarks.client import RunRoute
from glueprint.runtime.s3objects import S3Object

ENABLED = BookmarkOptions(BookmarkOption.ENABLE)
WAITS = "import time\ntime.sleep(600)\n"
LISTING = [S3Object("b", "a", 1, 1_700_000_000.0)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with a job that runs as long as it is let."""
    with Server(tmp_path_factory.mktemp("bookmarks") / "data") as server:
        server.put_job("waits", WAITS)
        yield server


@pytest.fixture
def route(server: Server) -> Iterator[RunRoute]:
    """The route of a run of that job, which is stopped afterwards."""
    glue = server.client("glue")
    run_id = glue.start_job_run(JobName="waits")["JobRunId"]
    endpoint = json.loads((server.data_dir / "endpoint.json").read_text())
    keys = endpoint["access_key"], endpoint["secret_key"]
    yield RunRoute(server.url, run_id, "us-east-1", *keys, patience=200.0)
    glue.batch_stop_job_run(JobName="waits", JobRunIds=[run_id])
    server.finished_job_run("waits", run_id)


def _running(server: Server, route: RunRoute) -> None:
    glue = server.client("glue")

    def look() -> bool | None:
        state = glue.get_job_run(JobName="waits", RunId=route.run_id)["JobRun"]["JobRunState"]
        return state == "RUNNING" or None

    until(look)


def test_a_bookmark_goes_there_and_comes_back(server: Server, route: RunRoute) -> None:
    """What a run commits is what GetJobBookmark shows and what the next Job.init finds (AWS Glue guide)."""
    bookmarks = Bookmarks()
    bookmarks.begin("there", ENABLED, route)
    assert bookmarks.new_objects("ctx", "s", LISTING) == LISTING
    bookmarks.commit()
    entry = server.client("glue").get_job_bookmark(JobName="there")["JobBookmarkEntry"]
    assert entry["RunId"] == route.run_id
    assert entry["JobBookmark"] == route.begin("there", ENABLED).state


def test_nobody_commits_without_the_key(route: RunRoute) -> None:
    """Signed like every other request (DESIGN, Safety): another secret, another key, are refused in words."""
    with pytest.raises(BookmarkRefused, match="signature"):
        replace(route, secret_key="guessed").begin("key", ENABLED)
    with pytest.raises(BookmarkRefused, match=r"key|token"):
        replace(route, access_key="AKIAGUESSED").begin("key", ENABLED)


def test_a_run_that_was_stopped_commits_nothing(server: Server, route: RunRoute) -> None:
    """Only while the run is RUNNING (issue 5, 3): what comes later is refused."""
    _running(server, route)
    version = route.begin("stopped", ENABLED).version
    server.client("glue").batch_stop_job_run(JobName="waits", JobRunIds=[route.run_id])
    server.finished_job_run("waits", route.run_id)
    with pytest.raises(BookmarkRefused, match=f"{route.run_id} is STOPPED"):
        route.commit("stopped", version, "{}")


@pytest.mark.parametrize("point", ["bookmark-committing", "bookmark-committed"])
def test_a_commit_outlives_the_server(tmp_path: Path, point: str) -> None:
    """The server dies before or after it stored the commit: the job's call waits and is answered (issue 5)."""
    data = tmp_path / "data"
    with Server(data, environment={VARIABLE: point}) as dying:
        dying.put_job("waits", WAITS)
        run_id = dying.client("glue").start_job_run(JobName="waits")["JobRunId"]
        endpoint = json.loads((data / "endpoint.json").read_text())
        route = RunRoute(dying.url, run_id, "us-east-1", endpoint["access_key"], endpoint["secret_key"], 200.0)
        _running(dying, route)
        bookmarks = Bookmarks()
        bookmarks.begin("waits", ENABLED, route)
        bookmarks.new_objects("ctx", "s", LISTING)
        committing = threading.Thread(target=bookmarks.commit)
        committing.start()
        assert dying.process is not None
        dying.process.wait(200)
    with Server(data) as next_one:
        assert next_one.url == route.url
        committing.join(200)
        assert not committing.is_alive()
        glue = next_one.client("glue")
        entry = glue.get_job_bookmark(JobName="waits")["JobBookmarkEntry"]
        assert (entry["Version"], entry["Run"], entry["RunId"]) == (2, 2, run_id)
        bookmarks.commit()  # and the job goes on from there
        assert glue.get_job_bookmark(JobName="waits")["JobBookmarkEntry"]["Version"] == 3


def test_a_server_that_stays_away_is_given_up_in_words(route: RunRoute) -> None:
    """A job must not wait for ever for a server that nobody starts again."""
    nowhere = replace(route, url="http://127.0.0.1:9", patience=0.2)
    with pytest.raises(BookmarkRefused, match="did not take the job's bookmark within 0 s"):
        nowhere.begin("away", ENABLED)
