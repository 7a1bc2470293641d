"""Runs a state machine in pure code: tasks answer at once or never, time passes when nothing else can happen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.statemachine.execution import (
    Begin,
    CancelTimer,
    Event,
    ExecutionState,
    HistoryAdded,
    Origin,
    SetTimer,
    StartTask,
    StatusChanged,
    StopTask,
    TaskFailed,
    TaskSucceeded,
    TimerDue,
)
from glueprint.statemachine.faults import StateFault
from glueprint.statemachine.machine import decide, evolve
from glueprint.statemachine.parsing import parse

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m"
NEVER = object()
"""The answer of a task that does not end."""

Answer = Callable[[str, Any], Any]
"""Returns what a task answers, by resource (``glue:startJobRun.sync``) and parameters; raises StateFault."""


@dataclass
class Ran:
    """What happened."""

    status: str = "RUNNING"
    output: Any = None
    error: str | None = None
    cause: str | None = None
    now: float = 0.0
    types: list[str] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    state: ExecutionState | None = None
    timers: dict[int, float] = field(default_factory=dict)


def states(start: str, /, **members: Any) -> dict[str, Any]:
    """A definition of these states."""
    return {"StartAt": start, "States": members}


def new_state(definition: Mapping[str, Any], data: Any) -> ExecutionState:
    """An execution in which nothing has happened."""
    machine, found = parse(json.dumps(definition))
    assert machine is not None, [str(one) for one in found]
    return ExecutionState(machine, Origin(f"{MACHINE}:e", "e", MACHINE, "m", "role", data, 0.0))


def run(definition: Mapping[str, Any], data: Any = None, answer: Answer = lambda resource, given: given) -> Ran:
    """Run to the end, or until only tasks that never end are left."""
    ran, state = Ran(), new_state(definition, {} if data is None else data)
    ran.state = state
    events: list[Event] = [Begin(0.0)]
    while ran.status == "RUNNING" and (events or ran.timers):
        if not events:
            visit = min(ran.timers, key=lambda one: (ran.timers[one], one))
            ran.now = max(ran.now, ran.timers.pop(visit))
            events.append(TimerDue(ran.now, visit))
        _handle(ran, state, events.pop(0), events, answer)
    return ran


def _handle(ran: Ran, state: ExecutionState, event: Event, events: list[Event], answer: Answer) -> None:
    decision = decide(state, event)
    for change in decision.changes:
        evolve(state, change)
        match change:
            case HistoryAdded():
                ran.types.append(change.event.type)
            case StatusChanged():
                ran.status, ran.output = change.status, change.output
                ran.error, ran.cause = change.error, change.cause
    for owed in decision.owed:
        match owed:
            case SetTimer():
                ran.timers[owed.visit] = owed.due
            case CancelTimer():
                ran.timers.pop(owed.visit, None)
            case StopTask():
                ran.stopped.append(owed.visit)
            case StartTask():
                name = f"{owed.resource.resource_type}:{owed.resource.resource}"
                ran.calls.append((name, owed.parameters))
                try:
                    found = answer(name, owed.parameters)
                except StateFault as fault:
                    events.append(TaskFailed(ran.now, owed.visit, fault.error, fault.cause))
                else:
                    if found is not NEVER:
                        events.append(TaskSucceeded(ran.now, owed.visit, found))
