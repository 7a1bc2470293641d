"""SIGKILL at any moment around the handing over of a run: docs/decisions/supervised-processes.md's promises hold
for warm runs too."""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from harness.runtime_programs import end_of, is_gone, kills_until, times_run, wait_until
from worker_fakes import alive_below, make_pool, shell_job, starts, worker_supervisors

from glueprint.runtime.processes.process import (
    COLD_LAUNCHER,
    Ended,
    Lost,
    NotStarted,
    inspect,
    kill_stragglers,
    launch,
)
from glueprint.runtime.workers.spark_pool import SparkPool

COUNT = "echo $$ >> ran; sleep 0.01"
HELD = "echo $$ >> ran; while [ ! -e go ]; do sleep 0.01; done"
"""Runs until it is killed, or started again once its file is there."""


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[SparkPool]:
    """A pool that keeps one worker."""
    pool = make_pool(tmp_path / "workers")
    yield pool
    pool.close()


def waiting(pool: SparkPool) -> psutil.Process:
    """The supervisor of the one worker that waits, when it is ready and those before it have ended."""
    wait_until(lambda: len(worker_supervisors()) == 1 and pool.ready == 1)
    return worker_supervisors()[0]


def hand_over(pool: SparkPool, run_dir: Path) -> psutil.Process:
    """Launch a counting run with a worker that is ready; that worker's supervisor."""
    supervisor = waiting(pool)
    shell_job(run_dir, COUNT)
    launch(run_dir, starts(pool))
    return supervisor


def kill_supervisors(base: Path, pool: SparkPool, kills: int, seed: int) -> set[str]:
    """Kill the supervisor at ``kills`` random moments after the launch; how the runs stood then."""
    chance, seen = random.Random(seed), set[str]()
    for number in kills_until(kills, seen, {"Lost"}):
        run_dir = base / f"run-{number}"
        supervisor = hand_over(pool, run_dir)
        time.sleep(chance.uniform(0, 0.004 if number % 2 else 0.03))
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended by itself
            supervisor.kill()
        wait_until(lambda supervisor=supervisor: COLD_LAUNCHER.reap() or is_gone(supervisor))
        status = inspect(run_dir)
        seen.add(type(status).__name__)
        if isinstance(status, NotStarted):
            assert times_run(run_dir) == 0, "user code ran, and nothing records it"
        launch(run_dir, COLD_LAUNCHER)
        if isinstance(end_of(run_dir), Lost):
            kill_stragglers(run_dir)
        else:
            assert times_run(run_dir) == 1
        assert times_run(run_dir) <= 1
        assert alive_below(run_dir) == []
        if (mark := claimed_mark(run_dir)) is not None:
            assert isinstance(inspect(run_dir), Ended) or alive_below(mark) == []
    return seen


def claimed_mark(run_dir: Path) -> Path | None:
    """The mark of the worker that took the run."""
    import json

    claim = json.loads((run_dir / "started.json").read_text())
    return Path(claim["mark"]) if "mark" in claim else None


def kill_workers(base: Path, pool: SparkPool, kills: int, seed: int) -> set[str]:
    """Kill the worker itself at random moments after the launch; how the runs ended."""
    chance, seen = random.Random(seed), set[str]()
    for number in kills_until(kills, seen, {"run", "killed"}):
        run_dir = base / f"run-{number}"
        worker = waiting(pool).children()[0]
        is_held = number % 6 == 5
        shell_job(run_dir, HELD if is_held else COUNT)
        if number % 3 == 0:
            worker.kill()
        launch(run_dir, starts(pool))
        if is_held:
            wait_until(lambda run_dir=run_dir: times_run(run_dir) == 1)
        elif number % 3:
            time.sleep(chance.uniform(0, 0.02))
        if number % 3:
            try:
                worker.kill()
            except psutil.NoSuchProcess:
                seen.add("too late")
        (run_dir / "go").touch()
        ended = end_of(run_dir)
        assert isinstance(ended, Ended), (run_dir / "supervisor.log").read_text()
        if ended.exit_status == 0:
            assert times_run(run_dir) == 1
            seen.add("run")
        else:
            assert (ended.signal, times_run(run_dir) <= 1) == (9, True)
            seen.add("killed")
    return seen


def test_killed_supervisors_of_workers(tmp_path: Path, pool: SparkPool) -> None:
    """Whenever the supervisor is killed, user code runs at most once and never unseen
    (docs/decisions/supervised-processes.md)."""
    assert "Lost" in kill_supervisors(tmp_path, pool, kills=24, seed=6), "the kills missed the interesting moments"


def test_killed_workers(tmp_path: Path, pool: SparkPool) -> None:
    """A worker that dies before the gate means a cold start; afterwards its end is the run's
    (docs/decisions/waiting-workers.md)."""
    assert {"run", "killed"} <= kill_workers(tmp_path, pool, kills=24, seed=7)


@pytest.mark.soak
def test_killed_for_long_around_the_handing_over(tmp_path: Path, pool: SparkPool) -> None:
    """The same promises over some hundreds of kills."""
    seed = int(os.environ.get("GLUEPRINT_SEED", str(time.time_ns())))
    print(f"GLUEPRINT_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    kill_supervisors(tmp_path / "supervisors", pool, kills=300, seed=seed)
    kill_workers(tmp_path / "workers-of-runs", pool, kills=200, seed=seed)
