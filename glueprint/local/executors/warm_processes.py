"""Processes that are ready before a job needs them: Spark workers and Pythons for Python shell jobs.

For Spark jobs that start cold, a class-data archive is made.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.store import Database
from glueprint.runtime.launch import environment
from glueprint.runtime.launch.jobs import JobLaunch, job_process
from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.workers.class_archive import ArchiveMaker, archive_path, cache_directory
from glueprint.runtime.workers.shell_pool import COUNT as PYTHONS
from glueprint.runtime.workers.shell_pool import ShellPool
from glueprint.runtime.workers.sizing import Sizing
from glueprint.runtime.workers.spark_pool import SparkPool

_ANY_SPARK_JOB = """
    SELECT 1 FROM resource WHERE kind = 'job' AND json_extract(body, '$.Command.Name') = 'glueetl' LIMIT 1
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
    """The warm workers and the class-data archive of one local Glue."""

    def __init__(
        self, options: WarmOptions, database: Database, settings: ServerSettings, root: Path
    ) -> None:
        """``root`` is a directory of the local Glue, on the file system of run directories and logs."""
        self._database = database
        self._settings = settings
        machine = environment.machine()
        sizing = Sizing(options.workers, machine.cores, machine.memory_bytes)
        self.pool = SparkPool(root / "workers", self._plain, sizing, self._is_needed, jars=settings.drivers)
        access = environment.Access(
            settings.endpoint_url, settings.region, settings.access_key, settings.secret_key
        )
        shells = root / "shells"
        count = 0 if sizing.never else PYTHONS
        self._shells = ShellPool(shells, environment.base_environment(access, shells, {}), count)
        self.pools = (self.pool, self._shells)
        self._maker: ArchiveMaker | None = None
        if settings.class_archive is not None:
            self._maker = ArchiveMaker(
                settings.class_archive,
                self._plain,
                root / "class-archive",
                # The first worker comes first: the next job needs it.
                may_start=lambda: self._is_needed() and (sizing.never or self.pool.ready > 0),
                report=options.report,
            )

    def start(self) -> None:
        """Start in the background."""
        self.pool.start()
        self._shells.start()
        if self._maker is not None:
            self._maker.start()

    def close(self) -> None:
        """End the warm processes; jobs go on."""
        if self._maker is not None:
            self._maker.close()
        self.pool.close()
        self._shells.close()

    def _is_needed(self) -> bool:
        """Whether the local Glue has a Spark job."""
        return self._database.read(lambda tx: tx.execute(_ANY_SPARK_JOB).fetchone()) is not None

    def _plain(self, work_dir: Path) -> ProcessSpec:
        """Return the process of a Spark job without special parameters that takes all slots of the machine."""
        settings = self._settings
        return job_process(
            JobLaunch(
                command="glueetl",
                job_name="waiting",
                job_run_id="",
                script=work_dir / "none",
                arguments={},
                glue_version=None,
                python_version=None,
                worker_type=None,
                number_of_workers=_ALL_WORKERS,
                endpoint_url=settings.endpoint_url,
                region=settings.region,
                access_key=settings.access_key,
                secret_key=settings.secret_key,
                account_id=settings.account_id,
                s3_root=settings.s3_root,
                buckets=(),
                work_dir=work_dir,
                stdout=work_dir / "stdout",
                stderr=work_dir / "stderr",
                class_archive=settings.class_archive,
                drivers=settings.drivers(),
            )
        )


def spark_archive() -> Path | None:
    """Return the path of the class-data archive for the Java and Spark of jobs; None if there can be none."""
    from importlib.util import find_spec

    found = find_spec("pyspark")
    if found is None or found.origin is None:
        return None
    jars = (Path(found.origin).parent / "jars").iterdir()
    try:
        return archive_path(cache_directory(os.environ), environment.java_home(os.environ), jars)
    except OSError:  # a Java that is laid out in another way, or none
        return None
