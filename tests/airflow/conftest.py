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
    from dag_folder import DagFolder

    from glueprint.airflow.dag_runs import DagRunner

    _MIGRATION = subprocess.Popen(
        [sys.executable, "-m", "airflow", "db", "migrate"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    """Goes on while tests are collected and the server starts: it takes ten seconds and more."""
    atexit.register(_MIGRATION.kill)

    @pytest.fixture(scope="session")
    def airflow_home() -> Path:
        """The AIRFLOW_HOME of these tests, with a migrated SQLite database."""
        printed, _ = _MIGRATION.communicate(timeout=300)
        assert _MIGRATION.returncode == 0, printed.decode()
        return HOME

    @pytest.fixture(scope="session")
    def glue_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GlueServer]:
        """One local Glue for all tests, which use names of their own."""
        with GlueServer(tmp_path_factory.mktemp("glue") / "data", warm_workers=1) as server:
            yield server

    @pytest.fixture(scope="session")
    def dag_folder(airflow_home: Path) -> Path:
        """Airflow's DAG folder: the examples, the DAGs of these tests, and what tests put there."""
        folder = HOME / "dags"
        shutil.copytree(Path(__file__).parents[2] / "examples" / "airflow" / "dags", folder / "examples")
        shutil.copytree(Path(__file__).parent / "dags", folder / "own")
        return folder

    @pytest.fixture(scope="session")
    def dag_runner(dag_folder: Path) -> Iterator[DagRunner]:
        """The process in which all DAGs run, but those whose process is killed."""
        with DagRunner(dag_folder) as runner:
            yield runner

    @pytest.fixture(scope="session")
    def dags(dag_runner: DagRunner, glue_server: GlueServer) -> DagFolder:
        """The DAGs of ``tests/airflow/dags``, with the connection aws_default to the local Glue."""
        return DagFolder(dag_runner, "own", glue_server.connection)
