"""Timers and pending actions as rows: the form in which data directories have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glueprint.local.engine.pending_actions import ActionKind, PendingAction, actions_after, remove_action
from glueprint.local.engine.timer_rows import (
    AttemptTimer,
    CrawlerSchedule,
    EventWindowEnd,
    HistoryCleanup,
    Timer,
    TimerKey,
    TriggerSchedule,
    cancel_timer,
    due_timers,
    is_set,
    next_due,
    set_timer,
)
from glueprint.local.store import Database
from glueprint.local.store.schema import GLUE_SCHEMA

ROWS: list[tuple[TimerKey, str, str]] = [
    (TriggerSchedule("nightly"), "trigger/nightly", "schedule"),
    (TriggerSchedule("a/b"), "trigger/a/b", "schedule"),
    (CrawlerSchedule("nightly"), "crawler/nightly", "schedule"),
    (EventWindowEnd("flow/of events", 12), "window/flow/of events", "12"),
    (HistoryCleanup(), "history", ""),
    (AttemptTimer("jr_1", "timeout/0"), "jr_1", "timeout/0"),
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A store with the tables of the engine."""
    database = Database(tmp_path / "state.sqlite", (GLUE_SCHEMA,))
    yield database
    database.close()


@pytest.mark.parametrize(("key", "subject", "name"), ROWS)
def test_a_timer_is_the_row_that_earlier_versions_wrote(
    database: Database, key: TimerKey, subject: str, name: str
) -> None:
    """Subject and name of each kind; a row that is there already is read as the same key, moved and deleted."""
    database.write(lambda tx: tx.execute("INSERT INTO timer VALUES (?, ?, 5.0)", (subject, name)))
    assert database.read(lambda tx: due_timers(tx, 5.0)) == [Timer(key, 5.0)]
    assert database.read(lambda tx: is_set(tx, key))
    database.write(lambda tx: set_timer(tx, key, 7.0))
    rows = database.read(lambda tx: [tuple(row) for row in tx.execute("SELECT subject, name, due FROM timer")])
    assert rows == [(subject, name, 7.0)]
    assert database.read(next_due) == 7.0
    database.write(lambda tx: cancel_timer(tx, key))
    assert database.read(next_due) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ActionKind.LAUNCH_JOB, "launch-job"),
        (ActionKind.STOP_JOB, "stop-job"),
        (ActionKind.LAUNCH_CRAWL, "launch-crawl"),
        (ActionKind.STOP_CRAWL, "stop-crawl"),
        (ActionKind.REGISTER_BLUEPRINT, "register-blueprint"),
        (ActionKind.RUN_BLUEPRINT, "run-blueprint"),
    ],
)
def test_a_pending_action_is_the_row_that_earlier_versions_wrote(
    database: Database, kind: ActionKind, text: str
) -> None:
    """A row that is there already is found after a start, and deleted once it is carried out."""
    database.write(lambda tx: tx.execute("INSERT INTO owed (kind, subject) VALUES (?, 'id')", (text,)))
    (action,) = database.read(lambda tx: actions_after(tx, 0))
    assert action == PendingAction(1, kind, "id")
    assert database.read(lambda tx: actions_after(tx, action.id)) == []
    database.write(lambda tx: remove_action(tx, action))
    assert database.read(lambda tx: actions_after(tx, 0)) == []
