"""Who is told, within the transaction, of what happens to runs: the event bus, or nobody."""

from __future__ import annotations

from collections.abc import Mapping

from glueprint.facts.states import CrawlState, JobState
from glueprint.local.store.database import Connection


class RunListener:
    """Told of job runs and crawls as they change; this one does not care."""

    def job_run_ended(self, tx: Connection, job: str, run_id: str, state: JobState, error: str | None) -> None:
        """A job run - one attempt - reached a final state."""

    def job_run_delayed(
        self, tx: Connection, job: str, run_id: str, state: JobState, notify_after: int, started: float
    ) -> None:
        """A job run is later than its NotifyDelayAfter (minutes), and in ``state``."""

    def crawl_started(self, tx: Connection, crawler: str) -> None:
        """A crawl began."""

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
