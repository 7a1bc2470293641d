"""The catalogue's own code, imported from the repository as the bundler finds it, and an AWS in memory (moto)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from harness.local_server import Server
from moto import mock_aws
from real_runs import RealRuns

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
BUCKETS = ("landing", "lake", "scripts")
# The catalogue is not an installed package: its files find one another from the root of the repository.
sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="module")
def account() -> Iterator[Any]:
    """An AWS account in memory: its S3 client. No call can leave this process."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        client = boto3.client("s3", region_name=REGION)
        for bucket in BUCKETS:
            client.create_bucket(Bucket=bucket)
        yield client
        client.close()


@pytest.fixture
def s3(account: Any) -> Any:
    """An S3 client with the empty buckets ``landing``, ``lake`` and ``scripts``."""
    for bucket in BUCKETS:
        for entry in account.list_objects_v2(Bucket=bucket).get("Contents", []):
            account.delete_object(Bucket=bucket, Key=entry["Key"])
    return account


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRuns]:
    """A local Glue for all tests with the marker ``catalogue``."""
    with Server(tmp_path_factory.mktemp("catalogue") / "data") as server:
        yield RealRuns(server)
