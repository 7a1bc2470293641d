"""Records that are lost are counted in the pass that loses them, and reported at the end."""

from __future__ import annotations

import io

import pytest
from pyspark.sql import SparkSession

from glueprint.runtime.frames import lost_records
from glueprint.runtime.frames.error_records import CallSite

STACK = """  File "/work/job.py", line 12, in <module>
    Map.apply(frame=people, f=clean)
  File "/lib/site-packages/awsglue/transforms/dynamicframe_map.py", line 36, in __call__
    return frame.map(f)
"""


def reported() -> str:
    """The lines of the report."""
    stream = io.StringIO()
    lost_records.report(stream)
    return stream.getvalue()


@pytest.mark.spark
def test_lost_records_are_counted_once(spark: SparkSession) -> None:
    """A partition that is computed twice counts once; the first error is shown; a report is made once."""
    reported()
    numbers = spark.sparkContext.parallelize(range(10), 3)
    watched = lost_records.counted(numbers, "a test", lambda one: f"{one} is odd" if one % 2 else None)
    assert reported() == ""
    watched = lost_records.counted(numbers, "a test", lambda one: f"{one} is odd" if one % 2 else None)
    assert watched.collect() == watched.collect() == list(range(10))
    line = "5 records are not in the result of a test: the first error is: 1 is odd"
    assert reported() == f"glueprint: {line} (all are in errorsAsDynamicFrame())\n"
    assert reported() == ""


def test_the_place_is_the_line_of_the_script() -> None:
    """Of the stack that Amazon's package passes, the innermost frame that is not the package's."""
    assert lost_records.place_of(CallSite(STACK)) == "map or filter at job.py, line 12"
    assert lost_records.place_of(CallSite()) == "map or filter"
