"""A layout's process that is started before its blueprint is known."""

from __future__ import annotations

from contextlib import ExitStack

from glueprint.blueprint.layout_process import LayoutProcess
from glueprint.compat import Self

REGION = "us-east-1"
"""Of the account in which a checked layout runs."""
BOTO3 = "boto3"
MAX_RUNS = 2
"""In an empty account, and in one in which everything exists."""


def new_process(imports: str) -> LayoutProcess:
    """Start a process for a checked layout.

    Args:
        imports: the module that it imports while it waits; empty for none.
    """
    return LayoutProcess({"AWS_DEFAULT_REGION": REGION}, imports=imports, runs=MAX_RUNS)


class ProcessAhead:
    """A process that imports boto3, a third of a second, while the blueprint is read and bundled."""

    def __init__(self) -> None:
        self._started = ExitStack()
        self._waiting: LayoutProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._started.close()

    def start(self) -> None:
        """Start a process for the next check."""
        self._waiting = self._started.enter_context(new_process(BOTO3))

    def take(self) -> LayoutProcess | None:
        """Return the process that was started; None if it is taken, or none was started."""
        waiting, self._waiting = self._waiting, None
        return waiting
