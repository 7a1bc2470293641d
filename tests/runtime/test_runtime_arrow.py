"""Arrow between Spark and Python: pandas functions and conversions work in a job, as on Glue 5.0."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from harness.runtime_jobs import launch_of, run_job

pytestmark = [pytest.mark.spark, pytest.mark.jobs]

SCRIPT = """
import json
import sys

import pandas as pd
import pyspark.pandas as ps
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.context import SparkContext
from pyspark.ml.feature import VectorAssembler
from pyspark.sql.functions import pandas_udf

context = GlueContext(SparkContext.getOrCreate())
spark = context.spark_session
spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
spark.conf.set("spark.sql.execution.arrow.pyspark.fallback.enabled", "false")
frame = spark.createDataFrame(pd.DataFrame({"n": [1, 2, 3], "name": ["a", None, "c"]})).coalesce(1)


@pandas_udf("long")
def increased(numbers: pd.Series) -> pd.Series:
    return numbers + 1


@pandas_udf("double")
def mean(numbers: pd.Series) -> float:
    return numbers.mean()


def first(batches):
    for batch in batches:
        yield batch.head(1)


def rows(found):
    return sorted([list(row) for row in found.collect()], key=str)


print(json.dumps({
    "from_pandas": rows(frame),
    "to_pandas": frame.toPandas()["n"].tolist(),
    "pandas_udf": rows(frame.select(increased("n"))),
    "aggregate": rows(frame.agg(mean("n"))),
    "applyInPandas": rows(frame.groupBy("name").applyInPandas(lambda group: group, frame.schema)),
    "cogroup": rows(frame.groupBy("n").cogroup(frame.groupBy("n")).applyInPandas(lambda a, b: a, frame.schema)),
    "mapInPandas": rows(frame.mapInPandas(first, frame.schema)),
    "mapInArrow": rows(frame.mapInArrow(lambda batches: batches, frame.schema)),
    "pandas_on_spark": int(ps.DataFrame({"n": [1, 2]})["n"].sum()),
    "dynamic_frame": DynamicFrame.fromDF(frame.select(increased("n").alias("n")), context, "f").count(),
    "ml": rows(VectorAssembler(inputCols=["n"], outputCol="v").transform(frame).select("n")),
}))
"""


def test_every_arrow_path_works_in_a_job(tmp_path: Path) -> None:
    """pandas functions, grouped maps and conversions return what pandas computes (Spark, "Arrow in PySpark").

    None in a pandas column stays null: pandas 3 would turn it into the text ``NaN``.
    """
    launch = launch_of(tmp_path, "glueetl", SCRIPT, {})
    ended, output, errors = run_job(launch)
    assert ended.exit_status == 0, errors
    table = [[1, "a"], [2, None], [3, "c"]]
    assert json.loads(output.splitlines()[-1]) == {
        "from_pandas": table,
        "to_pandas": [1, 2, 3],
        "pandas_udf": [[2], [3], [4]],
        "aggregate": [[2.0]],
        "applyInPandas": table,
        "cogroup": table,
        "mapInPandas": [[1, "a"]],
        "mapInArrow": table,
        "pandas_on_spark": 3,
        "dynamic_frame": 3,
        "ml": [[1], [2], [3]],
    }
