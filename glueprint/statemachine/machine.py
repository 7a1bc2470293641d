"""One execution: which states it enters, what they call, and when it is over.

``decide`` reads the state, ``evolve`` changes it (see :mod:`glueprint.workflow`). Sources: the specification at
states-language.net; SFN:concepts-error-handling, SFN:input-output-contextobject, SFN:service-quotas. Where they
are silent: docs/decisions/step-functions.md.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

from glueprint.compat import assert_never
from glueprint.statemachine import history
from glueprint.statemachine.data import checked_size, effective_input, merged_result, selected_output
from glueprint.statemachine.definition import (
    Choice,
    Fail,
    Failable,
    Map,
    Parallel,
    Pass,
    State,
    Succeed,
    Task,
    Wait,
)
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
    SetTimer,
    StartTask,
    StatusChanged,
    StopRequested,
    StopTask,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TimerDue,
)
from glueprint.statemachine.faults import RUNTIME, TIMEOUT, StateFault, matches
from glueprint.statemachine.rows import HistoryFull, Rows
from glueprint.statemachine.stepping import chosen, map_items, retry_delay, wait_until
from glueprint.statemachine.templates import Scope
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


class _Step(Rows):
    """The work of one event."""

    def __init__(self, state: ExecutionState, now: float) -> None:
        super().__init__(state, now)
        self._ready: deque[int] = deque()
        self._over = False

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

    # Entering and leaving states

    def _begin(self) -> None:
        if self._state.last_event:
            return
        origin = self._state.origin
        details = {"input": history.json_text(origin.input), "inputDetails": {"truncated": False}}
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

    def _finish(self, branch: Branch, output: Any) -> None:
        """End a branch with its output."""
        if branch.parent is None:
            self._remove(branch.id)
            text = {"output": history.json_text(output), "outputDetails": {"truncated": False}}
            self._end(
                ExecutionStatus.SUCCEEDED, "ExecutionSucceeded", text, previous=branch.previous, output=output
            )
            return
        parent = self._branch(branch.parent)
        state = self._machine.states[parent.state]
        if isinstance(state, Map):
            logged = self._log(
                branch.previous, "MapIterationSucceeded", {"name": state.name, "index": branch.index}
            )
            branch = replace(branch, previous=logged)
        self._set(replace(branch, phase=Phase.DONE, output=output, visit=-1))
        if isinstance(state, Map):
            try:
                self._fill_map(parent, state)
            except StateFault as fault:
                self._failed(self._branch(parent.id), fault)
                return
            parent = self._branch(parent.id)
        self._join(parent, branch.previous)

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

    # The work of states

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
            parameters=history.json_text(parameters),
            timeoutInSeconds=timeout,
            heartbeatInSeconds=state.heartbeat_seconds,
        )
        visit = self._log(branch.previous, "TaskScheduled", scheduled)
        started = self._log(visit, "TaskStarted", history.task(state))
        self._set(replace(branch, phase=Phase.TASK, visit=visit, previous=started))
        self.owed.append(StartTask(visit, state.resource, parameters))
        if timeout is not None:
            self.owed.append(SetTimer(visit, self._now + timeout))

    def _start_parallel(self, branch: Branch, state: Parallel) -> None:
        data = effective_input(state, branch.input, self._scope(branch))
        logged = self._log(branch.previous, "ParallelStateStarted", {})
        self._set(replace(branch, phase=Phase.CHILDREN, previous=logged, started=len(state.branches)))
        for index, part in enumerate(state.branches):
            child = Branch(self._new_id(), branch.id, index, part.start_at, data, self._now, logged)
            self._enter(child, part.start_at, data)

    def _start_map(self, branch: Branch, state: Map) -> None:
        items = map_items(state, branch.input, self._scope(branch))
        logged = self._log(branch.previous, "MapStateStarted", {"length": len(items)})
        branch = replace(branch, phase=Phase.CHILDREN, previous=logged, items=tuple(items), started=0)
        self._set(branch)
        self._fill_map(branch, state)
        if not items:
            self._join(self._branch(branch.id), logged)

    def _fill_map(self, branch: Branch, state: Map) -> None:
        """Start the next items of a Map, up to its concurrency."""
        scope = self._scope(branch)
        limit = state.max_concurrency
        if state.max_concurrency_path is not None:
            limit = int(scope.apply(state.max_concurrency_path, "MaxConcurrencyPath"))
        active = sum(one.phase is not Phase.DONE for one in self._children(branch.id))
        data = scope.apply(state.input_path, "InputPath")
        while branch.started < len(branch.items) and (limit < 1 or active < limit):
            index = branch.started
            branch = replace(branch, started=index + 1)
            self._set(branch)
            logged = self._log(branch.previous, "MapIterationStarted", {"name": state.name, "index": index})
            item = branch.items[index]
            child = Branch(
                self._new_id(), branch.id, index, state.processor.start_at, item, self._now, logged, item=(item,)
            )
            given = item
            if state.has_selector:
                given = Scope(data, self._context(child), f"{self._seed(branch)}/{index}").fill(state.parameters)
            self._enter(child, state.processor.start_at, given)
            active += 1

    def _join(self, parent: Branch, previous: int) -> None:
        """Leave a Parallel or Map state if all of its branches are done."""
        state = self._machine.states[parent.state]
        children = sorted(self._children(parent.id), key=lambda one: one.index)
        wanted = len(parent.items) if isinstance(state, Map) else parent.started
        if len(children) < wanted or any(one.phase is not Phase.DONE for one in children):
            return
        for child in children:
            self._remove(child.id)
        logged = self._log(previous, f"{state.type}StateSucceeded", {})
        parent = replace(parent, previous=logged)
        self._set(parent)
        try:
            self._succeeded(parent, [one.output for one in children])
        except StateFault as fault:
            self._failed(parent, fault)

    def _succeeded(self, branch: Branch, result: Any) -> None:
        """Leave a Task, Parallel or Map with its result."""
        state = self._machine.states[branch.state]
        assert isinstance(state, Failable)
        checked_size(result, state.name)
        if state.has_result_selector:
            result = Scope(result, self._context(branch), self._seed(branch)).fill(state.result_selector)
        self._leave(branch, merged_result(state, branch.input, result))

    # What is reported for a visit

    def _visit_event(self, branch: Branch, event: TaskSubmitted | TaskSucceeded | TaskFailed | TimerDue) -> None:
        state = self._machine.states[branch.state]
        if isinstance(event, TimerDue):
            self._timer_due(branch, state)
            return
        if branch.phase is not Phase.TASK or not isinstance(state, Task):
            return
        match event:
            case TaskSubmitted():
                self._logged(branch, "TaskSubmitted", history.task(state, **history.with_output(event.output)))
                return
            case TaskSucceeded():
                branch = self._logged(
                    branch, "TaskSucceeded", history.task(state, **history.with_output(event.output))
                )
            case TaskFailed():
                type_ = "TaskSubmitFailed" if event.is_submission else "TaskFailed"
                branch = self._logged(branch, type_, history.task(state, error=event.error, cause=event.cause))
        if state.has_timeout:
            self.owed.append(CancelTimer(branch.visit))
        try:
            if isinstance(event, TaskFailed):
                raise StateFault(event.error, event.cause)
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

    # Errors

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
