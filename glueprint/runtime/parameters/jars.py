"""``--extra-jars``, ``--user-jars-first`` and ``--datalake-formats``: what is on the JVM's class path."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from glueprint.runtime.parameters.arguments import Given, listed
from glueprint.runtime.parameters.s3_files import not_objects

JARS, FIRST, FORMATS = "--extra-jars", "--user-jars-first", "--datalake-formats"


@dataclass(frozen=True, slots=True)
class _Format:
    """A table format that Glue has ready: what its JAR is called, and a class that only it holds."""

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


def class_path(given: Given) -> ClassPath:
    """What the run adds to the class path; ``--user-jars-first true`` puts it first.

    Source: DG:aws-glue-programming-etl-glue-arguments.
    """
    return ClassPath(tuple(given.files(JARS)), given.value(FIRST).lower() == "true")


def faults(given: Given) -> Iterator[str]:
    """Paths that are no objects, objects that are no JARs, table formats whose classes nobody brought.

    Glue has the libraries of ``--datalake-formats`` on its machines; here the user brings them as JARs.
    """
    yield from not_objects(JARS, given.value(JARS))
    for location in listed(given.value(JARS)):
        if location in given.fetched and not zipfile.is_zipfile(given.fetched[location]):
            yield f"{JARS}: {location} is not a JAR file"
    held = _classes(class_path(given).jars)
    for name in listed(given.value(FORMATS)):
        wanted = _DATALAKE.get(name)
        if wanted is None:
            yield f"{FORMATS}: {name!r} is none of {', '.join(_DATALAKE)}"
        elif wanted.member not in held:
            yield (
                f"{FORMATS}: the libraries of {name} are not part of the local Glue: put the JAR "
                f"{wanted.artifact} into S3 and name it in {JARS}"
            )


def _classes(jars: tuple[Path, ...]) -> set[str]:
    found: set[str] = set()
    for jar in jars:
        if zipfile.is_zipfile(jar):
            with zipfile.ZipFile(jar) as archive:
                found.update(archive.namelist())
    return found
