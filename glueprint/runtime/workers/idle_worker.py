"""A worker that waits for one run, as the server knows it: through its supervisor (``worker_supervisor``)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self

from glueprint.runtime.processes.process import COLD_LAUNCHER, ProcessSpec, kill_stragglers, prepare
from glueprint.runtime.processes.programs import start_apart
from glueprint.runtime.shared import rundir, worker_handover
from glueprint.runtime.shared.rundir import READY, TAKEN

_ANSWER_TIMEOUT_SECONDS = 5.0
"""A supervisor that has not taken a run by then is killed, and the run starts cold."""
_END_SECONDS = 10.0


class IdleWorker:
    """A waiting worker, through its supervisor.

    Attributes:
        directory: the worker's directory.
        ready: whether it has reported that it is ready.
    """

    def __init__(self, directory: Path, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.directory = directory
        self.ready = False
        self._process = process
        self._requests = process.stdin
        self._answers = process.stdout
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)

    @classmethod
    def start(cls, root: Path, describe: Callable[[Path], ProcessSpec]) -> Self:
        """Start one.

        Args:
            root: contains a directory for each worker.
            describe: returns the worker's process in this directory.

        Raises:
            OSError: its directory cannot be written, or no process can be started.
        """
        directory = root.absolute() / secrets.token_hex(4)
        try:
            (directory / worker_handover.WORK).mkdir(parents=True, mode=0o700)
            prepare(directory, replace(describe(directory), waits_at_gate=True))
            # Its error output is the server's: stderr is inherited.
            supervisor = start_apart(
                "workers.worker_supervisor",
                str(directory),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None,
            )
            return cls(directory, supervisor)
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise

    def has_ended(self) -> bool:
        """Whether it has ended and can take no run."""
        return self._process.poll() is not None

    @property
    def answers(self) -> int:
        """The descriptor that has a message when it becomes ready, and hangs up when its supervisor ends."""
        return self._answers.fileno()

    def is_ending(self) -> bool:
        """Whether its supervisor has hung up: it has ended, or is about to."""
        return any(events & (select.POLLHUP | select.POLLERR) for _, events in self._poll.poll(0))

    def remove(self) -> None:
        """Reap one that is ending, and remove its directory."""
        self.close_pipes()
        self.wait(_END_SECONDS)
        remove_worker_directory(self.directory)

    def check_ready(self) -> bool:
        """Whether it has become ready since the last call."""
        if self.ready or self._read_message(0.0) != READY:
            return False
        self.ready = True
        return True

    def hand_over(self, run_dir: Path) -> bool:
        """Hand the run over; False if its supervisor does not take it: then the worker is of no use."""
        try:
            os.write(self._requests.fileno(), os.fsencode(run_dir) + b"\0")
            taken = self._read_message(_ANSWER_TIMEOUT_SECONDS) == TAKEN
        except OSError:  # it has just ended
            taken = False
        if not taken:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()  # otherwise it might still have the run's lock
        self.close_pipes()
        COLD_LAUNCHER.reap_later(self._process)
        return taken

    def close_pipes(self) -> None:
        """Close this end of its pipes: a worker that still waits ends."""
        self._requests.close()
        self._answers.close()

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill it after that time."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read_message(self, seconds: float) -> bytes:
        """Return its message within that time; messages are short enough to arrive in one piece (PIPE_BUF)."""
        return os.read(self._answers.fileno(), 64) if self._poll.poll(seconds * 1000) else b""


def end_workers(workers: Iterable[IdleWorker]) -> None:
    """End waiting workers."""
    workers = list(workers)
    for worker in workers:
        worker.close_pipes()
    deadline = time.monotonic() + _END_SECONDS
    for worker in workers:
        worker.wait(max(0.1, deadline - time.monotonic()))


def remove_leftovers(root: Path) -> None:
    """Remove what workers with killed supervisors left; workers of an earlier server that still run stay."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for directory in root.iterdir():
        remove_worker_directory(directory)


def remove_worker_directory(directory: Path) -> None:
    """Remove a worker's directory and end its processes, unless its supervisor still runs and does so itself."""
    try:
        fd = os.open(directory / rundir.LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:
        return  # already removed
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        kill_stragglers(directory)
        shutil.rmtree(directory, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(fd)
