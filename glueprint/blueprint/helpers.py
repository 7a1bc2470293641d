"""Where the helpers that Glueprint ships are: ``layouts/common`` and ``glue_jobs/common``.

A project outside this repository imports them under the same names; the bundler writes them into its files. In a
wheel they are data of the package, in an editable install the repository's own folders.
"""

from __future__ import annotations

import functools
from pathlib import Path

ROOMS = ("layouts", "glue_jobs")
_PACKAGE = Path(__file__).parents[1]


@functools.cache
def shipped_helpers() -> Path | None:
    """Return the directory that contains ``layouts/common`` and ``glue_jobs/common``; None if there is none."""
    for root in (_PACKAGE / "catalogue" / "helpers", _PACKAGE.parent):
        if all((root / room / "common").is_dir() for room in ROOMS):
            return root
    return None


def source_of(root: Path, path: str) -> Path:
    """Return the file of a project, or the shipped helper of that name if the project has no such file.

    Args:
        root: the project.
        path: relative to it, with ``/``.
    """
    own = root / path
    shipped = shipped_helpers()
    is_helper = tuple(path.split("/")[1:2]) == ("common",) and path.split("/")[0] in ROOMS
    if own.is_file() or shipped is None or not is_helper:
        return own
    return shipped / path
