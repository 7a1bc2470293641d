"""TPC-H through Athena's API next to DuckDB directly, and how long a small query takes.

The 22 queries run one after another over the same Parquet files (scale 0.1, made by tpchgen-cli of .venv-clients):
through the API of a local Glue, each in a process of its own as always, and in one DuckDB of this process. The
engine's own time (EngineExecutionTimeInMillis) shows what the translation and the reading cost; the rest is the
process, its clients, the result in S3 and the polling. The small query is run right after the server's start, then
again and again.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.server import BenchServer

ROOT = Path(__file__).parents[1]
SCALE = "0.1"
WARM_ROUNDS = 10
SMALL = "SELECT r_name, count(*) FROM region GROUP BY r_name ORDER BY 1"
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
POLL_SECONDS = 0.01
_HIVE = {"VARCHAR": "string", "INTEGER": "int"}
MOST_FIRST_SECONDS, MOST_WARM_SECONDS = 3.0, 1.0


@dataclass(frozen=True)
class Run:
    """What one query took: from StartQueryExecution to the last row, and of that in the engine."""

    seconds: float
    engine_seconds: float


def main() -> None:
    """Run the benchmark and print the result."""
    sys.path.append(str(ROOT / "tests"))
    from harness.tpch import GENERATOR, QUERIES, TABLES, generate

    if not GENERATOR.exists():
        raise SystemExit(f"{GENERATOR} is not there: `make bench` makes it")
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "data" / "s3" / "lake"
        with BenchServer(Path(folder) / "data") as server:
            for bucket in ("lake", "results"):
                server.client("s3").create_bucket(Bucket=bucket)
            generate("parquet", SCALE, Path(folder))
            for table in TABLES:
                (lake / table).mkdir()
                (Path(folder) / f"{table}.parquet").rename(lake / table / "part-0.parquet")
            _create_tables(server.client("athena"), lake, TABLES)
        with BenchServer(Path(folder) / "data") as server:
            athena = server.client("athena")
            first = _run(athena, SMALL)
            warm = [_run(athena, SMALL) for _ in range(WARM_ROUNDS)]
            through = [_run(athena, sql) for sql in QUERIES.values()]
        direct = _directly(lake, TABLES, list(QUERIES.values()))
    total = sum(one.seconds for one in through)
    engine = sum(one.engine_seconds for one in through)
    median = statistics.median(one.seconds for one in warm)
    print(f"TPC-H's {len(QUERIES)} queries at scale {SCALE}, one after another")
    print(f"  DuckDB directly, one process:                    {sum(direct):6.2f} s")
    print(f"  Athena's API, time in the engine:                {engine:6.2f} s")
    print(f"  Athena's API, from the start to the last row:    {total:6.2f} s")
    print("a query over a table of five rows, from the start to the last row")
    print(f"  the first after the server's start:              {first.seconds:6.2f} s")
    print(f"  median of {WARM_ROUNDS} more:                               {median:6.2f} s")
    overhead = statistics.median(
        one.seconds - alone for one, alone in zip(through, direct, strict=True)
    )
    print(f"  median of what each query of TPC-H took longer:  {overhead:6.2f} s")
    print(f"{engine / sum(direct):7.2f} times DuckDB directly, in the engine")
    print(f"{total / sum(direct):7.2f} times DuckDB directly, from the start to the last row")
    _goal("seconds for the first query", first.seconds, MOST_FIRST_SECONDS)
    _goal("seconds for the next ones", median, MOST_WARM_SECONDS)
    print(f"load averages {', '.join(f'{one:.1f}' for one in os.getloadavg())} on {os.cpu_count()} cores")


def _goal(what: str, found: float, goal: float) -> None:
    print(f"{found:7.2f} {what}; the goal is at most {goal:.0f}{'' if found <= goal else '   NOT REACHED'}")


def _create_tables(athena: Any, lake: Path, tables: tuple[str, ...]) -> None:
    import duckdb

    _run(athena, "CREATE DATABASE tpch")
    for table in tables:
        columns = duckdb.sql(f"DESCRIBE SELECT * FROM '{lake / table}/*.parquet'").fetchall()
        listed = ", ".join(f"{name} {_HIVE.get(kind, kind.lower())}" for name, kind, *_ in columns)
        place = f"s3://lake/{table}/"
        _run(athena, f"CREATE EXTERNAL TABLE {table} ({listed}) STORED AS PARQUET LOCATION '{place}'")


def _run(athena: Any, sql: str) -> Run:
    began = time.perf_counter()
    id_ = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "tpch"},
        ResultConfiguration={"OutputLocation": "s3://results/"},
    )["QueryExecutionId"]
    while True:
        found = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        if found["Status"]["State"] in ENDED:
            break
        time.sleep(POLL_SECONDS)
    if found["Status"]["State"] != "SUCCEEDED":
        raise RuntimeError(f"{sql[:60]}: {found['Status'].get('StateChangeReason')}")
    for _ in athena.get_paginator("get_query_results").paginate(QueryExecutionId=id_):
        pass
    return Run(time.perf_counter() - began, found["Statistics"]["EngineExecutionTimeInMillis"] / 1000)


def _directly(lake: Path, tables: tuple[str, ...], queries: list[str]) -> list[float]:
    import duckdb

    seconds = []
    with duckdb.connect() as connection:
        for table in tables:
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{lake / table}/*.parquet'")
        for sql in queries:
            began = time.perf_counter()
            connection.execute(sql).fetchall()
            seconds.append(time.perf_counter() - began)
    return seconds
