"""A copy of a data directory's content for a trial: objects, Data Catalog, jobs, bookmarks - nothing that starts.

Runs, triggers, workflows, schedules and EventBridge rules are left out, so that a server on the copy does only
what it is called for.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

from glueprint.local.datadir import DataDirectory, DataDirectoryError

COPIED_TABLES = frozenset(
    {
        *("resource", "tag", "blueprint_zip", "job_bookmark"),
        *("glue_table", "glue_table_version", "glue_partition", "glue_partition_index"),
        *("s3_buckets", "s3_objects", "s3_bucket_settings", "moto_request", "moto_request_name"),
    }
)
_STARTING_KINDS = ("trigger", "workflow")


def copy_content(source: Path, target: DataDirectory) -> None:
    """Copy what the data directory ``source`` contains into an empty one. A server may run on ``source``.

    Objects that are written meanwhile may be missing in the copy.

    Raises:
        DataDirectoryError: ``source`` is not a data directory, or the copy cannot be written.
    """
    state = source / "state.sqlite"
    if not state.is_file():
        raise DataDirectoryError(f"{source} is not the data directory of a local Glue: it has no state.sqlite")
    try:
        _copy_state(state, target.state)
        shutil.copytree(source / "s3", target.s3, symlinks=True, dirs_exist_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise DataDirectoryError(f"{source} cannot be copied: {error}") from error


def _copy_state(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA foreign_keys = OFF")
        with new:
            names = [row[0] for row in new.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                if name not in COPIED_TABLES and not name.startswith("sqlite_"):
                    new.execute(f'DELETE FROM "{name}"')
            new.executemany("DELETE FROM resource WHERE kind = ?", [(kind,) for kind in _STARTING_KINDS])
