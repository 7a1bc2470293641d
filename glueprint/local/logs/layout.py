"""Where a log stream's file is, and back from files to names.

``<root>/<group>/<stream>``, each name percent-encoded (``/`` would make folders) and, where it is longer than a
file name may be, folded into folders: every part but the last ends with ``+``, which the encoding never yields.
A group's folder also holds ``.times``, in the same shape: no encoded name begins with a dot.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

TIMES = ".times"
_PART = 200
"""Bytes of a name in one folder; file systems take 255."""


def log_path(root: Path, group: str, stream: str) -> Path:
    """The file that a process writes its output to.

    Args:
        root: the data directory's ``logs`` folder.
        group: e.g. ``/aws-glue/jobs/output``.
        stream: e.g. the id of the job run.
    """
    return root.joinpath(*_parts(group), *_parts(stream))


def prepare_log(root: Path, group: str, stream: str) -> Path:
    """Create the stream, empty, when it is not there, and return its file."""
    path = log_path(root, group, stream)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    group_created(root, group)
    return path


def group_created(root: Path, group: str) -> float:
    """When a group was first seen, in seconds since the epoch; the first call notes it."""
    note = root.joinpath(*_parts(group), ".created")
    if not note.exists():
        note.touch(mode=0o600)
    return note.stat().st_mtime


def times_path(root: Path, group: str, stream: str) -> Path:
    """The file that keeps when parts of a stream were written."""
    return root.joinpath(*_parts(group), TIMES, *_parts(stream))


def group_exists(root: Path, group: str) -> bool:
    """Whether anything was ever prepared in ``group``."""
    return os.path.isdir(root.joinpath(*_parts(group)))  # unlike Path's, false for a path that is too long


def stream_exists(root: Path, group: str, stream: str) -> bool:
    """Whether the stream was ever prepared."""
    return os.path.isfile(log_path(root, group, stream))


def groups(root: Path) -> list[str]:
    """The names of the groups, sorted."""
    if not root.is_dir():
        return []
    return sorted(unquote(name) for name, _ in _walk(root, folders=True))


def streams(root: Path, group: str) -> list[str]:
    """The names of a group's streams, sorted; empty when there is no such group."""
    folder = root.joinpath(*_parts(group))
    if not folder.is_dir():
        return []
    return sorted(unquote(name) for name, _ in _walk(folder, folders=False))


def _parts(name: str) -> list[str]:
    encoded = quote(name, safe="")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    parts = [encoded[i : i + _PART] for i in range(0, len(encoded), _PART)]
    return [f"{part}+" for part in parts[:-1]] + parts[-1:]


def _walk(folder: Path, *, folders: bool, before: str = "") -> Iterator[tuple[str, Path]]:
    """Encoded names below ``folder`` and their paths: of folders (groups) or of files (streams)."""
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.name.endswith("+"):
            yield from _walk(entry, folders=folders, before=before + entry.name[:-1])
        elif entry.is_dir() == folders:
            yield before + entry.name, entry
