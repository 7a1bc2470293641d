"""What the operating system knows of processes: identity, descendants, ties to a parent, standard streams.

The supervisor imports this module, so it imports only light modules of the standard library.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable

_PROC = os.path.exists("/proc/self/stat")
_STATE, _START_TICKS = 0, 19
"""Positions in ``/proc/PID/stat`` after the command's closing parenthesis (proc(5): fields 3 and 22)."""


def process_identity(pid: int) -> str | None:
    """Return a text that differs for every process that ever has this pid; ``None`` if no such process runs.

    A pid alone is reused. A zombie does not run. On Linux: the id of the boot and the start time in clock ticks
    since then. Elsewhere: the start time to the second, as ``ps`` prints it.
    """
    if _PROC:
        return _born_linux(pid)
    return _born_ps(pid)


def is_same_process(pid: int, identity: str) -> bool:
    """Whether the process whose :func:`process_identity` was ``identity`` still runs."""
    return process_identity(pid) == identity


def boot_id() -> str | None:
    """Return a text that differs for each boot of this machine; ``None`` where that cannot be known."""
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
    import subprocess  # not at the top: the supervisor does not need it on Linux

    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    if len(shown) < 2 or shown[0].startswith("Z"):
        return None
    return shown[1].strip()


def descendants(root: int) -> list[int]:
    """Return the pids of all running processes below ``root``, parents before their children."""
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
    """Send ``signal_number`` to every process below ``root``, except the pids in ``but``.

    The pids that were reached are added to ``but``.
    """
    for pid in descendants(root):
        if but is not None:
            if pid in but:
                continue
            but.add(pid)
        try:
            os.kill(pid, signal_number)
        except (ProcessLookupError, PermissionError):
            continue  # ended meanwhile, or it now belongs to another user (setuid)


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
    import subprocess  # not at the top: the supervisor does not need it on Linux

    lines = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    rows = [line.split() for line in lines]
    return [(int(pid), int(parent)) for pid, parent, stat in rows if not stat.startswith("Z")]


_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(signal_number: int) -> bool:
    """Let the kernel send ``signal_number`` when this process's parent ends. False where it cannot (prctl(2))."""
    return _prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> bool:
    """Become the parent of descendants whose own parent ends, with or without setsid. False where that is not
    possible.
    """
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def load_prctl() -> Callable[..., int] | None:
    """Return prctl(2), loaded once in a process; ``None`` where it does not exist."""
    global _call
    if _call is None and sys.platform == "linux":
        import ctypes

        _call = ctypes.CDLL(None).prctl
        # Linux reads five unsigned longs, whatever the option.
        _call.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    return _call


_call: Callable[..., int] | None = None


def _prctl(option: int, value: int) -> bool:
    prctl = load_prctl()
    return prctl is not None and prctl(option, value, 0, 0, 0) == 0


def redirect_stdio(spec: dict[str, object]) -> None:
    """Set the standard streams, working directory and memory limit of this process as ``spec`` requires."""
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, spec["stdout"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, spec["stderr"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        fd = os.open(str(path), flags, 0o600)
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(str(spec["cwd"]))
    if (limit := spec.get("memory_limit_bytes")) is not None:
        bytes_ = int(str(limit))
        resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))
