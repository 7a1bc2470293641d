"""A crawl of 10,000 small Parquet objects in 200 partitions, compared with DuckDB and awswrangler.

DuckDB answers ``DESCRIBE`` with ``union_by_name=true`` from the files on disk: it reads every footer, as the crawl
does, and writes nothing. awswrangler's ``store_parquet_metadata`` reads them through this server's S3 and writes
table and partitions to this server's catalog. Both run in a separate environment, ``.venv-clients``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from bench.server import ROLE, BenchServer
from glueprint.crawler.specification import CrawlSpec

OBJECTS, PARTITIONS = 10_000, 200
ROUNDS = 3
"""Of the crawl, DuckDB and the child's start, in turn; awswrangler takes a minute and runs once."""
DEADLINE_SECONDS = 300.0
MOST_TIMES_DUCKDB, LEAST_TIMES_WRANGLER, MOST_MEGABYTES = 3.0, 5.0, 400.0
CLIENTS = Path(__file__).parents[1] / ".venv-clients" / "bin" / "python"

_DUCKDB = """
import sys, time, duckdb
began = time.perf_counter()
found = duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{sys.argv[1]}/*/*.parquet', union_by_name=true)")
columns = len(found.fetchall())
print(time.perf_counter() - began, columns)
"""

_WRANGLER = """
import sys, time, awswrangler
began = time.perf_counter()
columns, keys, partitions = awswrangler.s3.store_parquet_metadata(
    path=sys.argv[1], database="wrangler", table="sales", dataset=True)
print(time.perf_counter() - began, len(partitions))
"""


@dataclass(frozen=True)
class Crawl:
    """What one crawl took."""

    seconds: float
    megabytes: float
    """The largest size of its process."""
    files_read: int


def main() -> None:
    """Run the benchmark and print the result."""
    if not CLIENTS.exists():
        raise SystemExit(f"{CLIENTS} is not there: `make bench` makes it, with awswrangler and duckdb")
    with tempfile.TemporaryDirectory() as folder, BenchServer(Path(folder) / "data") as server:
        data = Path(folder) / "data"
        lake = _write(data)
        crawls, duckdb, starts = [], [], []
        for number in range(ROUNDS):
            crawls.append(_crawl(server, data, f"c{number}"))
            duckdb.append(_other(_DUCKDB, str(lake), {}))
            starts.append(_timed(lambda: _empty_child(Path(folder))))
        again = _crawl(server, data, "c0")
        server.glue.create_database(DatabaseInput={"Name": "wrangler"})
        wrangler = _other(_WRANGLER, "s3://lake/sales/", _environment(data))
        _check(server.glue)
    start = statistics.median(starts)
    crawl, duck = statistics.median(one.seconds for one in crawls), statistics.median(duckdb)
    megabytes = max(one.megabytes for one in crawls)
    print(f"{OBJECTS} Parquet objects in {PARTITIONS} partitions")
    print(f"  crawl, StartCrawler to READY, {PARTITIONS} partitions written: {crawl:.2f} s ({megabytes:.0f} MB)")
    print(f"  of that the child's own start, with nothing to crawl:   {start:.2f} s")
    print(f"  a second crawl, nothing changed, {again.files_read} bodies read:       {again.seconds:.2f} s")
    print(f"  duckdb, schema by union_by_name=true:                   {duck:.2f} s")
    print(f"  awswrangler, store_parquet_metadata:                    {wrangler:.2f} s")
    _goal("beyond the child's start, times DuckDB", (crawl - start) / duck, "at most", MOST_TIMES_DUCKDB)
    _goal("times faster than awswrangler", wrangler / crawl, "at least", LEAST_TIMES_WRANGLER)
    _goal("megabytes", megabytes, "at most", MOST_MEGABYTES)
    print(f"load averages {', '.join(f'{one:.1f}' for one in os.getloadavg())} on {os.cpu_count()} cores")


def _goal(what: str, found: float, least: str, goal: float) -> None:
    is_met = found <= goal if least == "at most" else found >= goal
    print(f"{found:7.1f} {what}; the goal is {least} {goal:.0f}{'' if is_met else '   NOT REACHED'}")


def _write(data: Path) -> Path:
    """The objects, as files of the bucket's own folder; the folder of the table."""
    sales = data / "s3" / "lake" / "sales"
    for part in range(PARTITIONS):
        folder = sales / f"day={part:03}"
        folder.mkdir(parents=True)
        for number in range(OBJECTS // PARTITIONS):
            first = part * 1000 + number * 10
            rows = range(first, first + 10)
            columns: dict[str, Any] = {f"n{index}": list(rows) for index in range(4)}
            columns |= {f"x{index}": [row / 3 for row in rows] for index in range(3)}
            columns |= {f"s{index}": [f"row {row}" for row in rows] for index in range(3)}
            pq.write_table(pa.table(columns), folder / f"part-{number:05}.parquet")
    return sales


def _crawl(server: BenchServer, data: Path, name: str) -> Crawl:
    glue = server.glue
    if name not in glue.list_crawlers()["CrawlerNames"]:
        glue.create_database(DatabaseInput={"Name": name})
        targets = {"S3Targets": [{"Path": "s3://lake/sales"}]}
        glue.create_crawler(Name=name, Role=ROLE, DatabaseName=name, Targets=targets)
    began, largest = time.perf_counter(), 0
    glue.start_crawler(Name=name)
    while glue.get_crawler(Name=name)["Crawler"]["State"] != "READY":
        largest = max(largest, _peak(server.pid, largest))
        if time.perf_counter() - began > DEADLINE_SECONDS:
            raise TimeoutError(f"the crawl did not end within {DEADLINE_SECONDS:.0f} s")
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    last = glue.get_crawler(Name=name)["Crawler"]["LastCrawl"]
    if last["Status"] != "SUCCEEDED":
        raise RuntimeError(f"the crawl ended {last['Status']}: {last.get('ErrorMessage')}")
    log = (data / "logs" / "%2Faws-glue%2Fcrawlers" / name).read_text()
    read = [line for line in log.splitlines() if line.endswith(" files were read")][-1]
    return Crawl(seconds, largest / 2**20, int(read.split(" : ")[1].split()[0]))


def _peak(server: int, before: int) -> int:
    """The largest size so far, in bytes, of a crawl's process below ``server``."""
    peak = before
    for process in psutil.Process(server).children(recursive=True):
        try:
            if "glueprint.crawler" not in process.cmdline():
                continue
            status = Path(f"/proc/{process.pid}/status").read_text()
        except (psutil.Error, OSError):  # it has ended meanwhile
            continue
        sizes = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
        peak = max(peak, *(size * 1024 for size in sizes), 0)
    return peak


def _other(program: str, where: str, environment: dict[str, str]) -> float:
    """The seconds that a program of the other environment says it took."""
    ran = subprocess.run(
        [str(CLIENTS), "-W", "ignore", "-c", program, where],
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(ran.stdout.split()[0])


def _environment(data: Path) -> dict[str, str]:
    endpoint = json.loads((data / "endpoint.json").read_text())
    return {
        "AWS_ENDPOINT_URL": endpoint["url"],
        "AWS_ACCESS_KEY_ID": endpoint["access_key"],
        "AWS_SECRET_ACCESS_KEY": endpoint["secret_key"],
        "AWS_DEFAULT_REGION": endpoint["region"],
    }


def _empty_child(folder: Path) -> None:
    spec, result = folder / "spec.json", folder / "result.json"
    spec.write_text(CrawlSpec("c", "db", ()).to_json())
    command = [sys.executable, "-m", "glueprint.crawler", str(spec), str(result)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _check(glue: Any) -> None:
    """Both wrote the same: a benchmark of less work would say nothing."""
    for database in ("c0", "wrangler"):
        pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName="sales")
        count = sum(len(page["Partitions"]) for page in pages)
        if count != PARTITIONS:
            raise RuntimeError(f"{database} has {count} partitions, not {PARTITIONS}")
