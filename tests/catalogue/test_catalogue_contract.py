"""What every blueprint of the catalogue has: the common parameters, an example, a README, tests."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle, catalogue_names
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutResult, run_layout

ROOT = Path(__file__).parents[2]
NAMES = catalogue_names(ROOT)
REGION = "us-east-1"
ALWAYS = (
    "WorkflowName",
    "IAMRole",
    "ScriptBucket",
    "Schedule",
    "MaxRetries",
    "TimeoutMinutes",
    "Tags",
    "OnMissing",
)
WITH_SPARK = ("GlueVersion", "WorkerType", "NumberOfWorkers")
MODEL = "file_presence"
"""Its declarations of the common parameters are those of all blueprints."""


def parameters(name: str) -> dict[str, Any]:
    """The parameters of a blueprint as its configuration declares them."""
    spec: dict[str, Any] = json.loads((ROOT / f"blueprints/{name}/blueprint.cfg").read_text("utf-8"))[
        "parameterSpec"
    ]
    return spec


@pytest.mark.parametrize("name", NAMES)
def test_common_parameters_are_declared_alike(name: str) -> None:
    """Who has filled in one blueprint knows these of every other (docs/architecture.md#the-catalogue)."""
    spec, model = parameters(name), parameters(MODEL)
    assert [one for one in ALWAYS if one not in spec] == []
    declared = [one for one in WITH_SPARK if one in spec]
    assert declared in ([], list(WITH_SPARK))
    for one in (*ALWAYS, *declared):
        assert spec[one] == model[one]


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_occurs_in_a_test_and_in_the_readme(name: str) -> None:
    """A parameter that no test sets, or that the README does not explain, is not finished."""
    spec = parameters(name)
    readme = (ROOT / f"blueprints/{name}/README.md").read_text("utf-8")
    assert [one for one in spec if f"`{one}`" not in readme] == []
    tests = "\n".join(
        path.read_text("utf-8") for path in Path(__file__).parent.glob("*.py") if path.name != Path(__file__).name
    )
    assert [one for one in spec if not re.search(rf"\b{one}\b", tests)] == []


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """The address of an AWS in memory."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def example(name: str) -> dict[str, Any]:
    """The blueprint's parameters.example.json."""
    values: dict[str, Any] = json.loads((ROOT / f"blueprints/{name}/parameters.example.json").read_text("utf-8"))
    return values


def made_workflow(name: str, values: dict[str, Any], aws: str) -> LayoutResult:
    """Run the blueprint's layout as it is in its zip, with the buckets that the values name."""
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    s3 = boto3.client("s3", endpoint_url=aws, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    locations = re.findall(r"s3://([^/\"]+)", json.dumps(values))
    for bucket in {values["ScriptBucket"], *locations}:
        s3.create_bucket(Bucket=bucket)
    s3.close()
    archive = read_archive(write_archive(bundle(ROOT, name)), name)
    config = parse_config(archive.files[f"{name}/blueprint.cfg"])
    return run_layout(
        archive,
        config,
        config.spec.resolve(values),
        {"region": REGION, "accountId": "123456789012"},
        environment={**keys, "AWS_ENDPOINT_URL": aws, "PATH": os.environ["PATH"]},
        suffix="x1",
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_parameters_makes_a_workflow(name: str, aws: str) -> None:
    """parameters.example.json is accepted as it is; every job has explicit versions, limits and retries."""
    values = example(name)
    result = made_workflow(name, values, aws)
    assert result.requests.workflow["Name"] == values["WorkflowName"]
    assert result.requests.jobs
    for job in result.requests.jobs:
        assert job["Timeout"] > 0
        assert job["GlueVersion"]
        assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
        assert job["Name"].startswith(values["WorkflowName"] + "_")


@pytest.mark.catalogue
@pytest.mark.parametrize("name", NAMES)
def test_the_common_parameters_reach_the_jobs(name: str, aws: str) -> None:
    """The names are CreateJob's and CreateTrigger's: what an analyst sets is what Glue gets, in each blueprint."""
    values: dict[str, Any] = {"Schedule": "cron(7 5 * * ? *)", "MaxRetries": 2, "TimeoutMinutes": 45}
    values["Tags"] = ["team=data", "cost=7"]
    if "WorkerType" in parameters(name):
        values |= {"GlueVersion": "5.0", "WorkerType": "G.2X", "NumberOfWorkers": 7}
    result = made_workflow(name, {**example(name), **values}, aws)
    (schedule,) = (one["Schedule"] for one in result.requests.triggers if "Schedule" in one)
    assert schedule == values["Schedule"]
    spark = [job for job in result.requests.jobs if job["Command"]["Name"] == "glueetl"]
    assert bool(spark) is ("WorkerType" in values)
    for job in spark:
        assert (job["GlueVersion"], job["WorkerType"], job["NumberOfWorkers"]) == ("5.0", "G.2X", 7)
    for job in result.requests.jobs:
        assert (job["Timeout"], job["MaxRetries"]) == (45, 2)
        assert job["Tags"] == {"team": "data", "cost": "7"}
