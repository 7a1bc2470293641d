"""Waiting for something that Glue does, by requesting its state repeatedly."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TimedOut(Exception):
    """What was waited for did not happen in time."""


def wait_until(
    request: Callable[[], T],
    is_over: Callable[[T], bool],
    *,
    poll_seconds: float,
    progress: Callable[[T], None] | None = None,
    timeout_seconds: float | None = None,
) -> T:
    """Request a state until it is final, and return the final one.

    Args:
        request: returns the present state.
        is_over: whether a state is final.
        poll_seconds: the time between two requests.
        progress: called with each state that is not final.
        timeout_seconds: how long to wait at most; None waits without a limit.

    Raises:
        TimedOut: the time limit was reached.
    """
    deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    while True:
        state = request()
        if is_over(state):
            return state
        if progress is not None:
            progress(state)
        if deadline is not None and time.monotonic() >= deadline:
            raise TimedOut(f"not finished within {timeout_seconds:g} seconds")
        time.sleep(poll_seconds)
