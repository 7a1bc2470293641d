"""Data directories: found from a subdirectory, and recognized without starting a server."""

from __future__ import annotations

import os
from pathlib import Path

from glueprint.client.errors import NoData

DEFAULT_DATA_DIR = ".glueprint"
_MARK = "lock"
"""Every data directory has this file."""


def find_data_dir(start: Path | None = None) -> Path:
    """Return the nearest ``.glueprint`` in ``start`` or a directory above it, as git finds a repository.

    A directory that belongs to another user does not count: its server would receive this user's scripts. If there
    is none, the result is ``.glueprint``, in ``start``, which does not exist yet.

    Args:
        start: None is the working directory; then a directory in it has a relative path.
    """
    here = Path(DEFAULT_DATA_DIR) if start is None else start / DEFAULT_DATA_DIR
    if is_data_dir(here):
        return here
    try:
        above = (start or Path.cwd()).absolute().parents
    except OSError:  # the working directory was removed
        return here
    return next((one / DEFAULT_DATA_DIR for one in above if is_data_dir(one / DEFAULT_DATA_DIR)), here)


def is_data_dir(path: Path) -> bool:
    """Return whether ``path`` is a data directory of this user."""
    try:
        return (path / _MARK).is_file() and path.stat().st_uid == os.getuid()
    except OSError:
        return False


def check_is_data_dir(path: Path) -> None:
    """Check that there is something to read.

    Raises:
        NoData: ``path`` does not exist or is empty.
    """
    try:
        is_empty = not any(path.iterdir())
    except FileNotFoundError:
        is_empty = True
    except OSError:
        return  # the server's own message states what is wrong with it
    if is_empty:
        raise NoData(
            f"there is no local Glue data in {path}" + (" or above it" if str(path) == DEFAULT_DATA_DIR else ""),
            "`glueprint register` and `glueprint serve` create it; --data-dir names another directory",
        )
