"""What has set off what within one transaction, so that nothing sets off itself there without end.

A run that is refused at once - its job is at its limit - ends in the transaction that asks for it. That end may
set off a trigger outside workflows, or be an event for a workflow, whose own runs are refused at once, and so on:
a workflow that any job's failure starts would be started by its own. On AWS each round takes its time, until the
run that is in the way ends; here that end could never be stored (docs/decisions/self-triggering.md).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
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


class Turns:
    """What one step sets off at once waits here until that step is done, and keeps what had led to it."""

    def __init__(self, cascade: Cascade) -> None:
        self._cascade = cascade
        self._waiting: deque[tuple[Callable[[], None], frozenset[str]]] = deque()

    def take(self, step: Callable[[], None]) -> None:
        """Do it, and whatever it sets off; or have it wait while another step is being done."""
        self._waiting.append((step, self._cascade.led_here))
        if len(self._waiting) > 1:
            return
        while self._waiting:
            step, led_here = self._waiting[0]
            with self._cascade.continued(led_here):
                step()
            self._waiting.popleft()

    def forget(self) -> None:
        """The transaction was undone, and what waited with it."""
        self._waiting.clear()
