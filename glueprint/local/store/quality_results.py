"""Rows of data quality results."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_HISTORY_ROWS = 1000
"""The newest results that are searched for earlier values of a statistic."""


@dataclass(frozen=True, slots=True)
class QualityResult:
    """A result (service model, ``DataQualityResult``).

    Attributes:
        served: the API returns it; otherwise it is kept for dynamic rules only.
        body: its members.
        statistics: metrics by name.
    """

    id: str
    context: str
    started: float
    body: Mapping[str, Any]
    statistics: Mapping[str, float] = field(default_factory=dict)
    served: bool = True
    token: str | None = None
    job_name: str | None = None
    job_run_id: str | None = None
    run_id: str | None = None
    source: str | None = None


def add_result(tx: sqlite3.Connection, result: QualityResult) -> str:
    """Store a result; return its id, or that of the result that was stored with the same token."""
    if result.token is not None:
        row = tx.execute("SELECT id FROM quality_result WHERE token = ?", (result.token,)).fetchone()
        if row is not None:
            return str(row["id"])
    tx.execute(
        "INSERT INTO quality_result (id, token, context, job_name, job_run_id, run_id, source, started, served,"
        " body, statistics) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            result.id,
            result.token,
            result.context,
            result.job_name,
            result.job_run_id,
            result.run_id,
            result.source,
            result.started,
            result.served,
            json.dumps(result.body),
            json.dumps(result.statistics),
        ),
    )
    return result.id


def served_result(tx: sqlite3.Connection, id_: str) -> dict[str, Any] | None:
    """Return the members of a result that the API returns, or None."""
    row = tx.execute("SELECT body FROM quality_result WHERE id = ? AND served", (id_,)).fetchone()
    return None if row is None else json.loads(row["body"])


def earlier_values(tx: sqlite3.Connection, job_name: str, context: str, name: str, count: int) -> list[float]:
    """Return the newest values of a statistic of a job, newest first."""
    rows = tx.execute(
        "SELECT statistics FROM quality_result WHERE job_name = ? AND context = ?"
        " ORDER BY started DESC, id LIMIT ?",
        (job_name, context, MAX_HISTORY_ROWS),
    )
    found: list[float] = []
    for row in rows:
        value = json.loads(row["statistics"]).get(name)
        if value is not None:
            found.append(float(value))
        if len(found) == count:
            break
    return found
