"""Workers and servers are killed at random moments of DAG runs: no workflow run is doubled, no truth lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from airflow_glue import LOAD, LOOK, GlueServer, make_chain, statuses

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(3600)]
KILLS = int(os.environ.get("KILLS", "6"))
SEED = int(os.environ.get("SEED", "0")) or random.randrange(10**6)
SECONDS = 240.0
FOLDER = Path(__file__).parent


class Workers:
    """Runs a DAG in workers that may be killed (``dag_worker.py``)."""

    def __init__(self, variables: Mapping[str, str], log: Path) -> None:
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(FOLDER / "dag_worker.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                env={**os.environ, **variables, "AIRFLOW__CORE__DAGS_FOLDER": str(FOLDER / "dags")},
            )
        self.log = log

    def start(self, order: Mapping[str, Any]) -> int:
        """Start a worker, and return its pid."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._answer(SECONDS)["pid"])

    def wait(self) -> dict[str, Any]:
        """Return what the worker returned; ``{"killed": True}`` if it was killed."""
        return self._answer(SECONDS)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        assert ready, f"no answer in {seconds} s:\n{self.log.read_text()[-4000:]}"
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "error" not in answer, self.log.read_text()[-4000:]
        return answer


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[GlueServer]:
    """A server that may be killed."""
    with GlueServer(tmp_path / "data") as server:
        make_chain(server, "orders", {"look": LOOK, "load": LOAD}, limit=5)
        yield server


@pytest.fixture
def workers(airflow_home: Path, own_server: GlueServer, tmp_path: Path) -> Iterator[Workers]:
    """Workers with a connection to that server."""
    found = Workers(own_server.connection, tmp_path / "workers.log")
    yield found
    found.close()


def test_kills(workers: Workers, own_server: GlueServer) -> None:
    """KILLS random kills (by default 6) of the worker or the server; each DAG run is gone on with until it ends.

    Every DAG run then has exactly one workflow run, and ends as that did: with the marker that its job put.
    """
    chance = random.Random(SEED)
    date = datetime(2026, 6, 1, tzinfo=timezone.utc)  # noqa: UP017
    kills = 0
    order = _order("ok", date, "0")
    workers.start(order)  # warms up what later workers are forked from
    assert workers.wait()["state"] == "success"
    while kills < KILLS:
        date += timedelta(days=1)
        mode = chance.choice(["ok", "ok", "missing"])
        order = _order(mode, date, chance.choice(["0", "1"]))
        before = {run["WorkflowRunId"] for run in own_server.runs("orders")}
        result: dict[str, Any] = {"killed": True}
        left = chance.choice([1, 2])
        while result.get("killed"):
            pid = workers.start(order)
            if left and kills < KILLS:
                if chance.random() < 0.7:  # while the workflow run goes on, or just after it was started
                    _wait_for_run(own_server, before)
                time.sleep(chance.uniform(0, 2.5))
                left, kills = left - 1, kills + 1
                if chance.random() < 0.6:
                    with contextlib.suppress(ProcessLookupError):  # it has ended in time
                        os.kill(pid, signal.SIGKILL)
                else:
                    own_server.kill()
                    time.sleep(chance.uniform(0, 2))
                    own_server.start()
            result = workers.wait()
        new = [run for run in own_server.runs("orders") if run["WorkflowRunId"] not in before]
        where = f"SEED={SEED}, kill {kills}, {order}: {workers.log.read_text()[-3000:]}"
        assert statuses(new) == ["COMPLETED" if mode == "ok" else "STOPPED"], where
        assert result["state"] == "success", where
        assert result["xcom"]["load"]["file_presence"] is (mode == "ok"), where
        assert result["xcom"]["load"]["run_id"] == new[0]["WorkflowRunId"], where


def _wait_for_run(server: GlueServer, before: set[str]) -> None:
    """Wait until there is a run that was not there before."""
    deadline = time.monotonic() + SECONDS
    while all(run["WorkflowRunId"] in before for run in server.runs("orders")):
        assert time.monotonic() < deadline, "no run was started"
        time.sleep(0.02)


def _order(mode: str, date: datetime, deferrable: str) -> dict[str, Any]:
    return {
        "file": str(FOLDER / "dags" / "load_orders.py"),
        "dag_id": "load_orders",
        "logical_date": date.isoformat(),
        "conf": {"workflow": "orders", "mode": mode, "seconds": "1"},
        "environment": {"RETRIES": "20", "DEFERRABLE": deferrable},
    }
