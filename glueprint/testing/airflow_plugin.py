"""Fixtures for tests of DAGs: a local Glue, Airflow with a database of its own, and ``run_dag``.

Airflow's environment has only Glueprint's base install; the option ``glueprint_python`` of pytest's configuration,
or the variable GLUEPRINT_SERVER_PYTHON, names the Python of the environment that has ``glueprint[local]``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from glueprint.airflow.dag_runs import DagRunner
    from glueprint.client.session import Session


def pytest_addoption(parser: pytest.Parser) -> None:
    """``airflow_dags``: the DAG folder; ``glueprint_python``: the Python that runs the local Glue."""
    parser.addini("airflow_dags", "Airflow's DAG folder", default="dags")
    parser.addini("glueprint_python", "the Python that has glueprint[local]", default="")


@pytest.fixture(scope="session")
def airflow_local_glue(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Session]:
    """A local Glue for the DAGs: ``.glue`` and ``.client("s3")`` are boto3 clients for it."""
    from glueprint.client.servers import start_server
    from glueprint.client.session import Session

    configured: str = pytestconfig.getini("glueprint_python")
    python = configured or os.environ.get("GLUEPRINT_SERVER_PYTHON") or sys.executable
    with start_server(tmp_path_factory.mktemp("glueprint") / "data", python=python) as endpoint:
        session = Session(endpoint)
        yield session
        session.close()


@pytest.fixture(scope="session")
def airflow_database(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables of an AIRFLOW_HOME with a migrated SQLite database and no examples."""
    home = tmp_path_factory.mktemp("airflow")
    variables = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
    }
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    made = subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300, check=False
    )
    if made.returncode:
        pytest.fail(f"`airflow db migrate` failed:\n{made.stderr[-2000:]}")
    return variables


@pytest.fixture(scope="session")
def run_dag(
    airflow_local_glue: Session, airflow_database: dict[str, str], pytestconfig: pytest.Config
) -> Iterator[DagRunner]:
    """``run_dag.run("my_dag", logical_date=...)`` runs a DAG of the folder ``airflow_dags`` with a time limit.

    The connection ``aws_default`` leads to the local Glue; give others by ``environment``.
    """
    from glueprint.airflow.dag_runs import DagRunner
    from glueprint.client.aws_environment import AIRFLOW_VARIABLE, airflow_connection

    endpoint = airflow_local_glue.endpoint
    assert endpoint is not None
    folder: str = pytestconfig.getini("airflow_dags")
    connection = {AIRFLOW_VARIABLE: json.dumps(airflow_connection(endpoint))}
    with DagRunner((pytestconfig.rootpath / folder).resolve(), {**airflow_database, **connection}) as runner:
        yield runner
