"""Ends a process with everything that it started, so that nothing outlives the call."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_ROUNDS = 20
"""A process that forks during one round is found in the next."""


def kill_with_children(process: subprocess.Popen[bytes], mark: str) -> None:
    """Kill ``process``, its process group, and processes with ``mark`` in their environment; wait for ``process``.

    Args:
        process: leader of its own session (``start_new_session=True``).
        mark: ``NAME=value``, unique to this process; finds children that left the group (Linux only).
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        # PermissionError: macOS raises it if only a zombie is left in the group.
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for _ in range(_ROUNDS):
        remaining = list(_marked_processes(mark.encode()))
        if not remaining:
            return
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _marked_processes(mark: bytes) -> Iterator[int]:
    if not _PROC.is_dir():
        return
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            # It has ended, or belongs to another user.
            continue
        if mark in environment.split(b"\0"):
            yield int(entry.name)
