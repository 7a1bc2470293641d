"""The work of each type of state, from its start."""

from __future__ import annotations

from dataclasses import replace

from glueprint.statemachine import history
from glueprint.statemachine.data import checked_size, effective_input, merged_result
from glueprint.statemachine.definition import Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait
from glueprint.statemachine.execution import Branch, Phase, SetTimer, StartTask
from glueprint.statemachine.faults import RUNTIME, StateFault
from glueprint.statemachine.paths import json_text
from glueprint.statemachine.recovery import Recovery
from glueprint.statemachine.stepping import chosen, wait_until
from glueprint.statemachine.templates import Scope


class Starts(Recovery):
    """What a state does once its branch has entered it."""

    def _run(self, branch: Branch) -> None:
        """Do the work of the state that a branch is in."""
        state = self._machine.states[branch.state]
        try:
            match state:
                case Pass():
                    data = effective_input(state, branch.input, self._scope(branch))
                    self._leave(branch, merged_result(state, branch.input, data))
                case Choice():
                    self._choose(branch, state)
                case Wait():
                    self._wait(branch, state)
                case Succeed():
                    self._leave(branch, effective_input(state, branch.input, self._scope(branch)))
                case Fail():
                    self._fail_state(branch, state)
                case Task():
                    self._start_task(branch, state)
                case Parallel():
                    self._start_parallel(branch, state)
                case Map():
                    self._start_map(branch, state)
        except StateFault as fault:
            self._failed(branch, fault)

    def _choose(self, branch: Branch, state: Choice) -> None:
        data = effective_input(state, branch.input, self._scope(branch))
        self._leave(branch, data, chosen(state, Scope(data, self._context(branch))))

    def _wait(self, branch: Branch, state: Wait) -> None:
        data = effective_input(state, branch.input, self._scope(branch))
        due = wait_until(state, Scope(data, self._context(branch)), self._now)
        if due <= self._now:
            self._leave(branch, data)
            return
        self._set(replace(branch, phase=Phase.WAIT))
        self.owed.append(SetTimer(branch.visit, due))

    def _fail_state(self, branch: Branch, state: Fail) -> None:
        scope = self._scope(branch)
        error = state.error if state.error_path is None else scope.evaluate(state.error_path, "ErrorPath")
        cause = state.cause if state.cause_path is None else scope.evaluate(state.cause_path, "CausePath")
        self._branch_failed(branch, error, cause)

    def _start_task(self, branch: Branch, state: Task) -> None:
        scope = self._scope(branch)
        parameters = checked_size(effective_input(state, branch.input, scope), state.name)
        timeout = state.timeout_seconds
        if state.timeout_path is not None:
            timeout = scope.apply(state.timeout_path, "TimeoutSecondsPath")
            if not isinstance(timeout, int) or isinstance(timeout, bool) or timeout < 1:
                raise StateFault(RUNTIME, f"TimeoutSecondsPath {state.timeout_path} selects {timeout!r}")
        scheduled = history.task(
            state,
            region=self._state.origin.machine_id.split(":")[3],
            parameters=json_text(parameters),
            timeoutInSeconds=timeout,
            heartbeatInSeconds=state.heartbeat_seconds,
        )
        visit = self._log(branch.previous, "TaskScheduled", scheduled)
        started = self._log(visit, "TaskStarted", history.task(state))
        self._set(replace(branch, phase=Phase.TASK, visit=visit, previous=started))
        self.owed.append(StartTask(visit, state.resource, parameters))
        if timeout is not None:
            self.owed.append(SetTimer(visit, self._now + timeout))
