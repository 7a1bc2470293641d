"""Spark jobs: Amazon's own ``awsglue`` on stock PySpark, S3 as directories, nothing left behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from harness.runtime_jobs import launch_of, run_job
from harness.runtime_programs import alive_of

pytestmark = [pytest.mark.spark, pytest.mark.jobs]

SCRIPT = """
import json, os, sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.dynamicframe import DynamicFrame
from awsgluedq.transforms import EvaluateDataQuality

args = getResolvedOptions(sys.argv, ["JOB_NAME", "input"])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
glueContext.get_logger().warn("a line of the logger")
seen = {"job": args["JOB_NAME"], "run": args["JOB_RUN_ID"], "initialized": job.isInitialized()}

frame = spark.read.csv(args["input"], schema="a string, p string", header=True).coalesce(1)
frame.write.partitionBy("p").json("s3a://data/out/")
back = spark.read.json("s3n://data/out/")
seen["rows"] = sorted(tuple(row) for row in back.select("a", "p").collect())
seen["file"] = min(back.inputFiles()).split("/part-")[0]

os.mkdir(os.path.join(os.environ["HOME"], "..", "s3", "made-later"))
frame.write.json("s3://made-later/x")
seen["late"] = len(spark.sql("select a from json.`s3://made-later/x`").collect())

def refused(action):
    try:
        action()
    except Exception as error:
        return type(error).__name__ + ": " + str(error).splitlines()[0]

seen["count"] = DynamicFrame.fromDF(frame, glueContext, "f").count()
seen["absent"] = refused(lambda: sc._jvm.EntityDetector.detect(frame._jdf))
seen["unpublished"] = refused(lambda: __import__("awsglueml.transforms"))
seen["quality"] = refused(lambda: EvaluateDataQuality.apply(frame=frame, ruleset="Rules = [RowCount > 0]"))
job.commit()
print(json.dumps(seen))
frame.write.json("s3://no-such-bucket/tmp/escaped")
"""


def test_a_job_on_amazons_package(tmp_path: Path) -> None:
    """Arguments, S3, Glue's context and job work; what is absent is refused by name."""
    launch = launch_of(tmp_path, "glueetl", SCRIPT, {"--input": "s3://data/in/"})
    launch = replace(launch, notes=("AWS would refuse this: Glue 2.0",))
    source = tmp_path / "s3" / "data" / "in"
    source.mkdir()
    (source / "one.csv").write_text("a,p\n1,x\n2,y\n")
    ended, out, err = run_job(launch)
    assert out, err
    assert json.loads(out) == {
        "job": "nightly load",
        "run": "jr_1",
        "initialized": True,
        "rows": [["1", "x"], ["2", "y"]],
        "file": "s3n://data/out/p=x",
        "late": 2,
        "count": 2,
        "absent": "NotSupportedLocally: not supported locally: EntityDetector.detect",
        "unpublished": "ModuleNotFoundError: No module named 'awsglueml': not supported locally "
        "(awsglueml is not published: only AWS has it)",
        "quality": "TypeError: EvaluateDataQuality: frame must be a DynamicFrame, not DataFrame; use "
        "DynamicFrame.fromDF(data_frame, glueContext, 'name')",
    }
    # A bucket that does not exist is refused, and nothing is written beside the buckets.
    assert ended.failure is not None
    assert ended.failure.startswith("An error occurred while calling o")
    assert ended.failure.endswith("NoSuchBucket: the specified bucket does not exist: s3://no-such-bucket")
    assert not Path("/tmp/escaped").exists()
    assert err.splitlines()[0].startswith("AWS would refuse this: Glue 2.0")
    assert "WARNING [GlueLogger] a line of the logger" in err
    trace = err[err.index("Traceback") :].splitlines()
    assert trace[1].startswith(f'  File "{tmp_path}/work/user_job.py", line ')
    # No checksum files in the buckets, nothing of Spark beside the work directory, no process left.
    assert not list((tmp_path / "s3").rglob("*.crc"))
    assert {path.name for path in tmp_path.iterdir()} == {"work", "s3", "run", "stdout", "stderr"}
    assert list((tmp_path / "work" / "tmp").iterdir()) == []
    assert alive_of(tmp_path / "run") == []


def test_a_job_without_spark_leaves_no_java(tmp_path: Path) -> None:
    """A script that never touches Spark succeeds, and its JVM ends with it (the JVM never outlives the child)."""
    ended, out, err = run_job(launch_of(tmp_path, "glueetl", "print('hello')\n"))
    assert (ended.exit_status, out, err) == (0, "hello\n", "")
    assert alive_of(tmp_path / "run") == []


MAPPED = """
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame

glue = GlueContext(SparkContext())
frame = DynamicFrame.fromDF(glue.spark_session.range(3), glue, "f")
print(frame.map(lambda record: record["missing"]).count())
"""


def test_records_that_a_function_loses_are_reported(tmp_path: Path) -> None:
    """A ``map`` whose function fails for every record gives an empty frame, as on AWS (awslabs/aws-glue-libs,
    dynamicframe.py); the error log states so."""
    ended, out, err = run_job(launch_of(tmp_path, "glueetl", MAPPED))
    assert (ended.exit_status, out) == (0, "0\n")
    assert "3 records are not in the result of map or filter at user_job.py, line 8" in err
    assert "'missing'" in err

EXITS = """
import os, sys
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

glue = GlueContext(SparkContext())
job = Job(glue)
job.init("exits", {})
print(glue.spark_session.range(3).count(), flush=True)
"""


@pytest.mark.parametrize(
    ("end", "failure", "words"),
    [
        ("job.commit()\nsys.exit(0)", "SystemExit: 0", ""),
        ("sys.exit()", "SystemExit", ""),
        ("sys.exit('no input')", "SystemExit: no input", "no input\n"),
        ("job.commit()\nos._exit(0)", None, ""),
        ("", None, ""),
    ],
)
def test_a_spark_script_that_ends_itself(tmp_path: Path, end: str, failure: str | None, words: str) -> None:
    """``sys.exit`` fails a Spark job whatever its status: public reports of runs on AWS contain ``Error Category:
    SYSTEM_EXIT_ERROR; SystemExit: 0``. ``os._exit(0)`` and a script without ``job.commit()`` succeed."""
    ended, out, err = run_job(launch_of(tmp_path, "glueetl", EXITS + end))
    assert (ended.succeeded, ended.failure, out, err) == (failure is None, failure, "3\n", words)
    assert alive_of(tmp_path / "run") == []
