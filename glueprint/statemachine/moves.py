"""Entering and leaving states, and the end of the execution."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

from glueprint.statemachine import history
from glueprint.statemachine.data import checked_size, merged_result, selected_output
from glueprint.statemachine.definition import Failable
from glueprint.statemachine.execution import (
    EXECUTION_VISIT,
    Branch,
    CancelTimer,
    ExecutionState,
    ExecutionStatus,
    Phase,
    SetTimer,
    StatusChanged,
)
from glueprint.statemachine.faults import StateFault
from glueprint.statemachine.paths import json_text
from glueprint.statemachine.rows import Rows
from glueprint.statemachine.templates import Scope


class Moves(Rows):
    """What moves branches from state to state."""

    def __init__(self, state: ExecutionState, now: float) -> None:
        super().__init__(state, now)
        self._ready: deque[int] = deque()
        self._over = False

    def _failed(self, branch: Branch, fault: StateFault) -> None:
        """Handle the error of a state (:mod:`glueprint.statemachine.recovery`)."""
        raise NotImplementedError

    def _child_done(self, branch: Branch, output: Any) -> None:
        """End a branch of a Parallel or Map (:mod:`glueprint.statemachine.joins`)."""
        raise NotImplementedError

    def _begin(self) -> None:
        if self._state.last_event:
            return
        origin = self._state.origin
        details = {"input": json_text(origin.input), "inputDetails": {"truncated": False}}
        started = self._log(0, "ExecutionStarted", {**details, "roleArn": origin.role_arn})
        if self._machine.timeout_seconds is not None:
            self.owed.append(SetTimer(EXECUTION_VISIT, self._now + self._machine.timeout_seconds))
        branch = Branch(0, None, 0, self._machine.start_at, origin.input, self._now, started)
        self._enter(branch, self._machine.start_at, origin.input)

    def _enter(self, branch: Branch, name: str, data: Any) -> None:
        """Enter a state; it runs when the branch's turn comes."""
        state = self._machine.states[name]
        logged = self._log(branch.previous, f"{state.type}StateEntered", history.entered(state, data))
        retriers = len(state.retry) if isinstance(state, Failable) else 0
        self._set(
            replace(
                branch,
                state=name,
                input=data,
                entered=self._now,
                entered_event=logged,
                previous=logged,
                phase=Phase.READY,
                visit=logged,
                retries=(0,) * retriers,
                attempts=0,
                items=(),
                started=0,
            )
        )
        self._ready.append(branch.id)

    def _leave(self, branch: Branch, result: Any, following: str | None = None) -> None:
        """Leave a state: ``result`` is its output before OutputPath; ``following`` is what a Choice chose."""
        state = self._machine.states[branch.state]
        output = checked_size(selected_output(state, result, self._context(branch)), state.name)
        logged = self._log(branch.previous, f"{state.type}StateExited", history.exited(state, output))
        branch = replace(branch, previous=logged)
        target = following or state.next
        if target is not None:
            self._enter(branch, target, output)
        else:
            self._finish(branch, output)

    def _succeeded(self, branch: Branch, result: Any) -> None:
        """Leave a Task, Parallel or Map with its result."""
        state = self._machine.states[branch.state]
        assert isinstance(state, Failable)
        checked_size(result, state.name)
        if state.has_result_selector:
            result = Scope(result, self._context(branch), self._seed(branch)).fill(state.result_selector)
        self._leave(branch, merged_result(state, branch.input, result))

    def _finish(self, branch: Branch, output: Any) -> None:
        """End a branch with its output."""
        if branch.parent is not None:
            self._child_done(branch, output)
            return
        self._remove(branch.id)
        text = {"output": json_text(output), "outputDetails": {"truncated": False}}
        self._end(ExecutionStatus.SUCCEEDED, "ExecutionSucceeded", text, previous=branch.previous, output=output)

    def _end(
        self,
        status: ExecutionStatus,
        type_: str,
        details: dict[str, Any],
        *,
        previous: int | None = None,
        output: Any = None,
        error: str | None = None,
        cause: str | None = None,
    ) -> None:
        """End the execution; what still runs is stopped."""
        self._over = True
        last = self._abandon(branch.id for branch in list(self._all()))
        if self._machine.timeout_seconds is not None:
            self.owed.append(CancelTimer(EXECUTION_VISIT))
        self._log(previous or last or self._last, type_, details, is_last=True)
        self.changes.append(StatusChanged(status, self._now, output, error, cause))
