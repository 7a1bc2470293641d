"""What a killed server can leave behind, state by state, and what the next one makes of it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.local_server import ROLE, until
from harness.running_glue import SLEEPS, RunningGlue

from glueprint.local.datadir import DataDirectory
from glueprint.local.executors import processes
from glueprint.local.faults import FaultPoint
from glueprint.runtime.processes.process import (
    Alive,
    Ended,
    ProcessSpec,
    inspect,
    is_prepared,
    prepare,
    request_stop,
)

WAITS = "import os, time\nwhile not os.path.exists(os.environ['HOME'] + '/go'):\n    time.sleep(0.01)\n"
"""Runs until the test puts a file into its directory."""


@pytest.fixture
def glue(tmp_path: Path) -> Iterator[RunningGlue]:
    """A local Glue of this test alone."""
    with RunningGlue(tmp_path / "data") as glue:
        yield glue


def _change(glue: RunningGlue, statement: str, *values: object) -> None:
    """Change rows while no server runs."""
    with contextlib.closing(sqlite3.connect(glue.path / "state.sqlite")) as connection, connection:
        assert connection.execute(statement, values).rowcount == 1


def _owe(glue: RunningGlue, kind: str, subject: str) -> None:
    _change(glue, "INSERT INTO owed (kind, subject) VALUES (?, ?)", kind, subject)


def _run_dir(glue: RunningGlue, run_id: str) -> Path:
    return glue.path / "runs" / run_id


def _start(glue: RunningGlue, job: str) -> str:
    run_id: str = glue.call("StartJobRun", JobName=job)["JobRunId"]
    return run_id


def _running(glue: RunningGlue, job: str, script: str = SLEEPS, **members: object) -> str:
    """A job run whose user code runs; its id."""
    glue.put_job(job, script, **members)
    run_id = _start(glue, job)
    glue.in_state(job, "RUNNING")
    return run_id


def _held_back(glue: RunningGlue, script: str = "print('ran')") -> str:
    """A job run whose launch waits for a slot; its id."""
    glue.put_job("busy", SLEEPS, ExecutionProperty={"MaxConcurrentRuns": 4})
    for _ in range(4):
        _start(glue, "busy")
    glue.in_state("busy", *["RUNNING"] * 4)
    glue.put_job("held", script)
    run_id = _start(glue, "held")
    assert glue.states("held") == ["STARTING"]
    return run_id


def _ended(run_dir: Path) -> bool | None:
    return isinstance(inspect(run_dir), Ended) or None


def test_a_stop_reaches_a_process_whose_launch_is_still_owed(glue: RunningGlue) -> None:
    """Killed between the start of a process and its settling, and a stop was stored meanwhile: STOPPED."""
    run_id = _running(glue, "job")
    glue.crash()
    _owe(glue, "launch-job", run_id)
    _change(glue, "UPDATE job_run SET state = 'STOPPING', ending = 'STOPPED' WHERE id = ?", run_id)
    _owe(glue, "stop-job", run_id)
    glue.open()
    glue.in_state("job", "STOPPED")
    assert not isinstance(inspect(_run_dir(glue, run_id)), Alive)


def test_a_stop_that_was_carried_out_before_the_launch_ends_the_run(glue: RunningGlue) -> None:
    """Killed after a stop was carried out and before its end was reported, with a pending launch: STOPPED."""
    run_id = _held_back(glue)
    glue.crash()
    _change(glue, "UPDATE job_run SET state = 'STOPPING', ending = 'STOPPED' WHERE id = ?", run_id)
    request_stop(_run_dir(glue, run_id))
    glue.open()
    glue.in_state("held", "STOPPED")


def test_a_process_that_was_started_is_not_judged_by_what_its_script_is_now(glue: RunningGlue) -> None:
    """Script and job deleted after the start, and the launch still owed: it runs on and counts as it ends."""
    run_id = _running(glue, "job", WAITS)
    glue.local.s3_store.delete("scripts", "job.py")
    glue.crash()
    _owe(glue, "launch-job", run_id)
    glue.open()
    until(lambda: glue.local.database.read(lambda tx: tx.execute("SELECT * FROM owed").fetchall()) == [] or None)
    assert glue.states("job") == ["RUNNING"]
    (_run_dir(glue, run_id) / "work" / "go").touch()
    glue.in_state("job", "SUCCEEDED")


def test_what_was_prepared_and_never_came_up_is_started(glue: RunningGlue) -> None:
    """The power went after a launch was settled and before user code ran: it runs now, it has not failed."""
    run_id = _held_back(glue)
    glue.crash()
    run_dir = _run_dir(glue, run_id)
    spec = ProcessSpec(("/bin/true",), {}, glue.path, glue.path / "out", glue.path / "err")
    prepare(run_dir, spec)
    _change(glue, "DELETE FROM owed WHERE subject = ?", run_id)
    glue.open()
    glue.in_state("held", "SUCCEEDED")


def test_a_job_that_ended_in_time_does_not_time_out_because_it_is_reported_late(glue: RunningGlue) -> None:
    """Its end is recorded, and comes before the timers that came due meanwhile; its time is its own."""
    run_id = _running(glue, "job", WAITS, Timeout=1)
    glue.crash()
    (_run_dir(glue, run_id) / "work" / "go").touch()
    until(lambda: _ended(_run_dir(glue, run_id)))
    glue.clock.advance(3600)
    glue.open()
    (run,) = glue.runs("job")
    assert run["JobRunState"] == "SUCCEEDED"
    assert run["ExecutionTime"] < 60
    assert run["CompletedOn"] < glue.clock.now() - 3000


def test_a_job_that_runs_over_its_time_while_no_server_runs_times_out(glue: RunningGlue) -> None:
    """A timer that came due while the server was down is reported by the next one (timers are rows)."""
    _running(glue, "job", Timeout=1)
    glue.crash()
    glue.clock.advance(3600)
    glue.open()
    glue.in_state("job", "TIMEOUT")


def test_crawls_that_are_taken_up_hold_no_job_slots(glue: RunningGlue) -> None:
    """Slots are for job processes: crawls that were in flight must not use them up."""
    glue.crash()
    row = "INSERT INTO crawl (id, crawler, state, started) VALUES (?, 'gone', 'RUNNING', 0)"
    for number in range(4):
        _change(glue, row, f"crawl{number}")
    glue.open()
    glue.put_job("job", "print('ran')")
    _start(glue, "job")
    glue.in_state("job", "SUCCEEDED")


def _crash_during_a_crawl(glue: RunningGlue, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A crawl whose process has ended unreported; its run directory."""
    glue.local.s3_store.create_bucket("data")
    glue.local.s3_store.put("data", "trips/part.csv", b"id,fare\n1,2.5\n")
    glue.call("CreateDatabase", DatabaseInput={"Name": "db"})
    targets = {"S3Targets": [{"Path": "s3://data/trips/"}]}
    glue.call("CreateCrawler", Name="crawler", Role=ROLE, DatabaseName="db", Targets=targets)
    with monkeypatch.context() as patch:
        patch.setattr(processes, "reached", _end_before_watching)
        glue.call("StartCrawler", Name="crawler")
        run_dir: Path = until(lambda: next((glue.path / "runs").iterdir(), None))
        until(lambda: _ended(run_dir))
        glue.crash()
    _change(glue, "DELETE FROM owed WHERE subject = ?", run_dir.name)
    return run_dir


def _end_before_watching(point: FaultPoint, detail: str | None = None) -> None:
    """A process that was started is not watched, however often that is tried."""
    if point is FaultPoint.PROCESS_STARTED:
        raise OSError("on purpose")


def _last_crawl(glue: RunningGlue) -> dict[str, str]:
    """How the crawl ended, once its crawler is READY."""
    until(lambda: glue.call("GetCrawler", Name="crawler")["Crawler"]["State"] == "READY" or None)
    last: dict[str, str] = glue.call("GetCrawler", Name="crawler")["Crawler"]["LastCrawl"]
    return last


def test_a_crawl_that_ended_before_its_stop_reached_it_is_cancelled(
    glue: RunningGlue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """StopCrawler and the crawl's own end at the same time: CANCELLED, and the crawler is READY again."""
    run_dir = _crash_during_a_crawl(glue, monkeypatch)
    _change(glue, "UPDATE crawl SET state = 'CANCELLING'")
    _change(glue, "UPDATE resource SET body = json_set(body, '$.State', 'STOPPING') WHERE kind = 'crawler'")
    _owe(glue, "stop-crawl", run_dir.name)
    glue.open()
    assert _last_crawl(glue)["Status"] == "CANCELLED"
    assert glue.call("GetTables", DatabaseName="db")["TableList"] == []


def test_a_crawl_whose_result_is_damaged_has_failed(glue: RunningGlue, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that a full disk or a person cut off is an error with words, and the crawler is READY again."""
    run_dir = _crash_during_a_crawl(glue, monkeypatch)
    (run_dir / "work" / "result.json").write_text('{"tables": [')
    glue.open()
    last = _last_crawl(glue)
    assert last["Status"] == "FAILED"
    assert "result cannot be read" in last["ErrorMessage"]


def test_an_orderly_end_also_ends_what_is_just_coming_up(glue: RunningGlue) -> None:
    """A process whose supervisor is on the way when `serve` is stopped ends with it."""
    run_id = _held_back(glue, SLEEPS)
    glue.crash()
    _change(glue, "DELETE FROM owed WHERE subject = ?", run_id)
    glue.open()
    until(lambda: is_prepared(_run_dir(glue, run_id)) or None)
    glue.close()
    ended = inspect(_run_dir(glue, run_id))
    assert isinstance(ended, Ended)
    assert ended.stopped  # before it had started or, since that takes two milliseconds, just after
    glue.open()
    assert glue.states("held") == ["FAILED"]


def test_where_children_call_is_remembered_through_servers_that_never_got_ready(tmp_path: Path) -> None:
    """Killed while it starts, a server must not forget the address that jobs of an earlier one call."""
    path = tmp_path / "data"
    data = DataDirectory.open(path)
    data.publish("http://127.0.0.1:4999", region="us-east-1", account_id="123456789012")
    for _ in range(2):  # killed: their locks end with them, and nothing else is done
        assert data._lock is not None
        os.close(data._lock)
        data._lock = None
        data = DataDirectory.open(path)
        assert data.left_urls == ("http://127.0.0.1:4999",)
    data.publish("http://127.0.0.1:5000", region="us-east-1", account_id="123456789012")
    data.leaves_children = True
    data.close()
    data = DataDirectory.open(path)
    assert data.left_urls == ("http://127.0.0.1:5000", "http://127.0.0.1:4999")
    for port in range(5001, 5009):
        data.publish(f"http://127.0.0.1:{port}", region="us-east-1", account_id="123456789012")
        data.leaves_children = True
        data.close()
        data = DataDirectory.open(path)
    assert data.left_urls == tuple(f"http://127.0.0.1:{port}" for port in (5008, 5007, 5006, 5005))
    data.close()
    with DataDirectory.open(path) as after_an_orderly_end:
        assert after_an_orderly_end.left_urls == ()
