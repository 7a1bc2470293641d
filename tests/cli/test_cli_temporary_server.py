"""Commands that start a server for themselves end nothing that runs (docs/fidelity/recovery.md)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from harness.local_server import Server

from glueprint.client.servers import running_server
from glueprint.client.session import Session

pytestmark = pytest.mark.jobs
DEADLINE_SECONDS = 120.0
SCRIPT = """
import os, time, boto3
while not os.path.exists({go!r}):
    time.sleep(0.05)
print("workflows", len(boto3.client("glue").list_workflows()["Workflows"]))
"""


class Place:
    """A data directory with a workflow ``nightly``; its one job ``load`` waits for a file and then calls Glue."""

    def __init__(self, root: Path) -> None:
        self.data_dir = root / "data"
        self._go = root / "go"

    def create(self) -> None:
        """Start a server, create the workflow, and end the server."""
        with Server(self.data_dir, "--warm-workers", "0"), self.session() as session:
            s3 = session.client("s3")
            s3.create_bucket(Bucket="scripts")
            s3.put_object(Bucket="scripts", Key="load.py", Body=SCRIPT.format(go=str(self._go)).encode())
            command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/load.py", "PythonVersion": "3.9"}
            role = "arn:aws:iam::123456789012:role/glueprint"
            session.glue.create_job(Name="load", Role=role, Command=command)
            session.glue.create_workflow(Name="nightly")
            actions = [{"JobName": "load"}]
            session.glue.create_trigger(
                Name="start", WorkflowName="nightly", Type="ON_DEMAND", Actions=actions
            )

    def session(self) -> _Opened:
        """Open a session for the running server."""
        return _Opened(self.data_dir)

    def let_go(self) -> None:
        """Let the job end."""
        self._go.touch()

    def command(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.argv(*arguments), text=True, capture_output=True, timeout=DEADLINE_SECONDS, check=False, **options
        )

    def argv(self, *arguments: str) -> list[str]:
        """Return the command line."""
        name, *rest = arguments
        return [sys.executable, "-m", "glueprint.cli", name, "--data-dir", str(self.data_dir), *rest]

    def pid(self) -> int | None:
        """Return the pid of the server that has published its endpoint."""
        try:
            return int(json.loads((self.data_dir / "endpoint.json").read_text())["pid"])
        except FileNotFoundError:
            return None

    def job_run(self) -> dict[str, Any]:
        """Return the latest run of the job."""
        with self.session() as session:
            runs: list[dict[str, Any]] = session.glue.get_job_runs(JobName="load")["JobRuns"]
            return runs[0]


class _Opened:
    def __init__(self, data_dir: Path) -> None:
        endpoint = running_server(data_dir)
        assert endpoint is not None
        self._session = Session(endpoint)

    def __enter__(self) -> Session:
        return self._session

    def __exit__(self, *error: object) -> None:
        self._session.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place; what still runs there at the end is ended."""
    made = Place(tmp_path)
    made.create()
    yield made
    made.let_go()
    if (pid := made.pid()) is not None:
        wait_until(lambda: made.pid() is None or not psutil.pid_exists(pid))


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until ``condition`` is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_look_after_a_crash_ends_no_job(place: Place) -> None:
    """The server is killed while a job runs; `status` shows it, and the job goes on: it then reaches a Glue and
    succeeds in its first attempt. The server that `status` has started ends by itself after that.
    """
    with Server(place.data_dir, "--warm-workers", "0") as server:
        started = place.command("run", "nightly", "--no-wait")
        assert started.returncode == 0, started.stderr
        wait_until(lambda: place.job_run()["JobRunState"] == "RUNNING")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        first, second = (place.command("status", "nightly", "latest") for _ in range(2))
        assert ("RUNNING" in first.stdout, "RUNNING" in second.stdout) == (True, True), first.stderr
        assert ("stays until" in first.stderr, second.stderr) == (True, "")
        assert place.job_run()["JobRunState"] == "RUNNING"
        left = place.pid()
        assert left is not None
        place.let_go()
        wait_until(lambda: not _runs(left))
    with Server(place.data_dir, "--warm-workers", "0"):
        run = place.job_run()
        assert (run["JobRunState"], run["Attempt"]) == ("SUCCEEDED", 0), run


def test_no_wait_without_a_server_keeps_one_until_the_run_has_ended(place: Place) -> None:
    """The line on stderr names the process; `status` finds it; a `serve` replaces it and ends nothing."""
    started = place.command("run", "nightly", "--no-wait")
    assert re.fullmatch(r"wr_\w+\n", started.stdout)
    left = place.pid()
    assert left is not None
    assert f"(pid {left}) stays until nothing runs any more" in started.stderr
    wait_until(lambda: place.job_run()["JobRunState"] == "RUNNING")
    with Server(place.data_dir, "--warm-workers", "0"):
        wait_until(lambda: not _runs(left))
        assert place.pid() != left
        assert place.job_run()["JobRunState"] == "RUNNING"
        place.let_go()
        wait_until(lambda: place.job_run()["JobRunState"] == "SUCCEEDED")


def test_jobs_reach_a_server_that_replaces_theirs_at_another_port(place: Place) -> None:
    """The job has the URL of the server that started it; its successor also listens there."""
    place.command("run", "nightly", "--no-wait")
    wait_until(lambda: place.job_run()["JobRunState"] == "RUNNING")
    port = _free_port()
    server = subprocess.Popen(
        place.argv("serve", "--port", str(port), "--warm-workers", "0"), stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        assert any(line == f"ready http://127.0.0.1:{port}\n" for line in server.stdout)
        place.let_go()
        wait_until(lambda: place.job_run()["JobRunState"] not in ("STARTING", "RUNNING"))
        assert place.job_run()["JobRunState"] == "SUCCEEDED"
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def test_ctrl_c_in_run_tells_what_goes_on(place: Place) -> None:
    """Ctrl-C stops watching; the run goes on and succeeds."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = subprocess.Popen(place.argv("run", "nightly"), **pipes, text=True, start_new_session=True)
    wait_until(lambda: running_server(place.data_dir) is not None)
    wait_until(lambda: _runs_of(place) and place.job_run()["JobRunState"] == "RUNNING")
    os.kill(command.pid, signal.SIGINT)
    _, errors = command.communicate(timeout=DEADLINE_SECONDS)
    assert "the run goes on; `glueprint status nightly wr_" in errors
    assert "stays until nothing runs any more" in errors
    assert place.job_run()["JobRunState"] == "RUNNING"


def test_ctrl_c_on_serve_names_what_it_ends(place: Place) -> None:
    """An orderly end of `serve` ends its processes, and lists them; without any it is silent."""
    argv = place.argv("serve", "--port", "0", "--warm-workers", "0")
    for with_job in (True, False):
        server = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert server.stdout is not None
        assert any(line.startswith("ready ") for line in server.stdout)
        if with_job:
            place.command("run", "nightly", "--no-wait")
            wait_until(lambda: place.job_run()["JobRunState"] == "RUNNING")
            run_id = place.job_run()["Id"]
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=DEADLINE_SECONDS)
        assert (f"ending job run {run_id} of load;" in errors) == with_job, errors


def _runs_of(place: Place) -> list[dict[str, Any]]:
    with place.session() as session:
        runs: list[dict[str, Any]] = session.glue.get_job_runs(JobName="load")["JobRuns"]
        return runs


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
