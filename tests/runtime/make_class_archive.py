"""Makes the class-data archive from which the Spark jobs of tests start
(docs/decisions/spark-startup.md); `make test` runs it."""

from __future__ import annotations

import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import click

sys.path.append(str(Path(__file__).parents[1]))  # the folder of harness

from harness.runtime_jobs import launch_of

from glueprint.local.executors.environments import own_class_archive
from glueprint.runtime.launch.jobs import job_process
from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.workers.class_archive import ArchiveMaker


def main() -> int:
    """Make it where ``XDG_CACHE_HOME`` says, unless it is there; the exit status."""
    archive = own_class_archive()
    if archive is None:
        click.echo("the tests' Spark jobs start without a class-data archive: there can be none for this Java")
        return 0
    reported = threading.Event()

    def report(line: str) -> None:
        click.echo(line)
        reported.set()

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        launch = launch_of(base, "glueetl", "")

        def plain(work_dir: Path) -> ProcessSpec:
            return job_process(replace(launch, work_dir=work_dir, buckets=()))

        maker = ArchiveMaker(archive, plain, base / "scratch", may_start=lambda: True, report=report)
        if not archive.exists():
            maker.start()
            reported.wait()
            maker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
