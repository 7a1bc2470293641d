"""The processes below a process: found through the parent links that the kernel keeps, then signalled.

Imported by the supervisor, so only light modules of the standard library.
"""

from __future__ import annotations

import os


def descendants(root: int) -> list[int]:
    """The pids of all living processes below ``root``, parents before their children."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    waiting = list(children.get(root, ()))
    while waiting:
        pid = waiting.pop(0)
        found.append(pid)
        waiting.extend(children.get(pid, ()))
    return found


def signal_below(root: int, signal_number: int, *, but: set[int] | None = None) -> None:
    """Send ``signal_number`` to everything below ``root`` apart from the pids in ``but``, which grows by
    those reached.
    """
    for pid in descendants(root):
        if but is not None:
            if pid in but:
                continue
            but.add(pid)
        try:
            os.kill(pid, signal_number)
        except (ProcessLookupError, PermissionError):
            continue  # ended meanwhile, or it has become another user's (setuid): not ours to end


def _parents() -> list[tuple[int, int]]:
    """(pid, parent's pid) of every process that is not a zombie."""
    if os.path.exists("/proc/self/stat"):
        return _parents_linux()
    return _parents_ps()


def _parents_linux() -> list[tuple[int, int]]:
    links = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                stat = file.read()
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = stat[stat.rindex(b")") + 2 :].split(maxsplit=2)[:2]
        if state != b"Z":
            links.append((int(name), int(parent)))
    return links


def _parents_ps() -> list[tuple[int, int]]:
    import subprocess  # not at the top: the supervisor does without it on Linux

    lines = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    rows = [line.split() for line in lines]
    return [(int(pid), int(parent)) for pid, parent, stat in rows if not stat.startswith("Z")]
