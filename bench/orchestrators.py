"""A chain of 20 jobs, natively, as a state machine and as a DAG: from the end of a job to the start of the next.

The state machine and the DAG are what `glueprint export` writes. Airflow is measured where `make airflow` has
installed it (or where BENCH_AIRFLOW names the Python of its environment): with ``dag.test()``, and Airflow 3 also
with its scheduler and LocalExecutor.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.airflow_local import LocalExecutorAirflow
from bench.server import DEADLINE_SECONDS, ROLE, BenchServer

JOBS = 20
ROUNDS = 3
POLL_SECONDS = 1
AIRFLOWS = (".venv-airflow-3", ".venv-airflow-2.10")

_SCRIPT = """
import time
started = time.time()
import os
fd = os.open({path!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
os.write(fd, f"[{{started}}, {{time.time()}}]\\n".encode())
"""
_DAG_TEST = """
import sys
from pathlib import Path
from glueprint.airflow.dag_runs import DagRunner
with DagRunner(Path(sys.argv[1])) as runner:
    result = runner.run("chain", seconds=280)
sys.exit(result.state != "success" and result.output[-2000:])
"""


def main() -> None:
    """Run the benchmark and print the result."""
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        with BenchServer(Path(folder) / "data") as server:
            _define_chain(server, notes)
            print(
                f"orchestrators: chain of {JOBS} Python shell jobs, {os.cpu_count()} cores, load "
                f"{os.getloadavg()[0]:.1f}; from the end of a job's code to the start of the next one's"
            )
            _show("Glue workflow", notes, lambda: server.run("chain"), ROUNDS)
            machine = _create_machine(server, Path(folder) / "data")
            _show("Step Functions", notes, lambda: _execute(server, machine), ROUNDS)
            python = _airflow()
            if python is None:
                print("  Airflow                       not installed here: make airflow, or BENCH_AIRFLOW=PYTHON")
                return
            environment = _prepare_airflow(python, Path(folder))
            version = _version_of(python)
            command = [python, "-c", _DAG_TEST, environment["AIRFLOW__CORE__DAGS_FOLDER"]]
            _show(
                f"Airflow {version}, dag.test()",
                notes,
                lambda: subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL),
                1,
            )
            if version.startswith("2."):
                print("  Airflow, LocalExecutor: Airflow 2 needs PostgreSQL or MySQL for it; not measured")
                return
            with LocalExecutorAirflow(python, environment, Path(folder) / "logs") as airflow:
                _show(f"Airflow {version}, LocalExecutor", notes, lambda: _trigger(airflow, notes), 1)


def _define_chain(server: BenchServer, notes: Path) -> None:
    names = [f"job{number}" for number in range(JOBS)]
    server.put_jobs(names, server.put_script(_SCRIPT.format(path=str(notes))))
    server.glue.create_workflow(Name="chain")
    server.put_trigger("chain", "start", [names[0]], None)
    for before, after in pairwise(names):
        server.put_trigger("chain", after, [after], before, "SUCCEEDED")


def _export(data: Path, kind: str, *options: str) -> str:
    command = [sys.executable, "-m", "glueprint.cli", "export", "chain", "--data-dir", str(data), "--to", kind]
    done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    return done.stdout


def _create_machine(server: BenchServer, data: Path) -> str:
    definition = _export(data, "stepfunctions")
    client = server.client("stepfunctions")
    answer = client.create_state_machine(name="chain", definition=definition, roleArn=ROLE)
    arn: str = answer["stateMachineArn"]
    return arn


def _execute(server: BenchServer, machine: str) -> None:
    client = server.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=machine)["executionArn"]
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        found: dict[str, Any] = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            assert found["status"] == "SUCCEEDED", found
            return
        time.sleep(0.2)
    raise TimeoutError("the execution did not end")


def _airflow() -> str | None:
    """Return the Python of an environment with Airflow."""
    candidates = [os.environ.get("BENCH_AIRFLOW"), *(f"{one}/bin/python" for one in AIRFLOWS)]
    return next((one for one in candidates if one and Path(one).exists()), None)


def _version_of(python: str) -> str:
    command = [python, "-c", "from importlib.metadata import version; print(version('apache-airflow'))"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _prepare_airflow(python: str, folder: Path) -> dict[str, str]:
    """Export the DAG, and return the environment of an Airflow with an own database and connection."""
    dags = folder / "dags"
    _export(folder / "data", "airflow", "--poll", str(POLL_SECONDS), "--out", str(dags))
    printed = subprocess.run(
        [sys.executable, "-m", "glueprint.cli", "env", "--airflow", "--data-dir", str(folder / "data")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    connection = printed.split("AIRFLOW_CONN_AWS_DEFAULT=", 1)[1].strip().splitlines()[0].strip("'")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW_CONN_AWS_DEFAULT": connection,
        "PYTHONPATH": str(Path.cwd()),
        "PYTHONWARNINGS": "ignore",
    }
    migrate = [python, "-m", "airflow", "db", "migrate"]
    subprocess.run(migrate, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return environment


def _trigger(airflow: LocalExecutorAirflow, notes: Path) -> None:
    """Start the DAG, and wait until its last job has run."""
    airflow.trigger("chain")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if notes.exists() and len(notes.read_text().splitlines()) == JOBS:
            return
        time.sleep(0.2)
    raise TimeoutError(f"the DAG run did not end:\n{airflow.output()}")


def _show(name: str, notes: Path, run: Any, rounds: int) -> None:
    """Run the chain this often and print its hops."""
    hops: list[float] = []
    for _ in range(rounds):
        notes.unlink(missing_ok=True)
        run()
        times = sorted(json.loads(line) for line in notes.read_text().splitlines())
        assert len(times) == JOBS, len(times)
        hops += [(started - ended) * 1e3 for (_, ended), (started, _) in pairwise(times)]
    p95 = statistics.quantiles(hops, n=20)[-1]
    print(f"  {name:29} median {statistics.median(hops):7.1f} ms   p95 {p95:7.1f} ms")


if __name__ == "__main__":
    main()
