"""Data quality runs on tables: from a start to the end of their process, within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from glueprint.facts.long_text import shortened
from glueprint.local.clock import Clock
from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.engine.timer_rows import QualityTimeout, cancel_timer, set_timer
from glueprint.local.identifiers import quality_run_id
from glueprint.local.protocol.errors import invalid_input, not_found
from glueprint.local.store.database import Connection, Row

LOG_GROUP = "/aws-glue/data-quality"


class QualityKind(StrEnum):
    """What a run does. The values are those of stored rows."""

    EVALUATION = "evaluation"
    RECOMMENDATION = "recommendation"


class QualityStatus(StrEnum):
    """``TaskStatusType`` of the service model."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"


ACTIVE_QUALITY_STATUSES = (QualityStatus.STARTING, QualityStatus.RUNNING, QualityStatus.STOPPING)
_LAUNCHABLE = (QualityStatus.STARTING, QualityStatus.RUNNING)


class QualityRuns:
    """Starts, stops and ends data quality runs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def start(
        self, tx: Connection, kind: QualityKind, source: str, request: Mapping[str, Any], timeout_minutes: int
    ) -> str:
        """Start a run and return its id; a repeated request (same ``ClientToken``) returns the same id."""
        token = request.get("ClientToken")
        if token is not None:
            query = "SELECT id FROM quality_run WHERE kind = ? AND token = ?"
            row = tx.execute(query, (kind, token)).fetchone()
            if row is not None:
                return str(row["id"])
        id_, now = quality_run_id(), self._clock.now()
        tx.execute(
            "INSERT INTO quality_run (id, kind, status, source, token, request, started, modified)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (id_, kind, QualityStatus.STARTING, source, token, json.dumps(request), now, now),
        )
        add_action(tx, ActionKind.LAUNCH_QUALITY, id_)
        set_timer(tx, QualityTimeout(id_), now + 60 * timeout_minutes)
        return id_

    def cancel(self, tx: Connection, kind: QualityKind, id_: str) -> None:
        """Stop a run on request.

        Raises:
            ApiError: there is no such run, or it has ended.
        """
        row = require_run(tx, kind, id_)
        if row["status"] not in ACTIVE_QUALITY_STATUSES:
            raise invalid_input(f"Run {id_} is {row['status']}: only an active run can be cancelled")
        self._stop(tx, row, QualityStatus.STOPPED)

    def timed_out(self, tx: Connection, id_: str) -> None:
        """Stop a run whose time is over."""
        row = find_run(tx, id_)
        if row is not None and row["status"] in _LAUNCHABLE:
            self._stop(tx, row, QualityStatus.TIMEOUT)

    def running(self, tx: Connection, id_: str, since: float) -> None:
        """The run's process has started."""
        tx.execute(
            "UPDATE quality_run SET status = ?, running = ?, modified = ? WHERE id = ? AND status = ?",
            (QualityStatus.RUNNING, since, self._clock.now(), id_, QualityStatus.STARTING),
        )

    def end(
        self, tx: Connection, id_: str, status: QualityStatus, error: str | None, outcome: Mapping[str, Any]
    ) -> bool:
        """The run's process has ended. Return whether that changed anything: a repeated end does not.

        A run that was being stopped has the status that the stop has determined.
        """
        row = find_run(tx, id_)
        if row is None or row["completed"] is not None:
            return False
        now = self._clock.now()
        final = row["ending"] if row["status"] == QualityStatus.STOPPING else status
        shown = shortened(error) if error is not None and final == QualityStatus.FAILED else None
        tx.execute(
            "UPDATE quality_run SET status = ?, completed = ?, modified = ?, error = ?, outcome = ? WHERE id = ?",
            (final, now, now, shown, json.dumps(outcome), id_),
        )
        cancel_timer(tx, QualityTimeout(id_))
        return True

    def _stop(self, tx: Connection, row: Row, ending: QualityStatus) -> None:
        if row["status"] == QualityStatus.STOPPING:
            return
        tx.execute(
            "UPDATE quality_run SET status = ?, ending = ?, modified = ? WHERE id = ?",
            (QualityStatus.STOPPING, ending, self._clock.now(), row["id"]),
        )
        add_action(tx, ActionKind.STOP_QUALITY, row["id"])


def find_run(tx: Connection, id_: str) -> Row | None:
    """Return the row of a run, or None."""
    row: Row | None = tx.execute("SELECT * FROM quality_run WHERE id = ?", (id_,)).fetchone()
    return row


def launchable_run(tx: Connection, id_: str) -> Row | None:
    """Return the row of a run that has not ended and is not being stopped."""
    row = find_run(tx, id_)
    return row if row is not None and row["status"] in _LAUNCHABLE else None


def require_run(tx: Connection, kind: QualityKind, id_: str) -> Row:
    """Return the row of a run of this kind.

    Raises:
        ApiError: there is none.
    """
    row = find_run(tx, id_)
    if row is None or row["kind"] != kind:
        raise not_found(f"Data quality {kind} run {id_} not found")
    return row
