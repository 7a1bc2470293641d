"""SIGKILL at any moment around fork, exec and exit: user code runs at most once, and never unseen.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from harness.runtime_jobs import launch_of
from harness.runtime_programs import (
    PACKAGE_ROOT,
    alive_of,
    counting,
    end_of,
    kills_until,
    start,
    supervise_until,
    supervisors_of,
    times_run,
    wait_until,
)

from glueprint.runtime.launch.jobs import job_process
from glueprint.runtime.processes.process import (
    Ended,
    Lost,
    NotStarted,
    ProcessSpec,
    inspect,
    is_prepared,
    kill_stragglers,
    prepare,
)

SERVER = (
    "import sys; from pathlib import Path; from glueprint.runtime.processes import process;"
    "print('ready', flush=True); sys.stdin.readline();"
    "run_dir = Path(sys.argv[1]); nothing = process.ProcessSpec((), {}, run_dir, run_dir, run_dir);"
    "process.prepare(run_dir, nothing);"  # the first spec counts
    "process.launch(run_dir); sys.stdin.readline()"
)

INTERESTING = {"NotStarted", "Lost"}
"""How runs stand after the kills that must not be missed: just before the claim, and behind it."""


def kill_supervisors(base: Path, kills: int, seed: int) -> dict[str, int]:
    """Kill the supervisor at ``kills`` random moments of short runs; how many runs stood how right after."""
    chance = random.Random(seed)
    seen: dict[str, int] = {}
    for number in kills_until(kills, seen, INTERESTING):
        run_dir = base / f"supervisor-{number}"
        spec = counting(run_dir, "sleep 0.01")
        start(run_dir, spec)
        if number % 2:  # half of the kills around the start, half around the program's run and end
            wait_until(lambda run_dir=run_dir: not isinstance(inspect(run_dir), NotStarted))
            time.sleep(chance.uniform(0, 0.02))
        else:
            time.sleep(chance.uniform(0, 0.035))
        for supervisor in supervisors_of(run_dir):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended by itself
                supervisor.kill()
        wait_until(lambda run_dir=run_dir: not supervisors_of(run_dir))
        status = inspect(run_dir)
        seen[type(status).__name__] = seen.get(type(status).__name__, 0) + 1
        if isinstance(status, NotStarted):
            assert times_run(run_dir) == 0, "user code ran, and nothing records it"
        start(run_dir, spec)
        status = end_of(run_dir)
        assert times_run(run_dir) <= 1
        if isinstance(status, Ended):
            assert (status.exit_status, times_run(run_dir)) == (0, 1)
        else:
            kill_stragglers(run_dir)
        assert alive_of(run_dir) == []
    return seen


def kill_servers(base: Path, kills: int, seed: int) -> dict[str, int]:
    """Kill the server at ``kills`` random moments around its call of ``start``; how the runs stood right
    after.
    """
    chance = random.Random(seed)
    seen: dict[str, int] = {}
    for number in range(kills):
        run_dir = base / f"server-{number}"
        spec = counting(run_dir, "sleep 0.01")
        prepare(run_dir, spec)
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(run_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PACKAGE_ROOT,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdout.readline()
        server.stdin.write(b"go\n")
        server.stdin.flush()
        time.sleep(chance.uniform(0, 0.045))
        server.kill()
        server.communicate()
        status = inspect(run_dir)
        seen[type(status).__name__] = seen.get(type(status).__name__, 0) + 1
        start(run_dir, spec)
        ended = end_of(run_dir)
        assert isinstance(ended, Ended)
        assert (ended.exit_status, times_run(run_dir)) == (0, 1)
    return seen


def test_killed_supervisors(tmp_path: Path) -> None:
    """Whenever the supervisor is killed, user code runs at most once and never unseen
    (docs/decisions/supervised-processes.md)."""
    seen = kill_supervisors(tmp_path, kills=50, seed=1)
    assert set(seen) >= INTERESTING, "the kills missed the interesting moments"


def test_killed_servers(tmp_path: Path) -> None:
    """Whenever the server is killed, a repeated start sees the run through, once
    (docs/decisions/supervised-processes.md)."""
    seen = kill_servers(tmp_path, kills=12, seed=2)
    assert sum(seen.values()) == 12


def test_many_starts_at_once_run_it_once(tmp_path: Path) -> None:
    """Servers that start the same run at the same moment run its code once (docs/architecture.md)."""
    spec = counting(tmp_path, "sleep 0.05")
    for _ in range(8):
        start(tmp_path, spec)
    assert isinstance(end_of(tmp_path), Ended)
    wait_until(lambda: not alive_of(tmp_path))
    assert times_run(tmp_path) == 1


@pytest.mark.soak
def test_killed_for_long(tmp_path: Path) -> None:
    """The same promises over some hundreds of kills."""
    seed = int(os.environ.get("GLUEPRINT_SEED", str(time.time_ns())))
    print(f"GLUEPRINT_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    kill_supervisors(tmp_path, kills=600, seed=seed)
    kill_servers(tmp_path, kills=200, seed=seed)


def test_lost_is_final(tmp_path: Path) -> None:
    """A lost run stays lost however often it is looked at and started (docs/architecture.md)."""
    prepare(tmp_path, counting(tmp_path))
    (tmp_path / "started.json").write_text(
        '{"pid": 999999999, "born": "x", "supervisor_pid": 999999999, "supervisor_born": "x", "started_at": 1.0}'
    )
    for _ in range(3):
        start(tmp_path, counting(tmp_path))
        assert isinstance(inspect(tmp_path), Lost)
    assert times_run(tmp_path) == 0


def noting_job(base: Path) -> ProcessSpec:
    """A Python shell job, whose program waits at the gate itself, that counts its runs."""
    return job_process(launch_of(base, "pythonshell", f"print('ran', file=open({str(base / 'ran')!r}, 'a'))\n"))


@pytest.mark.parametrize("point", ["locked", "forked"])
def test_a_script_has_not_started_before_the_claim(tmp_path: Path, point: str) -> None:
    """The host of a job starts before the claim, its script does not: killed there, the run is startable."""
    spec, run_dir = noting_job(tmp_path), tmp_path / "run"
    prepare(run_dir, spec)
    supervise_until(run_dir, point)
    assert isinstance(inspect(run_dir), NotStarted)
    wait_until(lambda: not alive_of(run_dir))
    assert times_run(tmp_path) == 0
    start(run_dir, spec)
    assert isinstance(end_of(run_dir), Ended)
    assert times_run(tmp_path) == 1


def test_a_job_stopped_at_the_gate_runs_nothing(tmp_path: Path) -> None:
    """A stop that comes between lock and claim turns the waiting host away (supervisor's second look)."""
    spec, run_dir = noting_job(tmp_path), tmp_path / "run"
    prepare(run_dir, spec)
    program = (
        "import sys; sys.path.append(sys.argv[1]); from glueprint.runtime.processes import supervisor;"
        "from glueprint.runtime.shared import rundir;"
        "supervisor.main(sys.argv[2], lambda point: point != 'forked' or"
        " rundir.write_json(sys.argv[2], rundir.STOP, {'grace_seconds': 1.0}))"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", program, str(PACKAGE_ROOT), str(run_dir)], check=True)
    ended = inspect(run_dir)
    assert isinstance(ended, Ended)
    assert (ended.stopped, ended.started_at, times_run(tmp_path)) == (True, None, 0)


def test_killed_supervisors_of_jobs(tmp_path: Path) -> None:
    """Whenever the supervisor of a job is killed, its script runs at most once and never unseen
    (docs/decisions/supervised-processes.md)."""
    chance, seen = random.Random(5), set[str]()
    for number in kills_until(20, seen, INTERESTING):
        base = tmp_path / str(number)
        base.mkdir()
        spec, run_dir = noting_job(base), base / "run"
        start(run_dir, spec)
        if number % 3 == 2:
            wait_until(lambda run_dir=run_dir: not isinstance(inspect(run_dir), NotStarted))
        else:
            time.sleep(chance.uniform(0.01, 0.08))
        for supervisor in supervisors_of(run_dir):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended by itself
                supervisor.kill()
        wait_until(lambda run_dir=run_dir: not supervisors_of(run_dir))
        status = inspect(run_dir)
        seen.add(type(status).__name__)
        assert times_run(base) == 0 or not isinstance(status, NotStarted), "the script ran unseen"
        start(run_dir, spec)
        if isinstance(end_of(run_dir), Ended):
            assert times_run(base) == 1
        assert times_run(base) <= 1
    assert seen >= INTERESTING, "the kills missed the interesting moments"


@pytest.mark.parametrize(
    "spoilt", ["", '{"argv": ["/bi', "\0\0\0\0", '{"argv": ["/bin/false"], "boot": "earlier"}']
)
def test_a_spec_from_before_a_power_cut_is_written_again(tmp_path: Path, spoilt: str) -> None:
    """Neither spec nor script is forced to disk: what a power cut leaves of them is nothing
    (docs/decisions/supervised-processes.md)."""
    (tmp_path / "spec.json").write_text(spoilt)
    assert not is_prepared(tmp_path)
    start(tmp_path, counting(tmp_path))
    assert isinstance(end_of(tmp_path), Ended)
    assert times_run(tmp_path) == 1
