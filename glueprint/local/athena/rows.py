"""Query executions in the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.local.athena.family import Transaction, invalid

ACTIVE = ("QUEUED", "RUNNING")


@dataclass(frozen=True, slots=True)
class Execution:
    """A query: what was requested (completed by the workgroup), its state, and what is known since."""

    id: str
    work_group: str
    state: str
    submitted: float
    request: Mapping[str, Any]
    outcome: Mapping[str, Any]


def _execution(row: Any) -> Execution:
    request, outcome = json.loads(row["request"]), json.loads(row["outcome"])
    return Execution(row["id"], row["work_group"], row["state"], row["submitted"], request, outcome)


def add(tx: Transaction, execution: Execution, token: str | None) -> None:
    """Store a new query."""
    tx.execute(
        "INSERT INTO athena_query (id, work_group, token, state, submitted, request) VALUES (?, ?, ?, ?,"
        " ?, ?)",
        (
            execution.id,
            execution.work_group,
            token,
            execution.state,
            execution.submitted,
            json.dumps(execution.request),
        ),
    )


def by_token(tx: Transaction, token: str) -> Execution | None:
    """Return the query that a ClientRequestToken started."""
    row = tx.execute("SELECT * FROM athena_query WHERE token = ?", (token,)).fetchone()
    return _execution(row) if row else None


def find(tx: Transaction, id_: str) -> Execution | None:
    """Return a query, or None."""
    row = tx.execute("SELECT * FROM athena_query WHERE id = ?", (id_,)).fetchone()
    return _execution(row) if row else None


def get(tx: Transaction, id_: str) -> Execution:
    """Return a query.

    Raises:
        ApiError: InvalidRequestException: there is none.
    """
    found = find(tx, id_)
    if found is None:
        raise invalid(f"QueryExecution {id_} was not found")
    return found


def ids(tx: Transaction, work_group: str, limit: int, start: int) -> list[str]:
    """Return ids of a workgroup, newest first."""
    rows = tx.execute(
        "SELECT id FROM athena_query WHERE work_group = ? ORDER BY submitted DESC, id LIMIT ? OFFSET ?",
        (work_group, limit, start),
    )
    return [row["id"] for row in rows]


def active(tx: Transaction) -> list[Execution]:
    """Return the queries that have not ended, oldest first."""
    return list(
        map(
            _execution,
            tx.execute("SELECT * FROM athena_query WHERE state IN ('QUEUED', 'RUNNING') ORDER BY submitted"),
        )
    )


def change(tx: Transaction, id_: str, state: str, **outcome: Any) -> bool:
    """Change a query that has not ended; return False if it has."""
    found = find(tx, id_)
    if found is None or found.state not in ACTIVE:
        return False
    tx.execute(
        "UPDATE athena_query SET state = ?, outcome = ? WHERE id = ?",
        (state, json.dumps({**found.outcome, **outcome}), id_),
    )
    return True
