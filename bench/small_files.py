"""Tiny compressed JSON files in a job: s3:// compared with file://, a DynamicFrame with plain Spark.

All read the same files in turn in one process, after one untimed round of each. First 1,000 files in every way,
three rounds (variables ``SMALL_FILES`` and ``SMALL_FILES_ROUNDS``; 0 files: left out), then a DynamicFrame with
``groupFiles`` and plain Spark for growing numbers of files, once each: ``SMALL_FILES_GROWTH``, by default
``500,2000,6000``; with ``20000`` it takes minutes more.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import tempfile
from pathlib import Path

from bench.jobs import run_to_end
from bench.server import ROLE, BenchServer

FILES = int(os.environ.get("SMALL_FILES", "1000"))
ROUNDS = int(os.environ.get("SMALL_FILES_ROUNDS", "3"))
GROWTH = [int(size) for size in os.environ.get("SMALL_FILES_GROWTH", "500,2000,6000").split(",") if size]
S3_GOAL, FRAME_GOAL = 1.3, 1.5

_HEAD = """
import json, time
from awsglue.context import GlueContext
from pyspark.context import SparkContext

context = GlueContext(SparkContext())
spark = context.spark_session

def with_schema(path):
    return lambda: spark.read.schema("id long, name string").json(path).count()

def inferred(path):
    return lambda: spark.read.json(path).count()

def grouped(path):
    place = {"paths": [path], "groupFiles": "inPartition"}
    return context.create_dynamic_frame.from_options("s3", place, format="json")

def timed(count, files):
    began = time.monotonic()
    assert count() == files
    return time.monotonic() - began
"""

_ALL_WAYS = """
def rdd(path):
    return lambda: spark.sparkContext.textFile(path, 2).getNumPartitions()

def whole(path):
    return lambda: spark.sparkContext.wholeTextFiles(path, min(FILES, 1000))._jrdd.count()

ways = [with_schema, inferred, rdd, whole]
reads = [way(path) for way in ways for path in ("s3://tiny/FILES/", "LOCAL")]
for read in reads:
    timed(read, FILES)
print(json.dumps([[timed(read, FILES) for read in reads] for _ in range(ROUNDS)]))
"""

_GROWTH = """
found = []
for at, files in enumerate([min(SIZES), *SIZES]):
    path = f"s3://tiny/{files}/"
    frames = [lambda: grouped(path).count(), lambda: grouped(path).toDF().count()]
    reads = [with_schema(path), frames[0], inferred(path), frames[1]]
    times = [timed(read, files) for read in reads]
    if at:
        found.append(times)
print(json.dumps(found))
"""


def main() -> None:
    """Run the benchmark and print the result."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with BenchServer(folder, "--warm-workers", "0") as server:
            server.client("s3").create_bucket(Bucket="tiny")
            bucket = folder / "s3" / "tiny"
            for size in {FILES, *GROWTH} - {0}:
                _make_files(bucket / str(size), size)
            if FILES:
                script = _ALL_WAYS.replace("FILES", str(FILES)).replace("ROUNDS", str(ROUNDS))
                rounds = _run(server, "all-ways", script.replace("LOCAL", (bucket / str(FILES)).as_uri()))
                _show_all_ways([statistics.median(times) for times in zip(*rounds, strict=True)])
            if GROWTH:
                _show_growth(_run(server, "growth", _GROWTH.replace("SIZES", str(GROWTH))))


def _make_files(folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        record = json.dumps({"id": number, "name": f"n{number}"})
        (folder / f"{number:06d}.json.gz").write_bytes(gzip.compress(record.encode()))


def _run(server: BenchServer, name: str, script: str) -> list[list[float]]:
    command = {"Name": "glueetl", "ScriptLocation": server.put_script(_HEAD + script)}
    server.glue.create_job(Name=name, Role=ROLE, Command=command, GlueVersion="5.1")
    _, out = run_to_end(server, name)
    found: list[list[float]] = json.loads(out)
    return found


def _show_all_ways(medians: list[float]) -> None:
    print(
        f"small_files: count of {FILES:,} JSON files (gz), medians of {ROUNDS}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    names = ("with a schema", "inferred", "textFile, listed", "wholeTextFiles")
    for name, s3, local in zip(names, medians[::2], medians[1::2], strict=True):
        _show(f"s3:// {name}", s3, "file://", local, S3_GOAL)


def _show_growth(found: list[list[float]]) -> None:
    print(f"small_files: DynamicFrame with groupFiles, one round, load {os.getloadavg()[0]:.1f}")
    for size, (schema, count, inferred, frame) in zip(GROWTH, found, strict=True):
        _show(f"{size:,} files, count", count, "with a schema", schema, FRAME_GOAL)
        _show(f"{size:,} files, toDF().count", frame, "inferred", inferred, FRAME_GOAL)


def _show(what: str, seconds: float, other: str, other_seconds: float, goal: float) -> None:
    ratio = seconds / other_seconds
    print(
        f"  {what:<26} {seconds:6.2f} s   {other:<14} {other_seconds:6.2f} s   {ratio:.2f} times "
        f"(goal: at most {goal}: {'met' if ratio <= goal else 'missed'})"
    )


if __name__ == "__main__":
    main()
