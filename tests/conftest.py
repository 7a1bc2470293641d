"""What holds for every test: no deadline per example, and nothing left behind at the end."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
from hypothesis import settings

# The machine is shared: how long an example takes says nothing about it. CI repeats the same examples.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

SETTLE_SECONDS = 10.0


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """No test leaves a process or a thread (project rule); fails the run's last test otherwise."""
    threads_before = set(threading.enumerate())
    children_before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        threads = [one.name for one in threading.enumerate() if one not in threads_before]
        children = [
            f"{child.pid} {child.name()}"
            for child in psutil.Process().children(recursive=True)
            if child.pid not in children_before and child.status() != psutil.STATUS_ZOMBIE
        ]
        if not threads and not children:
            return
        time.sleep(0.05)
    pytest.fail(f"left behind: threads {threads}, processes {children}")
