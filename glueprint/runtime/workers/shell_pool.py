"""Keeps Pythons waiting for Python shell jobs, so that a workflow's next step does not wait for Python's start.

A Python costs little and starts quickly, so the number is simple: a few wait while such jobs run, and none after a
while without. As for Spark, a run never waits for one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.processes.programs import OWN, Interpreter, own_program
from glueprint.runtime.shared import rundir, worker_handover
from glueprint.runtime.workers.idle_worker import (
    IdleWorker,
    end_workers,
    remove_leftovers,
    remove_worker_directory,
)

log = logging.getLogger(__name__)

COUNT = 2
"""The number that wait: for the next step of a workflow, and one more while that one is replaced."""
IDLE_SECONDS = 60.0
"""After this time without a Python shell job none waits."""


class ShellPool:
    """The waiting Pythons of one data directory."""

    def __init__(
        self,
        root: Path,
        env: Mapping[str, str],
        count: int = COUNT,
        idle_seconds: float = IDLE_SECONDS,
        interpreter: Interpreter = OWN,
    ) -> None:
        """Nothing is started before the first Python shell job after :meth:`start`.

        Args:
            root: contains a directory for each.
            env: their environment until they get the run's.
            count: the number that wait; 0: none ever.
            idle_seconds: time without a job after which none waits.
            interpreter: the Python that waits; it takes runs of the same Python.
        """
        self._root = root
        self._env = dict(env)
        self._count = count
        self._idle_seconds = idle_seconds
        self._interpreter = interpreter
        self._workers: list[IdleWorker] = []
        self._lock = threading.Lock()
        self._needed_until = 0.0
        self._closing = False
        self._wake_read, self._wake_write = -1, -1
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start keeping Pythons, unless the number is 0."""
        if self._count and self._thread is None:
            self._wake_read, self._wake_write = os.pipe()
            for descriptor in (self._wake_read, self._wake_write):
                os.set_blocking(descriptor, False)
            self._thread = threading.Thread(target=self._keep, name="waiting-shells", daemon=True)
            self._thread.start()

    @property
    def ready(self) -> int:
        """The number that can take a run now."""
        with self._lock:
            return sum(map(_is_ready, self._workers))

    def take(self, run_dir: Path) -> bool:
        """Hand the run over to one that is ready; False if it must be started in another way."""
        spec = rundir.read_plan(str(run_dir), rundir.SPEC)
        if spec is None or spec.get("shell_order") is None or self._thread is None:
            return False
        argv = spec["argv"]
        if not isinstance(argv, list) or argv[0] != self._interpreter.executable:
            return False
        with self._lock:
            if self._closing:
                return False
            self._needed_until = time.monotonic() + self._idle_seconds
            worker = next((one for one in self._workers if _is_ready(one) and not one.has_ended()), None)
            if worker is not None:
                self._workers.remove(worker)
            self._wake()
        if worker is None:
            return False
        if worker.hand_over(run_dir):
            return True
        remove_worker_directory(worker.directory)
        return False

    def close(self) -> None:
        """End all that wait, and the thread; runs that were handed over go on."""
        with self._lock:
            self._closing = True
            if self._thread is not None:
                self._wake()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            os.close(self._wake_read)
            os.close(self._wake_write)
        end_workers(self._workers)
        self._workers.clear()

    def _keep(self) -> None:
        remove_leftovers(self._root)
        while True:
            self._wait()
            if self._closing:
                return
            with self._lock:
                ended = self._take_ended()
                if not all(one.ready for one in ended):
                    self._needed_until = 0.0  # it does not start: the next job tries it again
                is_needed = time.monotonic() < self._needed_until
                idle = [] if is_needed else self._workers
                if not is_needed:
                    self._workers = []
            for one in ended:
                one.remove()
            end_workers(idle)
            if is_needed and not self._start_one():
                with self._lock:
                    self._needed_until = 0.0

    def _wake(self) -> None:
        """Have the thread look at what has changed."""
        with contextlib.suppress(BlockingIOError):  # the pipe is full: the thread is awake
            os.write(self._wake_write, b".")

    def _wait(self) -> None:
        """Wait until a Python is missing, has ended or is no longer needed; the kernel wakes the thread."""
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        with self._lock:
            seconds = max(0.0, self._needed_until - time.monotonic())
            if len(self._workers) < self._count and seconds > 0:
                return
            for one in self._workers:
                poll.register(one.answers, select.POLLIN)
            timeout = seconds * 1000 if self._workers else None
        poll.poll(timeout)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _take_ended(self) -> list[IdleWorker]:
        """Remove and return those that have ended."""
        for one in self._workers:
            one.check_ready()
        ended = [one for one in self._workers if one.is_ending()]
        self._workers = [one for one in self._workers if one not in ended]
        return ended

    def _start_one(self) -> bool:
        """Start one more if one is missing; False if that failed."""
        with self._lock:
            if len(self._workers) >= self._count:
                return True
        try:
            worker = IdleWorker.start(self._root, self._describe)
        except OSError as error:
            log.warning("cannot keep a Python waiting: %s; jobs start cold", error)
            return False
        with self._lock:
            self._workers.append(worker)
        return True

    def _describe(self, directory: Path) -> ProcessSpec:
        stdout, stderr = (directory / name for name in worker_handover.OUTPUTS)
        return ProcessSpec(
            own_program("jobhost.shell_worker", interpreter=self._interpreter),
            self._env,
            directory / worker_handover.WORK,
            stdout,
            stderr,
        )


def _is_ready(worker: IdleWorker) -> bool:
    return worker.ready or worker.check_ready()
