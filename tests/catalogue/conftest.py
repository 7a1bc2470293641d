"""The catalogue's own code, imported from the repository as the bundler finds it, and an AWS in memory (moto)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
# The catalogue is no installed package: its files find one another from the root of the repository.
sys.path.insert(0, str(ROOT))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS account in memory; no call can leave this process."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


@pytest.fixture
def s3(aws: None) -> Any:
    """An S3 client with the buckets ``landing``, ``lake`` and ``scripts``."""
    client = boto3.client("s3", region_name=REGION)
    for bucket in ("landing", "lake", "scripts"):
        client.create_bucket(Bucket=bucket)
    return client
