"""The rows of one execution while an event is decided: branches and history, changed on a copy."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import replace
from typing import Any

from glueprint.statemachine.context import context_of
from glueprint.statemachine.definition import Task
from glueprint.statemachine.execution import (
    MAX_HISTORY_EVENTS,
    Branch,
    BranchRemoved,
    BranchSet,
    CancelTimer,
    Change,
    ExecutionState,
    HistoryAdded,
    HistoryEvent,
    Owed,
    Phase,
    StopTask,
)
from glueprint.statemachine.templates import Scope

_ABORTED = frozenset({"Task", "Wait", "Parallel", "Map"})
"""The types of states that have an event ``...StateAborted``."""


class HistoryFull(Exception):
    """The execution has as many history events as it may have."""


class Rows:
    """The branches of an execution with the changes of one event.

    Attributes:
        changes, owed: the decision so far.
    """

    def __init__(self, state: ExecutionState, now: float) -> None:
        self._state = state
        self._now = now
        self._machine = state.machine
        self._branches: MutableMapping[int, Branch | None] = ChainMap({}, state.branches)  # type: ignore[arg-type]
        self._last = state.last_event
        self.changes: list[Change] = []
        self.owed: list[Owed] = []

    def _abandon(self, ids: Iterable[int]) -> int | None:
        """Remove branches and what belongs to them; return the id of the last event that this logs."""
        last = None
        for id_ in list(ids):
            branch = self._branches.get(id_)
            if branch is None:
                continue
            last = self._abandon(one.id for one in self._children(id_)) or last
            state = self._machine.states[branch.state]
            match branch.phase:
                case Phase.TASK:
                    self.owed.append(StopTask(branch.visit))
                    if isinstance(state, Task) and state.has_timeout:
                        self.owed.append(CancelTimer(branch.visit))
                case Phase.WAIT | Phase.RETRY:
                    self.owed.append(CancelTimer(branch.visit))
            if branch.phase not in (Phase.DONE, Phase.READY) and state.type in _ABORTED:
                last = self._log(branch.previous, f"{state.type}StateAborted", {}, is_last=True)
            self._remove(id_)
        return last

    def _scope(self, branch: Branch) -> Scope:
        return Scope(branch.input, self._context(branch), self._seed(branch))

    def _seed(self, branch: Branch) -> str:
        return f"{self._state.origin.execution_id}/{branch.entered_event}/{branch.attempts}"

    def _context(self, branch: Branch) -> dict[str, Any]:
        ancestors = []
        at: Branch | None = branch
        while at is not None:
            ancestors.append(at)
            at = None if at.parent is None else self._branches.get(at.parent)
        return context_of(self._state.origin, branch, ancestors)

    def _log(self, previous: int, type_: str, details: dict[str, Any], *, is_last: bool = False) -> int:
        if self._last >= MAX_HISTORY_EVENTS - 1 and not is_last:
            raise HistoryFull
        self._last += 1
        self.changes.append(HistoryAdded(HistoryEvent(self._last, previous, type_, self._now, details)))
        return self._last

    def _logged(self, branch: Branch, type_: str, details: dict[str, Any]) -> Branch:
        """Log an event of a branch; return the branch, which is changed."""
        branch = replace(branch, previous=self._log(branch.previous, type_, details))
        self._set(branch)
        return branch

    def _all(self) -> Iterator[Branch]:
        return (one for one in self._branches.values() if one is not None)

    def _children(self, parent: int) -> list[Branch]:
        return [one for one in self._all() if one.parent == parent]

    def _branch(self, id_: int) -> Branch:
        found = self._branches[id_]
        assert found is not None
        return found

    def _new_id(self) -> int:
        return max(self._branches) + 1

    def _set(self, branch: Branch) -> None:
        self._branches[branch.id] = branch
        self.changes.append(BranchSet(branch))

    def _remove(self, id_: int) -> None:
        self._branches[id_] = None
        self.changes.append(BranchRemoved(id_))
