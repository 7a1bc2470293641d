"""A query's process has limits of time and memory, and what it may read is this Glue's objects."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.athena_api import FINAL
from harness.local_server import until
from query_running import Statements

from glueprint.local.athena import rows
from glueprint.local.athena.processes import QueryPlace, QueryProcesses
from glueprint.local.athena.rows import Execution
from glueprint.local.athena.schema import ATHENA_SCHEMA
from glueprint.local.clock import SystemClock
from glueprint.local.store import Database
from glueprint.query.process import run
from glueprint.query.specification import QuerySpec

ENDLESS = (
    "SELECT count(*) FROM unnest(sequence(1, 100000)) AS a(x), unnest(sequence(1, 100000)) AS b(y) WHERE x + y = 7"
)
NO_AWS = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.mark.query
def test_a_query_is_ended_at_its_limit_of_time(tmp_path: Path) -> None:
    """FAILED with the reason, and its process is gone (user guide, "Service Quotas": DML query timeout)."""
    database = Database(tmp_path / "state.sqlite", [ATHENA_SCHEMA])
    processes = QueryProcesses(
        database, SystemClock(), QueryPlace(tmp_path / "work", tmp_path, NO_AWS), timeout_seconds=3.0
    )
    request = {"QueryString": ENDLESS, "ResultConfiguration": {"OutputLocation": "s3://results/"}}
    try:
        database.write(lambda tx: rows.add(tx, Execution("q", "primary", "QUEUED", 0.0, request, {}), None))
        processes.submit("q")
        found = until(
            lambda: one if (one := database.read(lambda tx: rows.get(tx, "q"))).state in FINAL else None
        )
        assert found.state == "FAILED"
        assert "Query timeout" in str(found.outcome)
        assert not (tmp_path / "work" / "q").exists()
    finally:
        processes.close()
        database.close()


def test_a_query_that_needs_more_memory_fails_by_name(shop: Statements, tmp_path: Path) -> None:
    """EXCEEDED_LOCAL_MEMORY_LIMIT, Athena's code when a query's memory is exhausted."""
    sql = "SELECT cardinality(array_agg(x)) FROM unnest(sequence(1, 9000000)) AS t(x)"
    spec = QuerySpec("q", sql, "shop", "s3://results/", str(tmp_path), memory_bytes=2**26, threads=1)
    assert str(run(spec, shop.client).error).startswith("EXCEEDED_LOCAL_MEMORY_LIMIT: ")
