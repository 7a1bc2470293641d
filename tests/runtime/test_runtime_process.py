"""One program per run directory: started at most once, seen, ended with all that it started
(docs/architecture.md).
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from harness.runtime_programs import (
    PACKAGE_ROOT,
    alive_of,
    counting,
    end_of,
    is_gone,
    running,
    shell,
    start,
    supervise_until,
    times_run,
    wait_until,
)

from glueprint.runtime.processes import supervisor
from glueprint.runtime.processes.process import (
    Ended,
    Lost,
    NotStarted,
    ProcessSpec,
    inspect,
    kill_stragglers,
    prepare,
    request_stop,
)
from glueprint.runtime.shared import rundir


def test_a_program_runs_with_its_environment_directory_and_output_files(tmp_path: Path) -> None:
    """The program gets exactly the environment of its spec plus the run's mark, and its output in its
    files.
    """
    start(tmp_path, shell(tmp_path, "pwd; env >&2", GREETING="hello"))
    assert isinstance(end_of(tmp_path), Ended)
    assert (tmp_path / "stdout").read_text() == f"{tmp_path}\n"
    names = {line.split("=")[0] for line in (tmp_path / "stderr").read_text().splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "GREETING", "GLUEPRINT_RUN_DIR"}


def test_the_exit_status_and_the_memory_are_recorded(tmp_path: Path) -> None:
    """Exit status, times and peak memory outlive the process."""
    before = time.time()
    start(tmp_path, shell(tmp_path, "exit 3"))
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert (ended.exit_status, ended.signal, ended.error, ended.stopped) == (3, None, None, False)
    assert ended.started_at is not None
    assert before <= ended.started_at <= ended.ended_at <= time.time()
    assert (ended.max_rss_bytes or 0) > 500_000


@pytest.mark.parametrize(
    ("left", "error"),
    [
        ("echo '{\"type\": \"E\", \"message\": \"m\"}' > error.json", "E: m"),
        ("echo '[]' > error.json", None),
        ("head -c 2000000 /dev/zero > error.json", None),
        ("ln -s /dev/zero error.json", None),
        ("mkfifo error.json", None),
        ("mkdir error.json", None),
        ("python3 -c 'print(\"[\" * 100000)' > error.json", None),
    ],
)
def test_whatever_the_program_leaves_as_its_error_its_end_is_recorded(
    tmp_path: Path, left: str, error: str | None
) -> None:
    """User code may write anything to ``error.json``, of any size, or a link or a pipe."""
    start(tmp_path, shell(tmp_path, f"{left}; exit 3", PATH=os.environ["PATH"]))
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert (ended.exit_status, ended.error) == (3, error)


def test_a_signal_is_recorded_as_such(tmp_path: Path) -> None:
    """A program killed by a signal has that signal and no exit status (wait(2))."""
    start(tmp_path, shell(tmp_path, "kill -KILL $$"))
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert (ended.exit_status, ended.signal) == (None, 9)


def test_a_program_that_cannot_be_run_ends_with_the_reason(tmp_path: Path) -> None:
    """A missing program is an end with a message, not a lost run."""
    missing = ProcessSpec(("/no/such/program",), {}, tmp_path, tmp_path / "o", tmp_path / "e")
    start(tmp_path, missing)
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert ended.exit_status is None
    assert "No such file or directory: '/no/such/program'" in (ended.error or "")


def test_a_memory_limit_holds(tmp_path: Path) -> None:
    """``memory_limit_bytes`` bounds what the program can allocate (setrlimit(2), RLIMIT_AS)."""
    start(
        tmp_path,
        ProcessSpec(
            (sys.executable, "-I", "-S", "-c", "bytearray(1 << 30)"),
            {},
            tmp_path,
            tmp_path / "o",
            tmp_path / "e",
            memory_limit_bytes=512 << 20,
        ),
    )
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert ended.exit_status == 1
    assert "MemoryError" in (tmp_path / "e").read_text()


def test_starting_again_runs_nothing_again(tmp_path: Path) -> None:
    """``start`` may be repeated before, while and after the program runs; it runs once
    (docs/architecture.md).
    """
    spec = counting(tmp_path, "while [ ! -e go ]; do sleep 0.01; done")
    start(tmp_path, spec)
    start(tmp_path, spec)
    running(tmp_path)
    start(tmp_path, spec)
    (tmp_path / "go").touch()
    assert isinstance(end_of(tmp_path), Ended)
    start(tmp_path, spec)
    assert times_run(tmp_path) == 1


def test_what_the_program_left_behind_ends_with_it(tmp_path: Path) -> None:
    """A daemon of its own session ends with the program, as the machine does in Glue
    (docs/facts/jobs.md#job-runs)."""
    start(tmp_path, shell(tmp_path, "setsid sleep 1000 & echo done"))
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert ended.exit_status == 0
    assert alive_of(tmp_path) == []


def test_a_stop_ends_a_stubborn_tree(tmp_path: Path) -> None:
    """A stop ends a program that ignores SIGTERM, and its grandchild in another session."""
    stubborn = (
        "trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 1000' & touch ready; while :; do sleep 0.05; done"
    )
    start(tmp_path, shell(tmp_path, stubborn))
    wait_until((tmp_path / "ready").exists)
    request_stop(tmp_path, grace_seconds=1000.0)
    running(tmp_path)  # its end was requested, not waited for
    before = time.time()
    request_stop(tmp_path, grace_seconds=0.2)
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert (ended.signal, ended.stopped) == (9, True)
    assert ended.ended_at - before >= 0.2
    assert alive_of(tmp_path) == []


def test_a_stop_lets_the_program_tidy_up(tmp_path: Path) -> None:
    """SIGTERM comes first, and a program that obeys ends before the grace is over."""
    start(
        tmp_path, shell(tmp_path, "trap 'echo tidy; exit 5' TERM; touch ready; while :; do sleep 0.02; done")
    )
    wait_until((tmp_path / "ready").exists)
    request_stop(tmp_path, grace_seconds=30)
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert (ended.exit_status, ended.stopped) == (5, True)
    assert (tmp_path / "stdout").read_text() == "tidy\n"


def test_a_stop_before_the_start_means_that_nothing_runs(tmp_path: Path) -> None:
    """A run that was stopped first never runs user code, however often it is started
    (docs/architecture.md).
    """
    run_dir = tmp_path / "run"
    request_stop(run_dir)
    start(run_dir, counting(run_dir))
    ended = inspect(run_dir)
    assert isinstance(ended, Ended)
    assert (ended.exit_status, ended.error, ended.stopped) == (None, "stopped before it started", True)
    assert times_run(run_dir) == 0


def test_a_stop_during_the_start_is_not_missed(tmp_path: Path) -> None:
    """Whenever a stop comes between start and user code, the run ends soon and as stopped.
    """
    for number in range(12):
        run_dir = tmp_path / str(number)
        start(run_dir, counting(run_dir, "sleep 1000"))
        time.sleep(number * 0.002)
        request_stop(run_dir, grace_seconds=5)
        ended = end_of(run_dir)
        assert isinstance(ended, Ended)
        assert ended.stopped
        assert times_run(run_dir) <= 1


def test_a_supervisor_that_is_killed_takes_the_program_along(tmp_path: Path) -> None:
    """User code does not go on unobserved: it dies with its supervisor, and the run is Lost (prctl(2),
    PDEATHSIG).
    """
    start(tmp_path, counting(tmp_path, "sleep 1000 & wait"))
    alive = running(tmp_path)
    user = psutil.Process(alive.pid)
    wait_until(lambda: times_run(tmp_path) == 1)
    supervisor = user.parent()
    assert supervisor is not None
    supervisor.kill()
    assert isinstance(end_of_lost(tmp_path), Lost)
    wait_until(lambda: is_gone(user))
    wait_until(lambda: kill_stragglers(tmp_path) == 0)
    assert alive_of(tmp_path) == []
    start(tmp_path, counting(tmp_path))
    assert isinstance(inspect(tmp_path), Lost)
    assert times_run(tmp_path) == 1


def test_stragglers_that_execute_programs_all_the_time_are_found(tmp_path: Path) -> None:
    """The environment of a process reads empty while it executes a program (proc_pid_environ(5)); one call finds
    it nevertheless, also if it forks in between.
    """
    for number in range(4):
        run_dir = tmp_path / str(number)
        run_dir.mkdir()
        again = run_dir / "again.sh"
        again.write_text('[ $(($$ % 7)) = 0 ] && sleep 1000 &\nexec sh "$0"\n')
        start(run_dir, counting(run_dir, f"for n in 1 2 3 4; do setsid sh {again} & done; wait"))
        user = psutil.Process(running(run_dir).pid)
        wait_until(lambda run_dir=run_dir: times_run(run_dir) == 1)
        time.sleep(0.1)
        supervisor = user.parent()
        assert supervisor is not None
        supervisor.kill()
        end_of_lost(run_dir)
        kill_stragglers(run_dir)
        time.sleep(0.02)
        assert not [one for one in psutil.process_iter() if str(again) in _command_of(one)]


def test_a_straggler_whose_environment_reads_empty_at_first_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case above at its worst: the first reads, and the first list of processes, find nothing."""
    start(tmp_path, counting(tmp_path, "setsid sleep 1000 & wait"))
    user = psutil.Process(running(tmp_path).pid)
    wait_until(lambda: times_run(tmp_path) == 1)
    left = wait_until(lambda: user.children() or None)[0]
    supervisor = user.parent()
    assert supervisor is not None
    supervisor.kill()
    end_of_lost(tmp_path)
    read, reads = psutil.Process.environ, 0

    def empty_at_first(process: psutil.Process) -> dict[str, str]:
        nonlocal reads
        if process.pid != left.pid:
            return read(process)
        reads += 1
        return {} if reads < 14 else read(process)

    monkeypatch.setattr(psutil.Process, "environ", empty_at_first)
    assert kill_stragglers(tmp_path) == 1
    assert is_gone(left)


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def end_of_lost(run_dir: Path) -> Lost:
    """Wait until the run is seen to be lost."""

    def look() -> Lost | None:
        status = inspect(run_dir)
        return status if isinstance(status, Lost) else None

    return wait_until(look)


@pytest.mark.parametrize("point", ["locked", "forked"])
def test_a_supervisor_killed_before_the_claim_leaves_the_run_startable(tmp_path: Path, point: str) -> None:
    """Killed before ``started.json``: nothing ran, and a repeated start runs it once (supervisor's step 3)."""
    spec = counting(tmp_path)
    prepare(tmp_path, spec)
    supervise_until(tmp_path, point)
    assert isinstance(inspect(tmp_path), NotStarted)
    start(tmp_path, spec)
    ended = end_of(tmp_path)
    assert isinstance(ended, Ended)
    assert ended.exit_status == 0
    assert times_run(tmp_path) == 1


@pytest.mark.parametrize(("point", "runs"), [("recorded", {0}), ("released", {0, 1}), ("ended", {1})])
def test_a_supervisor_killed_after_the_claim_loses_the_run(
    tmp_path: Path, point: str, runs: set[int]
) -> None:
    """Killed between ``started.json`` and ``status.json``: Lost, and no start runs it again (supervisor's
    step 4).
    """
    spec = counting(tmp_path)
    prepare(tmp_path, spec)
    supervise_until(tmp_path, point)
    assert isinstance(inspect(tmp_path), Lost)
    wait_until(lambda: not alive_of(tmp_path))
    start(tmp_path, spec)
    assert isinstance(inspect(tmp_path), Lost)
    assert times_run(tmp_path) in runs


def test_a_supervisor_killed_after_the_status_changes_nothing(tmp_path: Path) -> None:
    """Once ``status.json`` stands the run has ended, whatever happens to the supervisor (its step 6)."""
    prepare(tmp_path, counting(tmp_path))
    supervise_until(tmp_path, "written")
    ended = inspect(tmp_path)
    assert isinstance(ended, Ended)
    assert ended.exit_status == 0


def test_the_supervisor_is_light() -> None:
    """The supervisor loads none of the modules that would double its start-up time
    (docs/decisions/supervised-processes.md)."""
    program = (
        "import sys; sys.path.append(sys.argv[1]);"
        "import glueprint.runtime.processes.supervisor; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(PACKAGE_ROOT)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"typing", "dataclasses", "pathlib", "subprocess", "logging", "site"} & set(loaded)


def test_a_start_that_cannot_be_recorded_runs_nothing_and_a_status_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk a program without a recorded start does not run (it might run twice), and its end is recorded
    as soon as the disk has space again.
    """
    write_json, failures = rundir.write_json, [rundir.STARTED, rundir.STATUS, rundir.STATUS]

    def failing(run_dir: str, name: str, content: dict[str, object]) -> None:
        if name in failures:
            failures.remove(name)
            raise OSError(errno.ENOSPC, "No space left on device")
        write_json(run_dir, name, content)

    monkeypatch.setattr(rundir, "write_json", failing)
    run_dir = tmp_path / "run"
    prepare(run_dir, counting(run_dir))
    pid = os.fork()
    if pid == 0:
        supervisor.main(str(run_dir))
        os._exit(0)
    os.waitpid(pid, 0)
    ended = end_of(run_dir)
    assert isinstance(ended, Ended)
    assert ended.failure == "the program could not be started: No space left on device"
    assert times_run(run_dir) == 0
