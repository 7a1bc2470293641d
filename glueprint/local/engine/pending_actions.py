"""Pending actions: rows that are stored with the event that caused them and deleted once they are carried out.

This is a transactional outbox: after a crash, the next server finds the rows and carries them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from glueprint.local.store.database import Connection


class ActionKind(StrEnum):
    """What to do; the action's subject is the id of what to do it to. The values are those of stored rows."""

    LAUNCH_JOB = "launch-job"
    STOP_JOB = "stop-job"
    LAUNCH_CRAWL = "launch-crawl"
    STOP_CRAWL = "stop-crawl"
    LAUNCH_QUALITY = "launch-quality"
    STOP_QUALITY = "stop-quality"
    REGISTER_BLUEPRINT = "register-blueprint"
    RUN_BLUEPRINT = "run-blueprint"
    BEGIN_EXECUTION = "begin-execution"
    START_TASK = "start-task"
    STOP_TASK = "stop-task"
    SEND_MESSAGE = "send-message"
    """The subject is the message itself (:mod:`glueprint.local.events.messages`)."""


@dataclass(frozen=True, slots=True)
class PendingAction:
    """One action; carrying it out twice must have the effect of once."""

    id: int
    kind: ActionKind
    subject: str


def add_action(tx: Connection, kind: ActionKind, subject: str) -> None:
    """Store an action in the transaction that causes it."""
    tx.execute("INSERT INTO owed (kind, subject) VALUES (?, ?)", (kind, subject))


def actions_after(tx: Connection, last: int) -> list[PendingAction]:
    """Return the pending actions whose id is above ``last``, oldest first."""
    rows = tx.execute("SELECT id, kind, subject FROM owed WHERE id > ? ORDER BY id", (last,))
    return [PendingAction(row["id"], ActionKind(row["kind"]), row["subject"]) for row in rows]


def remove_action(tx: Connection, action: PendingAction) -> None:
    """Delete an action that was carried out."""
    tx.execute("DELETE FROM owed WHERE id = ?", (action.id,))
