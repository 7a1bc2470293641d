"""Waiting for what Glue does on its own: looked at again and again, and shown on a terminal meanwhile."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import click

from glueprint.cli.output import console


def wait_until(
    look: Callable[[], dict[str, Any]],
    is_over: Callable[[dict[str, Any]], bool],
    *,
    poll_seconds: float,
    told: str,
) -> dict[str, Any]:
    """Look until it is over.

    Args:
        look: asks the API; its answer is what is returned in the end.
        is_over: whether nothing more will change.
        poll_seconds: between two looks.
        told: what is waited for, as a sentence. Only terminals show it: a pipe gets what came of it.

    Raises:
        KeyboardInterrupt: Ctrl-C; that it goes on all the same has been said.
    """
    found = look()
    try:
        with contextlib.ExitStack() as stack:
            if not is_over(found):
                stack.enter_context(console(stderr=True).status(f"{told} ..."))
            while not is_over(found):
                time.sleep(poll_seconds)
                found = look()
    except KeyboardInterrupt:
        click.echo(f"this goes on while its Glue does: {told}", err=True)
        raise
    return found
