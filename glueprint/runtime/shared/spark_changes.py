"""Which runs a waiting worker can take: those that require nothing of Spark that a running JVM cannot change.

Pure. :func:`settable_at_run_time` names what can be changed while Spark is up; another number of task slots costs
a new SparkContext in the same JVM. Everything else that makes a job's instructions differ from the worker's own
(memory, JARs, extensions, environment of executors, packages to install) is fixed when a JVM starts, so such a run
starts cold.
"""

from __future__ import annotations

from pathlib import Path

from glueprint.runtime.shared.instructions import JobInstructions, SparkInstructions

MASTER = "spark.master"
_SET_AT_START = ("spark.sql.extensions", "spark.sql.catalog.")


def settable_at_run_time(name: str) -> bool:
    """Whether a new value of this property takes effect in sessions that are made later.

    Spark SQL reads its own properties, its warehouse included, when a session is made; Hadoop reads its properties
    when a file system is opened; the application's name has no effect.
    """
    if name.startswith(_SET_AT_START):
        return False
    return name == "spark.app.name" or name.startswith(("spark.sql.", "spark.hadoop."))


def can_take(waiting: SparkInstructions, waiting_dir: Path, wanted: JobInstructions, wanted_dir: Path) -> bool:
    """Whether a worker that was started by the instructions ``waiting`` can run ``wanted``.

    The directories are those of worker and run. They may differ: the worker's directory becomes the run's.
    """
    spark = wanted.spark
    if wanted.setup is not None or spark.java != waiting.java:
        return False
    if (spark.jars, spark.jars_first) != (waiting.jars, waiting.jars_first):
        return False
    if _portable(spark.flags, wanted_dir) != _portable(waiting.flags, waiting_dir):
        return False
    if waiting.properties.keys() - spark.properties.keys():
        return False
    return all(settable_at_run_time(name) or name == MASTER for name in changed_properties(waiting, spark))


def changed_properties(waiting: SparkInstructions, wanted: SparkInstructions) -> dict[str, str]:
    """Return the properties of ``wanted`` that have another value, or none, in ``waiting``."""
    return {
        name: value for name, value in wanted.properties.items() if waiting.properties.get(name) != value
    }


def _portable(flags: list[str], directory: Path) -> list[str]:
    return [flag.replace(str(directory), "") for flag in flags]
