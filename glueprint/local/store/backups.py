"""Backups of the state file: a consistent copy at start and each day, of which the last few days are kept.

They are next to it in ``backups/``, each one file that can take the place of ``state.sqlite``. SQLite's backup
interface copies one snapshot while others write (https://www.sqlite.org/backup.html).
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)

MAX_BACKUPS = 5
"""Days of which a backup is kept: the last ones with any."""
MIN_AGE_AT_START_SECONDS = 3600.0
"""A start makes a backup if the newest is older than this."""
MAX_AGE_SECONDS = 24 * 3600.0
"""A server that runs makes one when the newest is older than this."""
MIN_FREE_FACTOR = 4
"""A backup is only made if the disk has this many times its size free."""
_LOOK_SECONDS = 600.0
_PAGES_AT_ONCE = 2000
_PREFIX, _SUFFIX = "state-", ".sqlite"
_TIME = "%Y%m%dT%H%M%SZ"
_DAY_LENGTH = len("20260101")


class _Closing(Exception):
    """The server ends while a backup is made."""


def backup_folder(state: Path) -> Path:
    """Return the folder of the backups of the file ``state``."""
    return state.parent / "backups"


def backups(state: Path) -> list[Path]:
    """Return the backups of the file ``state``, the oldest first."""
    return sorted(backup_folder(state).glob(f"{_PREFIX}*{_SUFFIX}"))


def newest_backup(state: Path) -> Path | None:
    """Return the newest backup of the file ``state``; None if there is none."""
    found = backups(state)
    return found[-1] if found else None


def time_of(backup: Path) -> str:
    """Return when a backup was made, for people."""
    text = backup.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    try:
        return time.strftime("%Y-%m-%d %H:%M UTC", time.strptime(text, _TIME))
    except ValueError:
        return text


class Backups:
    """Makes the backups of one state file, on its own thread."""

    def __init__(
        self,
        state: Path,
        connect: Callable[[], sqlite3.Connection],
        check: Callable[[sqlite3.Connection], str | None],
        on_damage: Callable[[str], object],
    ) -> None:
        """
        Args:
            state: the state file.
            connect: opens it for reading.
            check: returns what is damaged in a backup; None if nothing is.
            on_damage: called with that.
        """
        self._state = state
        self._connect = connect
        self._check = check
        self._on_damage = on_damage
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._keep, name="state-backups", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; a backup that is being made is dropped."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def make(self) -> Path | None:
        """Make a backup, check it, and remove old ones; return it, or None if none could be made.

        Raises:
            OSError, sqlite3.Error: it cannot be made.
        """
        folder = backup_folder(self._state)
        folder.mkdir(mode=0o700, exist_ok=True)
        size, free = self._state.stat().st_size, shutil.disk_usage(folder).free
        if free < MIN_FREE_FACTOR * size:
            logger.warning(
                "no backup of %s was made: it has %d MB, and the disk has only %d MB free",
                self._state,
                size >> 20,
                free >> 20,
            )
            return None
        backup = folder / f"{_PREFIX}{time.strftime(_TIME, time.gmtime())}{_SUFFIX}"
        unfinished = folder / f".{backup.name}.tmp"
        try:
            os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
            problem = self._copy(unfinished)
            if problem is not None:
                self._on_damage(problem)
                return None
            os.replace(unfinished, backup)
        except _Closing:
            return None
        finally:
            unfinished.unlink(missing_ok=True)
        self._remove_old()
        return backup

    def _copy(self, target: Path) -> str | None:
        """Copy the state file; return what is damaged in the copy."""
        with (
            contextlib.closing(self._connect()) as source,
            contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy,
        ):
            # A snapshot: otherwise the copy starts again whenever something is written meanwhile.
            source.execute("BEGIN")
            source.execute("SELECT 1 FROM sqlite_master").fetchone()
            source.backup(copy, pages=_PAGES_AT_ONCE, progress=self._look)
            source.execute("COMMIT")
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal and -shm
            return self._check(copy)

    def _look(self, status: int, remaining: int, total: int) -> None:
        if self._closing.is_set():
            raise _Closing

    def _remove_old(self) -> None:
        """Keep the newest backup of each of the last days."""
        kept: dict[str, Path] = {}
        for backup in reversed(backups(self._state)):
            day = backup.name[len(_PREFIX) :][:_DAY_LENGTH]
            if day in kept or len(kept) == MAX_BACKUPS:
                backup.unlink(missing_ok=True)
            else:
                kept[day] = backup

    def _keep(self) -> None:
        max_age = MIN_AGE_AT_START_SECONDS
        while not self._closing.is_set():
            if self._is_due(max_age):
                try:
                    self.make()
                except (OSError, sqlite3.Error) as error:
                    logger.warning("no backup of %s was made: %s", self._state, error)
            max_age = MAX_AGE_SECONDS
            self._closing.wait(_LOOK_SECONDS)

    def _is_due(self, max_age: float) -> bool:
        newest = newest_backup(self._state)
        try:
            return newest is None or not 0 <= time.time() - newest.stat().st_mtime < max_age
        except OSError:
            return True
