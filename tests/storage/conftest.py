"""A real server whose buckets are the directories that the shared Spark sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.local_server import Server
from harness.storage_lake import Lake
from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def lake_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the session."""
    data = tmp_path_factory.mktemp("lake") / "data"
    with Server(data) as server:
        yield server


@pytest.fixture
def lake(spark: SparkSession, s3_root: Path, lake_server: Server, request: pytest.FixtureRequest) -> Lake:
    """Spark, S3, Glue and a bucket and a database of this test's own."""
    return Lake.fresh(spark, s3_root, lake_server, request.node.name)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test alone, for whole jobs."""
    with Server(tmp_path / "data") as server:
        yield server
