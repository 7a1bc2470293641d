"""Keeps Spark workers waiting, and hands runs over to them.

One thread starts workers, one at a time and in the background, and ends those that are too many. Whoever starts a
run takes a worker that is ready and fits; a run never waits for one. All workers end with this process: their
supervisors read a pipe of this process.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import psutil

from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.processes.programs import OWN, Interpreter, own_program
from glueprint.runtime.shared import instructions, rundir, worker_handover
from glueprint.runtime.shared.spark_changes import can_take
from glueprint.runtime.workers.idle_worker import (
    IdleWorker,
    end_workers,
    remove_leftovers,
    remove_worker_directory,
)
from glueprint.runtime.workers.sizing import Sizing

log = logging.getLogger(__name__)

_POLL_SECONDS, _POLL_AT_START_SECONDS = 2.0, 0.2
_MIN_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 5.0, 600.0
"""Pause after a worker that did not start; doubled each time."""


def worker_program(instructions_file: Path, interpreter: Interpreter = OWN) -> tuple[str, ...]:
    """Return the argv of a worker with those instructions, which starts with low priority."""
    return own_program("jobhost.spark_worker", str(instructions_file), interpreter=interpreter)


class SparkPool:
    """The waiting workers of one data directory, all of one Python and Spark."""

    def __init__(
        self,
        root: Path,
        plain_job: Callable[[Path], ProcessSpec],
        sizing: Sizing,
        needed: Callable[[], bool] = lambda: True,
        program: Callable[[Path], tuple[str, ...]] = worker_program,
        jars: Callable[[], Iterable[Path]] = tuple,
        python: str = OWN.executable,
        pools: Callable[[], int] = lambda: 1,
    ) -> None:
        """Nothing is started before :meth:`start`.

        Args:
            root: contains a directory for each worker; on the file system of run directories and logs.
            plain_job: the process of a Spark job without special parameters, in this working directory.
            sizing: the number of waiting workers.
            needed: whether there is any Spark job to wait for; polled until there is.
            program: the argv of a worker with this order file.
            jars: what a plain job now has on its class path; workers without it are replaced.
            python: the Python of the runs that its workers can take.
            pools: the number of pools that share the machine's memory.
        """
        self._root = root
        self._plain_job = plain_job
        self._sizing = sizing
        self._needed = needed
        self._program = program
        self._jars = jars
        self._python = python
        self._pools = pools
        self._workers: list[_SparkWorker] = []
        self._changed = threading.Condition()
        self._closing = False
        self._last_needed = time.monotonic()
        self._pause = _MIN_PAUSE_SECONDS
        self._not_before = 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start keeping workers, unless the number is 0."""
        if not self._sizing.never and self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="warm-pool", daemon=True)
            self._thread.start()

    @property
    def ready(self) -> int:
        """The number of workers that can take a run now."""
        with self._changed:
            return sum(worker.ready for worker in self._workers)

    def take(self, run_dir: Path) -> bool:
        """Hand the run over to a worker; False if it must be started in another way."""
        spec = rundir.read_plan(str(run_dir), rundir.SPEC)
        if spec is None or spec.get("order") is None or self._sizing.never or not _runs_on(self._python, spec):
            return False
        run = worker_handover.PreparedRun.read(run_dir)
        wanted = instructions.read(run.instructions)
        with self._changed:
            self._last_needed = time.monotonic()
            worker = next((one for one in self._workers if one.may_take(wanted, run.cwd)), None)
            if worker is None or not worker_handover.can_move(run, self._root):
                return False
            self._workers.remove(worker)
            self._changed.notify_all()
        if worker.hand_over(run_dir):
            return True
        remove_worker_directory(worker.directory)
        return False

    def close(self) -> None:
        """End all workers that wait, and the thread; runs that were handed over go on."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        end_workers(self._workers)
        self._workers.clear()

    def _keep(self) -> None:
        remove_leftovers(self._root)
        while not self._closing and not self._needed():
            self._sleep(_POLL_SECONDS)
        while not self._closing:
            for worker in self._check_workers():
                remove_worker_directory(worker.directory)
            try:
                self._adjust()
            except OSError as error:
                self._failed(f"cannot start a Spark worker: {error}")
            is_starting = any(not worker.ready for worker in self._workers)
            self._sleep(_POLL_AT_START_SECONDS if is_starting else _POLL_SECONDS)

    def _sleep(self, seconds: float) -> None:
        with self._changed:
            if not self._closing:
                self._changed.wait(seconds)

    def _check_workers(self) -> list[_SparkWorker]:
        """Update which workers are ready; return those that have ended."""
        with self._changed:
            ended = [worker for worker in self._workers if worker.has_ended()]
            self._workers = [worker for worker in self._workers if worker not in ended]
            if any(worker.check_ready() for worker in self._workers):
                self._pause = _MIN_PAUSE_SECONDS
        if not all(worker.ready for worker in ended):
            self._failed("a Spark worker did not start")
        for worker in ended:
            worker.close_pipes()
        return ended

    def _failed(self, problem: str) -> None:
        log.warning("%s; jobs start cold; the next attempt is in %.0f s", problem, self._pause)
        self._not_before = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _MAX_PAUSE_SECONDS)

    def _adjust(self) -> None:
        """Start one more worker, or end those that are too many or have other JARs than a plain job."""
        jars = [str(jar) for jar in self._jars()]
        with self._changed:
            outdated = [worker for worker in self._workers if worker.jars != jars]
            self._workers = [worker for worker in self._workers if worker.jars == jars]
            count = len(self._workers)
            now = time.monotonic()
            available = psutil.virtual_memory().available
            target = self._sizing.target(count, available, now - self._last_needed, self._pools())
            too_many = self._workers[target:]
            del self._workers[target:]
            is_starting = any(not worker.ready for worker in self._workers)
        end_workers([*outdated, *too_many])
        if count < target and not is_starting and now >= self._not_before:
            worker = _SparkWorker.start(self._root, self._describe)
            with self._changed:
                self._workers.append(worker)

    @property
    def is_active(self) -> bool:
        """Whether it has workers."""
        return bool(self._workers)

    def _describe(self, directory: Path) -> ProcessSpec:
        """Return the process of a worker in that directory."""
        spec = self._plain_job(directory / worker_handover.WORK)
        assert spec.spark_instructions is not None
        stdout, stderr = (directory / name for name in worker_handover.OUTPUTS)
        return replace(spec, argv=self._program(spec.spark_instructions), stdout=stdout, stderr=stderr)


def _runs_on(python: str, spec: Mapping[str, object]) -> bool:
    argv = spec.get("argv")
    return isinstance(argv, list) and argv[:1] == [python]


class _SparkWorker(IdleWorker):
    """A waiting worker with a running Spark."""

    def __init__(self, directory: Path, process: subprocess.Popen[bytes]) -> None:
        super().__init__(directory, process)
        self._instructions = instructions.read(worker_handover.PreparedRun.read(directory).instructions).spark

    @property
    def jars(self) -> list[str]:
        """The JARs on its class path in addition to Spark's."""
        return self._instructions.jars

    def may_take(self, wanted: instructions.JobInstructions, directory: Path) -> bool:
        """Whether it is ready and can run these instructions in that working directory."""
        own_dir = self.directory / worker_handover.WORK
        return self.ready and can_take(self._instructions, own_dir, wanted, directory)
