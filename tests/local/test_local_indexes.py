"""Questions about what is active read the indexes of what is active, however long the history is."""

from __future__ import annotations

import sqlite3

import pytest

from glueprint.local.assembly import MIGRATIONS
from glueprint.local.engine import activity, crawls, job_runs
from glueprint.local.executors import children


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (job_runs.COUNT_ADMITTED, "job_run USING COVERING INDEX job_run_active (job_name=? AND state=?)"),
        (job_runs.WAITING_RUNS, "job_run USING INDEX job_run_active (job_name=? AND state=?)"),
        (activity._JOB_RUNS, "job_run USING INDEX job_run_active"),
        (activity._CRAWLS, "crawl USING INDEX crawl_active"),
        (crawls.CRAWL_OF_CRAWLER, "crawl USING INDEX crawl_active (crawler=?)"),
        (crawls.CRAWL_OF_NODE, "crawl USING INDEX crawl_active"),
        (children._ACTIVE, "job_run USING INDEX job_run_active"),
        (children._ACTIVE, "crawl USING INDEX crawl_active"),
        (children._ACTIVE, "quality_run USING INDEX quality_run_active"),
    ],
)
def test_a_query_reads_its_partial_index(query: str, index: str) -> None:
    """EXPLAIN QUERY PLAN; SQLite uses a partial index only for a query with the index's own condition
    (sqlite.org/partialindex.html).
    """
    with sqlite3.connect(":memory:") as connection:
        for script in MIGRATIONS:
            connection.executescript(script)
        plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", ("x",) * query.count("?")).fetchall()
    connection.close()
    assert any(row[3].endswith(index) for row in plan), plan
