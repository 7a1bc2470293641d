"""Running DAGs once with ``dag.test()`` in a child process, with a time limit.

A child runs the DAGs because nothing else ends them for certain: ``dag.test()`` of Airflow 2 repeats a deferred
task whose trigger fails without end. It runs one after the other, since its start takes longer than most DAGs:
Airflow 3 needs ten seconds to import what ``dag.test()`` uses.

``python -m glueprint.airflow.dag_runs`` is the child: it reads one JSON object a line from its standard input.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

DEFAULT_SECONDS = 120.0
_END_LENGTH = 4_000


class DagRunFailed(AssertionError):
    """A DAG could not be run: it does not load, or did not end in time. The message has the output's end."""


@dataclass(frozen=True)
class DagResult:
    """How a DAG run ended.

    Attributes:
        run_id: the DAG run's id.
        state: ``success`` or ``failed``.
        tasks: the state of each task by its id; of a mapped task by ``id[index]``.
        tries: the number of tries, in the same way.
        xcom: the XComs by task id and key.
        output: what Airflow and the tasks logged.
    """

    run_id: str
    state: str
    tasks: Mapping[str, str | None]
    tries: Mapping[str, int]
    xcom: Mapping[str, Mapping[str, Any]]
    output: str = field(repr=False, default="")

    def xcom_of(self, task_id: str, key: str = "return_value") -> Any:
        """Return one XCom; None if there is none."""
        return self.xcom.get(task_id, {}).get(key)


class DagRunner:
    """Runs DAGs of one folder. Use it as a context manager: the child ends with it.

    Args:
        folder: Airflow's DAG folder.
        environment: variables for the child, in addition to this process's own: ``AIRFLOW_HOME``, with a migrated
            database, and connections (``AIRFLOW_CONN_...``).
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            **(environment or {}),
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        }
        self._directory = tempfile.TemporaryDirectory(prefix="dag-runs-")
        self._output = Path(self._directory.name) / "output"
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> DagRunner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child, with everything that it started."""
        self._kill()
        self._directory.cleanup()

    def run(
        self,
        dag_id: str,
        *,
        file: str | None = None,
        logical_date: datetime | None = None,
        conf: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        seconds: float = DEFAULT_SECONDS,
    ) -> DagResult:
        """Run a DAG once, and return how it ended.

        Args:
            dag_id: the DAG.
            file: its file's name in the folder; by default ``DAG_ID.py``.
            logical_date: aware; None is the present.
            conf: the DAG run's configuration.
            environment: variables for this run and those after it.
            seconds: the time limit; the child is killed then.

        Raises:
            DagRunFailed: the DAG does not load, or did not end in time.
        """
        child = self._running_child()
        start = self._output.stat().st_size
        order = {
            "file": str(self._folder / (file or f"{dag_id}.py")),
            "dag_id": dag_id,
            "logical_date": None if logical_date is None else logical_date.isoformat(),
            "conf": dict(conf or {}),
            "environment": dict(environment or {}),
        }
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(order) + "\n")
        child.stdin.flush()
        answer = _line(child, time.monotonic() + seconds)
        text = self._text_from(start)
        if answer is None:
            self._kill()
            raise DagRunFailed(f"DAG {dag_id} did not end in {seconds:g} s:\n{text[-_END_LENGTH:]}")
        if not answer:
            self._kill()
            raise DagRunFailed(f"the process of DAG {dag_id} ended:\n{text[-_END_LENGTH:]}")
        result = json.loads(answer)
        if "error" in result:
            raise DagRunFailed(f"DAG {dag_id} could not be run: {result['error']}\n{text[-_END_LENGTH:]}")
        return DagResult(**result, output=text)

    def _running_child(self) -> subprocess.Popen[str]:
        if self._child is None or self._child.poll() is not None:
            with self._output.open("ab") as output:
                self._child = subprocess.Popen(
                    [sys.executable, "-m", __name__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=output,
                    env=self._environment,
                    start_new_session=True,
                    text=True,
                )
        return self._child

    def _text_from(self, start: int) -> str:
        with self._output.open("rb") as output:
            output.seek(start)
            return output.read().decode("utf-8", "replace")

    def _kill(self) -> None:
        if self._child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._child = None


def _line(child: subprocess.Popen[str], deadline: float) -> str | None:
    """Return the child's next line; an empty one if it has ended, None at the deadline."""
    assert child.stdout is not None
    ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
    return child.stdout.readline() if ready else None


def execute_order(order: Mapping[str, Any]) -> dict[str, Any]:
    """Run the DAG that an order of :class:`DagRunner` names, in this process."""
    os.environ.update(order["environment"])
    with contextlib.suppress(ImportError):
        # Airflow 2 deletes an earlier run of the same date, whose notes refer to this table of users.
        importlib.import_module("airflow.providers.fab.auth_manager.models")
    dags = _dags_of(Path(order["file"]))
    dag = dags.get(order["dag_id"])
    if dag is None:
        raise LookupError(f"{order['file']} has no DAG {order['dag_id']}, but {', '.join(dags) or 'none'}")
    arguments: dict[str, Any] = {"run_conf": order["conf"]}
    if order["logical_date"] is not None:
        parameters = inspect.signature(dag.test).parameters  # Airflow 2: execution_date
        name = "logical_date" if "logical_date" in parameters else "execution_date"
        arguments[name] = datetime.fromisoformat(order["logical_date"])
    dag_run = dag.test(**arguments)
    tasks = {_name(one): one for one in dag_run.get_task_instances()}
    return {
        "run_id": dag_run.run_id,
        "state": str(dag_run.state),
        "tasks": {name: None if one.state is None else str(one.state) for name, one in tasks.items()},
        "tries": {name: one.try_number for name, one in tasks.items()},
        "xcom": _xcoms(order["dag_id"], dag_run.run_id),
    }


def _dags_of(file: Path) -> dict[str, Any]:
    """Import a file as Airflow does, and return its DAGs."""
    try:  # Airflow 3
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:
        from airflow.models.dagbag import DagBag
    bag = DagBag(dag_folder=str(file))
    if bag.import_errors:
        raise ImportError("\n".join(bag.import_errors.values()))
    dags: dict[str, Any] = bag.dags
    return dags


def _name(ti: Any) -> str:
    return str(ti.task_id) if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"


def _xcoms(dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
    from airflow.utils.session import create_session

    try:
        from airflow.models.xcom import XComModel
    except ImportError:
        from airflow.models.xcom import XCom as XComModel
    found: dict[str, dict[str, Any]] = {}
    with create_session() as session:
        for row in session.query(XComModel).filter_by(dag_id=dag_id, run_id=run_id):
            found.setdefault(_name(row), {})[row.key] = row.value
    return found


def main() -> None:
    """Run the DAGs that are ordered on standard input; everything else that is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            answer = execute_order(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever a DAG's file raises is the answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.flush()
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
