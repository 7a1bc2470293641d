"""The limits and permissions of the server's process."""

from __future__ import annotations

import contextlib
import resource
import stat
import subprocess
import sys
from pathlib import Path

from harness.local_server import Server


def test_too_few_descriptors_are_one_line(tmp_path: Path) -> None:
    """`ulimit -n 20` (both limits): one line that states the number and what to do; no traceback."""
    command = [sys.executable, "-m", "glueprint.cli", "serve", "--port", "0", "--data-dir", str(tmp_path / "data")]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20)),
    )
    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert lines == [
        "Error: this process may open only 20 files, and needs 128: raise the limit (ulimit -n) and start "
        "`glueprint serve` again"
    ]


def test_what_a_server_and_its_jobs_write_is_private_itself(tmp_path: Path) -> None:
    """Objects, logs, state and run directories are 0600 and 0700, not only below a private folder."""
    with Server(tmp_path / "data") as server:
        server.put_job("job", "print('hello')\nopen('/dev/null')\n")
        run = server.client("glue").start_job_run(JobName="job")["JobRunId"]
        assert server.finished_job_run("job", run)["JobRunState"] == "SUCCEEDED"
        modes = {}
        for path in server.paths():
            with contextlib.suppress(FileNotFoundError):
                modes[path] = path.lstat().st_mode
        assert {"state.sqlite", "job.py", "status.json"} <= {path.name for path in modes}
        assert [path for path, mode in modes.items() if mode & 0o077 and not stat.S_ISLNK(mode)] == []
