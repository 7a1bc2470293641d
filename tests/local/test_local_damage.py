"""A damaged state file: it is refused or given up at once, with the commands that bring a backup back.

What SQLite reports: https://www.sqlite.org/rescode.html#corrupt, https://www.sqlite.org/pragma.html#pragma_quick_check.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from harness.local_server import Server

from glueprint.local.store import backups as backup_files
from glueprint.local.store.backups import backups
from glueprint.local.store.damage import DatabaseDamaged
from glueprint.local.store.database import Database

SCHEMA = ("CREATE TABLE item (name TEXT PRIMARY KEY, body TEXT)",)
PAGE = 4096


def _filled(path: Path, *, backup: bool = True) -> None:
    """Write some hundred pages to the state file ``path``, and make a backup."""
    database = Database(path, SCHEMA)
    rows = [(f"name {number:04}", "x" * 1000) for number in range(1000)]
    database.write(lambda tx: tx.executemany("INSERT INTO item VALUES (?, ?)", rows))
    if backup:
        database._backups.make()
    database.close()


def _overwrite(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(b"\xa5" * PAGE)


def _truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(PAGE * 20)


def _restore(error: BaseException) -> None:
    """Run the commands of the message."""
    command = str(error).rpartition("is lost): ")[2]
    subprocess.run(["/bin/sh", "-ec", command], check=True)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: _overwrite(path, 100),
        lambda path: _overwrite(path, 0),
        _truncate,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"SQLite"),
        lambda path: path.write_text("{}" * 4000),
        lambda path: path.unlink(),
    ],
    ids=["data page", "first page", "cut", "emptied", "first bytes", "another file", "missing"],
)
def test_damage_is_refused_at_start_and_the_message_restores_the_backup(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """Whatever happened to the file, nothing starts on it, and the commands of the message bring the rows back."""
    path = tmp_path / "it's state" / "state.sqlite"
    path.parent.mkdir()
    _filled(path)
    harm(path)
    with pytest.raises(DatabaseDamaged) as refused:
        Database(path, SCHEMA)
    _restore(refused.value)
    database = Database(path, SCHEMA)
    assert database.read(lambda tx: tx.execute("SELECT count(*) FROM item").fetchone()[0]) == 1000
    database.close()


def test_without_a_backup_the_message_names_none(tmp_path: Path) -> None:
    """There is nothing to take, and the message does not name a file that does not exist."""
    path = tmp_path / "state.sqlite"
    _filled(path, backup=False)
    _overwrite(path, 100)
    with pytest.raises(DatabaseDamaged, match="there is no backup of it; to start with an empty Glue"):
        Database(path, SCHEMA)


def test_an_empty_file_is_a_new_database_if_there_is_no_backup(tmp_path: Path) -> None:
    """A server that was killed while it made the file leaves it empty."""
    path = tmp_path / "state.sqlite"
    path.touch()
    Database(path, SCHEMA).close()


def test_the_first_damage_at_run_time_stops_all_use(tmp_path: Path) -> None:
    """After the first damaged page nothing is read or written any more, what was being written included."""
    path = tmp_path / "state.sqlite"
    _filled(path)
    found = threading.Event()
    database = Database(path, SCHEMA, on_damage=found.set)
    database._writer.execute("PRAGMA cache_size = 1")
    _overwrite(path, 150)

    def scan(tx: sqlite3.Connection) -> None:
        tx.execute("INSERT INTO item VALUES ('later', '')")
        tx.execute("SELECT count(body), max(length(body)) FROM item NOT INDEXED WHERE body > ''").fetchone()

    with pytest.raises(DatabaseDamaged, match="cp "):
        database.write(scan)
    assert found.is_set()
    assert database.damage is not None
    for call in (database.read, database.write):
        with pytest.raises(DatabaseDamaged):
            call(lambda tx: tx.execute("SELECT 1").fetchone())
    database.close()


def test_damage_that_no_request_meets_is_found_by_the_next_backup(tmp_path: Path) -> None:
    """A backup is checked before it replaces an older one, so the backups that are kept can be read."""
    path = tmp_path / "state.sqlite"
    _filled(path)
    kept = backups(path)
    found = threading.Event()
    database = Database(path, SCHEMA, on_damage=found.set)
    _overwrite(path, 150)
    database._backups.make()
    assert found.is_set()
    assert backups(path) == kept
    database.close()


def test_of_each_of_the_last_days_one_backup_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bounded number, readable by the owner only; none is made when the disk is nearly full."""
    path = tmp_path / "state.sqlite"
    database = Database(path, SCHEMA)
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(10, 20):
        for hour in (9, 18):
            (folder / f"state-202601{day}T{hour:02}0000Z.sqlite").touch()
    made = database._backups.make()
    assert made is not None
    names = [one.name for one in backups(path)]
    assert names == [*(f"state-202601{day}T180000Z.sqlite" for day in range(16, 20)), made.name]
    assert made.stat().st_mode & 0o777 == 0o600
    assert sorted(folder.iterdir()) == backups(path)
    monkeypatch.setattr(backup_files, "MIN_FREE_FACTOR", 1 << 60)
    assert database._backups.make() is None
    database.close()


def test_a_backup_is_a_snapshot_while_others_write(tmp_path: Path) -> None:
    """Writing goes on meanwhile, and the copy ends all the same."""
    path = tmp_path / "state.sqlite"
    _filled(path)
    database = Database(path, SCHEMA)
    ends = threading.Event()

    def write() -> None:
        number = 0
        while not ends.is_set():
            number += 1
            row = (f"later {number}", "")
            database.write(lambda tx, row=row: tx.execute("INSERT INTO item VALUES (?, ?)", row))

    thread = threading.Thread(target=write)
    thread.start()
    made = database._backups.make()
    ends.set()
    thread.join()
    database.close()
    assert made is not None
    copy = sqlite3.connect(made)
    assert copy.execute("SELECT count(*) FROM item").fetchone()[0] >= 1000
    assert copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    copy.close()


def test_serve_ends_with_the_message_when_it_meets_damage(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The server makes a backup at start, ends at the first damage with what to do, and starts again."""
    data_dir = tmp_path / "data"
    state = data_dir / "state.sqlite"
    with Server(data_dir) as server:
        glue = server.client("glue")
        for number in range(300):
            glue.create_database(DatabaseInput={"Name": f"d{number}", "Description": "x" * 2000})
    for old in backups(state):
        old.unlink()
    with Server(data_dir, "--warm-workers", "0") as server:
        while not backups(state):
            pass
        pages = state.stat().st_size // PAGE
        for page in range(5, pages):
            _overwrite(state, page)
        glue = server.client("glue")
        with pytest.raises((ClientError, BotoCoreError)):  # answered, or a thread of the server was first
            glue.get_databases()
        assert server.process is not None
        assert server.process.wait(30) == 1
        assert f"Error: {state} is damaged: " in capfd.readouterr().err
    again = subprocess.run(
        [sys.executable, "-m", "glueprint.cli", "serve", "--port", "0", "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1
    _restore(RuntimeError(again.stderr.strip()))
    with Server(data_dir) as server:
        assert len(server.client("glue").get_paginator("get_databases").paginate().build_full_result()) == 1
