"""The pool hands runs over to waiting workers, keeps its number, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from harness.runtime_programs import PACKAGE_ROOT, end_of, is_gone, running, times_run, wait_until
from worker_fakes import (
    FAST,
    SHELL,
    alive_below,
    broken,
    cold_job,
    fake,
    held_back,
    make_pool,
    plain,
    shell_job,
    starts,
    worker_supervisors,
)

from glueprint.runtime.processes.process import Ended, NotStarted, ProcessSpec, inspect, launch, request_stop
from glueprint.runtime.shared import instructions, rundir
from glueprint.runtime.workers.spark_pool import SparkPool

SERVER = (
    "import sys, time; sys.path[:0] = sys.argv[3:]; from pathlib import Path; from worker_fakes import *;"
    "from glueprint.runtime.processes.process import launch;"
    "pool = make_pool(Path(sys.argv[1]));\n"
    "while not pool.ready: time.sleep(0.01)\n"
    "launch(Path(sys.argv[2]), starts(pool))\n"
    "while not pool.ready: time.sleep(0.01)\n"
    "print('ready', flush=True); sys.stdin.readline(); pool.close()"
)


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[SparkPool]:
    """A pool that keeps one worker, which is ready."""
    pool = make_pool(tmp_path / "workers")
    wait_until(lambda: pool.ready == 1)
    yield pool
    pool.close()
    wait_until(lambda: not alive_below(tmp_path / "workers"))


def started(run_dir: Path) -> dict[str, object]:
    """What the claim says."""
    claim: dict[str, object] = json.loads((run_dir / "started.json").read_text())
    return claim


def test_a_run_is_handed_over(tmp_path: Path, pool: SparkPool) -> None:
    """The claim names the worker's process and mark; the worker's directory goes with the run
    (docs/decisions/waiting-workers.md)."""
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran; echo out; echo err >&2")
    worker = worker_supervisors()[0].children()[0].pid
    launch(run_dir, starts(pool))
    ended = end_of(run_dir)
    assert isinstance(ended, Ended)
    assert (ended.exit_status, times_run(run_dir)) == (0, 1)
    assert ended.max_rss_bytes is not None
    claim = started(run_dir)
    assert claim["pid"] == worker
    assert str(claim["mark"]).startswith(str(tmp_path / "workers"))
    wait_until(lambda: not Path(str(claim["mark"])).exists())
    assert not alive_below(Path(str(claim["mark"])))


def test_a_run_of_another_python_starts_cold(tmp_path: Path) -> None:
    """A worker has one Python and Spark: other GlueVersions are not for it (docs/decisions/runtimes.md)."""
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran")
    other = SparkPool(tmp_path / "workers", plain, FAST, program=fake(), python="/bin/bash")
    other.start()
    wait_until(lambda: other.ready == 1)
    launch(run_dir, starts(other))
    assert isinstance(end_of(run_dir), Ended)
    assert (times_run(run_dir), started(run_dir).get("mark"), other.ready) == (1, None, 1)
    other.close()


def test_a_worker_is_used_once_and_replaced(tmp_path: Path, pool: SparkPool) -> None:
    """Workers are single-use, and replenished in the background."""
    marks = set()
    for number in range(3):
        run_dir = tmp_path / f"run-{number}"
        shell_job(run_dir, "echo $$ >> ran")
        wait_until(lambda: pool.ready == 1)
        launch(run_dir, starts(pool))
        assert isinstance(end_of(run_dir), Ended)
        marks.add(started(run_dir)["mark"])
    assert len(marks) == 3


def test_without_a_ready_worker_a_run_starts_cold(tmp_path: Path) -> None:
    """A run never waits for a worker."""
    (go := tmp_path / "go").touch()
    pool = SparkPool(tmp_path / "workers", plain, FAST, program=held_back(go), python=SHELL)
    pool.start()
    wait_until(lambda: pool.ready == 1)
    go.unlink()  # the first takes the only worker, and the next one takes its time to come up
    for number in range(3):
        shell_job(tmp_path / f"run-{number}", "echo $$ >> ran")
    for number in range(3):
        launch(tmp_path / f"run-{number}", starts(pool))
    for number in range(3):
        ended = end_of(tmp_path / f"run-{number}")
        assert isinstance(ended, Ended)
        assert (ended.exit_status, times_run(tmp_path / f"run-{number}")) == (0, 1)
    assert [("mark" in started(tmp_path / f"run-{number}")) for number in range(3)] == [True, False, False]
    pool.close()


@pytest.mark.parametrize("kind", ["other Java", "no Spark job"])
def test_a_run_that_does_not_fit_starts_cold(tmp_path: Path, pool: SparkPool, kind: str) -> None:
    """Jobs with static configuration start cold, and leave the worker to others."""
    run_dir = tmp_path / "run"
    if kind == "other Java":
        shell_job(run_dir, "echo $$ >> ran", java="another")
    else:
        cold_job(run_dir, "echo $$ >> ran")
    launch(run_dir, starts(pool))
    assert isinstance(end_of(run_dir), Ended)
    assert (times_run(run_dir), pool.ready) == (1, 1)
    assert "mark" not in started(run_dir)


def test_a_worker_without_a_new_driver_is_replaced(tmp_path: Path) -> None:
    """Once a JDBC driver is in the data directory, plain jobs need workers that started with it."""
    jars: list[Path] = []

    def with_jars(work_dir: Path) -> ProcessSpec:
        spec = plain(work_dir)
        assert spec.spark_instructions is not None
        job = instructions.read(spec.spark_instructions)
        spark = replace(job.spark, jars=[str(jar) for jar in jars])
        instructions.write(spec.spark_instructions, replace(job, spark=spark))
        return spec

    root = tmp_path / "workers"
    pool = SparkPool(root, with_jars, FAST, program=fake(), jars=lambda: jars, python=SHELL)
    pool.start()
    wait_until(lambda: pool.ready == 1)
    before = set(root.iterdir())
    jars.append(Path("/data/jdbc-drivers/a.jar"))
    wait_until(lambda: pool.ready == 1 and not before & set(root.iterdir()))
    pool.close()


def test_a_stop_ends_all_that_the_worker_had_started(tmp_path: Path, pool: SparkPool) -> None:
    """The whole tree ends at a stop, also what the worker started before it had a run
    (docs/decisions/supervised-processes.md)."""
    run_dir = tmp_path / "run"
    shell_job(run_dir, "touch up; sleep 1000 & sleep 1000")
    launch(run_dir, starts(pool))
    wait_until((run_dir / "up").exists)
    request_stop(run_dir)
    ended = end_of(run_dir)
    assert isinstance(ended, Ended)
    assert (ended.signal, ended.stopped) == (signal.SIGTERM, True)
    assert not alive_below(run_dir)
    assert not alive_below(Path(str(started(run_dir)["mark"])))


def test_a_run_that_was_stopped_before_is_not_run(tmp_path: Path, pool: SparkPool) -> None:
    """A stop that comes before the launch is found under the lock (supervisor, first look)."""
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran")
    request_stop(run_dir)
    assert starts(pool).launch(str(run_dir)) is None
    ended = end_of(run_dir)
    assert isinstance(ended, Ended)
    assert (ended.stopped, times_run(run_dir)) == (True, 0)


def test_a_worker_that_died_is_replaced(tmp_path: Path, pool: SparkPool) -> None:
    """A worker that ends while it waits is noticed; runs start cold until there is another
    (docs/decisions/waiting-workers.md)."""
    first = worker_supervisors()[0]
    first.children()[0].kill()
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran")
    launch(run_dir, starts(pool))
    ended = end_of(run_dir)
    assert isinstance(ended, Ended)
    assert (ended.exit_status, times_run(run_dir)) == (0, 1)
    wait_until(lambda: pool.ready == 1 and any(one.pid != first.pid for one in worker_supervisors()))


def test_a_worker_that_dies_when_it_gets_its_run_costs_no_run(tmp_path: Path) -> None:
    """A worker that ends after the claim and before it took note is replaced by a cold start of the same claim."""
    pool = make_pool(tmp_path / "workers", then="os._exit(7)")
    wait_until(lambda: pool.ready == 1)
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran")
    launch(run_dir, starts(pool))
    ended = end_of(run_dir)
    pool.close()
    assert isinstance(ended, Ended)
    assert (ended.exit_status, times_run(run_dir)) == (0, 1)
    assert started(run_dir)["pid"] == int((run_dir / "ran").read_text())
    assert "mark" not in started(run_dir)


def test_a_supervisor_that_hangs_is_given_up(
    tmp_path: Path, pool: SparkPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker whose supervisor does not answer costs a pause, not the run."""
    monkeypatch.setattr("glueprint.runtime.workers.idle_worker._ANSWER_TIMEOUT_SECONDS", 0.05)
    hanging = worker_supervisors()[0]
    hanging.suspend()
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran")
    launch(run_dir, starts(pool))
    assert isinstance(end_of(run_dir), Ended)
    assert times_run(run_dir) == 1
    wait_until(lambda: is_gone(hanging))


def test_workers_that_do_not_start_are_reported_and_tried_rarely(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without Java starts no worker after worker; jobs start as if there were no pool."""
    monkeypatch.setattr("glueprint.runtime.workers.spark_pool._MIN_PAUSE_SECONDS", 500.0)
    pool = SparkPool(tmp_path / "workers", plain, FAST, program=broken)
    pool.start()
    wait_until(lambda: "did not start" in caplog.text)
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran")
    launch(run_dir, starts(pool))
    assert isinstance(end_of(run_dir), Ended)
    pool.close()
    assert caplog.text.count("did not start") == 1
    assert list((tmp_path / "workers").iterdir()) == []


def test_no_worker_before_there_is_need(tmp_path: Path) -> None:
    """Who has no Spark job pays nothing (docs/decisions/waiting-workers.md); closing does not wait for a need."""
    calls = []
    pool = SparkPool(tmp_path / "workers", plain, FAST, needed=lambda: bool(calls.append(1)))
    pool.start()
    wait_until(lambda: calls)
    pool.close()
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_pool_of_none_does_nothing(tmp_path: Path) -> None:
    """With 0 workers there is no thread and no directory, and every run starts cold."""
    pool = make_pool(tmp_path / "workers", replace(FAST, fixed=0))
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran")
    launch(run_dir, starts(pool))
    assert isinstance(end_of(run_dir), Ended)
    pool.close()
    assert not (tmp_path / "workers").exists()


def test_closing_leaves_no_worker_and_keeps_the_run(tmp_path: Path) -> None:
    """An orderly end of the server takes what waits with it, not what runs
    (docs/decisions/supervised-processes.md)."""
    pool = make_pool(tmp_path / "workers")
    wait_until(lambda: pool.ready == 1)
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran; while [ ! -e go ]; do sleep 0.01; done")
    launch(run_dir, starts(pool))
    wait_until(lambda: pool.ready == 1)
    pool.close()
    mark = str(started(run_dir)["mark"])
    assert [str(path) for path in (tmp_path / "workers").iterdir()] == [mark]
    running(run_dir)
    (run_dir / "go").touch()
    assert isinstance(end_of(run_dir), Ended)
    wait_until(lambda: not Path(mark).exists())


def test_a_killed_server_leaves_no_worker_and_keeps_the_run(tmp_path: Path) -> None:
    """SIGKILL of the server ends what waits; a run that was handed over goes on to its end
    (docs/decisions/waiting-workers.md)."""
    workers, run_dir = tmp_path / "workers", tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran; while [ ! -e go ]; do sleep 0.01; done")
    paths = [str(Path(__file__).parent), str(PACKAGE_ROOT)]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(workers), str(run_dir), *paths],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    mark = Path(str(started(run_dir)["mark"]))
    assert len(list(workers.iterdir())) == 2
    server.kill()
    server.communicate()
    wait_until(lambda: list(workers.iterdir()) == [mark])
    running(run_dir)
    (run_dir / "go").touch()
    assert isinstance(end_of(run_dir), Ended)
    wait_until(lambda: not mark.exists() and not alive_below(workers))


def test_what_killed_servers_and_supervisors_left_is_swept(tmp_path: Path) -> None:
    """A pool first removes directories and processes of workers without a supervisor."""
    left = tmp_path / "workers" / "left"
    (left / "work").mkdir(parents=True)
    process = subprocess.Popen(["/bin/sleep", "1000"], env={rundir.MARK: str(left)})
    pool = make_pool(tmp_path / "workers")
    wait_until(lambda: pool.ready == 1)
    pool.close()
    assert process.wait() == -signal.SIGKILL
    assert not left.exists()


def test_a_pool_that_is_too_large_shrinks(tmp_path: Path) -> None:
    """Workers beyond what memory allows are ended."""

    class Shrinking:
        most = 3
        never = False

        def target(self, waiting: int, available_bytes: int, idle_seconds: float, pools: int) -> int:
            return self.most

    sizing = Shrinking()
    pool = make_pool(tmp_path / "workers", sizing)  # type: ignore[arg-type]
    wait_until(lambda: pool.ready == 3)
    sizing.most = 1
    wait_until(lambda: len(list((tmp_path / "workers").iterdir())) == 1)
    assert pool.ready == 1
    pool.close()


def test_a_lost_handover_is_startable(tmp_path: Path, pool: SparkPool) -> None:
    """A run whose supervisor was killed before the claim has not started
    (docs/decisions/supervised-processes.md)."""
    run_dir = tmp_path / "run"
    shell_job(run_dir, "echo $$ >> ran")
    os.kill(worker_supervisors()[0].pid, signal.SIGKILL)
    assert isinstance(inspect(run_dir), NotStarted)
    launch(run_dir, starts(pool))
    assert isinstance(end_of(run_dir), Ended)
    assert times_run(run_dir) == 1
