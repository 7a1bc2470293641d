"""Processes that are ready before a job needs them: Spark workers and Pythons for Python shell jobs.

For Spark jobs that start cold, a class-data archive is made.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glueprint.environments import installed
from glueprint.environments.installed import Environment
from glueprint.local.executors.environments import archive_of, choose
from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.store import Database
from glueprint.runtime.launch import environment
from glueprint.runtime.launch.jobs import JobLaunch, UnsupportedJob, job_process
from glueprint.runtime.processes.launchers import WorkerPool
from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.processes.programs import OWN, Interpreter
from glueprint.runtime.workers.class_archive import ArchiveMaker
from glueprint.runtime.workers.shell_pool import COUNT as PYTHONS
from glueprint.runtime.workers.shell_pool import ShellPool
from glueprint.runtime.workers.sizing import Sizing
from glueprint.runtime.workers.spark_pool import SparkPool, worker_program

_SPARK_VERSIONS = """
    SELECT DISTINCT json_extract(body, '$.GlueVersion') AS version FROM resource
    WHERE kind = 'job' AND json_extract(body, '$.Command.Name') = 'glueetl'
"""
_ALL_WORKERS = 1 << 20
"""A number of workers with which a job takes all slots of the machine."""


@dataclass(frozen=True, slots=True)
class WarmOptions:
    """What is made ready for Spark jobs.

    Attributes:
        workers: how many warm Spark workers; None: as many as the machine bears; 0: no process is made ready.
        class_archive: whether an archive of Spark's classes is used, and made when it is missing.
        report: called with a line for the user.
    """

    workers: int | None = 0
    class_archive: bool = False
    report: Callable[[str], None] = lambda line: None


NO_WARM_PROCESSES = WarmOptions()
"""No process is made ready, no archive is used: all jobs start cold, and nothing runs in the background."""


class WarmProcesses:
    """The warm workers and the class-data archives of one local Glue, by the environments of its jobs."""

    def __init__(
        self, options: WarmOptions, database: Database, settings: ServerSettings, root: Path
    ) -> None:
        """``root`` is a directory of the local Glue, on the file system of run directories and logs."""
        self._options = options
        self._database = database
        self._settings = settings
        self._root = root
        machine = environment.machine()
        self._sizing = Sizing(options.workers, machine.cores, machine.memory_bytes)
        self._spark: dict[str, SparkPool] = {}
        self._makers: list[ArchiveMaker] = []
        self._shells: dict[str, ShellPool] = {}
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Start in the background, for the environments that are installed now."""
        with self._lock:
            self._started = True
        for found in installed.environments():
            if found.runtime.spark:
                self._prepare_spark(found)
        self._prepare_shells(OWN, "shells")

    def close(self) -> None:
        """End the warm processes; jobs go on."""
        with self._lock:
            self._started = False
        for maker in self._makers:
            maker.close()
        for spark in self._spark.values():
            spark.close()
        for shells in self._shells.values():
            shells.close()

    @property
    def ready(self) -> int:
        """The number of Spark workers that could take a job now."""
        return sum(pool.ready for pool in list(self._spark.values()))

    def prepare(self, found: Environment | None) -> None:
        """Keep processes of this environment from now on: a job runs in it."""
        if found is None or found.directory is None:
            return  # from the start
        if found.runtime.spark:
            self._prepare_spark(found)
        else:
            self._prepare_shells(self._interpreter(found), f"shells-{found.runtime.name}")

    def take(self, run_dir: Path) -> bool:
        """Hand the run over to a process that waits for one; False if it must be started in another way."""
        pools: list[WorkerPool] = [*self._spark.values(), *self._shells.values()]
        return any(pool.take(run_dir) for pool in pools)

    def _prepare_spark(self, found: Environment) -> None:
        with self._lock:
            name = found.runtime.name
            if name in self._spark or not self._started:
                return
            suffix = "" if found.directory is None else f"-{name}"
            interpreter = self._interpreter(found)
            pool = self._spark[name] = SparkPool(
                self._root / f"workers{suffix}",
                lambda work_dir: self._plain(work_dir, found),
                self._sizing,
                lambda: self._is_needed(found),
                lambda file: worker_program(file, interpreter),
                jars=self._settings.drivers,
                python=interpreter.executable,
                pools=lambda: max(1, sum(one.is_active for one in list(self._spark.values()))),
            )
            pool.start()
            archive = archive_of(found) if self._settings.class_archives else None
            if archive is None:
                return
            maker = ArchiveMaker(
                archive,
                lambda work_dir: self._plain(work_dir, found),
                self._root / f"class-archive{suffix}",
                # The first worker comes first: the next job needs it.
                may_start=lambda: self._is_needed(found) and (self._sizing.never or pool.ready > 0),
                report=self._options.report,
                interpreter=interpreter,
            )
            self._makers.append(maker)
            maker.start()

    def _prepare_shells(self, interpreter: Interpreter, directory: str) -> None:
        with self._lock:
            if interpreter.executable in self._shells or not self._started:
                return
            root = self._root / directory
            base = environment.base_environment(self._settings.host.access, root, {}, interpreter)
            count = 0 if self._sizing.never else PYTHONS
            pool = ShellPool(root, base, count, interpreter=interpreter)
            self._shells[interpreter.executable] = pool
            pool.start()

    def _interpreter(self, found: Environment) -> Interpreter:
        return self._plain_launch(self._root, found).interpreter

    def _is_needed(self, found: Environment) -> bool:
        """Whether the local Glue has a Spark job that runs in the environment."""
        versions = self._database.read(lambda tx: [row["version"] for row in tx.execute(_SPARK_VERSIONS)])
        for version in versions:
            with contextlib.suppress(UnsupportedJob):
                chosen = choose("glueetl", version, {}).environment
                if chosen is not None and chosen.runtime == found.runtime:
                    return True
        return False

    def _plain(self, work_dir: Path, found: Environment) -> ProcessSpec:
        return job_process(self._plain_launch(work_dir, found))

    def _plain_launch(self, work_dir: Path, found: Environment) -> JobLaunch:
        """Return a Spark job without special parameters that takes all slots of the machine."""
        return JobLaunch(
            host=self._settings.host.absolute(),
            environment=found,
            command="glueetl",
            job_name="waiting",
            job_run_id="",
            script=work_dir / "none",
            arguments={},
            python_version=None,
            worker_type=None,
            number_of_workers=_ALL_WORKERS,
            buckets=(),
            work_dir=work_dir,
            stdout=work_dir / "stdout",
            stderr=work_dir / "stderr",
            class_archive=archive_of(found) if self._settings.class_archives else None,
            drivers=self._settings.drivers(),
        )
