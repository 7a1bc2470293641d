"""A process that forks a worker for each order: a test may kill the worker, and order another one to go on.

``dag.test()`` starts a DAG run over; what the scheduler does after it has lost a worker is added here with
Airflow's own functions: the task instance that is RUNNING fails (``TaskInstance.handle_failure``), and is retried.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import airflow
from airflow.utils.session import create_session

from glueprint.airflow import dag_runs

IS_3 = airflow.__version__.startswith("3.")


def _import_all(names: list[str]) -> None:
    """Import what a worker used, so that the next one starts with it."""
    for name in names:
        with suppress(Exception):
            __import__(name)


def _run_of(session: Any, order: dict[str, Any]) -> Any:
    """Return the DAG run of the order's date, or None."""
    from airflow.models.dagrun import DagRun

    column = DagRun.logical_date if IS_3 else DagRun.execution_date
    date = datetime.fromisoformat(order["logical_date"])
    return session.query(DagRun).filter(DagRun.dag_id == order["dag_id"], column == date).one_or_none()


def _go_on(order: dict[str, Any]) -> dict[str, Any]:
    """Run a DAG, or go on with its run of that date."""
    os.environ.update(order["environment"])
    with create_session() as session:
        dag_run = _run_of(session, order)
        if dag_run is not None:
            _fail_lost_tasks(session, dag_run, order)
    if dag_run is None:
        return dag_runs.execute_order(order)

    def existing(*args: Any, dag: Any, session: Any, **kwargs: Any) -> Any:
        found = _run_of(session, order)
        found.dag = dag
        return found

    if IS_3:
        from airflow.serialization.definitions.dag import SerializedDAG

        clear = patch.object(SerializedDAG, "clear_dags")
        create = patch("airflow.models.dagrun.get_or_create_dagrun", existing)
    else:
        from airflow.models.dag import DAG

        clear = patch.object(DAG, "clear")
        create = patch("airflow.models.dag._get_or_create_dagrun", existing)
    with clear, create:
        return dag_runs.execute_order(order)


def _fail_lost_tasks(session: Any, dag_run: Any, order: dict[str, Any]) -> None:
    """Do what the scheduler does with the task instances of a worker that it has lost."""
    dag = dag_runs._dags_of(Path(order["file"]))[order["dag_id"]]
    for ti in dag_run.get_task_instances(session=session):
        ti.task = dag.get_task(ti.task_id)
        if str(ti.state) in ("queued", "scheduled", "running", "restarting", "deferred"):
            # dag.test() of Airflow 2 leaves a task that runs SCHEDULED; a worker makes it RUNNING.
            ti.state = "running"
            ti.handle_failure("the worker was lost", session=session)


def _worker(order: dict[str, Any], answer: int) -> None:
    os.setsid()
    with open(answer, "w") as out:
        try:
            result = _go_on(order)
        except BaseException as error:  # noqa: BLE001 - it is the answer
            traceback.print_exc()
            result = {"error": f"{type(error).__name__}: {error}"}
        result["modules"] = [name for name in sys.modules if name.startswith(("airflow", "fastapi", "sqlalchemy"))]
        out.write(json.dumps(result, default=str))
    sys.stdout.flush()
    os._exit(0)


def main() -> None:
    """Read orders, one JSON object a line; answer with the worker's pid, then with what it returned."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(readable)
            _worker(json.loads(line), writable)
        os.close(writable)
        answers.write(json.dumps({"pid": pid}) + "\n")
        answers.flush()
        with open(readable) as source:
            text = source.read()
        os.waitpid(pid, 0)
        result = json.loads(text) if text else {"killed": True}
        _import_all(result.pop("modules", []))
        answers.write(json.dumps(result) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
