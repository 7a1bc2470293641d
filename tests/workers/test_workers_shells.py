"""Pythons that wait for Python shell jobs: a run in one is like a cold one, none is used twice, none is left."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from harness.runtime_jobs import launch_of, shell_environment
from harness.runtime_programs import end_of, start, wait_until
from worker_fakes import alive_below, worker_supervisors

from glueprint.runtime.launch import environment
from glueprint.runtime.launch.jobs import JobLaunch, job_process
from glueprint.runtime.processes.launchers import WarmLauncher
from glueprint.runtime.processes.process import COLD_LAUNCHER, Ended, launch, prepare
from glueprint.runtime.processes.programs import OWN, other_interpreter
from glueprint.runtime.workers.shell_pool import ShellPool

TELLS = """
import json, os, sys, tempfile, time, threading, atexit
import user_helper
from awsglue.utils import getResolvedOptions
atexit.register(lambda: print("at exit"))
found = {
    "argv": sys.argv, "name": __name__, "file": __file__, "cwd": os.getcwd(), "path": sys.path[:2],
    "flags": str(sys.flags), "home": os.path.expanduser("~"), "temp": tempfile.gettempdir(), "zone": time.tzname,
    "environment": {name: value for name, value in os.environ.items() if name != "GLUEPRINT_RUN_DIR"},
    "threads": threading.active_count(), "options": getResolvedOptions(sys.argv, ["day"]),
    "absent": [name for name in ("pyspark", "py4j", "glueprint") if name in sys.modules],
    "descriptors": sorted(os.readlink(f"/proc/self/fd/{fd}").split("/")[-1] for fd in (0, 1, 2)),
    "umask": os.umask(0o022), "session": os.getsid(0) == os.getpid(),
    "main": sys.modules["__main__"].__dict__.keys() >= {"sys"},
}
print(json.dumps(found, sort_keys=True))
print("to the error log", file=sys.stderr)
def load():
    raise ValueError("no rows")
if "--fail" in sys.argv:
    load()
"""


@pytest.fixture
def shells(tmp_path: Path) -> Iterator[ShellPool]:
    """Two wait, once a Python shell job was seen."""
    found = _shells(tmp_path / "shells")
    yield found
    found.close()
    wait_until(lambda: not alive_below(tmp_path / "shells"))
    assert not list((tmp_path / "shells").iterdir())


def _shells(root: Path, idle_seconds: float = 60.0) -> ShellPool:
    access = environment.Access("http://127.0.0.1:9", "eu-central-1", "AKIALOCAL", "x")
    used = shell_environment()
    python = other_interpreter(used.python, root.parent / "shells-job-side") if used else OWN
    variables = environment.base_environment(access, root, {}, python)
    found = ShellPool(root, variables, idle_seconds=idle_seconds, interpreter=python)
    found.start()
    return found


def _launch_of(base: Path, script: str = "print('ran')", *arguments: str) -> JobLaunch:
    """A Python shell job below ``base``, made where nothing was."""
    base.mkdir()
    given = {"--day": "2024-01-01", "--customer-driver-env-vars": "CUSTOMER_A=1", **dict.fromkeys(arguments, "x")}
    made = launch_of(base, "pythonshell", script, given, python_version="3.9")
    (made.script.parent / "user_helper.py").write_text("")
    return made


def _run(job: JobLaunch, shells: ShellPool | None = None) -> Ended:
    """Run it: in a waiting Python if ``shells`` has one, else cold."""
    run_dir = job.work_dir.parent / "run"
    if shells is None:
        start(run_dir, job_process(job))
    else:
        prepare(run_dir, job_process(job))
        launch(run_dir, WarmLauncher([shells], COLD_LAUNCHER))
    ended = end_of(run_dir)
    assert isinstance(ended, Ended)
    return ended


def _warm(shells: ShellPool, base: Path) -> None:
    """Have some wait: a first job, which starts cold, makes them needed."""
    _run(_launch_of(base), shells)
    wait_until(lambda: shells.ready == 2)


def _mark(job: JobLaunch) -> object:
    """The mark of the worker that took the job's run; None: it was started cold."""
    return json.loads((job.work_dir.parent / "run" / "started.json").read_text()).get("mark")


@pytest.mark.parametrize("arguments", [(), ("--fail",)], ids=["ends well", "fails"])
def test_a_run_in_a_waiting_python_is_like_a_cold_one(
    tmp_path: Path, shells: ShellPool, arguments: tuple[str, ...]
) -> None:
    """What a script sees, prints, raises and registers is the same, whoever carries it out
    (docs/decisions/waiting-workers.md)."""
    cold = _launch_of(tmp_path / "same", TELLS, *arguments)
    first = _run(cold)
    wanted = (cold.stdout.read_text(), cold.stderr.read_text())
    assert _mark(cold) is None
    (tmp_path / "same").rename(tmp_path / "cold")
    _warm(shells, tmp_path / "first")
    warm = _launch_of(tmp_path / "same", TELLS, *arguments)
    second = _run(warm, shells)
    assert _mark(warm) is not None
    assert (warm.stdout.read_text(), warm.stderr.read_text()) == wanted
    assert (second.exit_status, second.error) == (first.exit_status, first.error)
    assert second.exit_status == (1 if arguments else 0)


def test_each_is_used_once_and_made_up_for(tmp_path: Path, shells: ShellPool) -> None:
    """Workers are single-use, and a chain of jobs finds one at each step."""
    _warm(shells, tmp_path / "first")
    marks = set()
    for number in range(4):
        job = _launch_of(tmp_path / str(number), "import sys; print(hasattr(sys, 'used')); sys.used = True")
        assert _run(job, shells).succeeded
        assert job.stdout.read_text() == "False\n"
        marks.add(_mark(job))
        wait_until(lambda: shells.ready == 2)
    assert len(marks - {None}) == 4
    wait_until(lambda: not any(Path(str(mark)).exists() for mark in marks))


def test_one_that_was_killed_while_it_waited_takes_no_run(tmp_path: Path, shells: ShellPool) -> None:
    """A run never gets lost in a worker that has gone: it starts cold, once, and others take its place."""
    _warm(shells, tmp_path / "first")
    _kill_waiting()
    job = _launch_of(tmp_path / "job", "open('ran', 'a').write('x')")
    assert _run(job, shells).succeeded
    assert (job.work_dir / "ran").read_text() == "x"
    wait_until(lambda: shells.ready == 2)


def test_those_that_were_killed_are_reaped_and_replaced_at_once(tmp_path: Path, shells: ShellPool) -> None:
    """Without another job, and long before they would be idle: none remains as a zombie, nor its directory."""
    _warm(shells, tmp_path / "first")
    killed = _kill_waiting()
    wait_until(lambda: not any(map(psutil.pid_exists, killed)), seconds=40)
    wait_until(lambda: shells.ready == 2, seconds=40)
    assert len(list((tmp_path / "shells").iterdir())) == 2


def _kill_waiting() -> list[int]:
    """Kill the Pythons that wait; the pids of their supervisors, which end then."""
    supervisors = worker_supervisors()
    for supervisor in supervisors:
        for worker in psutil.Process(supervisor.pid).children():
            worker.send_signal(signal.SIGKILL)
    assert supervisors
    return [supervisor.pid for supervisor in supervisors]


def test_none_waits_before_the_first_job_and_after_a_while_without(tmp_path: Path) -> None:
    """Who runs no Python shell jobs pays nothing, and an idle server ends those that wait
    (docs/decisions/waiting-workers.md)."""
    shells = _shells(tmp_path / "shells", idle_seconds=3.0)
    assert (shells.ready, worker_supervisors()) == (0, [])
    job = _launch_of(tmp_path / "job")
    run_dir = job.work_dir.parent / "run"
    prepare(run_dir, job_process(job))
    launch(run_dir, WarmLauncher([shells], COLD_LAUNCHER))
    wait_until(lambda: len(worker_supervisors()) > 0)  # at once: they may be gone when the job has ended
    assert isinstance(end_of(run_dir), Ended)
    wait_until(lambda: not worker_supervisors())
    shells.close()
    assert not list((tmp_path / "shells").iterdir())


def test_spark_jobs_and_crawls_are_not_theirs(tmp_path: Path, shells: ShellPool) -> None:
    """Only what says that it is a Python shell job is handed over."""
    _warm(shells, tmp_path / "first")
    job = _launch_of(tmp_path / "job")
    run_dir = tmp_path / "job" / "run"
    prepare(run_dir, replace(job_process(job), shell_instructions=None))
    assert not shells.take(run_dir)
    assert not shells.take(tmp_path / "nowhere")
    assert os.listdir(run_dir) == ["spec.json"]
