"""Which process a pid means: a pid alone is reused, a pid with its birth is not.

Imported by the supervisor, so only light modules of the standard library.
"""

from __future__ import annotations

import os

_PROC = os.path.exists("/proc/self/stat")
_STATE, _START_TICKS = 0, 19
"""Positions in ``/proc/PID/stat`` after the command's closing parenthesis (proc(5): fields 3 and 22)."""


def born(pid: int) -> str | None:
    """A text that no other process with this pid ever had or will have; ``None`` when no such process
    lives.

    A zombie does not live. On Linux: the boot's id and the start time in clock ticks since boot. Elsewhere:
    the start time to the second, as ``ps`` prints it.
    """
    if _PROC:
        return _born_linux(pid)
    return _born_ps(pid)


def lives(pid: int, birth: str) -> bool:
    """Whether the process that had ``pid`` when ``birth`` was noted still runs."""
    return born(pid) == birth


def boot() -> str | None:
    """A text that each boot of this machine has for itself; ``None`` where that cannot be known."""
    return _boot_id() if _PROC else None


def _born_linux(pid: int) -> str | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            stat = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat[stat.rindex(b")") + 2 :].split()
    if fields[_STATE] in (b"Z", b"X"):
        return None
    return f"{_boot_id()}:{fields[_START_TICKS].decode()}"


def _boot_id() -> str:
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def _born_ps(pid: int) -> str | None:
    import subprocess  # not at the top: the supervisor does without it on Linux

    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    if len(shown) < 2 or shown[0].startswith("Z"):
        return None
    return shown[1].strip()
