"""The class-data archive: made once for each Java and set of JARs, behind all else, whole or not at all."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from harness.runtime_jobs import launch_of, run_job
from harness.runtime_programs import wait_until
from worker_fakes import alive_below

from glueprint.runtime.jobhost.jvm import archive_flags
from glueprint.runtime.launch import environment
from glueprint.runtime.launch.jobs import job_process
from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.workers.class_archive import ArchiveMaker, archive_path, cache_directory


def files_of(base: Path) -> tuple[Path, list[Path]]:
    """A Java and two JARs, in name."""
    java = base / "java"
    (java / "lib").mkdir(parents=True)
    (java / "release").write_text('JAVA_VERSION="21"')
    (java / "lib" / "modules").write_text("modules")
    jars = [base / "a.jar", base / "b.jar"]
    for jar in jars:
        jar.write_text(jar.name)
    return java, jars


def test_each_java_and_set_of_jars_has_its_own(tmp_path: Path) -> None:
    """An archive fits one Java and one class path; the order in which JARs are listed says nothing."""
    java, jars = files_of(tmp_path)
    first = archive_path(tmp_path, java, jars)
    assert archive_path(tmp_path, java, reversed(jars)) == first
    jars[0].write_text("another version")
    second = archive_path(tmp_path, java, jars)
    (java / "release").write_text('JAVA_VERSION="17.0"')
    assert len({first, second, archive_path(tmp_path, java, jars), archive_path(tmp_path, java, jars[:1])}) == 4


def test_it_is_kept_in_the_users_cache() -> None:
    """XDG Base Directory Specification: a path that is not absolute is ignored."""
    assert cache_directory({"XDG_CACHE_HOME": "/cache"}) == Path("/cache/glueprint")
    for nothing in ({}, {"XDG_CACHE_HOME": ""}, {"XDG_CACHE_HOME": "cache"}):
        assert cache_directory(nothing) == Path.home() / ".cache" / "glueprint"


class Making:
    """An archive that is being made below a directory."""

    def __init__(self, base: Path, *, may_start: bool = True) -> None:
        self.archive = base / "cache" / "spark.jsa"
        self.scratch = base / "scratch"
        self.reported: list[str] = []
        self._beside = base / "beside"
        self._beside.mkdir()
        self.maker = ArchiveMaker(
            self.archive, self._plain, self.scratch, may_start=lambda: may_start, report=self.reported.append
        )

    def _plain(self, work_dir: Path) -> ProcessSpec:
        return job_process(replace(launch_of(self._beside, "glueetl", ""), work_dir=work_dir, buckets=()))


def test_nothing_is_made_before_its_time(tmp_path: Path) -> None:
    """Without a Spark job nothing is made; closing waits for nothing (docs/decisions/spark-startup.md)."""
    making = Making(tmp_path, may_start=False)
    making.maker.start()
    making.maker.close()
    assert not making.scratch.exists()
    assert making.reported == []


def test_one_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    """It is made once (docs/decisions/spark-startup.md)."""
    making = Making(tmp_path)
    making.archive.parent.mkdir()
    making.archive.write_text("made")
    making.maker.start()
    making.maker.close()
    assert making.archive.read_text() == "made"
    assert making.reported == []


def test_archives_of_environments_that_have_gone_go(tmp_path: Path) -> None:
    """A cache that is never cleaned does not grow with every new environment; what is used stays
    (docs/decisions/spark-startup.md)."""
    making = Making(tmp_path)
    making.archive.parent.mkdir()
    others = [making.archive.with_name(name) for name in ("spark-old.jsa", "spark-used.jsa", "something-old.txt")]
    for file in (making.archive, *others):
        file.write_text("made")
    for file in (making.archive, others[0], others[2]):
        os.utime(file, (0, 0))
    making.maker.start()
    making.maker.close()
    assert sorted(file.name for file in making.archive.parent.iterdir()) == [
        "something-old.txt",
        "spark-used.jsa",
        "spark.jsa",
    ]
    assert making.archive.stat().st_mtime > 0


@pytest.mark.spark
def test_an_end_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    """Nothing stays when the server ends meanwhile: no process, no directory, no half archive."""
    making = Making(tmp_path)
    making.maker.start()
    wait_until(lambda: len(alive_below(making.scratch)) >= 2)  # the archiver and its Java
    making.maker.close()
    assert alive_below(making.scratch) == []
    assert not making.scratch.exists()
    assert list(making.archive.parent.iterdir()) == []


@pytest.mark.spark
@pytest.mark.soak
def test_it_is_made_completely_and_reported(tmp_path: Path) -> None:
    """A JVM uses what was made, and `serve` prints its size."""
    making = Making(tmp_path)
    making.maker.start()
    wait_until(lambda: making.reported, seconds=600)
    making.maker.close()
    assert str(making.archive) in making.reported[0]
    assert making.reported[0].endswith("MB)")
    assert [path.name for path in making.archive.parent.iterdir()] == ["spark.jsa"]
    java = environment.java_home(os.environ) / "bin" / "java"
    flags = [*archive_flags(str(making.archive)), "-Xshare:on", "-XX:+UseSerialGC"]
    import pyspark

    jars = f"{Path(pyspark.__file__).parent / 'jars'}/*"
    done = subprocess.run([java, *flags, "-cp", jars, "-version"], capture_output=True, check=False)
    assert done.returncode == 0, "-Xshare:on fails when the archive cannot be used"


@pytest.mark.spark
def test_a_damaged_one_does_no_harm(tmp_path: Path) -> None:
    """A JVM starts without an archive that it cannot use, and the error log stays clean
    (docs/decisions/spark-startup.md)."""
    damaged = tmp_path / "spark.jsa"
    damaged.write_bytes(os.urandom(4096))
    base = tmp_path / "job"
    base.mkdir()
    job = launch_of(base, "glueetl", "from pyspark import SparkContext\nprint(SparkContext().range(3).count())\n")
    job = replace(job, class_archive=damaged)
    ended, out, err = run_job(job)
    assert (ended.exit_status, out, err) == (0, "3\n", "")
