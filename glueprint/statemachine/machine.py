"""One execution: which states it enters, what they call, and when it is over.

``decide`` reads the state, ``evolve`` changes it (see :mod:`glueprint.workflow`). The work of one event is in
layers: :mod:`~glueprint.statemachine.rows` (branches, history), ``moves`` (entering and leaving states), ``joins``
(Parallel and Map), ``recovery`` (retry and catch), ``starts`` (the work of each type of state), and here what an
event means. Sources: the specification at states-language.net; SFN:concepts-error-handling,
SFN:input-output-contextobject, SFN:service-quotas. Where they are silent: docs/decisions/step-functions.md.
"""

from __future__ import annotations

from dataclasses import replace

from glueprint.compat import assert_never
from glueprint.statemachine import history
from glueprint.statemachine.data import checked_size, effective_input
from glueprint.statemachine.definition import State, Task
from glueprint.statemachine.execution import (
    EXECUTION_VISIT,
    MAX_HISTORY_EVENTS,
    NOTHING,
    Begin,
    Branch,
    BranchRemoved,
    BranchSet,
    CancelTimer,
    Change,
    Event,
    ExecutionDecision,
    ExecutionState,
    ExecutionStatus,
    HistoryAdded,
    Phase,
    StatusChanged,
    StopRequested,
    StopTask,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TimerDue,
)
from glueprint.statemachine.faults import RUNTIME, TIMEOUT, StateFault
from glueprint.statemachine.rows import HistoryFull
from glueprint.statemachine.starts import Starts
from glueprint.workflow.decision import Decision


def decide(state: ExecutionState, event: Event) -> ExecutionDecision:
    """What follows from ``event``; ``state`` is only read. A late or repeated event decides nothing."""
    if state.status is not ExecutionStatus.RUNNING:
        return NOTHING
    step = _Step(state, event.now)
    try:
        step.handle(event)
    except HistoryFull:
        step = _Step(state, event.now)
        step.end_for_history()
    return Decision(tuple(step.changes), tuple(step.owed))


def evolve(state: ExecutionState, change: Change) -> None:
    """Apply one change, in place."""
    match change:
        case BranchSet():
            state.branches[change.branch.id] = change.branch
        case BranchRemoved():
            state.branches.pop(change.id, None)
        case HistoryAdded():
            state.last_event = change.event.id
        case StatusChanged():
            state.status = change.status
        case _:
            assert_never(change)


class _Step(Starts):
    """The work of one event."""

    def handle(self, event: Event) -> None:
        """Handle one event, and all that follows at once."""
        match event:
            case Begin():
                self._begin()
            case StopRequested():
                details = history.failure(event.error, event.cause)
                self._end(
                    ExecutionStatus.ABORTED, "ExecutionAborted", details, error=event.error, cause=event.cause
                )
            case TimerDue(visit=visit) if visit == EXECUTION_VISIT:
                self._end(ExecutionStatus.TIMED_OUT, "ExecutionTimedOut", {}, error=TIMEOUT)
            case _:
                branch = next((one for one in self._all() if one.visit == event.visit), None)
                if branch is not None and branch.phase is not Phase.DONE:
                    self._visit_event(branch, event)
        while self._ready and not self._over:
            branch = self._branches.get(self._ready.popleft())
            if branch is not None:
                self._run(branch)

    def end_for_history(self) -> None:
        """Fail the execution: its history is full."""
        cause = f"The execution reached the maximum number of history events ({MAX_HISTORY_EVENTS})."
        self._end(
            ExecutionStatus.FAILED, "ExecutionFailed", history.failure(RUNTIME, cause), error=RUNTIME, cause=cause
        )

    def _visit_event(self, branch: Branch, event: TaskSubmitted | TaskSucceeded | TaskFailed | TimerDue) -> None:
        state = self._machine.states[branch.state]
        if isinstance(event, TimerDue):
            self._timer_due(branch, state)
            return
        if branch.phase is not Phase.TASK or not isinstance(state, Task):
            return
        if isinstance(event, TaskSubmitted):
            self._logged(branch, "TaskSubmitted", history.task(state, **history.with_output(event.output)))
            return
        if state.has_timeout:
            self.owed.append(CancelTimer(branch.visit))
        try:
            if isinstance(event, TaskFailed):
                raise StateFault(event.error, event.cause)
            checked_size(event.output, state.resource.resource_type)
        except StateFault as fault:
            is_submission = isinstance(event, TaskFailed) and event.is_submission
            type_ = "TaskSubmitFailed" if is_submission else "TaskFailed"
            branch = self._logged(branch, type_, history.task(state, error=fault.error, cause=fault.cause))
            self._failed(branch, fault)
            return
        details = history.task(state, **history.with_output(event.output))
        branch = self._logged(branch, "TaskSucceeded", details)
        try:
            self._succeeded(branch, event.output)
        except StateFault as fault:
            self._failed(branch, fault)

    def _timer_due(self, branch: Branch, state: State) -> None:
        match branch.phase:
            case Phase.WAIT:
                try:
                    self._leave(branch, effective_input(state, branch.input, self._scope(branch)))
                except StateFault as fault:
                    self._failed(branch, fault)
            case Phase.RETRY:
                self._set(replace(branch, phase=Phase.READY))
                self._ready.append(branch.id)
            case Phase.TASK if isinstance(state, Task):
                branch = self._logged(branch, "TaskTimedOut", history.task(state, error=TIMEOUT))
                self.owed.append(StopTask(branch.visit))
                self._failed(branch, StateFault(TIMEOUT, ""))
