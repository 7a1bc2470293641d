"""One SQLite file, opened in one place: settings, migrations, one writer thread with group commit.

Why one writer: SQLite has one write lock; a queue in front of it has much better tail latency than clients
that compete for it, and queued transactions share one disk sync. Each unit of work runs in its own
savepoint, so that a failure undoes that unit only.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store import damage
from glueprint.local.store.backups import Backups
from glueprint.local.store.damage import DatabaseDamaged, DatabaseError

T = TypeVar("T")
Row = sqlite3.Row
Connection = sqlite3.Connection

CONNECTION: type[sqlite3.Connection] = sqlite3.Connection
"""The class of every connection; the fault tests replace it by one whose writes fail."""

MAX_GROUP = 256
"""The number of units of work that can share one commit."""


@dataclass(frozen=True, slots=True)
class _Work:
    run: Callable[[sqlite3.Connection], object]
    future: Future[object]


class Database:
    """The state file of one data directory.

    ``migrations`` are SQL scripts; each runs once, in order, and the count of those that ran is kept in the
    file (``PRAGMA user_version``). Call :meth:`close` when done: it finishes what is queued.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[str],
        on_rollback: Callable[[], None] = lambda: None,
        *,
        durable: bool = True,
        on_damage: Callable[[], None] = lambda: None,
    ) -> None:
        """Open or create ``path``, and check it for damage for a limited time.

        ``durable``: a commit waits until the disk has it, so that it survives a power cut; without, it survives
        the end of this process only, which is enough for a file that is not opened again.
        ``on_rollback`` is called on the writer thread after work was undone, so that what mirrors the rows in
        memory can be dropped before the next unit of work sees it. ``on_damage`` is called once, on any thread,
        when damage is found later: from then on every call fails.

        Raises:
            DatabaseDamaged: the file is damaged, or lost its content; the message names the newest backup.
            DatabaseError: it is newer than this program, or cannot be written.
        """
        self._path = path
        self._synchronous = "FULL" if durable else "OFF"
        self._on_rollback = on_rollback
        self._on_damage = on_damage
        self._damage: DatabaseDamaged | None = None
        self._undone_by: OSError | DatabaseDamaged | None = None
        self._backups = Backups(path, lambda: self._connect(read_only=True), _check_all, self._damaged)
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._close_lock = threading.Lock()
        problem = damage.lost_content(path)
        if problem is not None:
            raise damage.damaged(path, problem)
        if not damage.is_database(path):  # opening it would already remove what is in its log
            raise damage.damaged(path, "is damaged: it is not an SQLite file")
        try:
            with contextlib.ExitStack() as opening:
                self._writer = opening.enter_context(contextlib.closing(self._connect()))
                problem = damage.check(self._writer) if durable else None
                if problem is not None:
                    raise damage.damaged(path, f"is damaged: {problem}")
                self._migrate(migrations)
                opening.pop_all()
        except sqlite3.Error as error:
            if damage.is_damage(error):
                raise damage.damaged(path, f"is damaged: {error}") from error
            raise DatabaseError(f"cannot open {path}: {error}{damage.space_hint(path)}") from error
        self._thread = threading.Thread(target=self._write_loop, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in a transaction and return its result once it is on disk.

        ``work`` may run on another thread, must only use the connection it is given, and must not block.
        Whatever it raises undoes its changes alone and is raised here. Called from within another unit of work, it
        is part of that one.
        """
        if self._is_writing():
            return self._undoable(work)
        return self.submit(work).result()

    @property
    def damage(self) -> DatabaseDamaged | None:
        """The damage that was found since the file was opened."""
        return self._damage

    def start_backups(self) -> None:
        """Make backups in the background from now on."""
        self._backups.start()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Like :meth:`write`, without waiting."""
        future: Future[T] = Future()
        with self._close_lock:
            if self._closed.is_set():
                raise DatabaseError("the store is closed")
            self._refuse_if_damaged()
            self._queue.put(_Work(work, future))  # type: ignore[arg-type]
        return future

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on a read connection, in one consistent snapshot; in a unit of work on what that sees."""
        if self._is_writing():
            try:
                return work(self._writer)
            except sqlite3.Error as error:
                raise self._explained(error)  # noqa: B904 - it has its cause
        self._refuse_if_damaged()
        connection = self._borrow()
        try:
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._explained(error)  # noqa: B904 - it has its cause
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Finish queued work and close every connection."""
        with self._close_lock:
            if self._closed.is_set():
                return
            self._closed.set()
            self._queue.put(None)
        self._backups.close()
        self._thread.join()
        self._writer.close()
        with self._readers_lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()

    def _explained(self, error: BaseException) -> BaseException:
        """Return what an error of SQLite means for the file, or else the error; after damage every call fails.

        Not a context manager, which would cost every request more than all else here.
        """
        if not isinstance(error, sqlite3.Error):
            return error
        found: Exception | None
        if damage.is_damage(error):
            found = self._damaged(str(error))
        else:
            found = damage.as_disk_error(self._path, error)
        if found is None:
            return error
        found.__cause__ = error
        return found

    def _damaged(self, problem: str) -> DatabaseDamaged:
        """Stop all use of the file; return the error for the caller."""
        with self._close_lock:
            known = self._damage is not None
            if self._damage is None:
                self._damage = damage.damaged(self._path, f"is damaged: {problem}")
        if not known:
            self._on_damage()
        return DatabaseDamaged(str(self._damage))

    def _refuse_if_damaged(self) -> None:
        """Raise the damage that was found."""
        if self._damage is not None:
            raise DatabaseDamaged(str(self._damage))

    def _is_writing(self) -> bool:
        return threading.current_thread() is self._thread

    def _connect(self, *, read_only: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=10, factory=CONNECTION
        )
        connection.row_factory = sqlite3.Row
        settings = ["foreign_keys = ON", "journal_mode = WAL", f"synchronous = {self._synchronous}"]
        try:
            for setting in [*settings, "query_only = ON"] if read_only else settings:
                connection.execute(f"PRAGMA {setting}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _borrow(self) -> sqlite3.Connection:
        """Return an idle read connection; threads come and go, so they do not own connections."""
        with self._readers_lock:
            if self._closed.is_set():
                raise DatabaseError("the store is closed")
            if self._readers:
                return self._readers.pop()
        return self._connect(read_only=True)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._readers_lock:
            if not self._closed.is_set():
                self._readers.append(connection)
                return
        connection.close()

    def _migrate(self, migrations: Sequence[str]) -> None:
        done: int = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if done > len(migrations):
            raise DatabaseError(
                f"{self._path} was written by a newer glueprint (schema {done}, this one knows "
                f"{len(migrations)}): update glueprint, or choose another --data-dir"
            )
        for number, script in enumerate(migrations[done:], start=done + 1):
            self._writer.executescript(
                f"BEGIN IMMEDIATE;\n{script};\nPRAGMA user_version = {number};\nCOMMIT;"
            )

    def _write_loop(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            group, last = [first], False
            while len(group) < MAX_GROUP:
                try:
                    work = self._queue.get_nowait()
                except queue.Empty:
                    break
                if work is None:
                    last = True
                    break
                group.append(work)
            self._commit(group)
            if last:
                return

    def _undoable(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on the writer thread, in a savepoint; an exception undoes its changes, and is raised."""
        execute = self._writer.execute
        try:
            execute("SAVEPOINT unit")
            result = work(self._writer)
            if not self._writer.in_transaction:  # undone by SQLite, although the work caught the error
                raise sqlite3.OperationalError("the transaction was undone")
            execute("RELEASE unit")
        except BaseException as error:  # noqa: BLE001 - it is raised as what it means
            raise self._undone(error)  # noqa: B904 - it has its cause
        return result

    def _undone(self, error: BaseException) -> BaseException:
        """Undo what the work changed before it raised ``error``; return what to raise."""
        try:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK TO unit")
                self._writer.execute("RELEASE unit")
        except sqlite3.Error as second:
            error = error if isinstance(error, sqlite3.Error) else second
        found = self._explained(error)
        if isinstance(found, OSError | DatabaseDamaged):
            self._undone_by = found
        self._on_rollback()
        return found

    def _commit(self, group: list[_Work]) -> None:
        """Run a group in one transaction; no caller gets a result before the commit."""
        succeeded: list[tuple[_Work, object]] = []
        try:
            self._refuse_if_damaged()
            self._undone_by = None
            self._writer.execute("BEGIN IMMEDIATE")
            for work in group:
                try:
                    result = self._undoable(work.run)
                except BaseException as error:
                    if not self._writer.in_transaction:  # a full disk makes SQLite undo the complete group
                        raise (self._undone_by or error) from error
                    work.future.set_exception(error)
                else:
                    succeeded.append((work, result))
            self._refuse_if_damaged()
            reached(FaultPoint.COMMIT_AHEAD)
            self._writer.execute("COMMIT")
            reached(FaultPoint.COMMIT_DONE)
        except BaseException as raised:  # noqa: BLE001 - it is handed to the callers, whatever it is
            failure = self._explained(raised)
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            self._on_rollback()
            for work in group:
                if not work.future.done():
                    work.future.set_exception(failure)
            return
        for work, result in succeeded:
            work.future.set_result(result)


def _check_all(connection: sqlite3.Connection) -> str | None:
    return damage.check(connection, seconds=None)
