"""The fixtures for tests of DAGs (docs/airflow.md#test-dags), used by a small project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.long]
DAG = '''
from datetime import datetime
from airflow import DAG
from glueprint.airflow.operators import GlueWorkflowRunOperator
with DAG("hello", start_date=datetime(2026, 1, 1), schedule=None):
    GlueWorkflowRunOperator(task_id="load", workflow_name="nothing", poll_seconds=0.2)
'''
TESTS = '''
import pytest
from glueprint.airflow.dag_runs import DagRunFailed

def test_a_dag(run_dag, airflow_local_glue):
    result = run_dag.run("hello", seconds=200)
    assert (result.state, result.tasks) == ("failed", {"load": "failed"})
    assert "there is no workflow nothing" in result.output
    airflow_local_glue.glue.create_workflow(Name="nothing")

def test_a_dag_that_does_not_end(run_dag):
    with pytest.raises(DagRunFailed, match="did not end in 0.5 s"):
        run_dag.run("hello", seconds=0.5)

def test_a_dag_that_does_not_exist(run_dag):
    with pytest.raises(DagRunFailed, match="has no DAG goodbye, but hello"):
        run_dag.run("goodbye", file="hello.py", seconds=200)
'''


def test_a_project_tests_its_dags(tmp_path: Path) -> None:
    """A failed task, a time limit, a wrong name: each is clear, and nothing is left running."""
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "hello.py").write_text(DAG)
    (tmp_path / "test_hello.py").write_text(TESTS)
    python = os.environ["GLUEPRINT_SERVER_PYTHON"]
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nairflow_dags = dags\nglueprint_python = {python}\n")
    own = ("AIRFLOW", "GLUEPRINT")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "3 passed" in done.stdout
