"""A warm run is a cold run that starts sooner: real Spark, the same script both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from harness.runtime_jobs import launch_of
from harness.runtime_programs import end_of, wait_until
from worker_fakes import alive_below, starts

from glueprint.runtime.jobhost.spark_worker import NORMAL_PRIORITY
from glueprint.runtime.launch.jobs import JobLaunch, job_process
from glueprint.runtime.processes.launchers import Launcher
from glueprint.runtime.processes.process import COLD_LAUNCHER, Ended, ProcessSpec, launch, prepare
from glueprint.runtime.processes.programs import own_program
from glueprint.runtime.workers.sizing import Sizing
from glueprint.runtime.workers.spark_pool import SparkPool

pytestmark = [pytest.mark.spark, pytest.mark.jobs]

ARGUMENTS = {"--input": "s3://data/in/", "--customer-driver-env-vars": "CUSTOMER_COLOUR=blue"}

SCRIPT = """
import glob, json, os, signal, sys, tempfile, threading
seen = {"argv": sys.argv[1:], "cwd": os.getcwd(), "home": os.environ["HOME"], "tmp": tempfile.gettempdir()}
seen["environment"] = {name: value for name, value in os.environ.items() if name not in ("LC_CTYPE",)}
seen["path"] = sys.path[0]
seen["main"] = __name__ + " " + __file__
seen["interrupt"] = signal.getsignal(signal.SIGINT) is signal.default_int_handler

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions

seen["no session"] = SparkSession.getActiveSession() is None and SparkContext._active_spark_context is None
args = getResolvedOptions(sys.argv, ["JOB_NAME", "input"])
conf = SparkConf().set("spark.sql.shuffle.partitions", "3").set("spark.hadoop.my.key", "mine")
sc = SparkContext(conf=conf)
context = GlueContext(sc)
spark = context.spark_session
job = Job(context)
job.init(args["JOB_NAME"], args)
seen["context"] = [sc.appName, sc.master, sc.environment.get("PYTHONHASHSEED")]
names = ("spark.app.name", "spark.sql.warehouse.dir", "spark.sql.shuffle.partitions", "spark.sql.session.timeZone")
seen["settings"] = [spark.conf.get(name) for name in names] + [sc.getConf().get("spark.app.name")]
seen["hadoop"] = sc._jsc.hadoopConfiguration().get("my.key")
seen["tables"] = [table.name for table in spark.catalog.listTables()]

frame = spark.read.csv(args["input"], schema="a string, p string", header=True).coalesce(1)
frame.write.partitionBy("p").json("s3a://data/out-" + os.path.basename(os.path.dirname(os.getcwd())) + "/")
open("beside.txt", "w").write("a file of the script")
in_task = udf(lambda _: json.dumps([os.getcwd(), open("beside.txt").read(), os.environ.get("CUSTOMER_COLOUR")]))
seen["in a task"] = json.loads(frame.limit(1).select(in_task("a")).collect()[0][0])
spark.sql("create table kept using parquet as select 1 a")
seen["kept"] = os.path.isdir("spark-warehouse/kept")
total = sc.accumulator(0)
sc.parallelize([1, 2, 3]).foreach(lambda number: total.add(number))
seen["total"] = total.value
sc._jvm.System.out.println("from Java's output")
sc._jvm.System.err.println("from Java's errors")

def identity():
    return sc._jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getPid()

java = identity()
sc.stop()
sc = SparkContext(conf=SparkConf().set("spark.default.parallelism", "7").setMaster("local[1]"))
seen["again"] = [sc.defaultParallelism, sc.master, sc.appName, identity() == java]
job.commit()
print(json.dumps(seen))
raise RuntimeError("the end")
"""

STATIC = """
from pyspark import SparkConf, SparkContext
sc = SparkContext(conf=SparkConf().set("spark.default.parallelism", "7").setMaster("local[1]").setAppName("mine"))
print(sc.defaultParallelism, sc.master, sc.appName, sc.parallelize(range(10)).map(lambda n: n + 1).sum())
"""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkPool]:
    """Two workers, both ready."""
    base = tmp_path_factory.mktemp("pool")

    def plain(work_dir: Path) -> ProcessSpec:
        beside = base / work_dir.parent.name
        beside.mkdir()
        return job_process(replace(launch_of(beside, "glueetl", ""), work_dir=work_dir, buckets=()))

    pool = SparkPool(
        base / "workers",
        plain,
        Sizing(2, 2, 0),
        program=lambda file: own_program("jobhost.spark_worker", str(file), NORMAL_PRIORITY),
    )
    pool.start()
    wait_until(lambda: pool.ready == 2, seconds=500)
    yield pool
    pool.close()
    wait_until(lambda: not alive_below(base))


def run(job: JobLaunch, supervisors: Launcher) -> tuple[Ended, str, str]:
    """Run it with a supervisor from there: how it ended, its output, its error output."""
    run_dir = job.work_dir.parent / "run"
    prepare(run_dir, job_process(job))
    launch(run_dir, supervisors)
    ended = end_of(run_dir, seconds=500)
    assert isinstance(ended, Ended), (run_dir / "supervisor.log").read_text()
    return ended, job.stdout.read_text(), job.stderr.read_text()


def make_job(base: Path, script: str) -> JobLaunch:
    """The job, with a file to read."""
    base.mkdir(exist_ok=True)
    job = launch_of(base, "glueetl", script, ARGUMENTS)
    source = base / "s3" / "data" / "in"
    source.mkdir()
    (source / "one.csv").write_text("a,p\n1,x\n2,y\n")
    return job


def seen(base: Path, supervisors: Launcher) -> dict[str, Any]:
    """What the script saw, how it ended and what it left, with ``base`` written as BASE."""
    job = make_job(base, SCRIPT)
    ended, out, err = run(job, supervisors)
    assert "the end" in err, err
    lines = out.splitlines()
    found: dict[str, Any] = json.loads(lines[1].replace(str(base), "BASE").replace(base.name, "NAME"))
    found["java"] = [lines[0], "from Java's errors" in err]
    found["end"] = [ended.exit_status, ended.error, ended.max_rss_bytes is not None]
    found["trace"] = err[err.index("Traceback") :].replace(str(base), "BASE")
    found["objects"] = sorted(path.parent.name for path in (base / "s3").rglob("part-*"))
    found["left"] = sorted(path.name for path in base.iterdir())
    found["work"] = sorted(path.name for path in job.work_dir.iterdir())
    found["tmp"] = sorted(path.name for path in (job.work_dir / "tmp").iterdir())
    return found


def test_a_warm_run_is_like_a_cold_one(tmp_path: Path, pool: SparkPool) -> None:
    """Arguments, environment, directories, settings, tasks, output, failure, what is left: all the same."""
    cold = seen(tmp_path / "cold", COLD_LAUNCHER)
    warm = seen(tmp_path / "warm", starts(pool))
    claim = json.loads((tmp_path / "warm" / "run" / "started.json").read_text())
    assert "mark" in claim, "it was not the worker that ran it"
    assert {**warm, "argv": cold["argv"]} == cold
    assert warm["argv"] == cold["argv"]
    assert cold["in a task"] == ["BASE/work", "a file of the script", "blue"]
    assert cold["again"] == [7, "local[1]", "nightly load", True]
    wait_until(lambda: not Path(claim["mark"]).exists())
    assert not alive_below(tmp_path)


def test_a_script_may_ask_for_a_context_of_its_own(tmp_path: Path, pool: SparkPool) -> None:
    """Properties that a live context cannot take make a new one in the worker's JVM
    (docs/decisions/waiting-workers.md)."""
    wait_until(lambda: pool.ready > 0, seconds=500)
    ended, out, err = run(make_job(tmp_path, STATIC), starts(pool))
    assert out == "7 local[1] mine 55\n", err
    assert ended.succeeded
    assert "mark" in json.loads((tmp_path / "run" / "started.json").read_text())
