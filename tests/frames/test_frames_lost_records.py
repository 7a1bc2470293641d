"""Records that are lost are counted in the pass that loses them, and reported at the end."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from glueprint.runtime.frames import lost_records
from glueprint.runtime.frames.error_records import CallSite
from glueprint.runtime.frames.json_reading import read_json
from glueprint.runtime.frames.lost_records import Loss

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
    watched = Loss.of(spark, "a test").counted(numbers, lambda one: f"{one} is odd" if one % 2 else None)
    assert reported() == ""
    watched = Loss.of(spark, "a test").counted(numbers, lambda one: f"{one} is odd" if one % 2 else None)
    assert watched.collect() == watched.collect() == list(range(10))
    line = "5 records are not in the result of a test: the first error is: 1 is odd"
    assert reported() == f"glueprint: {line} (all are in errorsAsDynamicFrame())\n"
    assert reported() == ""


@pytest.mark.spark
def test_text_that_is_not_json_is_reported(spark: SparkSession, s3_root: Path) -> None:
    """CSV read as JSON: counting and reading each report its lines, and both together report them once."""
    folder = s3_root / "frames-lost"
    folder.mkdir()
    (folder / "a.csv").write_text("id,name\n\nx,ann\n")
    reported()
    frame = read_json(spark, ["s3://frames-lost/a.csv"])
    assert frame.count() == 0
    line = "glueprint: 2 records are not in the result of reading JSON: the first error is: "
    assert reported().startswith(f"{line}no record: id,name")
    frame = read_json(spark, ["s3://frames-lost/a.csv"])
    assert (frame.schema.names, frame.count(), frame.errors.total()) == ([], 0, 2)
    assert reported().startswith(line)
    assert reported() == ""


def test_the_place_is_the_line_of_the_script() -> None:
    """Of the stack that Amazon's package passes, the innermost frame that is not the package's."""
    assert lost_records.place_of(CallSite(STACK)) == "map or filter at job.py, line 12"
    assert lost_records.place_of(CallSite()) == "map or filter"


@pytest.mark.spark
@pytest.mark.parametrize("text", ['{\n  "a": 1,\n  "b": 2\n}\n', '[\n  {"a": 1, "b": 2},\n  {"a": 2}\n]\n'])
def test_a_record_on_several_lines_is_explained(spark: SparkSession, s3_root: Path, text: str) -> None:
    """Indented JSON without ``multiline`` loses records, as in Glue; the log names the option (developer guide,
    "Using the JSON format in AWS Glue": ``multiline``, "a single record can span multiple lines")."""
    folder = s3_root / f"frames-indented-{len(text)}"
    folder.mkdir()
    (folder / "a.json").write_text(text)
    path = [f"s3://{folder.name}/a.json"]
    reported()
    assert read_json(spark, path).count() == text.count("{") * (text[0] == "[")
    assert 'set the format option multiline: format_options={"multiline": True}' in reported()
    _ = read_json(spark, path).schema
    assert 'set the format option multiline: format_options={"multiline": True}' in reported()
    assert read_json(spark, path, multiline=True).count() == text.count('"a"')
    (folder / "a.json").write_text('{"a": 1}\nno JSON\n')
    assert read_json(spark, path).count() == 1
    assert "multiline" not in reported()
