"""Exported DAGs in a real Airflow, next to native runs: the same nodes end in the same states."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from airflow_glue import BUCKET, ROLE, GlueServer
from dag_folder import DagFolder

from glueprint.airflow.dag_runs import DagRunner

pytestmark = pytest.mark.airflow

OK, BAD = "print('ok')\n", "raise SystemExit('broken')\n"
SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"
WORKFLOWS = {
    "rules": (
        {"a": OK, "b": BAD, "c": OK, "d": OK},
        [("AND", [("a", SUCCEEDED), ("b", SUCCEEDED)], "c"), ("ANY", [("a", SUCCEEDED), ("b", SUCCEEDED)], "d")],
        ["a", "b"],
    ),
    "gates": (
        {"a": BAD, "b": OK, "c": OK, "d": OK, "e": OK},
        [
            ("AND", [("a", SUCCEEDED)], "b"),
            ("AND", [("b", FAILED)], "c"),
            ("ANY", [("a", FAILED), ("b", SUCCEEDED)], "d"),
            ("AND", [("d", SUCCEEDED), ("a", FAILED)], "e"),
        ],
        ["a"],
    ),
}
"""Scripts by job; triggers (operator, conditions, job); the jobs at the start."""


def make(server: GlueServer, name: str) -> None:
    """Create a workflow of :data:`WORKFLOWS`."""
    scripts, triggers, start = WORKFLOWS[name]
    glue, s3 = server.client("glue"), server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for job, text in scripts.items():
        s3.put_object(Bucket=BUCKET, Key=f"{name}-{job}.py", Body=text.encode())
        command = {
            "Name": "pythonshell",
            "ScriptLocation": f"s3://{BUCKET}/{name}-{job}.py",
            "PythonVersion": "3.9",
        }
        glue.create_job(Name=f"{name}-{job}", Role=ROLE, Command=command, Timeout=5)
    glue.create_workflow(Name=name)
    actions = [{"JobName": f"{name}-{job}"} for job in start]
    glue.create_trigger(Name=f"{name}-begin", WorkflowName=name, Type="ON_DEMAND", Actions=actions)
    for number, (logical, conditions, job) in enumerate(triggers):
        glue.create_trigger(
            Name=f"{name}-{number}",
            WorkflowName=name,
            Type="CONDITIONAL",
            StartOnCreation=True,
            Actions=[{"JobName": f"{name}-{job}"}],
            Predicate={
                "Logical": logical,
                "Conditions": [
                    {"LogicalOperator": "EQUALS", "JobName": f"{name}-{watched}", "State": state}
                    for watched, state in conditions
                ],
            },
        )


def run_counts(server: GlueServer, name: str) -> dict[str, list[str]]:
    """The states of all runs of the workflow's jobs."""
    glue = server.client("glue")
    return {
        job: [run["JobRunState"] for run in glue.get_job_runs(JobName=f"{name}-{job}")["JobRuns"]]
        for job in WORKFLOWS[name][0]
    }


def wait_for(server: GlueServer, name: str, run: str) -> None:
    """Wait until a workflow run has ended."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if server.client("glue").get_workflow_run(Name=name, RunId=run)["Run"]["Status"] == "COMPLETED":
            return
        time.sleep(0.2)
    raise AssertionError(f"{name} did not end in time")


@pytest.fixture(scope="module")
def exported(dag_runner: DagRunner, dag_folder: Path, glue_server: GlueServer) -> DagFolder:
    """The DAGs that `glueprint export` writes for the workflows."""
    for name in WORKFLOWS:
        make(glue_server, name)
        command = [sys.executable, "-m", "glueprint.cli", "export", name, "--to", "airflow", "--poll", "1"]
        command += ["--data-dir", str(glue_server.data_dir), "--out", str(dag_folder / "exported")]
        subprocess.run(command, check=True, timeout=120, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    return DagFolder(dag_runner, "exported", glue_server.connection)


@pytest.mark.parametrize("name", list(WORKFLOWS))
def test_an_exported_dag_runs_the_same_nodes(exported: DagFolder, glue_server: GlueServer, name: str) -> None:
    """Trigger rules and gates mean what the triggers mean, in each Airflow; a failed job fails the DAG run."""
    result = exported.run(name, seconds=240)
    by_airflow = run_counts(glue_server, name)
    run = glue_server.client("glue").start_workflow_run(Name=name)["RunId"]
    wait_for(glue_server, name, run)
    both = run_counts(glue_server, name)
    assert both == {job: states * 2 for job, states in by_airflow.items()}, result.output
    assert result.state == "failed", result.output
