"""The watcher reports each start and each end, once (docs/architecture.md)."""

from __future__ import annotations

import errno
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from harness.runtime_programs import (
    PACKAGE_ROOT,
    alive_of,
    counting,
    end_of,
    running,
    shell,
    start,
    times_run,
    wait_until,
)

from glueprint.runtime.processes import watcher as watching
from glueprint.runtime.processes.process import Alive, Ended, Lost, Status, prepare, request_stop
from glueprint.runtime.processes.watcher import Watcher


class Listener:
    """Keeps what the watcher reports."""

    def __init__(self) -> None:
        self.reported: queue.Queue[tuple[Path, Status]] = queue.Queue()

    def __call__(self, run_dir: Path, status: Status) -> None:
        self.reported.put((run_dir, status))

    def next(self) -> tuple[Path, Status]:
        """The next change, waited for."""
        return self.reported.get(timeout=100)


@pytest.fixture
def listener() -> Listener:
    """What the watcher of the test tells."""
    return Listener()


@pytest.fixture
def watcher(listener: Listener) -> Iterator[Watcher]:
    """A watcher that is closed afterwards."""
    watcher = Watcher(listener)
    yield watcher
    watcher.close()


@pytest.fixture(params=["pidfd", "looking"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the kernel's help, and without it as on systems that have no pidfd."""
    if request.param == "looking":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    return str(request.param)


def test_a_start_and_an_end_are_reported_once_each(
    tmp_path: Path, way: str, watcher: Watcher, listener: Listener
) -> None:
    """Alive when user code runs, Ended when its status is recorded, nothing else (docs/architecture.md)."""
    start(tmp_path, shell(tmp_path, "while [ ! -e go ]; do sleep 0.01; done; exit 4"))
    watcher.watch(tmp_path)
    watcher.watch(tmp_path)
    run_dir, first = listener.next()
    assert run_dir == tmp_path
    assert isinstance(first, Alive)
    (tmp_path / "go").touch()
    _, second = listener.next()
    assert isinstance(second, Ended)
    assert second.exit_status == 4
    watcher.close()
    assert listener.reported.empty()


def test_a_run_that_has_ended_is_reported_so(tmp_path: Path, watcher: Watcher, listener: Listener) -> None:
    """After a restart of the server a recorded status counts."""
    start(tmp_path, counting(tmp_path))
    end_of(tmp_path)
    watcher.watch(tmp_path)
    assert isinstance(listener.next()[1], Ended)


def test_the_process_of_a_killed_server_is_adopted(
    tmp_path: Path, watcher: Watcher, listener: Listener
) -> None:
    """A run started by a server that is then killed goes on, and its end is reported.
    """
    prepare(tmp_path, counting(tmp_path, "while [ ! -e go ]; do sleep 0.01; done"))
    server = (
        "import os, sys; from pathlib import Path; from glueprint.runtime.processes import process;"
        "run_dir = Path(sys.argv[1]); nothing = process.ProcessSpec((), {}, run_dir, run_dir, run_dir);"
        "process.prepare(run_dir, nothing);"  # the first spec counts
        "process.launch(run_dir); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", server, str(tmp_path)], check=False, cwd=PACKAGE_ROOT)
    watcher.watch(tmp_path)
    assert isinstance(listener.next()[1], Alive)
    (tmp_path / "go").touch()
    ended = listener.next()[1]
    assert isinstance(ended, Ended)
    assert ended.exit_status == 0
    assert times_run(tmp_path) == 1


def test_a_lost_run_is_reported_after_its_stragglers_are_gone(
    tmp_path: Path, way: str, watcher: Watcher, listener: Listener
) -> None:
    """When the supervisor is killed, Lost is reported once nothing of the run is left (a retry must not meet
    it).
    """
    start(tmp_path, counting(tmp_path, "setsid sleep 1000 & wait"))
    watcher.watch(tmp_path)
    alive = listener.next()[1]
    assert isinstance(alive, Alive)
    supervisor = psutil.Process(alive.pid).parent()
    assert supervisor is not None
    supervisor.kill()
    assert isinstance(listener.next()[1], Lost)
    assert alive_of(tmp_path) == []


def test_a_supervisor_that_never_comes_up_is_an_end(tmp_path: Path, listener: Listener) -> None:
    """Nothing waits for ever: after the deadline the run is recorded as one that never runs."""
    watcher = Watcher(listener, start_deadline_seconds=0.05)
    prepare(tmp_path, counting(tmp_path))
    watcher.watch(tmp_path)
    ended = listener.next()[1]
    watcher.close()
    assert isinstance(ended, Ended)
    assert ended.error == "no supervisor started to run the program"
    start(tmp_path, counting(tmp_path))
    assert times_run(tmp_path) == 0


def test_a_listener_that_raises_does_not_end_the_watching(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of the listener is logged and later changes are reported all the same.
    """
    reported: queue.Queue[Status] = queue.Queue()

    def moody(run_dir: Path, status: Status) -> None:
        reported.put(status)
        if isinstance(status, Alive):
            raise ValueError("not in the mood")

    watcher = Watcher(moody)
    start(tmp_path, shell(tmp_path, "while [ ! -e go ]; do sleep 0.01; done"))
    watcher.watch(tmp_path)
    assert isinstance(reported.get(timeout=100), Alive)
    (tmp_path / "go").touch()
    assert isinstance(reported.get(timeout=100), Ended)
    watcher.close()
    assert "not in the mood" in caplog.text


def test_a_shortage_of_the_machine_is_not_the_end_of_a_run(
    tmp_path: Path, watcher: Watcher, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a free descriptor the run directory cannot be read; the run goes on and is read again later."""
    inspect, failures = watching.inspect, [errno.EMFILE, errno.ENFILE]

    def failing(run_dir: Path) -> Status:
        if failures:
            raise OSError(failures.pop(), "too many open files")
        return inspect(run_dir)

    monkeypatch.setattr(watching, "inspect", failing)
    start(tmp_path, counting(tmp_path))
    watcher.watch(tmp_path)
    reported = listener.next()[1]
    while isinstance(reported, Alive):
        reported = listener.next()[1]
    assert isinstance(reported, Ended)
    assert reported.succeeded


def test_closing_ends_the_thread_and_leaves_the_runs(tmp_path: Path, listener: Listener) -> None:
    """``close`` joins the thread; what runs goes on (docs/architecture.md)."""
    watcher = Watcher(listener)
    start(tmp_path, shell(tmp_path, "sleep 1000"))
    watcher.watch(tmp_path)
    assert isinstance(listener.next()[1], Alive)
    watcher.close()
    watcher.close()
    assert "runtime-watcher" not in {thread.name for thread in threading.enumerate()}
    running(tmp_path)
    second = Watcher(listener)
    request_stop(tmp_path, grace_seconds=5)
    second.watch(tmp_path)
    assert isinstance(listener.next()[1], Alive | Ended)
    wait_until(lambda: not alive_of(tmp_path))
    second.close()
