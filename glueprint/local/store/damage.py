"""Damage of the state file: how it is found, and what to do about it.

SQLite notices damage when it reads a page that cannot be right (``SQLITE_CORRUPT``). It has no checksums, so a
changed letter within a value goes unnoticed; ``PRAGMA quick_check`` finds everything else in one pass over the
file (https://www.sqlite.org/pragma.html#pragma_quick_check).
"""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import shutil
import sqlite3
import time
from pathlib import Path

from glueprint.local.store.backups import newest_backup, time_of

CHECK_SECONDS = 2.0
"""How long the check at start may take: about 1 GB that the system has in memory. The first backup afterwards is
checked completely, in the background."""
_STEPS_BETWEEN_LOOKS = 20_000
"""Instructions of SQLite's virtual machine: some milliseconds."""
_DISK_ERRORS: dict[int | None, int] = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
}
_MIN_FREE_BYTES = 1 << 20
"""Less than what SQLite needs to open a file."""
_PRIMARY_CODE = 0xFF
"""Mask of SQLite's extended error codes (https://www.sqlite.org/rescode.html)."""
_FIRST_BYTES = b"SQLite format 3\x00"


class DatabaseError(Exception):
    """The state file cannot be used; the message says why and what to do."""


class DatabaseDamaged(DatabaseError):
    """The state file is damaged: nothing more may be written to it."""


class NoSpace(OSError):
    """The disk of the state file is full, or fails: the write was undone, and can be repeated."""


def is_damage(error: BaseException) -> bool:
    """Whether SQLite reports with ``error`` that the file is damaged or not a database."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def as_disk_error(path: Path, error: BaseException) -> OSError | None:
    """Return SQLite's report of a disk that is full, broken or not writable as Python's; None if it is another."""
    number = _DISK_ERRORS.get(_code(error))
    return None if number is None else NoSpace(number, os.strerror(number), str(path))


def check(connection: sqlite3.Connection, seconds: float | None = CHECK_SECONDS) -> str | None:
    """Return the first damage that SQLite finds in the open file, as text; None if it finds none.

    ``seconds``: the check ends without a finding after that time; None: it is complete.
    """
    end = time.monotonic() + (seconds or 0.0)
    if seconds is not None:
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS)
    try:
        found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        if _code(error) == sqlite3.SQLITE_INTERRUPT:
            return None
        if is_damage(error):
            return str(error)
        raise
    finally:
        connection.set_progress_handler(None, 0)
    return None if found == "ok" else " ".join(found.split())


def lost_content(path: Path) -> str | None:
    """Return what is wrong with a state file that lost its content while backups of it exist; None if nothing is.

    SQLite takes an empty file, or none, for a new database, and would start without anything.
    """
    if newest_backup(path) is None:
        return None
    if not path.exists():
        return "is missing"
    return "is empty" if path.stat().st_size == 0 else None


def is_database(path: Path) -> bool:
    """Whether a file that exists and is not empty starts as SQLite's files do."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        return file.read(len(_FIRST_BYTES)) in (b"", _FIRST_BYTES)
    return True


def damaged(path: Path, what: str) -> DatabaseDamaged:
    """Return the error for the state file ``path``, with the commands that replace it."""
    aside = shlex.quote(str(path.parent / "damaged-state"))
    files = f"{shlex.quote(str(path))}*"
    put_aside = f"mkdir -p {aside} && mv {files} {aside}/"
    backup = newest_backup(path)
    if backup is None:
        remedy = (
            f"there is no backup of it; to start with an empty Glue (objects in S3 and logs stay): {put_aside}"
        )
    else:
        remedy = (
            f"the newest backup is of {time_of(backup)}; to take it (what Glue stored since then is lost): "
            f"{_unless_missing(path, put_aside)}cp {shlex.quote(str(backup))} {shlex.quote(str(path))}"
        )
    return DatabaseDamaged(f"{path} {what}. Nothing more is written to it. Stop `glueprint serve`; {remedy}")


def space_hint(path: Path) -> str:
    """Return what to do if the file cannot be opened because its disk is full; else nothing."""
    free = shutil.disk_usage(path.parent).free
    return "" if free > _MIN_FREE_BYTES else f": only {free >> 10} kB of its disk are free; free more"


def _unless_missing(path: Path, put_aside: str) -> str:
    return f"{put_aside} && " if path.exists() else ""


def _code(error: BaseException) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & _PRIMARY_CODE
