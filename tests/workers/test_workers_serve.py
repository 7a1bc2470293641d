"""`glueprint serve --warm-workers`: from an API call to a run in a waiting worker; nothing stays behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from harness.runtime_programs import wait_until
from worker_fakes import alive_below

from glueprint.cli.serve import serve
from glueprint.environments.installed import local_glue_version

ROLE = "arn:aws:iam::123456789012:role/glueprint"
SPARK_SCRIPT = b"from pyspark import SparkContext\nassert SparkContext().range(3).count() == 3\n"
SPARK_JOB = {
    "Command": {"Name": "glueetl", "ScriptLocation": "s3://scripts/spark.py"},
    "GlueVersion": local_glue_version(),
}
SHELL_JOB = {
    "Command": {"Name": "pythonshell", "ScriptLocation": "s3://scripts/shell.py", "PythonVersion": "3.9"},
}


@pytest.mark.parametrize("value", ["many", "-1", "65", "1.5"])
def test_a_number_or_auto(value: str) -> None:
    """What is neither is refused with what is possible."""
    result = CliRunner().invoke(serve, ["--warm-workers", value])
    assert result.exit_code == 2
    assert f"{value!r} is neither auto nor a number from 0 to 64" in result.output


@pytest.mark.jobs
@pytest.mark.spark
def test_a_job_runs_in_a_waiting_worker_and_sigkill_leaves_none(tmp_path: Path) -> None:
    """No worker before there is a Spark job; then one, which takes a run; SIGKILL of the server ends the next."""
    server = subprocess.Popen(
        [sys.executable, "-m", "glueprint.cli", "serve", "--port", "0", "--data-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "GLUEPRINT_WARM_WORKERS": "1", "GLUEPRINT_CLASS_ARCHIVE": "0"},
        text=True,
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("ready ").strip()
        assert health(url)["warm_workers"] == 0
        glue = make_job(tmp_path, url)
        wait_until(lambda: health(url)["warm_workers"] == 1, seconds=500)
        run_id = glue.start_job_run(JobName="job")["JobRunId"]
        wait_until(lambda: state(glue, run_id) not in ("STARTING", "RUNNING"), seconds=500)
        assert state(glue, run_id) == "SUCCEEDED"
        assert "mark" in json.loads((tmp_path / "runs" / run_id / "started.json").read_text())
        wait_until(lambda: bool(alive_below(tmp_path / "workers")))  # the next one comes up
    finally:
        server.kill()
        server.communicate()
    wait_until(lambda: not alive_below(tmp_path) and not list((tmp_path / "workers").iterdir()))


def test_steps_of_a_chain_run_in_waiting_pythons_and_sigkill_leaves_none(tmp_path: Path) -> None:
    """Once a Python shell job has run, the next one finds a Python that waits; a killed server keeps none."""
    server = subprocess.Popen(
        [sys.executable, "-m", "glueprint.cli", "serve", "--port", "0", "--data-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "GLUEPRINT_WARM_WORKERS": "auto", "GLUEPRINT_CLASS_ARCHIVE": "0"},
        text=True,
    )
    try:
        assert server.stdout is not None
        glue = make_job(tmp_path, server.stdout.readline().removeprefix("ready ").strip(), SHELL_JOB)
        marks = []
        for _ in range(4):
            run_id = glue.start_job_run(JobName="job")["JobRunId"]
            wait_until(lambda run=run_id: state(glue, run) not in ("STARTING", "RUNNING"))
            assert state(glue, run_id) == "SUCCEEDED"
            marks.append("mark" in json.loads((tmp_path / "runs" / run_id / "started.json").read_text()))
            wait_until(lambda: len(alive_below(tmp_path / "shells")) == 2)
        assert marks[0] is False
        assert any(marks[1:])
    finally:
        server.kill()
        server.communicate()
    wait_until(lambda: not alive_below(tmp_path) and not list((tmp_path / "shells").iterdir()))


def health(url: str) -> dict[str, Any]:
    """What the server says of itself."""
    with urllib.request.urlopen(f"{url}/health") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def make_job(data_dir: Path, url: str, job: Mapping[str, Any] = SPARK_JOB) -> Any:
    """The job "job" on that server; a client of Glue."""
    keys = json.loads((data_dir / "keys.json").read_text())
    access = {
        "endpoint_url": url,
        "region_name": "us-east-1",
        "aws_access_key_id": keys["access_key"],
        "aws_secret_access_key": keys["secret_key"],
    }
    s3, glue = boto3.client("s3", **access), boto3.client("glue", **access)
    s3.create_bucket(Bucket="scripts")
    s3.put_object(Bucket="scripts", Key="spark.py", Body=SPARK_SCRIPT)
    s3.put_object(Bucket="scripts", Key="shell.py", Body=b"print('ran')")
    glue.create_job(Name="job", Role=ROLE, **job)
    return glue


def state(glue: Any, run_id: str) -> str:
    """How the run stands."""
    return str(glue.get_job_run(JobName="job", RunId=run_id)["JobRun"]["JobRunState"])
