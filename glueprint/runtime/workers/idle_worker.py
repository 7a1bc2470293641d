"""A worker that waits for one run, as the server knows it: by the supervisor that keeps it (``spare``)."""

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
"""A supervisor that has not taken a run after so long is killed, and the run starts cold."""
_END_SECONDS = 10.0


class IdleWorker:
    """A waiting worker, by the supervisor that keeps it.

    Attributes:
        directory: its own.
        ready: whether it was seen to be ready.
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
        """Have one come up.

        Args:
            root: holds a directory for each worker.
            describe: the worker's process, by its directory.

        Raises:
            OSError: its directory cannot be written, or no process can be started.
        """
        directory = root.absolute() / secrets.token_hex(4)
        try:
            (directory / worker_handover.WORK).mkdir(parents=True, mode=0o700)
            prepare(directory, replace(describe(directory), waits_at_gate=True))
            # Its complaints are the server's: stderr is inherited.
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
        """Whether there is nothing any more that could take a run."""
        return self._process.poll() is not None

    def check_ready(self) -> bool:
        """Whether it is ready since just now."""
        if self.ready or self._read_message(0.0) != READY:
            return False
        self.ready = True
        return True

    def hand_over(self, run_dir: Path) -> bool:
        """Whether its supervisor has taken the run; if not, it is of no use any more."""
        try:
            os.write(self._requests.fileno(), os.fsencode(run_dir) + b"\0")
            taken = self._read_message(_ANSWER_TIMEOUT_SECONDS) == TAKEN
        except OSError:  # it has just ended
            taken = False
        if not taken:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()  # or it might still hold the run's lock
        self.close_pipes()
        COLD_LAUNCHER.reap_later(self._process)
        return taken

    def close_pipes(self) -> None:
        """Close our ends of its pipes: one that waits ends."""
        self._requests.close()
        self._answers.close()

    def wait(self, seconds: float) -> None:
        """Wait for its end; it is forced after so long."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read_message(self, seconds: float) -> bytes:
        """What it says within that time, in one piece: its words are shorter than a pipe's atom."""
        return os.read(self._answers.fileno(), 64) if self._poll.poll(seconds * 1000) else b""


def end_workers(workers: Iterable[IdleWorker]) -> None:
    """End workers that wait."""
    workers = list(workers)
    for worker in workers:
        worker.close_pipes()
    deadline = time.monotonic() + _END_SECONDS
    for worker in workers:
        worker.wait(max(0.1, deadline - time.monotonic()))


def remove_leftovers(root: Path) -> None:
    """Remove what workers left whose supervisors were killed; those of an earlier server that still run stay."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for directory in root.iterdir():
        remove_worker_directory(directory)


def remove_worker_directory(directory: Path) -> None:
    """Remove a worker's directory, and what it has started, unless its supervisor does that at its end."""
    try:
        fd = os.open(directory / rundir.LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:
        return  # it is gone
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        kill_stragglers(directory)
        shutil.rmtree(directory, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(fd)
