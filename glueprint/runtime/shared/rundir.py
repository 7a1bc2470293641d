"""The files of a run directory: their names, and how they are written so that a reader finds all or nothing.

Supervisors and Python shell jobs import this module, so it imports only light modules of the standard library (no
pathlib, typing, dataclasses). Not even json at the top: loading it takes longer than everything else that a Python
shell job loads, and such a job needs it only if its script failed.
"""

from __future__ import annotations

import errno
import os

SPEC = "spec.json"
"""What to run; written once, before the supervisor is started."""
LOCK = "lock"
"""Locked (flock, exclusive) by the process that may decide about the run."""
STARTED = "started.json"
"""Written before the user's code runs; once it exists, no other process ever runs it."""
STATUS = "status.json"
"""How it ended; once it exists, nothing changes any more."""
STOP = "stop.json"
"""The end was requested; may exist before the run has started."""
ERROR = "error.json"
"""Left by the program itself if it can describe its failure in a line: ``{"type": ..., "message": ...}``; the type
may be missing."""
SUPERVISOR_LOG = "supervisor.log"
"""What the supervisor printed; empty unless the supervisor itself failed."""

GATE = "GLUEPRINT_GATE"
"""Environment variable with the descriptor to wait at, for a program that waits at the gate itself: it may go on
once it has read one byte, and must end if it reads none."""

ANSWER = "GLUEPRINT_ANSWER"
"""Environment variable with the descriptor on which a waiting worker answers its supervisor."""

MARK = "GLUEPRINT_RUN_DIR"
"""Environment variable that every process of the run has: its run directory. Stragglers are found by it."""

READY = b"ready\n"
"""From a waiting worker to its supervisor, and from there to the server: it can take a run."""
TAKEN = b"taken\n"
"""From the worker: it has read its run; from its supervisor to the server: it has that run's lock."""


MAY_PASS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EIO, errno.EROFS}
)
"""Errors of a machine that lacks something: it may have it again later, so what failed is tried again."""


def read_json(run_dir: str, name: str) -> dict[str, object] | None:
    """Return the JSON object in ``run_dir/name``, or ``None`` if there is no such file."""
    import json

    try:
        with open(os.path.join(run_dir, name), encoding="utf-8") as file:
            content: dict[str, object] = json.load(file)
    except FileNotFoundError:
        return None
    return content


def write_json(run_dir: str, name: str, content: dict[str, object]) -> None:
    """Write ``content`` to ``run_dir/name`` in one step that also survives a power cut.

    Readable by the owner only.
    """
    temporary = _write_temporary(run_dir, name, content, durably=True)
    os.rename(temporary, os.path.join(run_dir, name))
    _sync_directory(run_dir)


def write_plan(run_dir: str, name: str, content: dict[str, object]) -> None:
    """Write ``content`` to ``run_dir/name`` in one step, unless the file exists already.

    Not synced to disk, which would double the time: after a power cut the file may be missing or incomplete, see
    :func:`read_plan`. Readable by the owner only: a spec contains keys.
    """
    temporary = _write_temporary(run_dir, name, content, durably=False)
    try:
        os.link(temporary, os.path.join(run_dir, name))
    except FileExistsError:
        return  # the first one counts
    finally:
        os.unlink(temporary)


def read_plan(run_dir: str, name: str) -> dict[str, object] | None:
    """Return what :func:`write_plan` wrote, or ``None`` if there is nothing or a power cut damaged it."""
    try:
        return read_json(run_dir, name)
    except ValueError:
        return None


def exists(run_dir: str, name: str) -> bool:
    """Whether ``run_dir`` has a file ``name``."""
    return os.path.exists(os.path.join(run_dir, name))


def _write_temporary(run_dir: str, name: str, content: dict[str, object], *, durably: bool) -> str:
    """Write a temporary file next to ``run_dir/name`` and return its path."""
    import json

    temporary = os.path.join(run_dir, f"{name}.{os.getpid()}.tmp")
    fd = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump(content, file)
        if durably:
            file.flush()
            os.fsync(file.fileno())
    return temporary


def _sync_directory(path: str) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
