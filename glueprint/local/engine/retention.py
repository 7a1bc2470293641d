"""Removes old history.

Glue keeps job and workflow runs for 365 days (service model, ``GetJobRun``; older pages say 90) and crawls for
12 months (``ListCrawls``). What ended longer ago is removed once a day, and with it the times that schedules
missed. Runs that a kept run was resumed from stay, since its graph shows their attempts.
"""

from __future__ import annotations

from glueprint.local.store.database import Connection

KEPT_SECONDS = 365 * 24 * 3600
EVERY_SECONDS = 24 * 3600

_OLD_RUNS = (
    "SELECT run_id FROM workflow_run WHERE completed < :before"
    " AND run_id NOT IN (SELECT previous_run_id FROM workflow_run WHERE previous_run_id IS NOT NULL)"
)
_OF_OLD_RUNS = ("invocation", "fired_trigger", "run_property")
_OLD_SUBMISSIONS = (
    "SELECT id FROM submission"
    " WHERE (workflow_run_id IS NULL OR workflow_run_id NOT IN (SELECT run_id FROM workflow_run))"
    " AND NOT EXISTS (SELECT 1 FROM job_run WHERE submission_id = submission.id"
    "                 AND (completed IS NULL OR completed >= :before))"
)
_OLD_CRAWLS = (
    "SELECT id FROM crawl WHERE completed < :before"
    " AND (workflow_run_id IS NULL OR workflow_run_id NOT IN (SELECT run_id FROM workflow_run))"
)


EXECUTIONS_KEPT_SECONDS = 90 * 24 * 3600
"""Executions of state machines (SFN:service-quotas)."""

_OLD_QUALITY_RUNS = "SELECT id FROM quality_run WHERE completed < :before"


def forget_old(tx: Connection, now: float) -> list[str]:
    """Remove history that is older than it is kept; return the ids of the runs and crawls that it had."""
    arguments = {"before": now - KEPT_SECONDS}
    for table in _OF_OLD_RUNS:
        tx.execute(f"DELETE FROM {table} WHERE run_id IN ({_OLD_RUNS})", arguments)
    tx.execute(f"DELETE FROM workflow_run WHERE run_id IN ({_OLD_RUNS})", arguments)
    tx.execute("DELETE FROM missed_time WHERE noticed < :before", arguments)
    gone = _delete(tx, "job_run", "submission_id", _OLD_SUBMISSIONS, arguments)
    _delete(tx, "submission", "id", _OLD_SUBMISSIONS, arguments)
    gone += _delete(tx, "crawl", "id", _OLD_CRAWLS, arguments)
    tx.execute("DELETE FROM execution WHERE stopped < ?", (now - EXECUTIONS_KEPT_SECONDS,))
    tx.execute(
        "DELETE FROM state_machine_definition WHERE digest NOT IN (SELECT digest FROM execution)"
        " AND digest NOT IN (SELECT json_extract(body, '$.digest') FROM resource WHERE kind = 'state-machine')"
    )
    tx.execute("DELETE FROM quality_result WHERE started < :before", arguments)
    return gone + _delete(tx, "quality_run", "id", _OLD_QUALITY_RUNS, arguments)


def _delete(tx: Connection, table: str, column: str, which: str, arguments: dict[str, float]) -> list[str]:
    rows = tx.execute(f"DELETE FROM {table} WHERE {column} IN ({which}) RETURNING id", arguments)
    return [row["id"] for row in rows]
