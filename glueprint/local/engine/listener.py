"""The interfaces through which the engine reports runs, within the transaction that changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from glueprint.facts.predicate import Node
from glueprint.facts.states import CrawlState, JobState
from glueprint.local.store.database import Connection


class EndOutsideWorkflow(Protocol):
    """Is called when a job run (its last attempt) or a crawl outside workflow runs has ended."""

    def __call__(self, tx: Connection, node: Node, state: str, run: str, by_trigger: bool) -> None:
        """Handle the end; ``by_trigger``: whether a trigger started the run."""
        ...


class RunListener:
    """Is notified of job runs and crawls as they change; this class ignores everything."""

    def job_run_ended(self, tx: Connection, job: str, run_id: str, state: JobState, error: str | None) -> None:
        """A job run - one attempt - reached a final state."""

    def job_run_delayed(
        self, tx: Connection, job: str, run_id: str, state: JobState, notify_after: int, started: float
    ) -> None:
        """A job run is later than its NotifyDelayAfter (minutes), and in ``state``."""

    def crawl_started(self, tx: Connection, crawler: str) -> None:
        """A crawl started."""

    def crawl_not_started(self, tx: Connection, crawler: str, error: str) -> None:
        """A crawler's schedule came due, and it could not start."""

    def crawl_ended(
        self,
        tx: Connection,
        crawler: str,
        state: CrawlState,
        started: float,
        error: str | None,
        counts: Mapping[str, int],
    ) -> None:
        """A crawl ended; ``counts`` is its summary."""


class Listeners(RunListener):
    """Notifies several listeners, in their order."""

    def __init__(self, *listeners: RunListener) -> None:
        self._listeners = listeners

    def job_run_ended(self, tx: Connection, job: str, run_id: str, state: JobState, error: str | None) -> None:
        """A job run - one attempt - reached a final state."""
        for one in self._listeners:
            one.job_run_ended(tx, job, run_id, state, error)

    def job_run_delayed(
        self, tx: Connection, job: str, run_id: str, state: JobState, notify_after: int, started: float
    ) -> None:
        """A job run is later than its NotifyDelayAfter (minutes), and in ``state``."""
        for one in self._listeners:
            one.job_run_delayed(tx, job, run_id, state, notify_after, started)

    def crawl_started(self, tx: Connection, crawler: str) -> None:
        """A crawl started."""
        for one in self._listeners:
            one.crawl_started(tx, crawler)

    def crawl_not_started(self, tx: Connection, crawler: str, error: str) -> None:
        """A crawler's schedule came due, and it could not start."""
        for one in self._listeners:
            one.crawl_not_started(tx, crawler, error)

    def crawl_ended(
        self,
        tx: Connection,
        crawler: str,
        state: CrawlState,
        started: float,
        error: str | None,
        counts: Mapping[str, int],
    ) -> None:
        """A crawl ended; ``counts`` is its summary."""
        for one in self._listeners:
            one.crawl_ended(tx, crawler, state, started, error, counts)
