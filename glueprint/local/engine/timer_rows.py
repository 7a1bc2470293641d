"""Timers as rows: what must be reported at a time, also when that time passes while no server runs."""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.local.store.database import Connection


@dataclass(frozen=True, slots=True)
class Timer:
    """``name`` is due for ``subject`` (a submission's id) at ``due`` (epoch seconds)."""

    subject: str
    name: str
    due: float


def set_timer(tx: Connection, subject: str, name: str, due: float) -> None:
    """Set it, or move it."""
    tx.execute(
        "INSERT INTO timer (subject, name, due) VALUES (?, ?, ?)"
        " ON CONFLICT (subject, name) DO UPDATE SET due = excluded.due",
        (subject, name, due),
    )


def cancel_timer(tx: Connection, subject: str, name: str) -> None:
    """Forget it, if it is there."""
    tx.execute("DELETE FROM timer WHERE subject = ? AND name = ?", (subject, name))


def is_set(tx: Connection, subject: str, name: str) -> bool:
    """Whether that timer stands."""
    found = tx.execute("SELECT 1 FROM timer WHERE subject = ? AND name = ?", (subject, name)).fetchone()
    return found is not None


def next_due(tx: Connection) -> float | None:
    """When the next timer is due."""
    due: float | None = tx.execute("SELECT min(due) FROM timer").fetchone()[0]
    return due


def due_timers(tx: Connection, now: float) -> list[Timer]:
    """The timers whose time has come, earliest first."""
    rows = tx.execute("SELECT subject, name, due FROM timer WHERE due <= ? ORDER BY due", (now,))
    return [Timer(row["subject"], row["name"], row["due"]) for row in rows]
