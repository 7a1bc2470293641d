"""Timers as rows: what is reported when its time comes, or at the next start if no server ran at that time."""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.local.store.database import Connection


@dataclass(frozen=True, slots=True)
class TriggerSchedule:
    """The next time of a SCHEDULED trigger."""

    trigger: str

    def __str__(self) -> str:
        return f"trigger/{self.trigger}"


@dataclass(frozen=True, slots=True)
class CrawlerSchedule:
    """The next time of a crawler's schedule."""

    crawler: str

    def __str__(self) -> str:
        return f"crawler/{self.crawler}"


@dataclass(frozen=True, slots=True)
class EventWindowEnd:
    """The end of the batch window of an EVENT workflow; ``number`` counts its windows."""

    workflow: str
    number: int

    def __str__(self) -> str:
        return f"window/{self.workflow}"


@dataclass(frozen=True, slots=True)
class QualityTimeout:
    """The end of the time that a data quality run has."""

    run: str

    def __str__(self) -> str:
        return f"quality/{self.run}"


@dataclass(frozen=True, slots=True)
class HistoryCleanup:
    """The next removal of old history."""

    def __str__(self) -> str:
        return "history"


@dataclass(frozen=True, slots=True)
class AttemptTimer:
    """A timer of the attempt machine: ``name`` is the machine's own, such as ``timeout/0``."""

    submission: str
    name: str

    def __str__(self) -> str:
        return self.submission


@dataclass(frozen=True, slots=True)
class ExecutionTimer:
    """A timer of an execution of a state machine: ``visit`` is the machine's own."""

    execution: str
    visit: int

    def __str__(self) -> str:
        return f"execution/{self.execution}"


Schedule = TriggerSchedule | CrawlerSchedule
TimerKey = Schedule | EventWindowEnd | HistoryCleanup | QualityTimeout | AttemptTimer | ExecutionTimer
"""What a timer is for. As text it is the row's ``subject``; ``_name`` is the row's ``name``."""

_SCHEDULE_NAME = "schedule"


@dataclass(frozen=True, slots=True)
class Timer:
    """``key`` is due at ``due`` (epoch seconds)."""

    key: TimerKey
    due: float


def set_timer(tx: Connection, key: TimerKey, due: float) -> None:
    """Set a timer, or move it."""
    tx.execute(
        "INSERT INTO timer (subject, name, due) VALUES (?, ?, ?)"
        " ON CONFLICT (subject, name) DO UPDATE SET due = excluded.due",
        (str(key), _name(key), due),
    )


def cancel_timer(tx: Connection, key: TimerKey) -> None:
    """Delete a timer, if it is set."""
    tx.execute("DELETE FROM timer WHERE subject = ? AND name = ?", (str(key), _name(key)))


def is_set(tx: Connection, key: TimerKey) -> bool:
    """Whether a timer is set."""
    query = "SELECT 1 FROM timer WHERE subject = ? AND name = ?"
    return tx.execute(query, (str(key), _name(key))).fetchone() is not None


def next_due(tx: Connection) -> float | None:
    """Return when the next timer is due."""
    due: float | None = tx.execute("SELECT min(due) FROM timer").fetchone()[0]
    return due


def due_timers(tx: Connection, now: float) -> list[Timer]:
    """Return the timers whose time has come, earliest first."""
    rows = tx.execute("SELECT subject, name, due FROM timer WHERE due <= ? ORDER BY due", (now,))
    return [Timer(_key(row["subject"], row["name"]), row["due"]) for row in rows]


def _name(key: TimerKey) -> str:
    match key:
        case TriggerSchedule() | CrawlerSchedule():
            return _SCHEDULE_NAME
        case EventWindowEnd():
            return str(key.number)
        case HistoryCleanup() | QualityTimeout():
            return ""
        case AttemptTimer():
            return key.name
        case ExecutionTimer():
            return str(key.visit)


def _key(subject: str, name: str) -> TimerKey:
    """The inverse of the text and the :func:`_name` of a key."""
    kind, _, rest = subject.partition("/")
    match kind:
        case "trigger":
            return TriggerSchedule(rest)
        case "crawler":
            return CrawlerSchedule(rest)
        case "window":
            return EventWindowEnd(rest, int(name))
        case "history":
            return HistoryCleanup()
        case "quality":
            return QualityTimeout(rest)
        case "execution":
            return ExecutionTimer(rest, int(name))
        case _:
            return AttemptTimer(subject, name)
