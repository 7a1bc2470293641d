"""Waiting with a line on the terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from glueprint.cli.output import console, echo
from glueprint.client.waiting import wait_until

T = TypeVar("T")


def wait_with_status(
    request: Callable[[], T], is_over: Callable[[T], bool], *, poll_seconds: float, status: str
) -> T:
    """Request a state until it is final, and return the final one.

    Args:
        request: returns the present state.
        is_over: whether a state is final.
        poll_seconds: the time between two requests.
        status: what is waited for, as a sentence. Only terminals show it: a pipe receives the result only.

    Raises:
        KeyboardInterrupt: Ctrl-C; that the work continues has been printed.
    """
    with contextlib.ExitStack() as stack:

        def show(state: T) -> None:
            if not shown:
                shown.append(stack.enter_context(console(stderr=True).status(f"{status} ...")))

        shown: list[object] = []
        try:
            return wait_until(request, is_over, poll_seconds=poll_seconds, progress=show)
        except KeyboardInterrupt:
            stack.close()
            echo(f"this goes on: {status}", err=True)
            raise
