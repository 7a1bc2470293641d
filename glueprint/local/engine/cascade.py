"""What has set off what within one transaction, so that nothing sets off itself there without end.

A run that is refused at once - its job is at its limit - ends in the transaction that asks for it. That end may
set off a trigger outside workflows, or be an event for a workflow, whose own runs are refused at once, and so on:
a workflow that any job's failure starts would be started by its own. On AWS each round takes its time, until the
run that is in the way ends; here that end could never be stored (docs/decisions/170).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Cascade:
    """Names of triggers and workflows, as those who start something give them.

    Attributes:
        led_here: whose starts have led to what is being done at this moment.
    """

    def __init__(self) -> None:
        self.led_here: frozenset[str] = frozenset()

    @contextmanager
    def continued(self, led_here: frozenset[str]) -> Iterator[None]:
        """Do what has waited its turn: these starts had led to it."""
        before, self.led_here = self.led_here, led_here
        try:
            yield
        finally:
            self.led_here = before

    @contextmanager
    def led_by(self, who: str) -> Iterator[None]:
        """Do what ``who`` starts."""
        with self.continued(self.led_here | {who}):
            yield
