"""The warm-up job: does once, on a handful of rows, what most scripts do first.

Afterwards classes are loaded, code is compiled, PySpark's worker processes run and modules are imported: a data
cleaning job took 1.1 s after it and 3.6 s without (docs/decisions/waiting-workers.md). Nothing else remains of it.
"""

from __future__ import annotations

import gc
import importlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glueprint.runtime.shared.s3_mounts import mount

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BUCKET = "glueprint-is-warming-up"
_ROWS = 20
_STEPS = 4
"""Collections after which a heap has shrunk to its used size (HotSpot's ShrinkHeapInSteps)."""
_IMPORTED = (
    "awsglue.context",
    "awsglue.dynamicframe",
    "awsglue.job",
    "awsglue.transforms",
    "awsglue.utils",
    "boto3",
    "glueprint.runtime.standin.view",
    "pyspark.sql.functions",
    "pyspark.sql.types",
)


def preload() -> None:
    """Import what jobs import, while the JVM starts."""
    for module in _IMPORTED:
        importlib.import_module(module)


def warm_up(session: SparkSession, scratch: Path) -> None:
    """Read and write files of several kinds by S3 paths, shuffle, run Python in tasks; call no service.

    ``scratch`` is created and removed.
    """
    context: Any = session.sparkContext
    name, directory = mount(scratch, BUCKET)
    hadoop = context._jsc.hadoopConfiguration()
    (scratch / BUCKET).mkdir(parents=True)
    hadoop.set(name, directory)
    try:
        _frames(session, f"s3://{BUCKET}")
        _functions(session)
    finally:
        hadoop.unset(name)
        shutil.rmtree(scratch)
    session.catalog.clearCache()
    _boto3()
    gc.collect()
    for _ in range(_STEPS):
        context._jvm.java.lang.System.gc()


def _frames(session: SparkSession, folder: str) -> None:
    from pyspark.sql import functions

    rows = [(number, f"name {number}", {"key": number}) for number in range(_ROWS)]
    frame = session.createDataFrame(rows, "id int, name string, tags map<string,int>")
    frame.select("id", "name").write.csv(f"{folder}/csv", header=True)
    table = session.read.csv(f"{folder}/csv", header=True, inferSchema=True)
    table.groupBy("name").agg(functions.count("*").alias("times")).join(frame, "name").collect()
    frame.write.json(f"{folder}/json")
    session.read.json(f"{folder}/json").count()
    frame.withColumn("part", functions.col("id") % 2).write.partitionBy("part").parquet(f"{folder}/parquet")
    session.read.parquet(f"{folder}/parquet").orderBy("id").collect()
    frame.createOrReplaceTempView("waiting")
    session.sql("select name, sum(id) from waiting where id > 1 group by name order by name").toJSON().collect()
    session.catalog.dropTempView("waiting")


def _functions(session: SparkSession) -> None:
    from pyspark.sql import functions

    frame = session.range(_ROWS)
    frame.select(functions.udf(lambda number: number + 1, "long")("id")).collect()
    pairs = frame.rdd.map(lambda row: (row.id % 3, row.id))
    pairs.reduceByKey(lambda one, other: one + other).toDF(["id", "sum"]).collect()


def _boto3() -> None:
    """Create clients, which cost about 100 ms each the first time, from a session that is dropped."""
    import boto3

    session = boto3.Session(
        region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    for service in ("s3", "glue"):
        session.client(service)
