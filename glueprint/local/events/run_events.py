"""Puts the events of job runs and crawls on the bus, within the transaction that stores what happened."""

from __future__ import annotations

from collections.abc import Mapping

from glueprint.facts.states import CrawlState, JobState
from glueprint.local.clock import Clock
from glueprint.local.engine.listener import RunListener
from glueprint.local.events import glue_events
from glueprint.local.events.bus import Events
from glueprint.local.events.event import Event
from glueprint.local.events.glue_events import CrawlCounts
from glueprint.local.events.rules import Transaction
from glueprint.local.protocol import Context


class RunEvents(RunListener):
    """Makes the events that Glue sends."""

    def __init__(self, events: Events, clock: Clock, place: Context) -> None:
        self._events = events
        self._clock = clock
        self._place = place

    def job_run_ended(self, tx: Transaction, job: str, run_id: str, state: JobState, error: str | None) -> None:
        """A job run - one attempt - reached a final state."""
        if self._events.has_subscribers(tx):
            event = glue_events.job_state_changed(self._place, self._clock.now(), job, run_id, state, error)
            if event is not None:
                self._events.put(tx, [event])

    def job_run_delayed(
        self, tx: Transaction, job: str, run_id: str, state: JobState, notify_after: int, started: float
    ) -> None:
        """A job run is later than its NotifyDelayAfter (minutes), and in ``state``."""
        now = self._clock.now()
        self._put(
            tx, glue_events.job_run_delayed(self._place, now, job, run_id, state, notify_after, started)
        )

    def crawl_started(self, tx: Transaction, crawler: str) -> None:
        """A crawl began."""
        self._put(tx, glue_events.crawler_started(self._place, self._clock.now(), crawler))

    def crawl_not_started(self, tx: Transaction, crawler: str, error: str) -> None:
        """A crawler's schedule came due, and it could not start."""
        self._put(tx, glue_events.scheduled_crawler_failed(self._place, self._clock.now(), crawler, error))

    def crawl_ended(
        self,
        tx: Transaction,
        crawler: str,
        state: CrawlState,
        started: float,
        error: str | None,
        counts: Mapping[str, int],
    ) -> None:
        """A crawl ended; one that was cancelled sends no event (docs/facts/eventbridge.md#event-types)."""
        now, link = self._clock.now(), glue_events.crawler_log_link(self._place, crawler)
        if state is CrawlState.SUCCEEDED:
            found = CrawlCounts(
                tables_created=counts.get("TablesCreated", 0),
                tables_updated=counts.get("TablesUpdated", 0),
                tables_deleted=counts.get("TablesDeleted", 0),
                partitions_created=counts.get("PartitionsCreated", 0),
            )
            self._put(
                tx,
                glue_events.crawler_succeeded(
                    self._place, now, crawler, found, seconds=now - started, log_link=link
                ),
            )
        elif state in (CrawlState.FAILED, CrawlState.ERROR):
            self._put(
                tx, glue_events.crawler_failed(self._place, now, crawler, error or "unknown", log_link=link)
            )

    def _put(self, tx: Transaction, event: Event) -> None:
        self._events.put(tx, [event])
