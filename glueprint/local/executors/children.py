"""The processes of all job runs and crawls: adopted after a restart, reported, ended in order."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glueprint.facts.states import (
    ACTIVE_CRAWL_STATES,
    ACTIVE_JOB_STATES,
    ADMITTED_JOB_STATES,
    CrawlState,
    JobState,
)
from glueprint.local.engine.dispatcher import Handler
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.engine.quality_runs import ACTIVE_QUALITY_STATUSES, QualityStatus
from glueprint.local.executors.crawls import CrawlExecutor
from glueprint.local.executors.jobs import JobExecutor
from glueprint.local.executors.processes import Ended, Lost, NotStarted, Processes, Status
from glueprint.local.executors.quality import QualityExecutor
from glueprint.local.identifiers import is_job_run_id, is_quality_run_id
from glueprint.local.store import Database
from glueprint.local.store.literals import text_list
from glueprint.runtime.processes.launchers import WorkerPool

STOP_SECONDS = 20.0
"""How long an orderly end waits for processes that it has requested to end."""

_ACTIVE = f"""
    SELECT id, kind, is_stopping,
        EXISTS (
            SELECT 1 FROM owed
            WHERE subject = active.id AND kind IN ('launch-job', 'launch-crawl', 'launch-quality')
        ) AS is_launch_pending
    FROM (
        SELECT id, 'JOB' AS kind, state = '{JobState.STOPPING}' AS is_stopping FROM job_run
            WHERE state IN {text_list(ACTIVE_JOB_STATES)} AND state IN {text_list(ADMITTED_JOB_STATES)}
        UNION ALL
        SELECT id, 'CRAWLER', state = '{CrawlState.CANCELLING}' FROM crawl
            WHERE state IN {text_list(ACTIVE_CRAWL_STATES)}
        UNION ALL
        SELECT id, 'QUALITY', status = '{QualityStatus.STOPPING}' FROM quality_run
            WHERE status IN {text_list(ACTIVE_QUALITY_STATUSES)}
    ) AS active
"""


_TAKE_SLOTS = ("JOB", "QUALITY")
_LAUNCHES = {
    "JOB": ActionKind.LAUNCH_JOB,
    "CRAWLER": ActionKind.LAUNCH_CRAWL,
    "QUALITY": ActionKind.LAUNCH_QUALITY,
}


@dataclass(frozen=True, slots=True)
class _Active:
    """A job run, a crawl or a data quality run that has not ended."""

    id: str
    kind: str
    is_stopping: bool
    is_launch_pending: bool


class Children:
    """Every process that this server or an earlier one has started."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        jobs: JobExecutor,
        crawls: CrawlExecutor,
        quality: QualityExecutor,
        root: Path,
        pools: Sequence[WorkerPool],
        *,
        stop_grace_seconds: float,
    ) -> None:
        """Create the processes' watcher.

        Args:
            database: the store.
            engine: owns the slots.
            jobs: starts job processes, and is notified of their starts and ends.
            crawls: starts crawl processes, and is notified of their ends.
            quality: starts the processes of data quality runs, and is notified of their starts and ends.
            root: the folder of the run directories.
            pools: have warm workers for runs.
            stop_grace_seconds: the time between SIGTERM and SIGKILL.
        """
        self._database = database
        self._engine = engine
        self._jobs = jobs
        self._crawls = crawls
        self._quality = quality
        self._ended = threading.Condition()
        self._processes = Processes(root, self._changed, pools, stop_grace_seconds=stop_grace_seconds)

    def handlers(self) -> dict[ActionKind, Handler]:
        """Return what carries out the actions on processes."""
        processes, jobs, crawls, quality = self._processes, self._jobs, self._crawls, self._quality
        return {
            ActionKind.LAUNCH_JOB: lambda subject: jobs.launch(processes, subject),
            ActionKind.STOP_JOB: processes.stop,
            ActionKind.LAUNCH_CRAWL: lambda subject: crawls.launch(processes, subject),
            ActionKind.STOP_CRAWL: processes.stop,
            ActionKind.LAUNCH_QUALITY: lambda subject: quality.launch(processes, subject),
            ActionKind.STOP_QUALITY: processes.stop,
        }

    def adopt(self) -> None:
        """Adopt the processes of an earlier server; their ends are reported before timers are.

        So a job that ended in time does not time out because its end is reported late.
        """
        for active in self._launched():
            if active.kind in _TAKE_SLOTS:
                self._engine.slots.take(active.id, force=True)
            if active.is_stopping or not isinstance(self._processes.status(active.id), NotStarted):
                self._processes.adopt(active.id)
            elif not self._processes.resume(active.id):
                self._add_launch(active)  # the machine went down before the process had started

    def end(self, *, grace_seconds: float) -> None:
        """End all processes, also those that are starting, and wait until their ends are stored."""
        for active in self._launched():
            self._processes.stop(active.id, grace_seconds=grace_seconds)
        with self._ended:
            self._ended.wait_for(lambda: not self._launched(), STOP_SECONDS)

    def forget(self, subject: str) -> None:
        """Remove the files of a run whose history is no longer kept."""
        self._processes.forget(subject)

    def close(self) -> None:
        """Stop watching; the processes go on."""
        self._processes.close()

    def _add_launch(self, active: _Active) -> None:
        self._database.write(lambda tx: add_action(tx, _LAUNCHES[active.kind], active.id))

    def _changed(self, subject: str, status: Status) -> None:
        is_over = isinstance(status, (Ended, Lost))
        if is_job_run_id(subject):
            self._jobs.changed(subject, status)
            if is_over:
                self._processes.clean(subject)
        elif is_quality_run_id(subject):
            self._quality.changed(self._processes, subject, status)
        else:
            self._crawls.changed(self._processes, subject, status)
        if is_over:
            with self._ended:
                self._ended.notify_all()

    def _launched(self) -> list[_Active]:
        """Return the job runs and crawls that were launched and have not ended.

        A pending launch may have been carried out by a server that was killed before it removed the action: the
        process decides. A run that is being stopped is never launched any more, and needs its end all the same.
        """
        active = self._database.read(
            lambda tx: [
                _Active(row["id"], row["kind"], bool(row["is_stopping"]), bool(row["is_launch_pending"]))
                for row in tx.execute(_ACTIVE)
            ]
        )
        return [
            one
            for one in active
            if one.is_stopping
            or not one.is_launch_pending
            or not isinstance(self._processes.status(one.id), NotStarted)
        ]
