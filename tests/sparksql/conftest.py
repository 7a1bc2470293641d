"""Fixtures: a Spark session over the Data Catalog of a real server whose buckets are directories for Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.local_server import Server
from pyspark import SparkContext
from pyspark.sql import SparkSession
from sparksql_lake import SqlLake

from glueprint.runtime.shared.spark_versions import session_class
from glueprint.runtime.sparksql.server import CATALOG_IMPLEMENTATION, use_data_catalog


@pytest.fixture(scope="session")
def sql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the session."""
    with Server(tmp_path_factory.mktemp("sparksql") / "data", "--warm-workers", "0") as server:
        yield server


@pytest.fixture(scope="session")
def sql_session(spark: SparkSession, sql_server: Server) -> Iterator[SparkSession]:
    """A session that uses the Data Catalog, in the JVM of all tests; the catalog of other tests stays in memory.
    """
    endpoint = json.loads((sql_server.data_dir / "endpoint.json").read_text())
    context = spark.sparkContext
    settings = context._jsc.sc().conf()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint["url"])
        patch.setenv("AWS_ACCESS_KEY_ID", endpoint["access_key"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", endpoint["secret_key"])
        patch.setenv("AWS_DEFAULT_REGION", endpoint["region"])
        before = settings.get(CATALOG_IMPLEMENTATION, "in-memory")
        server = use_data_catalog(SparkContext._gateway)
        session = SparkSession(context, session_class(context._jvm)(context._jsc.sc()))
        session.sql("show databases").collect()  # connects to the metastore and to Glue
    settings.set(CATALOG_IMPLEMENTATION, before)
    context._jvm.java.lang.System.clearProperty(CATALOG_IMPLEMENTATION)
    yield session
    server.close()


@pytest.fixture
def lake(
    sql_session: SparkSession, sql_server: Server, s3_root: Path, request: pytest.FixtureRequest
) -> Iterator[SqlLake]:
    """A bucket and a database for this test; it is the session's current database."""
    made = SqlLake.fresh(sql_session, sql_server, s3_root, request.node.name)
    yield made
    sql_session.catalog.setCurrentDatabase("default")
