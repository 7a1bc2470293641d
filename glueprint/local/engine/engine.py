"""The engine of a local Glue: it stores what operations and processes report, and carries out what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, assert_never

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind, ScheduleState, TriggerState, TriggerType
from glueprint.local.clock import Clock
from glueprint.local.engine import retention
from glueprint.local.engine.cascade import Cascade
from glueprint.local.engine.crawls import Crawls
from glueprint.local.engine.dispatcher import Dispatcher, Handler, Slots
from glueprint.local.engine.event_windows import EventWindows
from glueprint.local.engine.firing import Firing
from glueprint.local.engine.job_runs import JobRuns
from glueprint.local.engine.listener import RunListener
from glueprint.local.engine.pending_actions import ActionKind
from glueprint.local.engine.quality_runs import QualityRuns
from glueprint.local.engine.schedules import Schedules
from glueprint.local.engine.standing_triggers import StandingTriggers
from glueprint.local.engine.timer_rows import (
    AttemptTimer,
    CrawlerSchedule,
    EventWindowEnd,
    ExecutionTimer,
    HistoryCleanup,
    QualityTimeout,
    Schedule,
    Timer,
    TriggerSchedule,
    cancel_timer,
    is_set,
    set_timer,
)
from glueprint.local.engine.timers import Timers
from glueprint.local.engine.workflow_runs import NodeStarter, WorkflowRuns
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, Resources
from glueprint.workflow.attempt_events import TimerDue
from glueprint.workflow.model import Trigger
from glueprint.workflow.wire import trigger_from_wire

T = TypeVar("T")

ExecutionTimerDue = Callable[[Connection, str, int], None]
"""Handles the timer of an execution's visit, within the transaction."""


def _no_executions(tx: Connection, execution: str, visit: int) -> None:
    """Do nothing: there are no executions."""



class Engine:
    """Composes workflow runs, job runs, crawls and triggers over one store.

    Its parts are called within a transaction of :meth:`write`.

    Attributes:
        workflow_runs, job_runs, crawls, quality_runs: runs of each kind.
        firing: what triggers start.
        standing: conditional triggers outside workflows.
        windows: events that reach EVENT workflows.
    """

    _triggers = Resources("trigger")
    _crawlers = Resources("crawler")

    def __init__(
        self,
        database: Database,
        clock: Clock,
        slots: Slots,
        listener: RunListener,
        on_execution_timer: ExecutionTimerDue = _no_executions,
    ) -> None:
        """``database`` must call :meth:`forget` after a rollback; ``listener`` is notified of all runs.

        ``on_execution_timer`` handles timers of state machines' executions.
        """
        self._on_execution_timer = on_execution_timer
        self._database = database
        self._clock = clock
        self.slots = slots
        cascade = Cascade()
        self.workflow_runs = WorkflowRuns(clock, cascade, self._starter_of)
        self.job_runs = JobRuns(clock, self.workflow_runs, self._ended_outside_workflow, listener)
        self.crawls = Crawls(clock, self.workflow_runs, self._ended_outside_workflow, listener)
        self.quality_runs = QualityRuns(clock)
        self.firing = Firing(self.workflow_runs, self.job_runs, self.crawls)
        self.standing = StandingTriggers(clock, self.firing.start_action, cascade)
        self.windows = EventWindows(clock, self.firing.start_workflow, cascade)
        self._schedules = Schedules(clock, self._active_expression)
        self._timers: Timers | None = None
        self._dispatcher: Dispatcher | None = None

    def start(self, handlers: Mapping[ActionKind, Handler], on_forgotten: Callable[[str], None]) -> None:
        """Start to carry out pending actions and to report due timers; may be called again after :meth:`close`.

        Args:
            handlers: what carries out the actions.
            on_forgotten: called with the id of each job run and crawl whose history is no longer kept.
        """
        self._database.write(self._set_retention)
        self._dispatcher = Dispatcher(self._database, handlers, self.slots)
        self._dispatcher.start()
        self._timers = Timers(self._database, self._clock, lambda timer: self._timer_due(timer, on_forgotten))
        self._timers.start()

    def close(self) -> None:
        """Stop; actions that are still pending stay in the store."""
        if self._timers is not None:
            self._timers.close()
        if self._dispatcher is not None:
            self._dispatcher.close()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction; once it is stored, carry out its actions and set its timers."""
        try:
            return self._database.write(work)
        finally:
            reached(FaultPoint.WRITTEN)
            self.wake()

    def wake(self) -> None:
        """Look for pending actions and timers: there may be new ones, or a slot became free."""
        if self._dispatcher is not None:
            self._dispatcher.wake()
        if self._timers is not None:
            self._timers.wake()

    def forget(self) -> None:
        """Drop what mirrors the rows in memory: a transaction was undone."""
        self.workflow_runs.forget()
        self.standing.forget()

    def trigger_changed(self, tx: Connection, body: Document) -> None:
        """Handle a trigger that was created, updated, started or stopped, and is stored."""
        self.standing.trigger_set(tx, trigger_from_wire(body))
        self._schedules.changed(tx, TriggerSchedule(body["Name"]))

    def trigger_deleted(self, tx: Connection, body: Document) -> None:
        """Handle a trigger that was deleted from the store."""
        name = body["Name"]
        self.standing.trigger_removed(tx, name)
        if body["Type"] == TriggerType.EVENT:
            self.windows.trigger_removed(tx, body["WorkflowName"])
        self._schedules.deleted(tx, TriggerSchedule(name))

    def crawler_schedule_changed(self, tx: Connection, name: str) -> None:
        """Handle a crawler's schedule that was set, changed, started or stopped."""
        self._schedules.changed(tx, CrawlerSchedule(name))

    def crawler_deleted(self, tx: Connection, name: str) -> None:
        """Handle a crawler that was deleted from the store."""
        self._schedules.deleted(tx, CrawlerSchedule(name))

    def _starter_of(self, kind: NodeKind) -> NodeStarter:
        return self.job_runs if kind is NodeKind.JOB else self.crawls

    def _ended_outside_workflow(self, tx: Connection, node: Node, state: str, run: str, by_trigger: bool) -> None:
        self.standing.node_ended(tx, node, state, run, by_trigger)

    def _set_retention(self, tx: Connection) -> None:
        if not is_set(tx, HistoryCleanup()):
            set_timer(tx, HistoryCleanup(), self._clock.now() + retention.EVERY_SECONDS)

    def _active_expression(self, tx: Connection, schedule: Schedule) -> str | None:
        """Return the expression of a schedule that is active."""
        if isinstance(schedule, CrawlerSchedule):
            found = (self._crawlers.get(tx, schedule.crawler) or {}).get("Schedule", {})
            return found.get("ScheduleExpression") if found.get("State") == ScheduleState.SCHEDULED else None
        trigger = self._trigger(tx, schedule.trigger)
        if trigger is None or trigger.type is not TriggerType.SCHEDULED:
            return None
        return trigger.schedule if trigger.state is TriggerState.ACTIVATED else None

    def _trigger(self, tx: Connection, name: str) -> Trigger | None:
        body = self._triggers.get(tx, name)
        return None if body is None else trigger_from_wire(body)

    def _timer_due(self, timer: Timer, on_forgotten: Callable[[str], None]) -> None:
        def work(tx: Connection) -> list[str]:
            match timer.key:
                case TriggerSchedule():
                    trigger = self._trigger(tx, timer.key.trigger)
                    if self._schedules.due(tx, timer.key, timer.due) and trigger is not None:
                        self.firing.fire(tx, trigger)
                case CrawlerSchedule():
                    if self._schedules.due(tx, timer.key, timer.due):
                        self.crawls.start_scheduled(tx, timer.key.crawler)
                case HistoryCleanup():
                    set_timer(tx, timer.key, self._clock.now() + retention.EVERY_SECONDS)
                    return retention.forget_old(tx, self._clock.now())
                case QualityTimeout():
                    cancel_timer(tx, timer.key)
                    self.quality_runs.timed_out(tx, timer.key.run)
                case EventWindowEnd():
                    cancel_timer(tx, timer.key)
                    self.windows.due(tx, timer.key.workflow, timer.key.number)
                case ExecutionTimer():
                    cancel_timer(tx, timer.key)
                    self._on_execution_timer(tx, timer.key.execution, timer.key.visit)
                case AttemptTimer():
                    cancel_timer(tx, timer.key)
                    self.job_runs.event(tx, timer.key.submission, TimerDue(self._clock.now(), timer.key.name))
                case _:
                    assert_never(timer.key)
            return []

        for gone in self.write(work):
            on_forgotten(gone)
