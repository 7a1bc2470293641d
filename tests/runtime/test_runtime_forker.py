"""Supervisors that are forks of a waiting process keep the promises of those in new Pythons, and leave nothing."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from harness.runtime_programs import (
    PACKAGE_ROOT,
    alive_of,
    counting,
    end_of,
    forker_pid,
    is_gone,
    kills_until,
    running,
    shell,
    times_run,
    wait_until,
)

from glueprint.runtime.processes.launchers import ForkLauncher
from glueprint.runtime.processes.process import (
    COLD_LAUNCHER,
    Ended,
    Lost,
    NotStarted,
    inspect,
    kill_stragglers,
    launch,
    prepare,
    request_stop,
)

SERVER = (
    "import sys; from pathlib import Path; from glueprint.runtime.processes import process, launchers;"
    "forked = launchers.ForkLauncher(fallback=process.COLD_LAUNCHER);"
    "process.launch(Path(sys.argv[1]), forked); print(forked._forker.pid, flush=True);"
    "sys.stdin.readline(); process.launch(Path(sys.argv[2]), forked); sys.stdin.readline()"
)


@pytest.fixture
def forked() -> Iterator[ForkLauncher]:
    """A source of forked supervisors."""
    supervisors = ForkLauncher(fallback=COLD_LAUNCHER)
    yield supervisors
    supervisors.close()


def run(run_dir: Path, forked: ForkLauncher) -> None:
    """Have a program that counts itself run in ``run_dir``."""
    prepare(run_dir, counting(run_dir, "sleep 0.01"))
    launch(run_dir, forked)


def ended_once(run_dir: Path) -> None:
    """Wait for the end of a program that counts itself; it ran once and succeeded."""
    ended = end_of(run_dir)
    assert isinstance(ended, Ended)
    assert (ended.exit_status, times_run(run_dir)) == (0, 1)


def supervisors_below(forker: int | None) -> list[psutil.Process]:
    """The living supervisors that the waiting process has forked."""
    try:
        return psutil.Process(forker).children()
    except psutil.NoSuchProcess:
        return []


def test_one_waiting_process_serves_many_runs(tmp_path: Path, forked: ForkLauncher) -> None:
    """Each run has a supervisor of its own, in a session of its own, all forks of one process
    (docs/decisions/supervised-processes.md)."""
    run_dirs = [tmp_path / f"run with\nname {number}" for number in range(5)]
    for run_dir in run_dirs:
        prepare(run_dir, shell(run_dir, "while [ ! -e ../go ]; do sleep 0.01; done"))
        launch(run_dir, forked)
    for run_dir in run_dirs:
        running(run_dir)
    supervisors = supervisors_below(forker_pid())
    assert len(supervisors) == len(run_dirs)
    assert {os.getsid(one.pid) for one in supervisors} == {one.pid for one in supervisors}
    (tmp_path / "go").touch()
    assert all(end_of(run_dir).succeeded for run_dir in run_dirs)  # type: ignore[union-attr]
    wait_until(lambda: not supervisors_below(forker_pid()))


def test_a_stop_reaches_a_forked_supervisor(tmp_path: Path, forked: ForkLauncher) -> None:
    """A stop ends the program as it does under a cold supervisor (docs/architecture.md, request_stop)."""
    prepare(tmp_path, shell(tmp_path, "touch up; sleep 1000"))
    launch(tmp_path, forked)
    wait_until((tmp_path / "up").exists)
    request_stop(tmp_path)
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert (ended.signal, ended.stopped) == (signal.SIGTERM, True)


def test_a_supervisor_that_fails_leaves_its_words(tmp_path: Path, forked: ForkLauncher) -> None:
    """What goes wrong in a forked supervisor stands in the run directory, and the next run is served."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "spec.json").write_text("no JSON {")
    (broken / "lock").mkdir()  # so that the supervisor cannot even take the lock
    forked.launch(str(broken))
    log = broken / "supervisor.log"
    wait_until(lambda: log.exists() and "IsADirectoryError" in log.read_text())
    run(tmp_path / "next", forked)
    ended_once(tmp_path / "next")


def test_killed_forked_supervisors(tmp_path: Path, forked: ForkLauncher) -> None:
    """Whenever a forked supervisor is killed, user code runs at most once and never unseen
    (docs/decisions/supervised-processes.md)."""
    chance, seen = random.Random(3), set[str]()
    for number in kills_until(40, seen, {"Lost"}):
        run_dir = tmp_path / f"run-{number}"
        run(run_dir, forked)
        if number % 5 == 4:
            wait_until(lambda run_dir=run_dir: not isinstance(inspect(run_dir), NotStarted))
        else:
            time.sleep(chance.uniform(0, 0.006 if number % 2 else 0.03))
        for supervisor in supervisors_below(forker_pid()):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended by itself
                supervisor.kill()
        wait_until(lambda: not supervisors_below(forker_pid()))
        status = inspect(run_dir)
        seen.add(type(status).__name__)
        if isinstance(status, NotStarted):
            assert times_run(run_dir) == 0, "user code ran, and nothing records it"
        launch(run_dir, forked)
        if isinstance(end_of(run_dir), Lost):
            assert times_run(run_dir) <= 1
            kill_stragglers(run_dir)
        else:
            assert times_run(run_dir) == 1
        assert alive_of(run_dir) == []
    assert "Lost" in seen, "the kills missed the interesting moments"


def test_the_waiting_process_may_be_killed_at_any_moment(tmp_path: Path, forked: ForkLauncher) -> None:
    """A launch whose forker is killed runs all the same, once: cold, and the next one is forked again."""
    chance = random.Random(4)
    for number in range(15):
        run(tmp_path / f"first-{number}", forked)
        killer = subprocess.Popen(
            ["/bin/sh", "-c", f"sleep {chance.uniform(0, 0.004):.4f}; kill -9 {forker_pid()}"]
        )
        run_dirs = [tmp_path / f"{number}-{each}" for each in range(3)]
        for run_dir in run_dirs:
            run(run_dir, forked)
        for run_dir in run_dirs:
            ended_once(run_dir)
        ended_once(tmp_path / f"first-{number}")
        killer.wait()


def test_a_waiting_process_that_hangs_is_given_up(
    tmp_path: Path, forked: ForkLauncher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forker that does not answer costs a pause, not the run."""
    run(tmp_path / "first", forked)
    ended_once(tmp_path / "first")
    monkeypatch.setattr("glueprint.runtime.processes.launchers._ANSWER_TIMEOUT_SECONDS", 0.05)
    hanging = forker_pid()
    assert hanging is not None
    os.kill(hanging, signal.SIGSTOP)
    run(tmp_path / "second", forked)
    ended_once(tmp_path / "second")
    assert not psutil.pid_exists(hanging)


def test_nothing_waits_when_the_server_is_killed(tmp_path: Path) -> None:
    """SIGKILL of the server ends the waiting process; the run goes on, as it does under a cold supervisor."""
    going, never = tmp_path / "going", tmp_path / "never"
    for run_dir in (going, never):
        prepare(run_dir, counting(run_dir, "while [ ! -e ../go ]; do sleep 0.01; done"))
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(going), str(never)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PACKAGE_ROOT,
    )
    assert server.stdout is not None
    forker = psutil.Process(int(server.stdout.readline()))
    running(going)
    server.kill()
    server.communicate()
    wait_until(lambda: is_gone(forker))
    assert isinstance(inspect(never), NotStarted)
    running(going)
    (tmp_path / "go").touch()
    ended_once(going)


def test_closing_ends_the_waiting_process_alone(tmp_path: Path) -> None:
    """An orderly end takes the waiting process with it and leaves the supervisors (docs/architecture.md)."""
    forked = ForkLauncher(fallback=COLD_LAUNCHER)
    prepare(tmp_path, counting(tmp_path, "while [ ! -e go ]; do sleep 0.01; done"))
    launch(tmp_path, forked)
    running(tmp_path)
    forker = forker_pid()
    assert forker is not None
    forked.close()
    assert not psutil.pid_exists(forker)
    running(tmp_path)
    (tmp_path / "go").touch()
    ended_once(tmp_path)


def test_a_forker_whose_server_is_killed_ends_without_a_word(tmp_path: Path) -> None:
    """The supervisor that it forked goes on, and no traceback reaches the server's terminal
    (docs/decisions/supervised-processes.md)."""
    run_dir = tmp_path / "run"
    prepare(run_dir, counting(run_dir, "sleep 0.01"))
    reader, writer = os.pipe()
    os.close(reader)
    forker = subprocess.run(
        [sys.executable, "-c", "from glueprint.runtime.processes.forker import main; main()"],
        input=os.fsencode(run_dir) + b"\0",
        stdout=writer,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": PACKAGE_ROOT},
        timeout=60,
        check=True,
    )
    os.close(writer)
    assert forker.stderr == b""
    ended_once(run_dir)


def test_a_run_that_was_forgotten_meanwhile_is_passed_over(tmp_path: Path) -> None:
    """A reset removes run directories whose start is on its way: no word of it on the server's terminal."""
    forker = subprocess.run(
        [sys.executable, "-c", "from glueprint.runtime.processes.forker import main; main()"],
        input=os.fsencode(tmp_path / "gone") + b"\0",
        capture_output=True,
        env={"PYTHONPATH": PACKAGE_ROOT},
        timeout=60,
        check=True,
    )
    supervisor = int(forker.stdout)
    wait_until(lambda: not psutil.pid_exists(supervisor))
    assert forker.stderr == b""
    assert not (tmp_path / "gone").exists()
