"""A `glueprint serve` for one benchmark: starts it, uses it, ends it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

ROLE = "arn:aws:iam::123456789012:role/glueprint"
DEADLINE_SECONDS = 300.0
ENDED = ("COMPLETED", "STOPPED", "ERROR")


class BenchServer:
    """Starts on entry, ends on exit."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        """``options`` of `glueprint serve` in addition to the port and the data directory."""
        self._data_dir = data_dir
        self._options = options

    def __enter__(self) -> BenchServer:
        serve = [sys.executable, "-m", "glueprint.cli", "serve", "--port", "0"]
        command = [*serve, "--data-dir", str(self._data_dir), *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready "):
                break
        else:
            raise RuntimeError(f"the server ended with status {self._process.wait()}")
        self.pid = self._process.pid
        self.glue = self.client("glue")
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def put_script(self, text: str) -> str:
        """Store a script and return its location."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket="scripts")
        s3.put_object(Bucket="scripts", Key="job.py", Body=text.encode())
        return "s3://scripts/job.py"

    def put_jobs(self, names: list[str], script: str) -> None:
        """Create Python shell jobs that all run the script at that location."""
        command = {"Name": "pythonshell", "ScriptLocation": script, "PythonVersion": "3.9"}
        for name in names:
            self.glue.create_job(Name=name, Role=ROLE, Command=command)

    def put_trigger(self, workflow: str, name: str, jobs: list[str], after: str | None, state: str = "") -> None:
        """Let ``jobs`` start at the workflow's start, or when the job ``after`` is in ``state``."""
        kind: Mapping[str, Any] = {"Type": "ON_DEMAND"}
        if after is not None:
            condition = {"LogicalOperator": "EQUALS", "JobName": after, "State": state}
            kind = {"Type": "CONDITIONAL", "Predicate": {"Conditions": [condition]}, "StartOnCreation": True}
        actions = [{"JobName": job} for job in jobs]
        self.glue.create_trigger(Name=name, WorkflowName=workflow, Actions=actions, **kind)

    def run(self, workflow: str) -> dict[str, Any]:
        """Run the workflow to its end and return the run, without its graph."""
        run_id = self.glue.start_workflow_run(Name=workflow)["RunId"]
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            run: dict[str, Any] = self.glue.get_workflow_run(Name=workflow, RunId=run_id)["Run"]
            if run["Status"] in ENDED:
                return run
            time.sleep(0.2)
        raise TimeoutError(f"{workflow} did not end within {DEADLINE_SECONDS:.0f} s")

    def client(self, service: str) -> Any:
        """Return a boto3 client of it."""
        endpoint = json.loads((self._data_dir / "endpoint.json").read_text())
        return boto3.client(
            service,
            endpoint_url=endpoint["url"],
            aws_access_key_id=endpoint["access_key"],
            aws_secret_access_key=endpoint["secret_key"],
            region_name=endpoint["region"],
        )
