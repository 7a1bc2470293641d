"""The store: one writer, units of work that stand or fall alone, migrations."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from glueprint.local.store.damage import DatabaseError
from glueprint.local.store.database import Database

SCHEMA = ("CREATE TABLE item (name TEXT PRIMARY KEY)",)


def _insert(name: str) -> object:
    return lambda tx: tx.execute("INSERT INTO item VALUES (?)", (name,))


def _names(database: Database) -> list[str]:
    return database.read(lambda tx: [row["name"] for row in tx.execute("SELECT name FROM item ORDER BY name")])


def test_a_unit_that_fails_undoes_itself_alone(tmp_path: Path) -> None:
    """What a unit of work raises reaches its caller and undoes its own changes only (group commit)."""
    database = Database(tmp_path / "state.sqlite", SCHEMA)

    def half(tx: sqlite3.Connection) -> None:
        tx.execute("INSERT INTO item VALUES ('half')")
        raise RuntimeError("on purpose")

    blocker = threading.Event()
    first = database.submit(lambda tx: blocker.wait(10))
    futures = [database.submit(_insert("a")), database.submit(half), database.submit(_insert("b"))]  # type: ignore[arg-type]
    blocker.set()
    assert first.result()
    with pytest.raises(RuntimeError, match="on purpose"):
        futures[1].result()
    futures[2].result()
    assert _names(database) == ["a", "b"]
    database.close()


def test_a_unit_within_a_unit_is_part_of_it(tmp_path: Path) -> None:
    """What runs on the writer may write and read by the same calls: it sees what the outer unit did, and is undone
    alone when it fails (docs/decisions/throughput.md: operations that change the store run on its writer).
    """
    database = Database(tmp_path / "state.sqlite", SCHEMA)

    def outer(tx: sqlite3.Connection) -> list[str]:
        _insert("outer")(tx)  # type: ignore[operator]
        with pytest.raises(sqlite3.IntegrityError):
            database.write(lambda inner: [_insert(name)(inner) for name in ("lost", "outer")])  # type: ignore[operator]
        database.write(_insert("inner"))  # type: ignore[arg-type]
        return _names(database)

    assert database.write(outer) == ["inner", "outer"]
    assert _names(database) == ["inner", "outer"]
    database.close()


def test_a_store_that_is_not_opened_again_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    """`--ephemeral` keeps nothing, so its commits need not survive a power cut; all others do."""
    for durable, synchronous in ((True, 2), (False, 0)):
        database = Database(tmp_path / f"{durable}.sqlite", SCHEMA, durable=durable)
        assert database.write(lambda tx: tx.execute("PRAGMA synchronous").fetchone()[0]) == synchronous
        database.close()


def test_sixteen_writers_and_readers_never_meet_a_lock(tmp_path: Path) -> None:
    """16 clients at once never see a lock error."""
    database = Database(tmp_path / "state.sqlite", SCHEMA)
    failures: list[BaseException] = []

    def client(number: int) -> None:
        try:
            for step in range(25):
                database.write(_insert(f"{number}-{step}"))  # type: ignore[arg-type]
                assert len(_names(database)) > step
        except BaseException as error:  # noqa: BLE001 - the assertion below reports it
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(_names(database)) == 16 * 25
    database.close()


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    """A write that returned is on disk; migrations run once each (durable)."""
    path = tmp_path / "state.sqlite"
    database = Database(path, SCHEMA)
    database.write(_insert("kept"))  # type: ignore[arg-type]
    database.close()
    more = (*SCHEMA, "CREATE TABLE other (name TEXT)")
    database = Database(path, more)
    assert _names(database) == ["kept"]
    assert database.read(lambda tx: tx.execute("SELECT count(*) FROM other").fetchone()[0]) == 0
    database.close()


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """A state file that this program does not understand is left alone, and the message states what to do."""
    path = tmp_path / "state.sqlite"
    Database(path, (*SCHEMA, "CREATE TABLE other (name TEXT)")).close()
    with pytest.raises(DatabaseError, match="newer glueprint"):
        Database(path, SCHEMA)


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    """Something else under the state file's name is one clear error, and stays as it was."""
    path = tmp_path / "state.sqlite"
    path.write_text("not a database, but long enough to be read as one" * 10)
    with pytest.raises(DatabaseError, match="it is not an SQLite file"):
        Database(path, SCHEMA)
    assert path.read_text().startswith("not a database")
