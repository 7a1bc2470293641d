"""Actions owed to the world: rows beside the event that caused them, gone once carried out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from glueprint.local.store.database import Connection


class OwedKind(StrEnum):
    """What is owed; the subject is the id that it is about."""

    LAUNCH_JOB = "launch-job"
    STOP_JOB = "stop-job"
    LAUNCH_CRAWL = "launch-crawl"
    STOP_CRAWL = "stop-crawl"
    REGISTER_BLUEPRINT = "register-blueprint"
    RUN_BLUEPRINT = "run-blueprint"


@dataclass(frozen=True, slots=True)
class OwedAction:
    """One owed action; carrying it out twice must do no more than once."""

    id: int
    kind: OwedKind
    subject: str


def owe(tx: Connection, kind: OwedKind, subject: str) -> None:
    """Store an action with the transaction that causes it."""
    tx.execute("INSERT INTO owed (kind, subject) VALUES (?, ?)", (kind, subject))


def owed_after(tx: Connection, last: int) -> list[OwedAction]:
    """What is owed with an id above ``last``, oldest first."""
    rows = tx.execute("SELECT id, kind, subject FROM owed WHERE id > ? ORDER BY id", (last,))
    return [OwedAction(row["id"], OwedKind(row["kind"]), row["subject"]) for row in rows]


def settle(tx: Connection, action: OwedAction) -> None:
    """The action was carried out."""
    tx.execute("DELETE FROM owed WHERE id = ?", (action.id,))


def is_owed(tx: Connection, kind: OwedKind, subject: str) -> bool:
    """Whether such an action still waits."""
    found = tx.execute("SELECT 1 FROM owed WHERE kind = ? AND subject = ?", (kind, subject)).fetchone()
    return found is not None
