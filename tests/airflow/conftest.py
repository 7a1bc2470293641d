"""Real Airflow against a real local Glue: `make airflow` runs the files test_real_*.py once for each Airflow.

Where Airflow is not installed (`make test`), only the files that need none are collected.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HAS_AIRFLOW = bool(importlib.util.find_spec("airflow") and importlib.util.find_spec("airflow.models"))
collect_ignore_glob = ["test_airflow_*.py"] if HAS_AIRFLOW else ["test_real_*.py"]
if HAS_AIRFLOW:
    # Before anything imports Airflow: it reads its home then.
    HOME = Path(tempfile.mkdtemp(prefix="airflow-tests-"))
    atexit.register(shutil.rmtree, HOME, ignore_errors=True)
    os.environ.update(
        {
            "AIRFLOW_HOME": str(HOME),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME / 'airflow.db'}",
            "PYTHONWARNINGS": "ignore",
        }
    )

    from airflow_glue import GlueServer

    from glueprint.airflow.dag_runs import DagRunner

    @pytest.fixture(scope="session")
    def airflow_home() -> Path:
        """The AIRFLOW_HOME of these tests, with a migrated SQLite database."""
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return HOME

    @pytest.fixture(scope="session")
    def glue_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GlueServer]:
        """One local Glue for all tests, which use names of their own."""
        with GlueServer(tmp_path_factory.mktemp("glue") / "data", warm_workers=1) as server:
            yield server

    @pytest.fixture(scope="session")
    def dags(airflow_home: Path, glue_server: GlueServer) -> Iterator[DagRunner]:
        """The DAGs of ``tests/airflow/dags``, with the connection aws_default to the local Glue."""
        with DagRunner(Path(__file__).parent / "dags", glue_server.connection) as runner:
            yield runner
