"""What fails for a while - a full disk, no free process - is repeated, and is only late."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness.local_server import until

from glueprint.local.clock import ManualClock, SystemClock
from glueprint.local.engine.dispatcher import Dispatcher, Slots
from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.engine.timer_rows import AttemptTimer, Timer, cancel_timer, set_timer
from glueprint.local.engine.timers import PAUSE_SECONDS, Timers
from glueprint.local.store import Database
from glueprint.local.store.damage import NoSpace
from glueprint.local.store.schema import GLUE_SCHEMA
from glueprint.runtime.processes.process import Ended, Status, mark_never_run
from glueprint.runtime.processes.watcher import Watcher


@pytest.fixture
def undone() -> list[str]:
    """Receives an entry whenever the store of :func:`database` undoes work."""
    return []


@pytest.fixture
def database(tmp_path: Path, undone: list[str]) -> Iterator[Database]:
    """A store with the tables of the engine."""
    database = Database(tmp_path / "state.sqlite", (GLUE_SCHEMA,), lambda: undone.append("mirror dropped"))
    yield database
    database.close()


class FailsFirst:
    """Fails at its first calls, and records all calls."""

    def __init__(self, failures: int) -> None:
        self.received: list[str] = []
        self._failures = failures

    def __call__(self, subject: str) -> None:
        """Note it; raise as long as it is to fail."""
        self.received.append(subject)
        if len(self.received) <= self._failures:
            raise OSError("no space left on device")


def _count(database: Database, table: str) -> int:
    count: int = database.read(lambda tx: tx.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    return count


def test_a_pending_action_that_fails_is_tried_again_and_then_removed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A launch that the machine cannot do just now is done later, without a restart (a choice: recovery.md)."""
    monkeypatch.setattr("glueprint.local.engine.dispatcher.FIRST_PAUSE_SECONDS", 0.01)
    launch, slots = FailsFirst(2), Slots(1)
    dispatcher = Dispatcher(database, {ActionKind.LAUNCH_JOB: launch}, slots)
    dispatcher.start()
    database.write(lambda tx: add_action(tx, ActionKind.LAUNCH_JOB, "jr_1"))
    dispatcher.wake()
    until(lambda: True if _count(database, "owed") == 0 else None)
    dispatcher.close()
    assert launch.received == ["jr_1"] * 3
    assert not slots.take("jr_2"), "the one that is tried again keeps its slot"


@pytest.mark.parametrize(("number", "lines"), [(errno.ENOSPC, 1), (None, 3)], ids=["full disk", "a mistake"])
def test_a_full_disk_is_one_line_and_not_a_traceback_for_each_attempt(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int | None,
    lines: int,
) -> None:
    """At most one line a minute for what the machine lacks; a mistake of Glueprint keeps its traceback."""
    monkeypatch.setattr("glueprint.local.engine.dispatcher.FIRST_PAUSE_SECONDS", 0.01)
    received: list[str] = []

    def launch(subject: str) -> None:
        received.append(subject)
        if len(received) <= 3:
            raise OSError(number, "no space") if number else OSError("no space")

    dispatcher = Dispatcher(database, {ActionKind.LAUNCH_JOB: launch}, Slots(1))
    dispatcher.start()
    database.write(lambda tx: add_action(tx, ActionKind.LAUNCH_JOB, "jr_1"))
    dispatcher.wake()
    until(lambda: True if _count(database, "owed") == 0 else None)
    dispatcher.close()
    records = [record for record in caplog.records if "could not carry out" in record.getMessage()]
    assert (len(records), bool(records[0].exc_info)) == (lines, number is None)


def test_threads_go_on_when_the_store_cannot_be_read_for_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No descriptor is free, the disk fails: jobs start and timers are reported once it can be read again."""
    for module in ("dispatcher.FIRST_PAUSE_SECONDS", "timers.PAUSE_SECONDS"):
        monkeypatch.setattr(f"glueprint.local.engine.{module}", 0.01)
    launch, reported = FailsFirst(0), threading.Event()
    failures = iter([OSError(errno.EMFILE, "no descriptor")] * 6)
    read = database.read

    def failing(work: Callable[[sqlite3.Connection], object]) -> object:
        for failure in failures:
            raise failure
        return read(work)

    database.write(lambda tx: add_action(tx, ActionKind.LAUNCH_JOB, "jr_1"))
    database.write(lambda tx: set_timer(tx, AttemptTimer("jr_1", "timeout/0"), 1.0))
    monkeypatch.setattr(database, "read", failing)

    def on_due(timer: Timer) -> None:
        database.write(lambda tx: cancel_timer(tx, timer.key))
        reported.set()

    dispatcher = Dispatcher(database, {ActionKind.LAUNCH_JOB: launch}, Slots(1))
    timers = Timers(database, SystemClock(), on_due)
    dispatcher.start()
    timers.start()
    assert reported.wait(60)
    until(lambda: launch.received or None)
    dispatcher.close()
    timers.close()


def test_an_action_that_still_fails_stays_pending_when_the_server_ends(database: Database) -> None:
    """No pending action is dropped: the next server carries it out (docs/fidelity/recovery.md)."""
    launch = FailsFirst(1_000)
    dispatcher = Dispatcher(database, {ActionKind.LAUNCH_JOB: launch}, Slots(1))
    dispatcher.start()
    database.write(lambda tx: add_action(tx, ActionKind.LAUNCH_JOB, "jr_1"))
    dispatcher.wake()
    until(lambda: launch.received or None)
    dispatcher.close()
    assert _count(database, "owed") == 1


def test_an_end_that_could_not_be_stored_is_reported_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose end met a full disk ends once there is room (docs/fidelity/recovery.md)."""
    monkeypatch.setattr("glueprint.runtime.processes.watcher._MIN_PAUSE_SECONDS", 0.01)
    ends = FailsFirst(2)

    def listener(run_dir: Path, status: Status) -> None:
        assert isinstance(status, Ended)
        ends(run_dir.name)

    run_dir = tmp_path / "jr_1"
    run_dir.mkdir()
    mark_never_run(run_dir, error="on purpose")
    watcher = Watcher(listener)
    watcher.watch(run_dir)
    until(lambda: True if len(ends.received) == 3 else None)
    watcher.watch(tmp_path / "jr_2")  # the thread has run once more: nothing is reported a fourth time
    (tmp_path / "jr_2").mkdir()
    mark_never_run(tmp_path / "jr_2", error="on purpose")
    until(lambda: True if ends.received[-1] == "jr_2" else None)
    watcher.close()
    assert ends.received == ["jr_1"] * 3 + ["jr_2"]


def test_a_timer_that_cannot_be_reported_is_reported_later_and_not_in_a_loop(database: Database) -> None:
    """Its row is still due: looking again at once would burn a processor and flood the log."""
    clock, report = ManualClock(), FailsFirst(1)
    reported = threading.Semaphore(0)

    def on_due(timer: Timer) -> None:
        try:
            report(str(timer.key))
            database.write(lambda tx: cancel_timer(tx, timer.key))
        finally:
            reported.release()

    database.write(lambda tx: set_timer(tx, AttemptTimer("jr_1", "timeout/0"), clock.now()))
    timers = Timers(database, clock, on_due)
    timers.start()
    assert reported.acquire(timeout=60)
    assert not reported.acquire(timeout=0.1), "the clock has not moved: nothing is due again"
    clock.advance(PAUSE_SECONDS)
    assert reported.acquire(timeout=60)
    until(lambda: True if _count(database, "timer") == 0 else None)
    timers.close()
    assert report.received == ["jr_1"] * 2


class TestFullDisk:
    """SQLite may undo a complete transaction when the disk is full, not only the unit of work that met it."""

    @staticmethod
    def _group(database: Database, *units: Callable[[sqlite3.Connection], object]) -> list[BaseException | None]:
        """What became of units of work that share one commit: they queue up behind one that holds the thread."""
        holds, go_on = threading.Event(), threading.Event()

        def hold(tx: sqlite3.Connection) -> None:
            holds.set()
            go_on.wait(60)

        held = database.submit(hold)
        assert holds.wait(60)
        futures = [database.submit(unit) for unit in units]
        go_on.set()
        held.result(60)
        return [future.exception(60) for future in futures]

    @staticmethod
    def _put(name: str, size: int = 1) -> Callable[[sqlite3.Connection], object]:
        row = "INSERT INTO resource (kind, name, body) VALUES ('job', ?, ?)"
        return lambda tx: tx.execute(row, (name, "x" * size))

    def test_results_and_stored_rows_agree_for_each_unit_of_a_group(
        self, database: Database, undone: list[str]
    ) -> None:
        """One unit finds the disk full: it fails, no other unit gets a wrong result, and the store goes on."""
        pages = database.write(lambda tx: tx.execute("PRAGMA page_count").fetchone()[0])
        database.write(lambda tx: tx.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
        outcome = self._group(database, self._put("before"), self._put("big", 100_000), self._put("after"))
        stored = database.read(lambda tx: [row["name"] for row in tx.execute("SELECT name FROM resource")])
        results = zip(["before", "big", "after"], outcome, strict=True)
        succeeded = [name for name, error in results if error is None]
        assert stored == succeeded
        assert isinstance(outcome[1], NoSpace)
        assert undone
        database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1000000").fetchone())
        database.write(self._put("later", 100_000))
        assert _count(database, "resource") == len(stored) + 1

    def test_a_transaction_that_the_disk_undid_fails_for_all_its_units(self, database: Database) -> None:
        """Where SQLite rolls everything back by itself, units before and after the failure fail with it."""

        def lost(tx: sqlite3.Connection) -> None:
            tx.execute("ROLLBACK")  # what SQLITE_FULL and SQLITE_IOERR can do on their own
            raise sqlite3.OperationalError("disk I/O error")

        outcome = self._group(database, self._put("before"), lost, self._put("after"))
        assert [str(error) for error in outcome] == ["disk I/O error"] * 3
        assert _count(database, "resource") == 0
        database.write(self._put("later"))
        assert _count(database, "resource") == 1
