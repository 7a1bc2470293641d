"""One process at a time changes the environments of a runtime; an installer that outlives it counts, too."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path


def is_locked(directory: Path, name: str) -> bool:
    """Return whether another process, or an installer that outlived it, is changing a runtime's environments."""
    try:
        descriptor = os.open(directory / f"{name}.lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def locked(directory: Path, name: str, waiting: Callable[[], None] | None = None) -> Iterator[int]:
    """Hold the lock of a runtime, and yield its file descriptor.

    A child that inherits the descriptor keeps the lock until it has ended, even if this process is killed: the
    next process never removes files that an installer still writes.

    Args:
        directory: of all environments; made if it does not exist.
        name: of the runtime.
        waiting: called once if another process holds the lock.
    """
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
