"""Removes environments: those that are incomplete, those of older definitions, and those that a user names."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from glueprint.environments import installed
from glueprint.environments.definitions import RUNTIMES, Runtime
from glueprint.environments.installed import RECORD
from glueprint.environments.locking import locked

_DIRECTORY = re.compile(r"(?P<name>[a-z0-9.-]+)-(?P<digest>[0-9a-f]{12})")


class InUse(Exception):
    """A process runs in the environment; the message names it."""


def directories(parent: Path, name: str | None = None) -> Iterator[Path]:
    """Yield the directories of environments and incomplete ones; with ``name``, only those of this runtime."""
    if not parent.is_dir():
        return
    for directory in sorted(parent.iterdir()):
        match = _DIRECTORY.fullmatch(directory.name)
        if match and directory.is_dir() and name in (None, match["name"]):
            yield directory


def outdated(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Return the directories of environments that this version of Glueprint does not use."""
    current = {installed.environment_directory(runtime, environ) for runtime in RUNTIMES.values()}
    return [found for found in directories(installed.runtimes_directory(environ)) if found not in current]


def remove_incomplete(parent: Path, runtime: Runtime) -> None:
    """Remove what an interrupted creation left, and an environment that is broken. The lock is held."""
    current = f"{runtime.name}-{runtime.digest}"
    for directory in directories(parent, runtime.name):
        if directory.name == current or not (directory / RECORD).exists():
            remove_directory(directory)


def remove(directory: Path, *, only_incomplete: bool = False) -> bool:
    """Remove an environment, and return whether it was removed.

    Args:
        directory: of the environment.
        only_incomplete: keep it if another process has completed it.

    Raises:
        InUse: a process runs in it.
    """
    match = _DIRECTORY.fullmatch(directory.name)
    name = match["name"] if match else directory.name
    with locked(directory.parent, name):
        if only_incomplete and (directory / RECORD).exists():
            return False
        if users := processes_in(directory):
            listed = ", ".join(map(str, users[:5]))
            raise InUse(
                f"{directory.name} is used by process {listed}: a job, or a server that keeps it ready. "
                "Stop the server first."
            )
        remove_directory(directory)
    return True


def remove_directory(directory: Path) -> None:
    """Remove a directory; what is left of it after a crash is no environment."""
    with contextlib.suppress(FileNotFoundError):
        (directory / RECORD).unlink()
    shutil.rmtree(directory, ignore_errors=True)


def processes_in(directory: Path) -> list[int]:
    """Return the processes of this machine whose program is in ``directory``, as far as they can be seen."""
    prefix = f"{directory}{os.sep}"
    return sorted(pid for pid, program in _programs() if program.startswith(prefix) and pid != os.getpid())


def _programs() -> Iterable[tuple[int, str]]:
    proc = Path("/proc")
    if (proc / "self" / "cmdline").exists():
        for entry in proc.iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    yield int(entry.name), os.fsdecode((entry / "cmdline").read_bytes().partition(b"\0")[0])
        return
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(["ps", "-axo", "pid=,args="], capture_output=True, text=True, check=True, timeout=10)
        for line in done.stdout.splitlines():
            pid, _, program = line.strip().partition(" ")
            yield int(pid), program.strip()
