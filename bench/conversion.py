"""CSV to Parquet by the blueprint ``conversion``, next to DuckDB's COPY: TPC-H's lineitem, on the same machine.

The job is the blueprint's own script on the local Glue, from the frozen list of files to the published table: the
schema is inferred from a sample, and the file is read through S3. DuckDB reads the same file from the disk. Its
size is that of ``CONVERSION_SCALE`` (0.4: 300 MB; 1.33: 1 GB). The start of Spark's JVM is reported apart.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from bench.jobs import run_to_end
from bench.server import ROLE, BenchServer
from glueprint.blueprint.bundler import bundle

ROOT = Path(__file__).parents[1]
CLIENTS = ROOT / ".venv-clients" / "bin"
SCALE = os.environ.get("CONVERSION_SCALE", "0.4")
ROUNDS = int(os.environ.get("CONVERSION_ROUNDS", "3"))
GOAL = 2.0

_MAIN = 'if __name__ == "__main__":\n    main()\n'
_TIMED = """
import json, subprocess, time
from pyspark.context import SparkContext

def timed(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began

start = timed(SparkContext.getOrCreate)
check_lock = put_count = put_counts = lambda *_: None
s3, glue = aws_client("s3", "us-east-1"), aws_client("glue", "us-east-1")
entry = next(list_objects(s3, "lines", "in/"))
file = FrozenFile(entry["Key"], entry["Size"], entry["ETag"].strip('"'), "")
write_manifest(s3, "s3://lines/manifest.json", Manifest("s3://lines/in/", "lines", "", (file,)))
get_marker = lambda *_: Marker(True, 1, entry["Size"], "", "", "s3://lines/in/", "", "s3://lines/manifest.json")
arguments = {**dict.fromkeys((*REQUIRED, *OPTIONAL), ""), **ARGUMENTS}
seconds, others = [], []
for number in range(ROUNDS):
    run = {**arguments, "WORKFLOW_RUN_ID": "wr_{}".format(number)}
    seconds.append(timed(lambda: convert(s3, glue, run)))
    others.append(subprocess.run(OTHER, check=True, stdout=subprocess.PIPE, text=True).stdout.split())
found = read_publication(s3, "s3://lines/out/")
size = sum(part.size for part in found.parts)
print("RESULT " + json.dumps([start, seconds, others, found.rows, len(found.parts), size]))
"""
_ARGUMENTS = {
    "WORKFLOW_NAME": "bench",
    "aws_region": "us-east-1",
    "destination": "s3://lines/out/",
    "input_format": "csv",
    "output_format": "parquet",
    "compression": "snappy",
    "choice_types": "widen",
    "maximum_bad_records": "0",
    "bad_records": "s3://lines/bad/",
    "header": "true",
    "multi_line": "true",
    "encoding": "utf-8",
    "database": "bench",
    "table": "lineitem",
}
_DUCKDB = """
import sys, time, duckdb
source, target = sys.argv[1:]
duckdb.sql("SET enable_progress_bar = false")
began = time.monotonic()
duckdb.sql(f"COPY (SELECT * FROM read_csv('{source}')) TO '{target}' (FORMAT parquet, COMPRESSION snappy)")
seconds = time.monotonic() - began
print(duckdb.sql(f"SELECT count(*) FROM '{target}'").fetchall()[0][0], seconds)
"""


def main() -> None:
    """Run the benchmark and print the result."""
    if not (CLIENTS / "tpchgen-cli").exists():
        raise SystemExit(f"{CLIENTS} has no tpchgen-cli: `make bench` makes it")
    with tempfile.TemporaryDirectory() as name, BenchServer(Path(name) / "data", "--warm-workers", "0") as server:
        data = Path(name) / "data"
        server.client("s3").create_bucket(Bucket="lines")
        server.glue.create_database(DatabaseInput={"Name": "bench"})
        source = data / "s3" / "lines" / "in"
        source.mkdir()
        generate = [
            str(CLIENTS / "tpchgen-cli"),
            "csv",
            "-s",
            SCALE,
            "--tables=lineitem",
            f"--output-dir={source}",
        ]
        subprocess.run(generate, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lines = source / "lineitem.csv"
        size = lines.stat().st_size
        target = Path(name) / "lineitem.parquet"
        start, seconds, duck, rows, files, written = _convert(server, lines, target)
        duck_size = target.stat().st_size
    median, duck_median = statistics.median(seconds), statistics.median(duck)
    ratio = median / duck_median
    print(
        f"conversion: lineitem, {size / 1e6:,.0f} MB of CSV, {rows:,} rows, to Parquet; medians of {ROUNDS}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"  start of Spark's JVM, once                {start:6.2f} s")
    print(f"  blueprint conversion, {files:3} files, {written / 1e6:5,.0f} MB  {median:6.2f} s")
    print(f"  duckdb, COPY ... TO,    1 file,  {duck_size / 1e6:5,.0f} MB  {duck_median:6.2f} s")
    print(f"  {ratio:.2f} times DuckDB (goal: at most {GOAL}: {'met' if ratio <= GOAL else 'missed'})")


def _convert(
    server: BenchServer, source: Path, target: Path
) -> tuple[float, list[float], list[float], int, int, int]:
    """Seconds of the JVM's start, of each conversion and of each of DuckDB's; rows, files and bytes of the result.

    Both sides take turns, so that what else the machine does counts for both.
    """
    script = bundle(ROOT, "conversion")["conversion/scripts/convert.py"].decode()
    other = [str(CLIENTS / "python"), "-c", _DUCKDB, str(source), str(target)]
    timed = (
        _TIMED.replace("ROUNDS", str(ROUNDS)).replace("ARGUMENTS", repr(_ARGUMENTS)).replace("OTHER", repr(other))
    )
    command = {"Name": "glueetl", "ScriptLocation": server.put_script(script.replace(_MAIN, timed))}
    server.glue.create_job(Name="conversion", Role=ROLE, Command=command, GlueVersion="5.1")
    _, out = run_to_end(server, "conversion", "RESULT ")
    start, seconds, others, rows, files, written = json.loads(out)
    if any(int(count) != rows for count, _ in others):
        raise RuntimeError(f"{rows} rows, and of DuckDB {others}")
    return start, seconds, [float(one) for _, one in others], rows, files, written


if __name__ == "__main__":
    main()
