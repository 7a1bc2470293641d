"""The engine of a local Glue, whole: what operations and processes tell it, it stores and carries out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from glueprint.local.clock import Clock
from glueprint.local.engine.attempt_rows import Invoker
from glueprint.local.engine.carrier import Carrier, Handler, Slots
from glueprint.local.engine.crawls import Crawls
from glueprint.local.engine.job_runs import JobRuns, RunRequest
from glueprint.local.engine.owed import OwedKind
from glueprint.local.engine.timer_rows import Timer, cancel_timer
from glueprint.local.engine.timers import Timers
from glueprint.local.engine.workflow_runs import WorkflowRuns
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Resources
from glueprint.workflow.attempt import TimerDue
from glueprint.workflow.model import NodeKind, Trigger

T = TypeVar("T")


class Engine:
    """Composes the machines' shells over one store.

    ``job_runs``, ``crawls`` and ``workflow_runs`` are called within a transaction of :meth:`write`.
    """

    _workflows = Resources("workflow")
    _triggers = Resources("trigger")

    def __init__(self, database: Database, clock: Clock, slots: Slots) -> None:
        self._database = database
        self._clock = clock
        self.slots = slots
        self.workflow_runs = WorkflowRuns(clock)
        self.job_runs = JobRuns(clock, self.workflow_runs)
        self.crawls = Crawls(clock, self.workflow_runs)
        self._timers = Timers(database, clock, self._timer_due)
        self._carrier: Carrier | None = None
        database.on_rollback = self.workflow_runs.forget

    def start(self, handlers: Mapping[OwedKind, Handler]) -> None:
        """Begin to carry out what is owed, and to report what is due."""
        self._carrier = Carrier(self._database, handlers, self.slots)
        self._carrier.start()
        self._timers.start()

    def close(self) -> None:
        """Stop; what is still owed stays in the store."""
        self._timers.close()
        if self._carrier is not None:
            self._carrier.close()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction; once it is stored, see to what it owes."""
        try:
            return self._database.write(work)
        finally:
            self.wake()

    def wake(self) -> None:
        """Something may be owed, or due, or a slot free."""
        if self._carrier is not None:
            self._carrier.wake()
        self._timers.wake()

    def fire(self, tx: Connection, trigger: Trigger) -> None:
        """An ON_DEMAND trigger is started: its workflow runs, or outside of one its actions.

        Raises:
            ApiError: what stands in the way of one of them.
        """
        if trigger.workflow is not None:
            workflow = self._workflows.get(tx, trigger.workflow)
            if workflow is not None:
                self.workflow_runs.start(tx, workflow, self._triggers.children(tx, trigger.workflow), {})
            return
        for action in trigger.actions:
            if action.node.kind is NodeKind.CRAWLER:
                self.crawls.start(tx, action.node.name)
                continue
            request = RunRequest(
                action.arguments,
                action.timeout,
                action.notify_delay_after,
                {"SecurityConfiguration": action.security_configuration},
            )
            self.job_runs.submit(tx, action.node.name, request, Invoker(trigger=trigger.name))

    def _timer_due(self, timer: Timer) -> None:
        def work(tx: Connection) -> None:
            cancel_timer(tx, timer.subject, timer.name)
            self.job_runs.event(tx, timer.subject, TimerDue(self._clock.now(), timer.name))

        self.write(work)
