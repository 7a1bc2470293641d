"""Ten times the files, or a file ten times as large: the time and memory of ``conversion`` and ``file_presence``.

Each is done by a new process without Spark: the look (of conversion), then all tasks one after another, with the
S3 of a local Glue and a Data Catalog in memory. So the process has the memory of the driver and of one task. There
are 1,000 and 10,000 CSV files of 50 lines, and one file of 100 MB and 1 GB; the variables ``MANY_FILES`` and
``ONE_FILE_MEGABYTES`` state the smaller numbers; 0 leaves that part out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.server import BenchServer

ROOT = Path(__file__).parents[1]
FILES = int(os.environ.get("MANY_FILES", "1000"))
MEGABYTES = int(os.environ.get("ONE_FILE_MEGABYTES", "100"))
LINES = 50
BLUEPRINTS = ("conversion", "file_presence")
TIMES_GOAL = 11.0
_WORK = """
import json, resource, sys, time
root, blueprint = sys.argv[1:]
sys.path[:0] = [root, root + "/tests/catalogue", root + "/tests"]
out, sys.stdout = sys.stdout, sys.stderr
from glue_jobs.common.clients import aws_client
s3 = aws_client("s3", "us-east-1")

class Unpatched:
    def setattr(self, *names):
        pass

def conversion():
    from conversion_world import ConversionWorld
    world = ConversionWorld(s3, Unpatched(), table="")
    began = time.monotonic()
    world.look("r1")
    world.convert("r1")
    return time.monotonic() - began, world.count("r1", "rows")

def file_presence():
    from glue_jobs.common.input_files import choose
    from glue_jobs.common.input_search import list_objects
    from glue_jobs.common.manifest import Manifest, write_manifest
    from glue_jobs.common.presence import Marker, put_marker
    from test_catalogue_load import World
    world = World(s3, [("id", "bigint"), ("name", "string"), ("price", "double")], keys=())
    began = time.monotonic()
    files = tuple(choose(list(list_objects(s3, "landing", "in/")), "in/", "*"))
    write_manifest(s3, "s3://scripts/r1.json", Manifest("s3://landing/in/", "landing", "now", files))
    put_marker(world.glue, "daily", "r1", Marker(True, len(files), 1, "", "", "", "", "s3://scripts/r1.json"))
    world.load("r1")
    return time.monotonic() - began, int(world.glue.properties["r1"]["file_presence.rows"])

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seconds, rows = globals()[blueprint]()
print(json.dumps([seconds, rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]), file=out)
"""


def write_files(folder: Path, files: int, lines: int) -> None:
    """CSV files with a header."""
    folder.mkdir(parents=True)
    for number in range(files):
        with (folder / f"{number:06}.csv").open("w") as file:
            file.write("id,name,price\n")
            file.writelines(f"{line},name {line % 1000} of {number},{line % 97}.25\n" for line in range(lines))


def measured(blueprint: str, files: int, lines: int) -> tuple[float, int]:
    """Seconds, and the process's largest size in MB."""
    with tempfile.TemporaryDirectory() as name, BenchServer(Path(name) / "data", "--warm-workers", "0") as server:
        s3 = server.client("s3")
        for bucket in ("landing", "lake", "scripts"):
            s3.create_bucket(Bucket=bucket)
        write_files(Path(name) / "data" / "s3" / "landing" / "in", files, lines)
        endpoint = json.loads((Path(name) / "data" / "endpoint.json").read_text())
        variables = {
            "AWS_ENDPOINT_URL": endpoint["url"],
            "AWS_ACCESS_KEY_ID": endpoint["access_key"],
            "AWS_SECRET_ACCESS_KEY": endpoint["secret_key"],
        }
        command = [sys.executable, "-c", _WORK, str(ROOT), blueprint]
        environment = {**os.environ, **variables}
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        seconds, rows, kilobytes = json.loads(done.stdout)
    if rows != files * lines:
        raise RuntimeError(f"{rows} rows of {files * lines}")
    return seconds, kilobytes // 1024


def compare(blueprint: str, what: str, small: tuple[int, int], large: tuple[int, int]) -> None:
    """Print both, and their ratios."""
    (first, megabytes), (second, more) = measured(blueprint, *small), measured(blueprint, *large)
    ratio = second / first
    print(
        f"  {blueprint:<13} {what:<28} {first:7.2f} s {second:7.2f} s  {ratio:5.1f} times "
        f"(goal: at most {TIMES_GOAL:.0f}: {'met' if ratio <= TIMES_GOAL else 'missed'})  "
        f"{megabytes} MB, {more} MB",
        flush=True,
    )


def main() -> None:
    """Run the benchmark and print the result."""
    print(f"many_files: ten times as much, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for blueprint in BLUEPRINTS if FILES else ():
        compare(blueprint, f"{FILES:,} and {FILES * 10:,} files", (FILES, LINES), (FILES * 10, LINES))
    lines = MEGABYTES * 30_000  # of about 33 bytes
    for blueprint in BLUEPRINTS if MEGABYTES else ():
        compare(blueprint, f"one of {MEGABYTES} and {MEGABYTES * 10} MB", (1, lines), (1, lines * 10))


if __name__ == "__main__":
    main()
