"""Reading and writing ``s3://`` starts no process for each file. Counts the starts of ``ls``; no times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.spark

_FILES = 20
_PROGRAM = """
import sys
from pathlib import Path
from pyspark.sql import SparkSession
from glueprint.runtime.launch.spark_settings import properties
work = Path(sys.argv[1])
builder = SparkSession.builder
for name, value in properties(slots=2, work_dir=work, s3_root=work / "s3", buckets=("b",), app_name="x").items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
assert spark.read.schema("id long").json("s3://b/in/").count() == FILES
assert spark.read.json("s3a://b/in/").count() == FILES
assert spark.read.format("binaryFile").load("s3://b/in/").count() == FILES
spark.range(FILES).selectExpr("id", "id % 4 as k").write.partitionBy("k").parquet("s3://b/out/")
assert spark.read.parquet("s3://b/out/").count() == FILES
""".replace("FILES", str(_FILES))


def test_spark_starts_no_process_for_a_file(tmp_path: Path) -> None:
    """Hadoop without its native library starts ``ls`` to read the permissions of a file
    (RawLocalFileSystem.loadPermissionInfo). Spark's sources must not request them.
    """
    counted, programs, folder = tmp_path / "counted", tmp_path / "bin", tmp_path / "s3" / "b" / "in"
    programs.mkdir()
    folder.mkdir(parents=True)
    (programs / "ls").write_text(f'#!/bin/sh\necho "$@" >> "{counted}"\nexec /bin/ls "$@"\n')
    (programs / "ls").chmod(0o755)
    for number in range(_FILES):
        (folder / f"{number}.json").write_text(f'{{"id": {number}}}\n')
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stderr
    starts = counted.read_text().splitlines() if counted.exists() else []
    assert [one for one in starts if "/s3/b/" in one] == []
