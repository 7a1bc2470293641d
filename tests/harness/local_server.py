"""A `glueprint serve` process, and what tests do with one again and again."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import psutil

from glueprint.environments.installed import local_glue_version

GLUE_VERSION = os.environ.get("GLUEPRINT_TEST_GLUE_VERSION") or local_glue_version()
"""Of Spark jobs on a server: that of the Python that runs the tests, unless `make runtimes` names another one."""
ROLE = "arn:aws:iam::123456789012:role/glueprint"
DEADLINE = 250.0
FINAL_RUN = ("COMPLETED", "STOPPED", "ERROR")


class ServerGone(AssertionError):
    """The server ended before it was ready."""


class Server:
    """Starts on entry, ends on exit; may be killed and started again in between."""

    def __init__(self, data_dir: Path, *options: str, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self._options = options
        self._environment = {**os.environ, **(environment or {})}
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until it says that it is ready; after :meth:`kill` it answers where it did before.

        Raises:
            ServerGone: it ended before that.
        """
        # `make runtimes`: the Python of the tests may be one that only jobs run on.
        python = os.environ.get("GLUEPRINT_TEST_SERVER_PYTHON", sys.executable)
        command = [python, "-m", "glueprint.cli", "serve", "--port", "0"]
        command += ["--data-dir", str(self.data_dir), *self._options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self._environment)
        assert self.process.stdout is not None
        line, deadline = "", time.monotonic() + DEADLINE
        while not line.startswith("ready "):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "the server did not become ready in time"
            line = self.process.stdout.readline()
            if not line:
                raise ServerGone(f"the server ended with status {self.process.wait()}")
        self.url = line.split()[1]

    def stop(self) -> None:
        """An orderly end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
        self._gone()

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self._gone()

    def client(self, service: str) -> Any:
        """A boto3 client that speaks to this server."""
        endpoint = json.loads((self.data_dir / "endpoint.json").read_text())
        return boto3.client(
            service,
            endpoint_url=endpoint["url"],
            aws_access_key_id=endpoint["access_key"],
            aws_secret_access_key=endpoint["secret_key"],
            region_name=endpoint["region"],
        )

    def put_script(self, name: str, text: str, bucket: str = "scripts") -> str:
        """Store a script; its location."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=name, Body=text.encode())
        return f"s3://{bucket}/{name}"

    def put_job(self, name: str, text: str, **members: Any) -> None:
        """Create a Python shell job with this script."""
        location = self.put_script(f"{name}.py", text)
        command = {"Name": "pythonshell", "ScriptLocation": location, "PythonVersion": "3.9"}
        self.client("glue").create_job(Name=name, Role=ROLE, Command=command, **members)

    def finished_run(self, workflow: str, run_id: str) -> dict[str, Any]:
        """The workflow run with its graph, once it is over."""
        glue = self.client("glue")

        def look() -> dict[str, Any] | None:
            run: dict[str, Any] = glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
            return run if run["Status"] in FINAL_RUN else None

        return until(look)

    def finished_job_run(self, job: str, run_id: str) -> dict[str, Any]:
        """The job run, once it is over."""
        glue = self.client("glue")

        def look() -> dict[str, Any] | None:
            run: dict[str, Any] = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
            return run if run["JobRunState"] not in ("STARTING", "RUNNING", "STOPPING", "WAITING") else None

        return until(look)

    def paths(self, below: str = "") -> list[Path]:
        """Everything in the data directory, or in a folder of it, while the server may remove some of it.

        (`Path.rglob` fails when a folder disappears between its name being listed and it being opened.)
        """
        return [
            Path(folder, name)
            for folder, folders, files in os.walk(self.data_dir / below)
            for name in (*folders, *files)
        ]

    def children(self) -> list[int]:
        """Processes of job runs and crawls of this data directory that are alive."""
        found = []
        for process in psutil.process_iter():
            try:
                mark = process.environ().get("GLUEPRINT_RUN_DIR", "")
            except psutil.Error:
                continue
            if mark.startswith(str(self.data_dir)):
                found.append(process.pid)
        return found

    def _gone(self) -> None:
        if self.process is not None:
            self.process.wait(DEADLINE)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


def until(look: Callable[[], Any], what: str = "what the test waits for") -> Any:
    """The first answer that is not None, repeated up to a deadline."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {DEADLINE:.0f} s")


def job_states(run: Mapping[str, Any]) -> dict[str, list[str]]:
    """The states of each job's runs in a workflow run's graph."""
    return {
        node["Name"]: [one["JobRunState"] for one in node.get("JobDetails", {}).get("JobRuns", [])]
        for node in run["Graph"]["Nodes"]
        if node["Type"] == "JOB"
    }


def crawl_states(run: Mapping[str, Any]) -> dict[str, list[str]]:
    """The states of each crawler's crawls in a workflow run's graph."""
    return {
        node["Name"]: [one["State"] for one in node.get("CrawlerDetails", {}).get("Crawls", [])]
        for node in run["Graph"]["Nodes"]
        if node["Type"] == "CRAWLER"
    }
