"""Reading and writing ``s3://`` starts no process for each file. Counts the starts of programs; no times."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from glueprint.runtime.shared.s3_mounts import FILE_SYSTEM_JAR

pytestmark = pytest.mark.spark

_FILES = 20
_PROGRAM = """
import os, sys
from pathlib import Path
from pyspark.sql import SparkSession
from glueprint.runtime.launch.spark_settings import properties
from glueprint.runtime.shared.s3_mounts import FILE_SYSTEM_JAR
os.umask(0o077)
work = Path(sys.argv[1])
builder = SparkSession.builder.config("spark.driver.extraClassPath", str(FILE_SYSTEM_JAR))
for name, value in properties(slots=2, work_dir=work, s3_root=work / "s3", buckets=("b",), app_name="x").items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
assert spark.read.schema("id long").json("s3://b/in/").count() == COUNT
spark.range(COUNT).selectExpr("id", "id % 4 as k").write.partitionBy("k").parquet("s3://b/out/")
context = spark.sparkContext
formats, types = ".lib.input.TextInputFormat", ["org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text"]
for rdd in (
    context.textFile("s3://b/in/", 1),
    context.wholeTextFiles("s3a://b/in/", 1),
    context.binaryFiles("s3://b/in/", 1),
    context.newAPIHadoopFile("s3://b/in/", "org.apache.hadoop.mapreduce" + formats, *types),
):
    assert rdd._jrdd.partitions().size() in (1, 2, COUNT)
context.parallelize(range(COUNT), 2).saveAsTextFile("s3://b/text/")
"""


@pytest.mark.jobs
def test_spark_starts_no_process_for_a_file(tmp_path: Path) -> None:
    """Hadoop without its native library starts ``ls`` to read the permissions of a file, and ``chmod`` to set them
    (RawLocalFileSystem). Reading and writing buckets must not, through Spark's sources and through RDDs; and what
    is written is its user's only, as all of the data directory.
    """
    programs, folder = tmp_path / "bin", tmp_path / "s3" / "b" / "in"
    programs.mkdir()
    folder.mkdir(parents=True)
    counted = tmp_path / "counted"
    for name in ("ls", "chmod", "stat"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $@" >> "{counted}"\nexec /bin/{name} "$@"\n')
        (programs / name).chmod(0o755)
    for number in range(_FILES):
        (folder / f"{number}.json").write_text(f'{{"id": {number}}}\n')
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYSPARK_PYTHON": sys.executable}
    command = [sys.executable, "-c", _PROGRAM.replace("COUNT", str(_FILES)), str(tmp_path)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stderr
    starts = counted.read_text().splitlines() if counted.exists() else []
    assert [one for one in starts if "/s3/b/" in one] == []
    written = [one for one in (tmp_path / "s3" / "b").rglob("*") if folder not in (one, *one.parents)]
    assert {one.stat().st_mode & 0o777 for one in written} == {0o600, 0o700}


def test_the_jar_is_made_of_its_source(tmp_path: Path) -> None:
    """The JAR in the package is what ``scripts/make-jar.py`` makes of the Java source next to it."""
    made = tmp_path / "made.jar"
    script = Path(__file__).parents[2] / "scripts" / "make-jar.py"
    runpy.run_path(str(script))["make"](made)
    assert made.read_bytes() == FILE_SYSTEM_JAR.read_bytes()
