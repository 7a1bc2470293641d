"""The files of log streams, and the names of groups and streams from files.

The file is ``<root>/<group>/<stream>``. Each name is percent-encoded (``/`` would make folders); one that is too
long for a file name becomes nested folders, of which all parts but the last end with ``+``, which the encoding
does not produce. A group's folder also contains ``.times``, in the same form: encoded names do not start with a
dot.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

TIMES = ".times"
SETTINGS = ".settings.json"
_MAX_PART_BYTES = 200
"""Bytes of a name in one folder; file systems allow 255."""


def log_path(root: Path, group: str, stream: str) -> Path:
    """Return the file that a process writes its output to.

    Args:
        root: the data directory's ``logs`` folder.
        group: e.g. ``/aws-glue/jobs/output``.
        stream: e.g. the id of the job run.
    """
    return root.joinpath(*_parts(group), *_parts(stream))


def prepare_log(root: Path, group: str, stream: str) -> Path:
    """Create an empty stream if it does not exist, and return its file."""
    path = log_path(root, group, stream)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    group_created(root, group)
    return path


def group_created(root: Path, group: str) -> float:
    """Return when a group was created, in seconds since the epoch; the first call records it."""
    note = root.joinpath(*_parts(group), ".created")
    if not note.exists():
        note.touch(mode=0o600)
    return note.stat().st_mtime


def group_path(root: Path, group: str) -> Path:
    """Return the folder of a group."""
    return root.joinpath(*_parts(group))


def prepare_group(root: Path, group: str) -> None:
    """Create a group without streams."""
    group_path(root, group).mkdir(mode=0o700, parents=True, exist_ok=True)
    group_created(root, group)


def read_settings(root: Path, group: str) -> dict[str, Any]:
    """Return a group's settings and tags; empty if it has none."""
    try:
        settings: dict[str, Any] = json.loads((group_path(root, group) / SETTINGS).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return settings


def write_settings(root: Path, group: str, settings: dict[str, Any]) -> None:
    """Replace a group's settings in one step."""
    new = group_path(root, group) / f"{SETTINGS}.new"
    new.write_text(json.dumps(settings), "utf-8")
    os.chmod(new, 0o600)
    os.replace(new, group_path(root, group) / SETTINGS)


def times_path(root: Path, group: str, stream: str) -> Path:
    """Return the file with the times of a stream's parts."""
    return root.joinpath(*_parts(group), TIMES, *_parts(stream))


def group_exists(root: Path, group: str) -> bool:
    """Whether the group has ever had a stream."""
    return os.path.isdir(root.joinpath(*_parts(group)))  # unlike Path.is_dir, false for a path that is too long


def stream_exists(root: Path, group: str, stream: str) -> bool:
    """Whether the stream exists."""
    return os.path.isfile(log_path(root, group, stream))


def groups(root: Path) -> list[str]:
    """Return the names of the groups, sorted."""
    if not root.is_dir():
        return []
    return sorted(unquote(name) for name, _ in _walk(root, folders=True))


def streams(root: Path, group: str) -> list[str]:
    """Return the names of a group's streams, sorted; none if the group does not exist."""
    folder = root.joinpath(*_parts(group))
    if not folder.is_dir():
        return []
    return sorted(unquote(name) for name, _ in _walk(folder, folders=False))


def _parts(name: str) -> list[str]:
    encoded = quote(name, safe="")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    parts = [encoded[i : i + _MAX_PART_BYTES] for i in range(0, len(encoded), _MAX_PART_BYTES)]
    return [f"{part}+" for part in parts[:-1]] + parts[-1:]


def _walk(folder: Path, *, folders: bool, before: str = "") -> Iterator[tuple[str, Path]]:
    """Yield encoded names below ``folder`` and their paths: of folders (groups) or of files (streams)."""
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.name.endswith("+"):
            yield from _walk(entry, folders=folders, before=before + entry.name[:-1])
        elif entry.is_dir() == folders:
            yield before + entry.name, entry
