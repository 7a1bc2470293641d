"""Waiting for a server that is starting: it holds its data directory's lock, and does not answer yet."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from glueprint.client.errors import ServerUnavailable
from glueprint.client.servers import Endpoint, running_server

MAX_START_SECONDS = 90.0
"""How long a server is waited for: a few seconds are usual, more if it installs a runtime or repairs its state."""
_POLL_SECONDS = 0.1
_PROGRESS_SECONDS = 10.0


def wait_for_starting_server(
    data_dir: Path, notify: Callable[[str], None], seconds: float = MAX_START_SECONDS
) -> Endpoint | None:
    """Return the endpoint of the server that is starting on ``data_dir`` once it answers; None if there is none.

    Args:
        data_dir: the server's data directory.
        notify: receives lines for the user: that it waits, and how long it has waited.
        seconds: the longest wait.

    Raises:
        ServerUnavailable: the server runs, and did not answer in time.
    """
    pid = lock_holder(data_dir)
    if pid is None:
        return None
    notify(f"The local Glue on {data_dir} (pid {pid}) is starting: waiting until it answers ...")
    start = time.monotonic()
    reported = 0.0
    while (waited := time.monotonic() - start) < seconds:
        endpoint = running_server(data_dir)
        if endpoint is not None:
            return endpoint
        if lock_holder(data_dir) is None:
            return None  # it has ended
        if waited - reported >= _PROGRESS_SECONDS:
            reported = waited
            notify(f"... still waiting ({waited:.0f} s)")
        time.sleep(_POLL_SECONDS)
    raise ServerUnavailable(
        f"the local Glue on {data_dir} (pid {pid}) has not answered for {seconds:.0f} s",
        f"look at its output, or end it (kill {pid}) and start `glueprint serve` again",
    )


def lock_holder(data_dir: Path) -> str | None:
    """Return the pid of the process that holds the lock of ``data_dir``, or "not known yet"; None if none does.

    The lock ends with its process, so one that holds it is alive.
    """
    try:
        lock = os.open(data_dir / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(lock, 32, 0).decode("ascii", "replace").partition("\n")[0] or "not known yet"
    else:
        return None
    finally:
        os.close(lock)
