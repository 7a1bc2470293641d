"""Keeps Spark workers waiting, and hands runs over to them.

One thread starts workers, one at a time and in the background, and lets go of those that are too many. Whoever
starts a run takes a worker that is ready and fits; a run never waits for one. All workers end with this process:
their supervisors read a pipe of ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import secrets
import select
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

from glueprint.runtime import rundir
from glueprint.runtime.jobhost import order
from glueprint.runtime.process import COLD_STARTS, ProcessSpec, end_stragglers, prepare
from glueprint.runtime.program import own_program
from glueprint.runtime.supervisors import Supervisors, start_apart
from glueprint.runtime.workers import moving
from glueprint.runtime.workers.fit import fits
from glueprint.runtime.workers.sizing import Sizing
from glueprint.runtime.workers.spare import READY, TAKEN

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 5.0
"""A supervisor that has not taken a run after so long is killed, and the run starts cold."""
_END_SECONDS = 10.0
_LOOK_SECONDS, _LOOK_AT_START_SECONDS = 2.0, 0.2
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 5.0, 600.0
"""After a worker that did not come up; doubled each time."""


def waiting_program(order_file: Path) -> tuple[str, ...]:
    """The argv of a worker that is brought up by that order, behind all else that the machine does."""
    return own_program("workers.worker", str(order_file))


class WarmPool:
    """The waiting workers of one data directory."""

    def __init__(
        self,
        root: Path,
        plain: Callable[[Path], ProcessSpec],
        sizing: Sizing,
        needed: Callable[[], bool] = lambda: True,
        program: Callable[[Path], tuple[str, ...]] = waiting_program,
    ) -> None:
        """Nothing is started before :meth:`start`.

        Args:
            root: holds a directory for each worker; on the file system of run directories and logs.
            plain: the process of a Spark job that asks for nothing special, in this working directory.
            sizing: how many shall wait.
            needed: whether there is any Spark job to wait for; asked until it is so.
            program: the argv of a worker with this order file.
        """
        self._root = root
        self._plain = plain
        self._sizing = sizing
        self._needed = needed
        self._program = program
        self._workers: list[_Worker] = []
        self._changed = threading.Condition()
        self._closing = False
        self._last_needed = time.monotonic()
        self._pause = _FIRST_PAUSE_SECONDS
        self._not_before = 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to keep workers, unless none is wanted."""
        if not self._sizing.never and self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="warm-pool", daemon=True)
            self._thread.start()

    @property
    def ready(self) -> int:
        """How many workers could take a run now."""
        with self._changed:
            return sum(worker.ready for worker in self._workers)

    def take(self, run_dir: Path) -> bool:
        """Hand the run over to a worker; False: it must be started otherwise."""
        spec = rundir.read_plan(str(run_dir), rundir.SPEC)
        if spec is None or spec.get("order") is None or self._sizing.never:
            return False
        run = moving.Run.read(run_dir)
        wanted = order.read(run.order)
        with self._changed:
            self._last_needed = time.monotonic()
            worker = next((one for one in self._workers if one.may_take(wanted, run.cwd)), None)
            if worker is None or not moving.could_move(run, self._root):
                return False
            self._workers.remove(worker)
            self._changed.notify_all()
        if worker.hand_over(run_dir):
            return True
        _tidy_up(worker.directory)
        return False

    def close(self) -> None:
        """End all workers that wait, and the thread; runs that were handed over go on."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        _end(self._workers)
        self._workers.clear()

    def _keep(self) -> None:
        _sweep(self._root)
        while not self._closing and not self._needed():
            self._sleep(_LOOK_SECONDS)
        while not self._closing:
            for worker in self._look():
                _tidy_up(worker.directory)
            try:
                self._adjust()
            except OSError as error:
                self._failed(f"cannot start a Spark worker: {error}")
            is_starting = any(not worker.ready for worker in self._workers)
            self._sleep(_LOOK_AT_START_SECONDS if is_starting else _LOOK_SECONDS)

    def _sleep(self, seconds: float) -> None:
        with self._changed:
            if not self._closing:
                self._changed.wait(seconds)

    def _look(self) -> list[_Worker]:
        """See which have become ready; those that have ended."""
        with self._changed:
            ended = [worker for worker in self._workers if worker.has_ended()]
            self._workers = [worker for worker in self._workers if worker not in ended]
            if any(worker.becomes_ready() for worker in self._workers):
                self._pause = _FIRST_PAUSE_SECONDS
        if not all(worker.ready for worker in ended):
            self._failed("a Spark worker did not come up")
        for worker in ended:
            worker.let_go()
        return ended

    def _failed(self, problem: str) -> None:
        log.warning("%s; jobs start cold, and it is tried again in %.0f s", problem, self._pause)
        self._not_before = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)

    def _adjust(self) -> None:
        """Start one more, or let go of those that are too many."""
        with self._changed:
            count = len(self._workers)
            now = time.monotonic()
            target = self._sizing.target(count, psutil.virtual_memory().available, now - self._last_needed)
            too_many = self._workers[target:]
            del self._workers[target:]
            is_starting = any(not worker.ready for worker in self._workers)
        _end(too_many)
        if count < target and not is_starting and now >= self._not_before:
            worker = _Worker.start(self._root, self._plain, self._program)
            with self._changed:
                self._workers.append(worker)


class WarmStarts:
    """A source of supervisors: one that keeps a waiting worker, or another."""

    def __init__(self, pool: WarmPool, otherwise: Supervisors) -> None:
        self._pool = pool
        self._otherwise = otherwise

    def launch(self, run_dir: str) -> None:
        """See :class:`~glueprint.runtime.supervisors.Supervisors`."""
        if not self._pool.take(Path(run_dir)):
            self._otherwise.launch(run_dir)


class _Worker:
    """A waiting worker, by the supervisor that keeps it."""

    def __init__(self, directory: Path, spark: order.SparkOrder, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.directory = directory
        self.order = spark
        self.ready = False
        self._process = process
        self._requests = process.stdin
        self._answers = process.stdout
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)

    @classmethod
    def start(
        cls, root: Path, plain: Callable[[Path], ProcessSpec], program: Callable[[Path], tuple[str, ...]]
    ) -> _Worker:
        """Have one come up.

        Raises:
            OSError: its directory cannot be written, or no process can be started.
        """
        directory = root.absolute() / secrets.token_hex(4)
        try:
            return cls._start(directory, plain, program)
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise

    @classmethod
    def _start(
        cls, directory: Path, plain: Callable[[Path], ProcessSpec], program: Callable[[Path], tuple[str, ...]]
    ) -> _Worker:
        work_dir = directory / moving.WORK
        work_dir.mkdir(parents=True, mode=0o700)
        spec = plain(work_dir)
        assert spec.order is not None
        stdout, stderr = (directory / name for name in moving.OUTPUTS)
        argv = program(spec.order)
        prepare(directory, replace(spec, argv=argv, stdout=stdout, stderr=stderr, waits_at_gate=True))
        # Its complaints are the server's: stderr is inherited.
        supervisor = start_apart(
            "workers.spare", str(directory), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None
        )
        return cls(directory, order.read(spec.order).spark, supervisor)

    def has_ended(self) -> bool:
        """Whether there is nothing any more that could take a run."""
        return self._process.poll() is not None

    def becomes_ready(self) -> bool:
        """Whether it is ready since just now."""
        if self.ready or self._said(0.0) != READY:
            return False
        self.ready = True
        return True

    def may_take(self, wanted: order.Order, directory: Path) -> bool:
        """Whether it is ready, and right for this order of a run with that working directory."""
        return self.ready and fits(self.order, self.directory / moving.WORK, wanted, directory)

    def hand_over(self, run_dir: Path) -> bool:
        """Whether its supervisor has taken the run; if not, it is of no use any more."""
        try:
            os.write(self._requests.fileno(), os.fsencode(run_dir) + b"\0")
            taken = self._said(_ANSWER_SECONDS) == TAKEN
        except OSError:  # it has just ended
            taken = False
        if not taken:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()  # or it might still hold the run's lock
        self.let_go()
        COLD_STARTS.look_after(self._process)
        return taken

    def let_go(self) -> None:
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

    def _said(self, seconds: float) -> bytes:
        """What it says within that time, in one piece: its words are shorter than a pipe's atom."""
        return os.read(self._answers.fileno(), 64) if self._poll.poll(seconds * 1000) else b""


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.let_go()
    deadline = time.monotonic() + _END_SECONDS
    for worker in workers:
        worker.wait(max(0.1, deadline - time.monotonic()))


def _sweep(root: Path) -> None:
    """Remove what workers left whose supervisors were killed; those of an earlier server that still run stay."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for directory in root.iterdir():
        _tidy_up(directory)


def _tidy_up(directory: Path) -> None:
    """Remove a worker's directory, and what it has started, unless its supervisor does that at its end."""
    try:
        fd = os.open(directory / rundir.LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:
        return  # it is gone
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        end_stragglers(directory)
        shutil.rmtree(directory, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(fd)
