"""A probe of Spark jobs: one script makes many observations of DynamicFrames, sources and sinks.

Each observation is an expression of Python; a failure is an answer, too. So one run of a few minutes answers many
questions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueprint.deploy.conformance.lab import REPORT_SCRIPT, Lab, NoAnswer
from glueprint.deploy.conformance.probe import Cost, Probe, rows

SPARK_VERSION = "5.1"
FILES = {
    "json/a.json": '{"id": 1, "v": 1}\n{"id": 2, "v": "x"}\n{"id": 3, "v": null}\n',
    "numbers/a.json": '{"n": 1}\n{"n": 9000000000}\n',
    "huge/a.json": '{"n": 123456789012345678901234567890}\n',
    "two/a.json": '{"a": 1}{"a": 2}\n',
    "csv/a.csv": "id,name\n1,\n2,\\N\n3\n",
    "empty/x.txt": "",
}
HEAD = """
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.context import SparkContext
context = GlueContext(SparkContext.getOrCreate())
spark = context.spark_session
base = "s3://" + given["--bucket"] + "/spark/"

def read(path, format="json", **options):
    return context.create_dynamic_frame.from_options(
        "s3", {"paths": [base + path], "recurse": True}, format, options)

def schema(frame):
    return frame.toDF().schema.simpleString()

def table(frame):
    return sorted(str(row.asDict(recursive=True)) for row in frame.toDF().collect())

def made(rows, columns):
    return DynamicFrame.fromDF(spark.createDataFrame(rows, columns), context, "made")

answers = {}
def observe(name, look):
    try:
        answers[name] = look()
    except Exception as error:
        answers[name] = type(error).__name__
"""
OBSERVATIONS = {
    "int and text in one field": 'str(read("json").schema())',
    "cast of a choice": 'table(read("json").resolveChoice(specs=[("v", "cast:int")]))',
    "project of a choice": 'table(read("json").resolveChoice(specs=[("v", "project:int")]))',
    "columns of make_cols": 'schema(read("json").resolveChoice(specs=[("v", "make_cols")]))',
    "int and long in one field": 'str(read("numbers").schema())',
    "numbers beyond 64 bits": 'str(read("huge").schema())',
    "two JSON values on a line": 'read("two").count()',
    "csv: empty, \\N and missing cells": 'table(read("csv", "csv", withHeader=True))',
    "a folder without data": 'read("empty/none").count()',
    "rename_field to an existing name": 'schema(made([(1, "a")], ["x", "y"]).rename_field("x", "y"))',
    "drop_fields of a missing path": 'schema(made([(1, "a")], ["x", "y"]).drop_fields(["z"]))',
    "two mappings to one target": (
        'schema(made([(1, 2)], ["x", "y"]).apply_mapping([(one, "long", "t", "long") for one in ("x", "y")]))'
    ),
    "cast of a struct to string": (
        'table(made([((1, "a"),)], ["s"]).resolveChoice(specs=[("s", "cast:string")]))'
    ),
    "types after map": 'schema(made([(1,)], ["x"]).map(lambda record: {"x": record["x"], "y": None}))',
    "a name with a period": 'schema(made([(1, 2)], ["a.b", "a_b"]))',
    "ANSI mode": 'spark.conf.get("spark.sql.ansi.enabled")',
    "time zone of the session": 'spark.conf.get("spark.sql.session.timeZone")',
}
FORMATS = """
def written(format):
    import datetime
    frame = made([(1, datetime.datetime(2026, 1, 2, 3, 4, 5, 678901), None)], "id long, at timestamp, gone string")
    context.write_dynamic_frame.from_options(frame, "s3", {"path": base + "out/" + format}, format)
    rows = spark.sparkContext.textFile(base + "out/" + format).collect()
    return sorted(set(rows))

observe("csv written", lambda: written("csv"))
observe("json written", lambda: written("json"))

def written_without_rows():
    frame = made([(1,)], ["id"]).filter(lambda record: False)
    context.write_dynamic_frame.from_options(frame, "s3", {"path": base + "out/none"}, "json")
    listed = boto3.client("s3").list_objects_v2(Bucket=given["--bucket"], Prefix="spark/out/none")
    return listed.get("KeyCount", 0) > 0
observe("a frame without rows makes files", written_without_rows)
"""


EXITS = {"sys.exit(0)": "sys.exit(0)", "sys.exit()": "sys.exit()", "os._exit(0)": "os._exit(0)"}


def _script() -> str:
    lines = [f"observe({json.dumps(name)}, lambda: {code})" for name, code in OBSERVATIONS.items()]
    return "\n".join([REPORT_SCRIPT, HEAD, *lines, FORMATS, "report(answers)"])


def _frames(lab: Lab) -> Mapping[str, Any]:
    for path, text in FILES.items():
        lab.put(f"spark/{path}", text)
    name = lab.name("spark")
    key = f"answers/{name}.json"
    lab.glue.create_job(
        Name=name,
        Role=lab.role,
        Command={
            "Name": "glueetl",
            "ScriptLocation": lab.put(f"scripts/{name}.py", _script()),
            "PythonVersion": "3",
        },
        GlueVersion=SPARK_VERSION,
        WorkerType="G.1X",
        NumberOfWorkers=2,
        Timeout=15,
        DefaultArguments={"--bucket": lab.bucket, "--key": key},
    )
    run = lab.run_job(name)
    if run["JobRunState"] != "SUCCEEDED":
        raise NoAnswer(f"the job ended {run['JobRunState']}: {run.get('ErrorMessage', '')}")
    answers: dict[str, Any] = lab.reported(name)
    return answers


def _exits(lab: Lab) -> Mapping[str, str]:
    answers = {}
    for what, end in EXITS.items():
        name = lab.name("exits")
        lab.glue.create_job(
            Name=name,
            Role=lab.role,
            Command={
                "Name": "glueetl",
                "ScriptLocation": lab.put(f"scripts/{name}.py", f"import os, sys\n{end}\n"),
                "PythonVersion": "3",
            },
            GlueVersion=SPARK_VERSION,
            WorkerType="G.1X",
            NumberOfWorkers=2,
            Timeout=15,
        )
        run = lab.run_job(name)
        answers[what] = f"{run['JobRunState']}: {run.get('ErrorMessage', '')}"
    return answers


PROBES = (
    Probe(
        "spark-exits",
        "Which state and ErrorMessage has a Spark run whose script ends itself?",
        f"runs {len(EXITS)} Spark jobs",
        rows("runtime", "`sys.exit(n)` in a Spark job", "`os._exit(0)`"),
        _exits,
        Cost(spark_minutes=4 * len(EXITS)),
    ),
    Probe(
        "spark-frames",
        "What do DynamicFrames, and their sources and sinks, do where the documentation leaves details open?",
        f"one Spark job (Glue {SPARK_VERSION}) makes {len(OBSERVATIONS) + 3} observations",
        (
            *rows(
                "frames",
                "types of JSON",
                "a field with `int` and `long`, or `int` and `double`",
                "`cast`",
                "`cast` of a struct, array or map to string",
                "`project`",
                "columns of `make_cols`",
                "JSON values beyond 64 bits",
                'several values on a line (`{"a":1}{"a":2}`, Firehose)',
                "`rename_field` to an existing name",
                "paths that do not exist",
                "two mappings to one target",
                "types after `map` and `filter`",
            ),
            *rows(
                "storage",
                "csv, empty cell",
                "csv, a cell `\\N`",
                "csv, a cell that a line lacks, a column that a file lacks",
                "Path without files",
                "timestamps in csv and json",
                "json written",
                "A frame without rows",
            ),
            *rows("runtime", "ANSI mode (`spark.sql.ansi.enabled`)", "Time zone"),
        ),
        _frames,
        Cost(spark_minutes=8),
    ),
)
