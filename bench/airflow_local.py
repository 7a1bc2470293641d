"""Airflow 3 with its scheduler, API server, DAG processor and LocalExecutor, for as long as a benchmark runs.

Its database is SQLite in WAL mode, which Airflow 3 allows with LocalExecutor (apache/airflow#44839); Airflow 2
needs PostgreSQL or MySQL for it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

START_SECONDS = 120
_PARTS = ("api-server", "scheduler", "dag-processor")


class LocalExecutorAirflow:
    """A running Airflow. Use it as a context manager.

    Args:
        python: of an environment with Airflow 3.
        environment: with AIRFLOW_HOME, a migrated database, the DAG folder and the connections.
        logs: a folder for what the processes print.
    """

    def __init__(self, python: str, environment: Mapping[str, str], logs: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}"
        self._python = python
        self._environment = {
            **environment,
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(16),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self._url}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        }
        self._logs = logs
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> LocalExecutorAirflow:
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            self._command("dags", "reserialize")
            for part in _PARTS:
                with (self._logs / f"{part}.log").open("wb") as log:
                    command = [self._python, "-m", "airflow", part]
                    process = subprocess.Popen(
                        command, env=self._environment, stdout=log, stderr=log, start_new_session=True
                    )
                self._processes.append(process)
            self._wait()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes, with what they started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self._processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
            deadline = time.monotonic() + 15
            for process in self._processes:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.1, deadline - time.monotonic()))

    def trigger(self, dag_id: str) -> None:
        """Start a run of a DAG."""
        self._command("dags", "trigger", dag_id)

    def output(self) -> str:
        """Return the ends of what the processes printed, for an error's message."""
        return "\n".join(f"{one.name}: {one.read_text()[-1500:]}" for one in sorted(self._logs.glob("*.log")))

    def _command(self, *arguments: str) -> None:
        command = [self._python, "-m", "airflow", *arguments]
        subprocess.run(command, check=True, env=self._environment, capture_output=True, timeout=START_SECONDS)

    def _wait(self) -> None:
        """Wait until the API server answers and the scheduler has written its first heartbeat."""
        deadline = time.monotonic() + START_SECONDS
        health = f"{self._url}/api/v2/monitor/health"
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(health, timeout=5) as answer:
                if b'"scheduler":{"status":"healthy"' in answer.read().replace(b" ", b""):
                    return
            if any(process.poll() is not None for process in self._processes):
                break
            time.sleep(0.2)
        raise RuntimeError(f"Airflow did not start:\n{self.output()}")
