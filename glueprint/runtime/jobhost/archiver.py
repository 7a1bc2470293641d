"""The program that makes a class-data archive: the warm-up job under a JVM that lists its classes, then the dump.

It runs with the lowest priority, ends with the server (with the server's thread that started it, prctl(2)), and
puts the archive into its place in one step.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from glueprint.runtime.jobhost import spark as host
from glueprint.runtime.jobhost.warm_up import warm_up
from glueprint.runtime.shared import instructions, os_process

_LOWEST_PRIORITY = 19


def main(instructions_file: str, archive: str) -> int:
    """Make ``archive`` with the Java and the JARs of those instructions; return the exit status."""
    _die_with_parent()
    os.nice(_LOWEST_PRIORITY)
    spark = instructions.read(Path(instructions_file)).spark
    classes = Path.cwd() / "classes"
    _list_classes(
        replace(spark, flags=[*spark.flags, f"-XX:DumpLoadedClassList={classes}"], class_archive=None)
    )
    temporary = f"{archive}.{os.getpid()}.tmp"
    try:
        _dump(spark, classes, temporary)
        os.replace(temporary, archive)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return 0


def _list_classes(spark: instructions.SparkInstructions) -> None:
    from pyspark.sql import SparkSession

    jvm = host.launch_jvm(spark)
    try:
        gateway = host.connect(jvm)
        host.replace_pyspark_launcher(lambda: gateway)
        warm_up(SparkSession.builder.getOrCreate(), Path.cwd() / "warm-up")
    finally:
        host.stop_spark(jvm)


def _dump(spark: instructions.SparkInstructions, classes: Path, archive: str) -> None:
    import pyspark

    jars = Path(pyspark.__file__).parent / "jars"
    command = [
        spark.java,
        *(flag for flag in spark.flags if flag.startswith("-XX:")),
        "-Xshare:dump",
        f"-XX:SharedClassListFile={classes}",
        f"-XX:SharedArchiveFile={archive}",
        "-cp",
        f"{jars}/*",  # the same text as when a job's JVM starts
    ]
    subprocess.run(command, check=True, stdout=sys.stderr, preexec_fn=_die_with_parent)


def _die_with_parent() -> None:
    os_process.die_with_parent(signal.SIGKILL)
