"""Layouts of the catalogue, run from their built zips against an AWS in memory (moto)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutResult, run_layout

ROOT = Path(__file__).parents[2]
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
COMMON = {"WorkflowName": "nightly", "IAMRole": "arn:aws:iam::123456789012:role/glue", "ScriptBucket": "scripts"}


def moto_address() -> Iterator[str]:
    """The address of an AWS in memory with the bucket of the scripts; a module makes a fixture of it."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    s3 = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    s3.create_bucket(Bucket="scripts")
    s3.close()
    yield address
    server.stop()


def layout(aws: str, blueprint: str, parameters: Mapping[str, Any], **changes: Any) -> LayoutResult:
    """Run the layout of a blueprint with these parameters."""
    archive = read_archive(write_archive(bundle(ROOT, blueprint)), blueprint)
    config = parse_config(archive.files[f"{blueprint}/blueprint.cfg"])
    return run_layout(
        archive,
        config,
        config.spec.resolve({**COMMON, **parameters, **changes}),
        {"region": "us-east-1", "accountId": "123456789012"},
        environment={**KEYS, "AWS_ENDPOINT_URL": aws, "PATH": os.environ["PATH"]},
        suffix="x1",
    )


def jobs(result: LayoutResult) -> dict[str, dict[str, Any]]:
    """The CreateJob requests by the step's name."""
    return {job["Name"].split("_")[1]: job for job in result.requests.jobs}
