"""A full disk: every service names it, nothing is half-stored, and what ended well meanwhile has ended well.

The disk is a small tmpfs, which only root can mount (mount(2)).
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from harness.local_server import ROLE, Server, until

TOO_LARGE = 64 * 1024


class SmallDisk:
    """A mounted file system of a few megabytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    path = tmp_path / "disk"
    path.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=8m", "glueprint-test", str(path)]
    if sys.platform != "linux" or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("cannot mount a small file system")
    yield SmallDisk(path)
    subprocess.run(["umount", "-l", str(path)], check=True)


def _refused(call: object, **members: object) -> str:
    with pytest.raises(ClientError) as refused:
        call(**members)  # type: ignore[operator]
    return str(refused.value)


def test_every_service_names_the_disk_and_works_again_when_there_is_space(disk: SmallDisk) -> None:
    """Glue, S3 and EventBridge answer with the same words, and repeated requests succeed afterwards."""
    with Server(disk.path / "data", "--warm-workers", "0", environment={"AWS_MAX_ATTEMPTS": "1"}) as server:
        glue, s3, events = (server.client(name) for name in ("glue", "s3", "events"))
        s3.create_bucket(Bucket="bucket")
        disk.fill()
        calls = [
            (glue.create_database, {"DatabaseInput": {"Name": "d", "Description": "x" * 2000}}),
            (glue.create_workflow, {"Name": "w", "Description": "x" * 2000}),
            (events.put_rule, {"Name": "r", "EventPattern": '{"source": ["%s"]}' % ("x" * 1000)}),
            (s3.put_object, {"Bucket": "bucket", "Key": "k", "Body": bytes(TOO_LARGE)}),
        ]
        for call, members in calls:
            assert "No space left on device. Nothing was changed: free space" in _refused(call, **members)
        assert glue.get_databases()["DatabaseList"] == []
        disk.free()
        for call, members in calls:
            call(**members)
        assert len(glue.get_databases()["DatabaseList"]) == 1


def test_a_job_that_ends_well_on_a_full_disk_has_succeeded(disk: SmallDisk) -> None:
    """Its status is written as soon as there is space; until then it is RUNNING, not FAILED."""
    with Server(disk.path / "data", "--warm-workers", "0", environment={"AWS_MAX_ATTEMPTS": "1"}) as server:
        full, ended = disk.path.parent / "full", disk.path.parent / "ended"
        server.put_job(
            "job",
            f"import os, time\nwhile not os.path.exists({str(full)!r}):\n    time.sleep(0.05)\n"
            f"os.mkdir({str(ended)!r})\n",
            ExecutionProperty={"MaxConcurrentRuns": 5},
        )
        glue = server.client("glue")
        run = glue.start_job_run(JobName="job")["JobRunId"]

        def state() -> str:
            found: str = glue.get_job_run(JobName="job", RunId=run)["JobRun"]["JobRunState"]
            return found

        until(lambda: state() == "RUNNING" or None)
        disk.fill()
        assert "No space left" in _refused(glue.start_job_run, JobName="job")
        full.touch()
        until(lambda: ended.exists() or None)
        time.sleep(0.5)
        assert state() == "RUNNING"
        disk.free()
        found = server.finished_job_run("job", run)
        assert (found["JobRunState"], found.get("ErrorMessage")) == ("SUCCEEDED", None)


def test_a_job_that_fails_on_the_full_disk_has_failed_also_after_a_kill(disk: SmallDisk) -> None:
    """Its own write fails, its error and its log cannot be written, and the server goes away: the end stays."""
    with Server(disk.path / "data", "--warm-workers", "0", environment={"AWS_MAX_ATTEMPTS": "1"}) as server:
        ended = disk.path.parent / "ended"
        server.put_job(
            "job",
            f"""import atexit, os, time
atexit.register(os.mkdir, {str(ended)!r})
while not os.path.exists({str(disk.path / "filler")!r}):
    time.sleep(0.05)
time.sleep(1)
with open("result", "wb", buffering=0) as file:
    while True:
        file.write(bytes(1 << 20))
""",
        )
        glue = server.client("glue")
        run = glue.start_job_run(JobName="job")["JobRunId"]
        until(lambda: glue.get_job_run(JobName="job", RunId=run)["JobRun"]["JobRunState"] == "RUNNING" or None)
        disk.fill()
        until(lambda: ended.exists() or None)
        assert glue.get_job_run(JobName="job", RunId=run)["JobRun"]["JobRunState"] == "RUNNING"
        server.kill()
        disk.free()
        server.start()
        found = server.finished_job_run("job", run)
        assert found["JobRunState"] == "FAILED"
        assert found["ErrorMessage"].startswith(("OSError: [Errno 28]", "Command failed with exit code"))


def test_a_full_disk_at_start_is_one_line(disk: SmallDisk) -> None:
    """`serve` says that the disk is full, not that something is wrong with a file."""
    with Server(disk.path / "data") as server:
        server.client("glue").create_job(Name="j", Role=ROLE, Command={"Name": "pythonshell"})
    disk.fill()
    options = ("--port", "0", "--data-dir", str(disk.path / "data"))
    command = [sys.executable, "-m", "glueprint.cli", "serve", *options]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    lines = [line for line in ended.stderr.splitlines() if line]
    assert len(lines) == 1
    assert "space" in lines[0] or "kB of its disk are free" in lines[0]
