"""Ends a process with everything that it started, so that none outlives the call that it was made for."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_ROUNDS = 20
"""A process that forks while it is looked for is found in the next round."""


def end_all_of(process: subprocess.Popen[bytes], mark: str) -> None:
    """Kill ``process``, its process group, and whoever carries ``mark`` in its environment; wait for ``process``.

    Args:
        process: leader of its own session (``start_new_session=True``).
        mark: ``NAME=value``, unique to this process; finds children that left the group (Linux only).
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        # PermissionError: macOS answers so when only a zombie is left in the group.
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for _ in range(_ROUNDS):
        escaped = list(_carriers(mark.encode()))
        if not escaped:
            return
        for pid in escaped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _carriers(mark: bytes) -> Iterator[int]:
    if not _PROC.is_dir():
        return
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            # Ended meanwhile, or not ours.
            continue
        if mark in environment.split(b"\0"):
            yield int(entry.name)
