"""A small blueprint that has no fault, and ways to break it: one fault each, with the line that has it.

A line with ``# <-`` at its end is the one at which the finding must be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "# <-"

LAYOUT = """\
import boto3
from awsglue.blueprint.crawler import Crawler
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
    region = system_params["region"]
    name, role, bucket = user_params["WorkflowName"], user_params["IAMRole"], user_params["ScriptBucket"]
    code = "s3://" + bucket + "/demo/"
    s3 = boto3.client("s3", region_name=region)
    for script in ("first.py", "second.py"):
        with open("demo/scripts/" + script, "rb") as file:
            s3.put_object(Bucket=bucket, Key="demo/" + script, Body=file.read())
    first = Job(
        Name=name + "_first",
        Role=role,
        Command={"Name": "pythonshell", "ScriptLocation": code + "first.py", "PythonVersion": "3.9"},
        DefaultArguments={
            "--region": region,
            "library-set": "analytics",
        },
        MaxCapacity=0.0625,
        Timeout=10,
    )
    crawl = Crawler(
        Name=name + "_crawl",
        Role=role,
        DatabaseName="demo",
        Targets={"S3Targets": [{"Path": "s3://" + bucket + "/in/"}]},
        DependsOn={first: "SUCCEEDED"},
    )
    second = Job(
        Name=name + "_second",
        Role=role,
        Command={"Name": "glueetl", "ScriptLocation": code + "second.py", "PythonVersion": "3"},
        DefaultArguments={
            "--region": region,
            "--table": "orders",
        },
        GlueVersion="5.1",
        WorkerType="G.1X",
        NumberOfWorkers=2,
        Timeout=60,
        DependsOn={crawl: "SUCCEEDED"},
    )
    return Workflow(Name=name, Entities=Entities(Jobs=[first, second], Crawlers=[crawl]))
"""
FIRST = """\
import sys

import boto3
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["region", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
glue = boto3.client("glue", region_name=args["region"])
"""
SECOND = """\
import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "region", "table"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
frame = glue.create_dynamic_frame.from_catalog("demo", args["table"], transformation_ctx="read")
job.commit()
"""
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "WorkflowName": {"type": "String", "description": "Name"},
    "IAMRole": {"type": "IAMRoleArn"},
    "ScriptBucket": {"type": "S3Bucket"},
}
EXAMPLE = {
    "WorkflowName": "orders",
    "IAMRole": "arn:aws:iam::123456789012:role/Etl",
    "ScriptBucket": "example-scripts",
}

Files = dict[str, str]
Change = Callable[[Files], None]


def sound() -> Files:
    """Return the files of the blueprint without a fault."""
    config = {"layoutGenerator": "demo.layout.generate_layout", "parameterSpec": PARAMETERS}
    return {
        "blueprint.cfg": json.dumps(config, indent=2),
        "layout.py": LAYOUT,
        "scripts/first.py": FIRST,
        "scripts/second.py": SECOND,
        "parameters.example.json": json.dumps(EXAMPLE),
    }


@dataclass(frozen=True)
class Broken:
    """A fault.

    Attributes:
        rule: that must find it.
        change: makes it.
        file: that must have the finding; by default the one with the mark.
    """

    rule: str
    change: Change
    file: str = ""


def swap(file: str, old: str, new: str) -> Change:
    """Return a change that replaces a text, which must be there exactly once."""

    def change(files: Files) -> None:
        assert files[file].count(old) == 1, (file, old)
        files[file] = files[file].replace(old, new)

    return change


def layout(old: str, new: str) -> Change:
    """Return a change of the layout."""
    return swap("layout.py", old, new)


def add(file: str, text: str) -> Change:
    """Return a change that adds or replaces a file."""
    return lambda files: files.update({file: text})


def both(first: Change, second: Change) -> Change:
    """Return a change that makes two."""

    def change(files: Files) -> None:
        first(files)
        second(files)

    return change


def config(**members: Any) -> Change:
    """Return a change of members of ``blueprint.cfg``."""

    def change(files: Files) -> None:
        files["blueprint.cfg"] = json.dumps({**json.loads(files["blueprint.cfg"]), **members}, indent=2)

    return change


def parameter(name: str, **members: Any) -> Change:
    """Return a change that declares a parameter."""
    return config(parameterSpec={**PARAMETERS, name: members})


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a blueprint named ``demo`` below a folder."""
    root = folder / "demo"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def marked(files: Mapping[str, str]) -> tuple[str, int] | None:
    """Return file and line of the mark."""
    for name, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            if line.endswith(MARK):
                return name, number
    return None
