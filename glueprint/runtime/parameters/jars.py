"""``--extra-jars``, ``--user-jars-first`` and ``--datalake-formats``: the JVM's class path."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from glueprint.runtime.parameters.arguments import RunArguments, split_list
from glueprint.runtime.parameters.s3_files import is_provided, object_problems

JARS, FIRST, FORMATS = "--extra-jars", "--user-jars-first", "--datalake-formats"


@dataclass(frozen=True, slots=True)
class _Format:
    """A table format of Glue: its JAR as it is named for Spark 3.5, and a class that only this JAR has."""

    artifact: str
    member: str


_DATALAKE = {
    "iceberg": _Format("iceberg-spark-runtime-3.5_2.12", "org/apache/iceberg/spark/SparkCatalog.class"),
    "hudi": _Format("hudi-spark3.5-bundle_2.12", "org/apache/spark/sql/hudi/HoodieSparkSessionExtension.class"),
    "delta": _Format("delta-spark_2.12 and delta-storage", "io/delta/sql/DeltaSparkSessionExtension.class"),
}


@dataclass(frozen=True, slots=True)
class ClassPath:
    """The user's JARs, and whether they come before Spark's own."""

    jars: tuple[Path, ...] = ()
    first: bool = False


def class_path(run: RunArguments) -> ClassPath:
    """Return what the run adds to the class path; ``--user-jars-first true`` puts it first.

    Source: DG:aws-glue-programming-etl-glue-arguments.
    """
    return ClassPath(tuple(run.files(JARS)), run.value(FIRST).lower() == "true")


def problems(run: RunArguments) -> Iterator[str]:
    """Return the problems: paths that are not objects, objects that are not JARs, table formats without their JAR.

    Glue has the libraries of ``--datalake-formats`` on its machines; here the user provides them as JARs.
    """
    yield from object_problems(JARS, run.value(JARS))
    for location in split_list(run.value(JARS)):
        if location in run.fetched and not zipfile.is_zipfile(run.fetched[location]):
            yield f"{JARS}: {location} is not a JAR file"
    contained = _classes(class_path(run).jars)
    for name in split_list(run.value(FORMATS)):
        wanted = _DATALAKE.get(name)
        if wanted is None:
            yield f"{FORMATS}: {name!r} is not one of {', '.join(_DATALAKE)}"
        elif wanted.member not in contained:
            yield (
                f"{FORMATS}: the libraries of {name} are not part of the local Glue: put the JAR for the job's "
                f"Spark (Glue 5: {wanted.artifact}) into S3 and name it in {JARS}"
            )


def notes(run: RunArguments) -> Iterator[str]:
    """Return a note for each JAR that is left out, because its classes are here already."""
    for location in split_list(run.value(JARS)):
        if is_provided(location, run.buckets):
            yield f"{JARS}: {location} is in a bucket of AWS, and not needed here: Spark reads such tables itself."


def _classes(jars: tuple[Path, ...]) -> set[str]:
    found: set[str] = set()
    for jar in jars:
        if zipfile.is_zipfile(jar):
            with zipfile.ZipFile(jar) as archive:
                found.update(archive.namelist())
    return found
