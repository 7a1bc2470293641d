"""Tiny compressed JSON files in a job: s3:// compared with file://, a DynamicFrame with plain Spark.

All read the same files in turn in one process, after one untimed round of each. There are 1,000 files and three
rounds, or as many as the variables ``SMALL_FILES`` and ``SMALL_FILES_ROUNDS`` state. With more than 5,000 files
only plain Spark with a schema and a DynamicFrame are measured, which takes minutes.
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
S3_GOAL, FRAME_GOAL = 1.3, 1.5

_SCRIPT = """
import json, time
from awsglue.context import GlueContext
from pyspark.context import SparkContext

context = GlueContext(SparkContext())
spark = context.spark_session
place = {"paths": ["s3://tiny/in/"], "groupFiles": "inPartition"}

def with_schema(path):
    return lambda: spark.read.schema("id long, name string").json(path).count()

def inferred(path):
    return lambda: spark.read.json(path).count()

def rdd(path):
    return lambda: spark.sparkContext.textFile(path, 2).getNumPartitions()

def whole(path):
    return lambda: spark.sparkContext.wholeTextFiles(path, min(FILES, 1000))._jrdd.count()

def frame():
    return context.create_dynamic_frame.from_options("s3", place, format="json").count()

def timed(count):
    began = time.monotonic()
    assert count() == FILES
    return time.monotonic() - began

reads = [with_schema("s3://tiny/in/"), with_schema("LOCAL"), inferred("s3://tiny/in/"), inferred("LOCAL"), frame,
         rdd("s3://tiny/in/"), rdd("LOCAL"), whole("s3://tiny/in/"), whole("LOCAL")]
if FILES > 5000:
    reads = [reads[0], reads[1], frame]
for read in reads:
    timed(read)
print(json.dumps([[timed(read) for read in reads] for _ in range(ROUNDS)]))
"""


def main() -> None:
    """Run the benchmark and print the result."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with BenchServer(folder, "--warm-workers", "0") as server:
            s3 = server.client("s3")
            s3.create_bucket(Bucket="tiny")
            files = folder / "s3" / "tiny" / "in"
            files.mkdir()
            for number in range(FILES):
                record = json.dumps({"id": number, "name": f"n{number}"})
                (files / f"{number:06d}.json.gz").write_bytes(gzip.compress(record.encode()))
            script = _SCRIPT.replace("FILES", str(FILES)).replace("ROUNDS", str(ROUNDS))
            script = script.replace("LOCAL", files.as_uri())
            command = {"Name": "glueetl", "ScriptLocation": server.put_script(script)}
            server.glue.create_job(Name="tiny", Role=ROLE, Command=command, GlueVersion="5.1")
            _, out = run_to_end(server, "tiny")
    schema, schema_local, *others = map(statistics.median, zip(*json.loads(out), strict=True))
    print(
        f"small_files: count of {FILES:,} JSON files (gz), medians of {ROUNDS}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    _show("s3:// with a schema", schema, "file://", schema_local, S3_GOAL)
    if len(others) == 1:
        _show("DynamicFrame, groupFiles", others[0], "with a schema", schema, FRAME_GOAL)
        return
    plain, plain_local, frame, rdd, rdd_local, whole, whole_local = others
    _show("s3:// inferred", plain, "file://", plain_local, S3_GOAL)
    _show("s3:// textFile, listed", rdd, "file://", rdd_local, S3_GOAL)
    _show("s3:// wholeTextFiles", whole, "file://", whole_local, S3_GOAL)
    _show("DynamicFrame, groupFiles", frame, "spark.read.json", plain, FRAME_GOAL)


def _show(what: str, seconds: float, other: str, other_seconds: float, goal: float) -> None:
    ratio = seconds / other_seconds
    print(
        f"  {what:<25} {seconds:6.2f} s   {other:<16} {other_seconds:6.2f} s   {ratio:.2f} times "
        f"(goal: at most {goal}: {'met' if ratio <= goal else 'missed'})"
    )


if __name__ == "__main__":
    main()
