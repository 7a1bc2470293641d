"""The files of a run directory: their names, and how they are written so that a reader sees all or nothing.

Imported by the supervisor and by the host of Python shell jobs, so only light modules of the standard library (no
pathlib, typing, dataclasses). Not even json at the top: it takes longer than all the rest of what that host loads,
which needs it only when the script failed.
"""

from __future__ import annotations

import os

SPEC = "spec.json"
"""What to run; written once, before the supervisor is started."""
LOCK = "lock"
"""GatedProcess (flock, exclusive) by whoever may decide what becomes of the run."""
STARTED = "started.json"
"""Stands before the user's code runs; once it stands, no other process will ever run it."""
STATUS = "status.json"
"""How it ended; once it stands, nothing changes any more."""
STOP = "stop.json"
"""Somebody asked for the end; stands even when the run has not started."""
ERROR = "error.json"
"""Left by the program itself when it can say what went wrong in a line: ``{"type": ..., "message": ...}``,
without a type when the message says it all."""
SUPERVISOR_LOG = "supervisor.log"
"""What the supervisor printed; empty unless the supervisor itself failed."""

GATE = "GLUEPRINT_GATE"
"""Environment variable that tells a program which waits at the gate itself the descriptor to wait at: it may go on
once it has read one byte, and must end when it reads none."""

ANSWER = "GLUEPRINT_ANSWER"
"""Environment variable that tells a waiting worker the descriptor on which it answers its supervisor."""

MARK = "GLUEPRINT_RUN_DIR"
"""Environment variable that every process of the run carries: its run directory. Stragglers are found by
it.
"""

READY = b"ready\n"
"""From the worker to its supervisor, and from that to the server: it can take a run."""
TAKEN = b"taken\n"
"""From the worker: it has read which run; from the supervisor to the server: it holds that run's lock."""


def read_json(run_dir: str, name: str) -> dict[str, object] | None:
    """The JSON object in ``run_dir/name``, or ``None`` when there is no such file."""
    import json

    try:
        with open(os.path.join(run_dir, name), encoding="utf-8") as file:
            content: dict[str, object] = json.load(file)
    except FileNotFoundError:
        return None
    return content


def write_json(run_dir: str, name: str, content: dict[str, object]) -> None:
    """Put ``content`` into ``run_dir/name`` in one step that also survives a power cut.

    Readable by the owner alone.
    """
    temporary = _write_beside(run_dir, name, content, durably=True)
    os.rename(temporary, os.path.join(run_dir, name))
    _sync_directory(run_dir)


def write_plan(run_dir: str, name: str, content: dict[str, object]) -> None:
    """Put ``content`` into ``run_dir/name`` in one step, unless there is such a file already.

    Not forced to disk, which takes as long as all the rest: a power cut may leave the file out or cut short, see
    :func:`read_plan`. Readable by the owner alone: a spec holds keys.
    """
    temporary = _write_beside(run_dir, name, content, durably=False)
    try:
        os.link(temporary, os.path.join(run_dir, name))
    except FileExistsError:
        return  # what stands there stays
    finally:
        os.unlink(temporary)


def read_plan(run_dir: str, name: str) -> dict[str, object] | None:
    """What :func:`write_plan` wrote, or ``None`` when it never did or a power cut has spoilt it."""
    try:
        return read_json(run_dir, name)
    except ValueError:
        return None


def exists(run_dir: str, name: str) -> bool:
    """Whether ``run_dir`` has a file ``name``."""
    return os.path.exists(os.path.join(run_dir, name))


def _write_beside(run_dir: str, name: str, content: dict[str, object], *, durably: bool) -> str:
    """Write a temporary file beside ``run_dir/name``; its path."""
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
