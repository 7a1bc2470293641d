"""What started what within one transaction, so that nothing can start itself there in an endless loop.

A run that is refused at once - its job is at its limit - ends in the transaction that requests it. Its end can
fire a trigger outside workflows, or be an event for a workflow, whose own runs are refused at once, and so on: a
workflow that any job's failure starts would start itself. On AWS each round takes time, until the run that is in
the way ends; here that end could never be stored (docs/decisions/self-triggering.md).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TriggerStart:
    """A trigger outside workflows has started something."""

    trigger: str


@dataclass(frozen=True, slots=True)
class WorkflowStart:
    """Events have started a workflow."""

    workflow: str


Start = TriggerStart | WorkflowStart


class Cascade:
    """The chain of starts within one transaction.

    Attributes:
        ancestors: the starts that have led to what is being done at this moment.
    """

    def __init__(self) -> None:
        self.ancestors: frozenset[Start] = frozenset()

    @contextmanager
    def restored(self, ancestors: frozenset[Start]) -> Iterator[None]:
        """Do what was queued; ``ancestors`` are the starts that led to it."""
        before, self.ancestors = self.ancestors, ancestors
        try:
            yield
        finally:
            self.ancestors = before

    @contextmanager
    def started_by(self, start: Start) -> Iterator[None]:
        """Do what ``start`` starts."""
        with self.restored(self.ancestors | {start}):
            yield


class EventQueue:
    """Events that one event causes at once wait here until it is handled; each keeps its ancestors."""

    def __init__(self, cascade: Cascade) -> None:
        self._cascade = cascade
        self._queued: deque[tuple[Callable[[], None], frozenset[Start]]] = deque()

    def handle(self, event: Callable[[], None]) -> None:
        """Handle an event and all that it causes; while another one is being handled, only queue it."""
        self._queued.append((event, self._cascade.ancestors))
        if len(self._queued) > 1:
            return
        while self._queued:
            event, ancestors = self._queued[0]
            with self._cascade.restored(ancestors):
                event()
            self._queued.popleft()

    def clear(self) -> None:
        """Drop what is queued: its transaction was undone."""
        self._queued.clear()
