"""A `glueprint serve` for tests of Airflow, and workflows of Python shell jobs to run on it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import boto3

from glueprint.client.aws_environment import AIRFLOW_VARIABLE, airflow_connection
from glueprint.client.servers import Endpoint, running_server

ROLE = "arn:aws:iam::123456789012:role/glueprint"
BUCKET = "airflow-tests"
SERVER_PYTHON = os.environ["GLUEPRINT_SERVER_PYTHON"]
"""The Python that has ``glueprint[local]``: Airflow's environment has only the base install."""

_START = """
import sys, time, boto3
from awsglue.utils import getResolvedOptions
arguments = getResolvedOptions(sys.argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
run = {"Name": arguments["WORKFLOW_NAME"], "RunId": arguments["WORKFLOW_RUN_ID"]}
glue = boto3.client("glue")
properties = glue.get_workflow_run_properties(**run)["RunProperties"]
def put(**values):
    glue.put_workflow_run_properties(**run, RunProperties=values)
"""
LOOK = (
    _START
    + """
is_there = properties.get("mode") != "missing"
print("looking for files of", properties.get("day"))
put(file_presence=str(is_there).lower(), **{"file_presence.reason": "ok" if is_there else "no files"})
if not is_there:
    glue.stop_workflow_run(**run)
    time.sleep(60)
"""
)
LOAD = (
    _START
    + """
time.sleep(float(properties.get("seconds", "0")))
print("loading")
if properties.get("mode") == "fail":
    raise ValueError("column price is not a number")
"""
)


class GlueServer:
    """A local Glue on a fixed port: it can be killed and started again where clients look for it."""

    python = SERVER_PYTHON

    def __init__(self, data_dir: Path, *, warm_workers: int = 0) -> None:
        self.data_dir = data_dir
        self._warm_workers = str(warm_workers)
        self._port = "0"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> GlueServer:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._close_pipes()

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        command = [SERVER_PYTHON, "-m", "glueprint.cli", "serve", "--port", self._port]
        command += ["--data-dir", str(self.data_dir), "--warm-workers", self._warm_workers, "--exit-with-parent"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready "):
                self._port = line.strip().rpartition(":")[2]
                return
        raise AssertionError(f"the server ended with status {self._process.wait()}")

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._close_pipes()

    def _close_pipes(self) -> None:
        assert self._process is not None
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    @property
    def endpoint(self) -> Endpoint:
        """Where it answers, with its keys."""
        endpoint = running_server(self.data_dir)
        assert endpoint is not None
        return endpoint

    @property
    def connection(self) -> dict[str, str]:
        """The environment variable with Airflow's connection, as `glueprint env --airflow` prints it."""
        return {AIRFLOW_VARIABLE: json.dumps(airflow_connection(self.endpoint))}

    def client(self, service: str) -> Any:
        """A boto3 client for it."""
        endpoint = self.endpoint
        return boto3.client(
            service,
            endpoint_url=endpoint.url,
            aws_access_key_id=endpoint.access_key,
            aws_secret_access_key=endpoint.secret_key,
            region_name=endpoint.region,
        )

    def runs(self, workflow: str) -> list[dict[str, Any]]:
        """The runs of a workflow, oldest first."""
        runs: list[dict[str, Any]] = self.client("glue").get_workflow_runs(Name=workflow)["Runs"]
        return sorted(runs, key=lambda run: run["StartedOn"])


def make_job(server: GlueServer, name: str, script: str) -> None:
    """Create a Python shell job."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=f"{name}.py", Body=script.encode())
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://{BUCKET}/{name}.py", "PythonVersion": "3.9"}
    server.client("glue").create_job(Name=name, Role=ROLE, Command=command, MaxCapacity=0.0625)


def make_chain(server: GlueServer, workflow: str, scripts: Mapping[str, str], *, limit: int = 1) -> None:
    """Create a workflow of Python shell jobs, each started when the one before it has succeeded."""
    glue = server.client("glue")
    glue.create_workflow(Name=workflow, MaxConcurrentRuns=limit)
    previous: str | None = None
    for name, script in scripts.items():
        job = f"{workflow}_{name}"
        make_job(server, job, script)
        trigger = {"Name": f"{job}_start", "WorkflowName": workflow, "Actions": [{"JobName": job}]}
        if previous is None:
            glue.create_trigger(**trigger, Type="ON_DEMAND")
        else:
            condition = {"LogicalOperator": "EQUALS", "JobName": previous, "State": "SUCCEEDED"}
            predicate = {"Conditions": [condition]}
            glue.create_trigger(**trigger, Type="CONDITIONAL", StartOnCreation=True, Predicate=predicate)
        previous = job


def statuses(runs: Iterable[Mapping[str, Any]]) -> list[str]:
    """The status of each run."""
    return [run["Status"] for run in runs]
