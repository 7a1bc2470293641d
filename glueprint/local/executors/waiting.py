"""What waits for jobs: warmed Spark workers, Pythons for Python shell jobs, and a class-data archive for cold
Spark jobs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glueprint.local.executors.surroundings import Surroundings
from glueprint.local.store import Database
from glueprint.runtime.launch import environment
from glueprint.runtime.launch.jobs import JobLaunch, job_process
from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.workers.class_archive import ArchiveMaker, archive_path, cache_directory
from glueprint.runtime.workers.pool import WarmPool
from glueprint.runtime.workers.shells import COUNT as PYTHONS
from glueprint.runtime.workers.shells import WaitingShells
from glueprint.runtime.workers.sizing import Sizing

_ANY_SPARK_JOB = """
    SELECT 1 FROM resource WHERE kind = 'job' AND json_extract(body, '$.Command.Name') = 'glueetl' LIMIT 1
"""
_ALL_WORKERS = 1 << 20
"""As a job's number of workers: it takes all the slots that the machine has."""


@dataclass(frozen=True, slots=True)
class WaitingOptions:
    """What may wait for Spark jobs.

    Attributes:
        workers: how many warmed Spark workers; None: as many as the machine bears; 0: nothing waits at all.
        class_archive: whether an archive of Spark's classes is used, and made when it is missing.
        tell: told a line for the user.
    """

    workers: int | None = 0
    class_archive: bool = False
    tell: Callable[[str], None] = lambda line: None


NOTHING = WaitingOptions()
"""Nothing waits, no archive: all jobs start cold, and nothing runs in the background."""


class Waiting:
    """The waiting workers and the archive of one local Glue."""

    def __init__(
        self, options: WaitingOptions, database: Database, around: Surroundings, root: Path
    ) -> None:
        """``root`` is a directory of our own, on the file system of run directories and logs."""
        self._database = database
        self._around = around
        machine = environment.machine()
        sizing = Sizing(options.workers, machine.cores, machine.memory_bytes)
        self.pool = WarmPool(root / "workers", self._plain, sizing, self._is_needed)
        access = environment.Access(around.endpoint_url, around.region, around.access_key, around.secret_key)
        shells = root / "shells"
        count = 0 if sizing.never else PYTHONS
        self._shells = WaitingShells(shells, environment.base_environment(access, shells, {}), count)
        self.takers = (self.pool, self._shells)
        self._maker: ArchiveMaker | None = None
        if around.class_archive is not None:
            self._maker = ArchiveMaker(
                around.class_archive,
                self._plain,
                root / "class-archive",
                # The first worker comes first: it is what the next job waits for.
                may_begin=lambda: self._is_needed() and (sizing.never or self.pool.ready > 0),
                tell=options.tell,
            )

    def start(self) -> None:
        """Begin, in the background: nothing waits for it."""
        self.pool.start()
        self._shells.start()
        if self._maker is not None:
            self._maker.start()

    def close(self) -> None:
        """End all that waits; jobs go on."""
        if self._maker is not None:
            self._maker.close()
        self.pool.close()
        self._shells.close()

    def _is_needed(self) -> bool:
        """Whether this Glue has a Spark job."""
        return self._database.read(lambda tx: tx.execute(_ANY_SPARK_JOB).fetchone()) is not None

    def _plain(self, work_dir: Path) -> ProcessSpec:
        """The process of a Spark job that asks for nothing special, as wide as the machine."""
        around = self._around
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
                endpoint_url=around.endpoint_url,
                region=around.region,
                access_key=around.access_key,
                secret_key=around.secret_key,
                account_id=around.account_id,
                s3_root=around.s3_root,
                buckets=(),
                work_dir=work_dir,
                stdout=work_dir / "stdout",
                stderr=work_dir / "stderr",
                class_archive=around.class_archive,
            )
        )


def spark_archive() -> Path | None:
    """The class-data archive for the Java and the Spark that jobs have, made or not; None: there can be none."""
    from importlib.util import find_spec

    found = find_spec("pyspark")
    if found is None or found.origin is None:
        return None
    jars = (Path(found.origin).parent / "jars").iterdir()
    try:
        return archive_path(cache_directory(os.environ), environment.java_home(os.environ), jars)
    except OSError:  # a Java that is laid out in another way, or none
        return None
