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
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from airflow_glue import LOAD, LOOK, GlueServer, make_chain, statuses

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(3600)]
KILLS = int(os.environ.get("KILLS", "6"))
SEED = int(os.environ.get("SEED", "0")) or random.randrange(10**6)
SECONDS = 240.0
FIRST_DATE = datetime(2026, 6, 1, tzinfo=timezone.utc)  # noqa: UP017 - Airflow also runs on 3.10
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

    def has_answered(self) -> bool:
        """Whether the worker has ended."""
        return bool(select.select([self._process.stdout], [], [], 0)[0])

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


def test_kills(workers: Workers, own_server: GlueServer, capsys: pytest.CaptureFixture[str]) -> None:
    """KILLS random kills (by default 6) of the worker or the server; each DAG run is gone on with until it ends.

    Every DAG run then has exactly one workflow run, and ends as that did: with the marker that its job put. SEED
    repeats a campaign. KILL_LOG names a file with a line for each DAG run, from which an interrupted campaign goes
    on; after KILL_SECONDS it stops by itself.
    """
    log = Path(os.environ["KILL_LOG"]) if "KILL_LOG" in os.environ else None
    done = [json.loads(line) for line in log.read_text().splitlines()] if log and log.exists() else []
    deadline = time.monotonic() + float(os.environ.get("KILL_SECONDS", "inf"))
    workers.start(_order("ok", FIRST_DATE, "0"))  # warms up what later workers are forked from
    assert workers.wait()["state"] == "success"
    while (kills := sum(len(one["kills"]) for one in done)) < KILLS and time.monotonic() < deadline:
        number = len(done) + 1
        done.append(_kill_during_a_run(workers, own_server, number, KILLS - kills))
        if log:
            with log.open("a") as out:
                out.write(json.dumps(done[-1]) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{_summary(done)}\n")


def _kill_during_a_run(workers: Workers, server: GlueServer, number: int, at_most: int) -> dict[str, Any]:
    """Kill once or twice during a DAG run, check how it ended, and return what was done."""
    chance = random.Random(f"{SEED}/{number}")
    mode = chance.choice(["ok", "ok", "missing"])
    order = _order(mode, FIRST_DATE + timedelta(days=number), chance.choice(["0", "1"]))
    before = {run["WorkflowRunId"] for run in server.runs("orders")}
    result: dict[str, Any] = {"killed": True}
    kills: list[str] = []
    wanted = min(chance.choice([1, 2]), at_most)
    while result.get("killed"):
        pid = workers.start(order)
        if len(kills) < wanted:
            if chance.random() < 0.7:  # while the workflow run goes on, or just after it was started
                _wait_for_run(server, before)
            time.sleep(chance.uniform(0, 2.5))
            victim = "worker" if chance.random() < 0.6 else "server"
            if workers.has_answered():
                pass  # the DAG run has ended before
            elif victim == "worker":
                with contextlib.suppress(ProcessLookupError):  # it has just ended
                    os.kill(pid, signal.SIGKILL)
                    kills.append("worker")
            else:
                kills.append("server")
                server.kill()
                time.sleep(chance.uniform(0, 2))
                server.start()
        result = workers.wait()
    new = [run for run in server.runs("orders") if run["WorkflowRunId"] not in before]
    where = f"SEED={SEED}, DAG run {number}, {kills}, {order}: {workers.log.read_text()[-3000:]}"
    assert statuses(new) == ["COMPLETED" if mode == "ok" else "STOPPED"], where
    assert result["state"] == "success", where
    assert result["xcom"]["load"]["file_presence"] is (mode == "ok"), where
    assert result["xcom"]["load"]["run_id"] == new[0]["WorkflowRunId"], where
    return {"seed": SEED, "mode": mode, "deferrable": order["environment"]["DEFERRABLE"] == "1", "kills": kills}


def _summary(done: Sequence[Mapping[str, Any]]) -> str:
    """Return a line about all DAG runs of the campaign."""
    kills = Counter(kill for one in done for kill in one["kills"])
    victims = " and ".join(f"{count} of the {name}" for name, count in sorted(kills.items()))
    deferred = sum(one["deferrable"] for one in done)
    missing = sum(one["mode"] == "missing" for one in done)
    return (
        f"Airflow {version('apache-airflow')}, SEED={SEED}: {kills.total()} kills ({victims}) in {len(done)} DAG "
        f"runs ({deferred} deferrable, {missing} without files); each has one workflow run and its marker"
    )


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
