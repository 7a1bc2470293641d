"""What happens when a state fails: a retry, a catcher, or the end of its branch."""

from __future__ import annotations

from dataclasses import replace

from glueprint.statemachine import history
from glueprint.statemachine.data import checked_size, merged_result
from glueprint.statemachine.definition import Failable, Map
from glueprint.statemachine.execution import Branch, ExecutionStatus, Phase, SetTimer
from glueprint.statemachine.faults import RUNTIME, StateFault, matches
from glueprint.statemachine.joins import Joins
from glueprint.statemachine.stepping import retry_delay


class Recovery(Joins):
    """Errors of states (SFN:concepts-error-handling)."""

    def _failed(self, branch: Branch, fault: StateFault) -> None:
        """Retry or catch the error of a state, or fail its branch."""
        state = self._machine.states[branch.state]
        if self._children(branch.id):
            self._abandon(one.id for one in self._children(branch.id))
        if isinstance(state, Failable):
            if self._retried(branch, state, fault):
                return
            for catcher in state.catch:
                if matches(catcher.errors, fault.error):
                    self._caught(branch, state, catcher.next, catcher.result_path, fault)
                    return
        cause = fault.cause
        if fault.error == RUNTIME:
            at = f"(entered at the event id #{branch.entered_event})"
            cause = f"An error occurred while executing the state '{state.name}' {at}. {cause}"
        self._branch_failed(branch, fault.error, cause or None)

    def _retried(self, branch: Branch, state: Failable, fault: StateFault) -> bool:
        for number, retrier in enumerate(state.retry):
            if not matches(retrier.errors, fault.error):
                continue
            used = branch.retries[number]
            if used >= retrier.max_attempts:
                return False
            retries = (*branch.retries[:number], used + 1, *branch.retries[number + 1 :])
            # The id of the failure's event: the attempt that failed can no longer report anything.
            visit = branch.previous
            self._set(
                replace(
                    branch,
                    phase=Phase.RETRY,
                    visit=visit,
                    retries=retries,
                    attempts=branch.attempts + 1,
                    items=(),
                    started=0,
                )
            )
            due = self._now + retry_delay(retrier, used, self._seed(branch))
            self.owed.append(SetTimer(visit, due))
            return True
        return False

    def _caught(self, branch: Branch, state: Failable, target: str, path: str | None, fault: StateFault) -> None:
        caught = {"Error": fault.error, "Cause": fault.cause}
        try:
            output = merged_result(replace(state, result_path=path), branch.input, caught)
            checked_size(output, state.name)
        except StateFault as second:
            self._branch_failed(branch, second.error, second.cause)
            return
        logged = self._log(branch.previous, f"{state.type}StateExited", history.exited(state, output))
        self._enter(replace(branch, previous=logged), target, output)

    def _branch_failed(self, branch: Branch, error: str | None, cause: str | None) -> None:
        """Fail a branch: with it its parent's state, or the execution."""
        if branch.parent is None:
            details = history.failure(error, cause)
            self._remove(branch.id)
            self._end(
                ExecutionStatus.FAILED,
                "ExecutionFailed",
                details,
                previous=branch.previous,
                error=error,
                cause=cause,
            )
            return
        parent = self._branch(branch.parent)
        state = self._machine.states[parent.state]
        previous = branch.previous
        if isinstance(state, Map):
            previous = self._log(previous, "MapIterationFailed", {"name": state.name, "index": branch.index})
        self._remove(branch.id)
        previous = self._abandon(one.id for one in self._children(parent.id)) or previous
        details = history.failure(error, cause) if isinstance(state, Map) else {}
        previous = self._log(previous, f"{state.type}StateFailed", details)
        parent = replace(parent, previous=previous)
        self._set(parent)
        self._failed(parent, StateFault(error or "", cause or ""))
