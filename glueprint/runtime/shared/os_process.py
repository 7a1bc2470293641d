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
    """A text that no other process with this pid ever had or will have; ``None`` when no such process
    lives.

    A zombie does not live. On Linux: the boot's id and the start time in clock ticks since boot. Elsewhere:
    the start time to the second, as ``ps`` prints it.
    """
    if _PROC:
        return _born_linux(pid)
    return _born_ps(pid)


def is_same_process(pid: int, birth: str) -> bool:
    """Whether the process that had ``pid`` when ``birth`` was noted still runs."""
    return process_identity(pid) == birth


def boot_id() -> str | None:
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


_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(signal_number: int) -> bool:
    """Ask for ``signal_number`` when this process's parent ends, however it ends. False where that cannot
    be had.
    """
    return _prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> bool:
    """Become the parent of descendants whose own parent ends, setsid or not. False where that cannot be
    had.
    """
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def load_prctl() -> Callable[..., int] | None:
    """The call itself, found once in a process; ``None`` where there is none."""
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
    """Give this process the input, output, directory and limits of ``spec``."""
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
