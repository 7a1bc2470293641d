"""The shell around the machine: each event is decided and stored within the caller's transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from glueprint.facts.states import JobState
from glueprint.local.clock import Clock
from glueprint.local.engine.listener import RunListener
from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.engine.timer_rows import ExecutionTimer, cancel_timer, set_timer
from glueprint.local.events import Event as BusEvent
from glueprint.local.events import Events
from glueprint.local.events.event import new_event
from glueprint.local.protocol import Context
from glueprint.local.state_machines import execution_rows as rows
from glueprint.local.state_machines.arns import execution_arn
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, Resources
from glueprint.statemachine.execution import (
    Begin,
    CancelTimer,
    Event,
    ExecutionState,
    ExecutionStatus,
    Origin,
    Owed,
    SetTimer,
    StartTask,
    StopRequested,
    StopTask,
    TaskFailed,
    TaskSucceeded,
    TimerDue,
)
from glueprint.statemachine.faults import TASK_FAILED
from glueprint.statemachine.machine import decide, evolve

SOURCE = "aws.states"
STATUS_CHANGE = "Step Functions Execution Status Change"

MACHINES = Resources("state-machine")

JobRunOf = Callable[[str, str], Mapping[str, Any]]
"""Returns a job run as Step Functions hands it to a state, by job and run id."""


class Executions(RunListener):
    """Starts executions, hands them events, and stores what they owe."""

    def __init__(self, clock: Clock, bus: Events, place: Context) -> None:
        self._clock = clock
        self._bus = bus
        self._place = place
        self.job_run_of: JobRunOf = lambda job, run_id: {}
        """Set once Glue's operations are assembled."""

    def start(self, tx: Connection, machine: Document, name: str, data: Any, *, begin: bool = True) -> str:
        """Start an execution; return its id.

        ``begin`` False: it begins once this transaction is stored, so that an event cannot start within one
        transaction what sends the next event.
        """
        origin = Origin(
            execution_arn(machine["stateMachineArn"], name),
            name,
            machine["stateMachineArn"],
            machine["name"],
            machine["roleArn"],
            data,
            self._clock.now(),
        )
        id_ = rows.insert(tx, origin, machine["name"], machine["digest"])
        self._publish(tx, id_)
        if begin:
            self.event(tx, id_, Begin(self._clock.now()))
        else:
            add_action(tx, ActionKind.BEGIN_EXECUTION, id_)
        return id_

    def begin(self, tx: Connection, id_: str) -> None:
        """Begin an execution that was only stored."""
        self.event(tx, id_, Begin(self._clock.now()))

    def deliver(self, tx: Connection, machine: str, event: BusEvent, given: Any = None) -> bool:
        """Start an execution for an event of the bus; False: there is no such state machine."""
        document = MACHINES.get(tx, machine)
        if document is None:
            return False
        name = f"{event.id}_{uuid.uuid4()}"
        self.start(tx, document, name[:80], event.envelope() if given is None else given, begin=False)
        return True

    def stop(self, tx: Connection, id_: str, error: str | None, cause: str | None) -> None:
        """Stop an execution (StopExecution)."""
        self.event(tx, id_, StopRequested(self._clock.now(), error, cause))

    def timer_due(self, tx: Connection, id_: str, visit: int) -> None:
        """Handle a timer."""
        self.event(tx, id_, TimerDue(self._clock.now(), visit))

    def job_run_ended(self, tx: Connection, job: str, run_id: str, state: JobState, error: str | None) -> None:
        """End the task that waits for a job run; only SUCCEEDED is a success."""
        task = rows.task_of_job_run(tx, run_id)
        if task is None:
            return
        run = self.job_run_of(job, run_id)
        now = self._clock.now()
        if state is JobState.SUCCEEDED:
            self.task_ended(tx, task, TaskSucceeded(now, task.visit, run))
        else:
            self.task_ended(tx, task, TaskFailed(now, task.visit, TASK_FAILED, json.dumps(run)))

    def task_ended(self, tx: Connection, task: rows.TaskRow, event: TaskSucceeded | TaskFailed) -> None:
        """Store the end of a task and hand it to its execution."""
        rows.remove_task(tx, task.execution, task.visit)
        self.event(tx, task.execution, event)

    def event(self, tx: Connection, id_: str, event: Event) -> None:
        """Decide, apply and store; what follows is owed."""
        state = rows.load(tx, id_)
        if state is None:  # forgotten
            return
        decision = decide(state, event)
        rows.store(tx, id_, decision.changes)
        for change in decision.changes:
            evolve(state, change)
        for owed in decision.owed:
            self._owe(tx, id_, owed)
        if state.status is not ExecutionStatus.RUNNING and decision.changes:
            self._ended(tx, id_, state)

    def _owe(self, tx: Connection, id_: str, owed: Owed) -> None:
        match owed:
            case StartTask():
                rows.add_task(tx, id_, owed.visit, owed.resource.arn, owed.parameters)
                add_action(tx, ActionKind.START_TASK, f"{id_}/{owed.visit}")
            case StopTask():
                if rows.close_task(tx, id_, owed.visit):
                    add_action(tx, ActionKind.STOP_TASK, f"{id_}/{owed.visit}")
            case SetTimer():
                set_timer(tx, ExecutionTimer(id_, owed.visit), owed.due)
            case CancelTimer():
                cancel_timer(tx, ExecutionTimer(id_, owed.visit))
            case _:
                assert_never(owed)

    def _ended(self, tx: Connection, id_: str, state: ExecutionState) -> None:
        tx.execute("DELETE FROM execution_branch WHERE execution = ?", (id_,))
        self._publish(tx, id_)

    def _publish(self, tx: Connection, id_: str) -> None:
        """Send the event of an execution's status (SFN:eventbridge-integration)."""
        if not self._bus.has_subscribers(tx):
            return
        row = tx.execute("SELECT * FROM execution WHERE id = ?", (id_,)).fetchone()
        body = json.loads(row["body"])
        detail = {
            "executionArn": body["executionArn"],
            "stateMachineArn": body["stateMachineArn"],
            "name": row["name"],
            "status": row["status"],
            "startDate": int(row["started"] * 1000),
            "stopDate": None if row["stopped"] is None else int(row["stopped"] * 1000),
            "input": body["input"],
            "inputDetails": {"included": True},
            "output": body.get("output"),
            "outputDetails": {"included": True} if "output" in body else None,
            "error": body.get("error"),
            "cause": body.get("cause"),
        }
        now = self._clock.now()
        self._bus.put(tx, [new_event(self._place, SOURCE, STATUS_CHANGE, now, detail, (body["executionArn"],))])
