"""The engine of a local Glue, whole: what operations and processes tell it, it stores and carries out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from glueprint.facts.states import TriggerState, TriggerType
from glueprint.local.clock import Clock
from glueprint.local.engine import retention
from glueprint.local.engine.carrier import Carrier, Handler, Slots
from glueprint.local.engine.cascade import Cascade
from glueprint.local.engine.crawls import Crawls
from glueprint.local.engine.event_windows import EventWindows
from glueprint.local.engine.firing import Firing
from glueprint.local.engine.job_runs import JobRuns
from glueprint.local.engine.listener import RunListener
from glueprint.local.engine.owed import OwedKind
from glueprint.local.engine.schedules import Schedules
from glueprint.local.engine.standing_triggers import StandingTriggers
from glueprint.local.engine.timer_rows import Timer, cancel_timer, is_set, set_timer
from glueprint.local.engine.timers import Timers
from glueprint.local.engine.workflow_runs import WorkflowRuns
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.protocol import ApiError
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, Resources
from glueprint.workflow.attempt import TimerDue
from glueprint.workflow.model import Trigger
from glueprint.workflow.wire import trigger_from_wire

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Engine:
    """Composes the machines' shells over one store.

    Its parts are called within a transaction of :meth:`write`.

    Attributes:
        workflow_runs, job_runs, crawls: runs of each kind.
        firing: what triggers start.
        standing: conditional triggers outside workflows.
        windows: events that reach EVENT workflows.
    """

    _triggers = Resources("trigger")
    _crawlers = Resources("crawler")

    def __init__(self, database: Database, clock: Clock, slots: Slots) -> None:
        self._database = database
        self._clock = clock
        self.slots = slots
        cascade = Cascade()
        self.workflow_runs = WorkflowRuns(clock, cascade)
        self.job_runs = JobRuns(clock, self.workflow_runs)
        self.crawls = Crawls(clock, self.workflow_runs)
        self.firing = Firing(self.workflow_runs, self.job_runs, self.crawls)
        self.standing = StandingTriggers(clock, self.firing.start_action, cascade)
        self.windows = EventWindows(clock, self.firing.start_workflow, cascade)
        self._schedules = Schedules(clock, self._schedule_of)
        self.job_runs.on_end = self.crawls.on_end = self.standing.node_ended
        self._timers: Timers | None = None
        self._carrier: Carrier | None = None
        self.on_forgotten: Callable[[str], None] = lambda run: None
        """Told of each job run and crawl whose history is no longer kept."""
        database.on_rollback = self.forget

    def start(self, handlers: Mapping[OwedKind, Handler]) -> None:
        """Begin to carry out what is owed, and to report what is due; also anew, after :meth:`close`."""
        self._database.write(self._set_retention)
        self._carrier = Carrier(self._database, handlers, self.slots)
        self._carrier.start()
        self._timers = Timers(self._database, self._clock, self._timer_due)
        self._timers.start()

    def close(self) -> None:
        """Stop; what is still owed stays in the store."""
        if self._timers is not None:
            self._timers.close()
        if self._carrier is not None:
            self._carrier.close()

    def tell(self, listener: RunListener) -> None:
        """Have ``listener`` told of what happens to job runs and crawls."""
        self.job_runs.listener = self.crawls.listener = listener

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction; once it is stored, see to what it owes."""
        try:
            return self._database.write(work)
        finally:
            reached(FaultPoint.WRITTEN)
            self.wake()

    def wake(self) -> None:
        """Something may be owed, or due, or a slot free."""
        if self._carrier is not None:
            self._carrier.wake()
        if self._timers is not None:
            self._timers.wake()

    def forget(self) -> None:
        """Drop what mirrors the rows in memory: a transaction was undone."""
        self.workflow_runs.forget()
        self.standing.forget()

    def trigger_changed(self, tx: Connection, body: Document) -> None:
        """A trigger was created, updated, started or stopped, and is stored."""
        self.standing.trigger_set(tx, trigger_from_wire(body))
        self._schedules.changed(tx, f"trigger/{body['Name']}")

    def trigger_deleted(self, tx: Connection, body: Document) -> None:
        """A trigger is gone, and no more in the store."""
        name = body["Name"]
        self.standing.trigger_removed(tx, name)
        if body["Type"] == TriggerType.EVENT:
            self.windows.trigger_removed(tx, body["WorkflowName"])
        self._schedules.changed(tx, f"trigger/{name}")

    def crawler_schedule_changed(self, tx: Connection, name: str) -> None:
        """A crawler's schedule was set, changed, started or stopped, or the crawler is gone."""
        self._schedules.changed(tx, f"crawler/{name}")

    def _set_retention(self, tx: Connection) -> None:
        if not is_set(tx, retention.SUBJECT, ""):
            set_timer(tx, retention.SUBJECT, "", self._clock.now() + retention.EVERY_SECONDS)

    def _schedule_of(self, tx: Connection, subject: str) -> str | None:
        """The active schedule of ``trigger/NAME`` or ``crawler/NAME``."""
        kind, _, name = subject.partition("/")
        if kind == "crawler":
            schedule = (self._crawlers.get(tx, name) or {}).get("Schedule", {})
            return schedule.get("ScheduleExpression") if schedule.get("State") == "SCHEDULED" else None
        trigger = self._trigger(tx, name)
        if trigger is None or trigger.type is not TriggerType.SCHEDULED:
            return None
        return trigger.schedule if trigger.state is TriggerState.ACTIVATED else None

    def _trigger(self, tx: Connection, name: str) -> Trigger | None:
        body = self._triggers.get(tx, name)
        return None if body is None else trigger_from_wire(body)

    def _timer_due(self, timer: Timer) -> None:
        def work(tx: Connection) -> list[str]:
            kind, _, name = timer.subject.partition("/")
            match kind:
                case "trigger":
                    trigger = self._trigger(tx, name)
                    if self._schedules.due(tx, timer) and trigger is not None:
                        self.firing.fire(tx, trigger)
                case "crawler":
                    if self._schedules.due(tx, timer):
                        self._start_crawler(tx, name)
                case retention.SUBJECT:
                    set_timer(tx, retention.SUBJECT, "", self._clock.now() + retention.EVERY_SECONDS)
                    return retention.forget_old(tx, self._clock.now())
                case "window":
                    cancel_timer(tx, timer.subject, timer.name)
                    self.windows.due(tx, name, int(timer.name))
                case _:
                    cancel_timer(tx, timer.subject, timer.name)
                    self.job_runs.event(tx, timer.subject, TimerDue(self._clock.now(), timer.name))
            return []

        for gone in self.write(work):
            self.on_forgotten(gone)

    def _start_crawler(self, tx: Connection, name: str) -> None:
        try:
            self.crawls.start(tx, name)
        except ApiError as error:  # it is still at it: this time passes, as in Glue
            logger.warning("scheduled start of crawler %s: %s", name, error.message)
            self.crawls.listener.crawl_not_started(tx, name, error.message)
