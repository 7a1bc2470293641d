"""Several runtimes in one workflow, and one script under two GlueVersions, on the real environments of the user's
cache: ``make runtimes``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.local_server import ROLE, Server

from glueprint.environments.definitions import RUNTIMES
from glueprint.environments.installed import environment_directory, own, read

pytestmark = [pytest.mark.runtimes, pytest.mark.timeout(600)]

VERSIONS = """
import platform, pyspark
from awsglue.context import GlueContext
from pyspark.context import SparkContext
spark = GlueContext(SparkContext.getOrCreate()).spark_session
print("versions", platform.python_version(), spark.version, spark.range(3).count())
"""
SHELL_VERSIONS = """
import platform
print("versions", platform.python_version())
"""
CAST = """
from awsglue.context import GlueContext
from pyspark.context import SparkContext
spark = GlueContext(SparkContext.getOrCreate()).spark_session
frame = spark.createDataFrame([("a", "7"), ("b", "seven")], ["id", "amount"])
frame.write.mode("overwrite").parquet("s3://lake/strings/")
frame.select("id", frame.amount.cast("int").alias("amount")).write.mode("overwrite").parquet("s3://lake/numbers/")
"""


@pytest.fixture(scope="module")
def environ() -> dict[str, str]:
    """The user's own cache, not that of the tests; skips if a runtime is not installed there."""
    variables = {name: value for name, value in os.environ.items() if name != "XDG_CACHE_HOME"}
    if cache := os.environ.get("GLUEPRINT_TEST_RUNTIMES"):
        variables["XDG_CACHE_HOME"] = cache
    for name in ("5.1", "6.0", "pythonshell"):
        runtime = RUNTIMES[name]
        if own() != runtime and read(runtime, environment_directory(runtime, variables)) is None:
            pytest.skip(f"runtime {name} is not installed: glueprint runtime add {name}")
    return variables


@pytest.fixture(scope="module")
def server(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A local Glue that finds the environments, with an empty bucket."""
    cache = environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    with Server(tmp_path_factory.mktemp("data") / "data", environment={"XDG_CACHE_HOME": cache}) as server:
        server.client("s3").create_bucket(Bucket="lake")
        yield server


def _printed(server: Server, run: dict[str, Any]) -> list[str]:
    logs = server.client("logs")
    group = f"{run.get('LogGroupName', '/aws-glue/jobs')}/output"
    events = logs.get_log_events(logGroupName=group, logStreamName=run["Id"], startFromHead=True)["events"]
    text = "".join(one["message"] for one in events)
    return next(line for line in text.splitlines() if line.startswith("versions")).split()[1:]


def test_one_workflow_runs_jobs_of_three_runtimes(server: Server) -> None:
    """A 5.1 job, a 6.0 job and a Python shell job of Python 3.9, each after the one before succeeded."""
    glue = server.client("glue")
    for name, version in (("old", "5.1"), ("new", "6.0")):
        command = {"Name": "glueetl", "ScriptLocation": server.put_script(f"{name}.py", VERSIONS)}
        glue.create_job(Name=name, Role=ROLE, Command=command, GlueVersion=version)
    server.put_job("shell", SHELL_VERSIONS, DefaultArguments={"--library-set": "none"})
    glue.create_workflow(Name="mixed")
    glue.create_trigger(Name="start", WorkflowName="mixed", Type="ON_DEMAND", Actions=[{"JobName": "old"}])
    for before, after in (("old", "new"), ("new", "shell")):
        condition = {"LogicalOperator": "EQUALS", "JobName": before, "State": "SUCCEEDED"}
        glue.create_trigger(
            Name=f"after-{before}",
            WorkflowName="mixed",
            Type="CONDITIONAL",
            StartOnCreation=True,
            Predicate={"Conditions": [condition]},
            Actions=[{"JobName": after}],
        )
    run = server.finished_run("mixed", glue.start_workflow_run(Name="mixed")["RunId"])
    assert (run["Status"], run["Statistics"]["SucceededActions"]) == ("COMPLETED", 3)
    printed = {
        name: _printed(server, glue.get_job_runs(JobName=name)["JobRuns"][0]) for name in ("old", "new", "shell")
    }
    assert [one.rpartition(".")[0] for one in printed["old"][:2]] == ["3.11", "3.5"]
    assert [one.rpartition(".")[0] for one in printed["new"][:2]] == ["3.13", "4.1"]
    assert [one.rpartition(".")[0] for one in printed["shell"]] == ["3.9"]


def test_a_cast_of_a_bad_string_is_reported_as_a_difference(
    server: Server, environ: dict[str, str], tmp_path: Path
) -> None:
    """Null on Spark 3.5, an error on Spark 4.1, whose ANSI mode is on (Spark SQL migration guide, 3.5 to 4.0)."""
    script = tmp_path / "amounts.py"
    script.write_text(CAST)
    command = [
        sys.executable,
        "-m",
        "glueprint.cli",
        "job",
        "run",
        str(script),
        "--glue-version",
        "5.1,6.0",
        "--json",
    ]
    command += ["--data-dir", str(server.data_dir)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert [one["state"] for one in found["trials"]] == ["SUCCEEDED", "FAILED"]
    assert "CAST_INVALID_INPUT" in found["trials"][1]["error"]
    (comparison,) = found["comparisons"]
    problems = {one["location"]: one["problems"] for one in comparison["data"]}
    assert problems["s3://lake/strings/"] == []
    assert problems["s3://lake/numbers/"] == ["only 5.1 wrote it"]
    assert not list((server.data_dir / "s3" / "lake").rglob("*.parquet")), "the data directory itself was changed"
