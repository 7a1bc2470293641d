"""Fixtures: Amazon's GlueContext on the shared Spark, and a real server for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from harness.local_server import Server
from harness.storage_lake import Lake
from pyspark.sql import SparkSession

if TYPE_CHECKING:
    from awsglue.context import GlueContext


@pytest.fixture(scope="session")
def lake_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the session."""
    with Server(tmp_path_factory.mktemp("lake") / "data") as server:
        yield server


@pytest.fixture
def lake(spark: SparkSession, s3_root: Path, lake_server: Server, request: pytest.FixtureRequest) -> Lake:
    """Spark, S3, Glue, and a bucket and a database for this test."""
    return Lake.fresh(spark, s3_root, lake_server, f"standin {request.node.name}")


@pytest.fixture
def glue_context(lake: Lake, lake_server: Server, monkeypatch: pytest.MonkeyPatch) -> GlueContext:
    """Amazon's own class; its sources and sinks use the test's lake."""
    from awsglue.context import GlueContext

    session = type(lake.services.spark._jvm).session
    monkeypatch.setattr(session, "make_client", lake_server.client)
    monkeypatch.setattr(session, "_storage", None)
    return GlueContext(lake.services.spark.sparkContext)
