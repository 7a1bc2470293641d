"""Everything behind one data directory, put together: store, engine, executors, operations."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glueprint.local.clock import Clock
from glueprint.local.datadir import DataDirectory
from glueprint.local.engine.carrier import Handler, Slots
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.owed import OwedKind
from glueprint.local.executors.blueprints import BlueprintExecutor
from glueprint.local.executors.crawls import CrawlExecutor
from glueprint.local.executors.jobs import JobExecutor
from glueprint.local.executors.processes import Alive, Ended, Lost, Processes, Status
from glueprint.local.executors.surroundings import Surroundings
from glueprint.local.glue.blueprint_runs import BlueprintRuns
from glueprint.local.glue.blueprints import Blueprints
from glueprint.local.glue.crawlers import Crawlers
from glueprint.local.glue.databases import Databases
from glueprint.local.glue.family import Family, operations_of
from glueprint.local.glue.job_runs import JobRunOperations
from glueprint.local.glue.jobs import Jobs
from glueprint.local.glue.partition_indexes import PartitionIndexes
from glueprint.local.glue.partitions import Partitions
from glueprint.local.glue.search import Search
from glueprint.local.glue.table_versions import TableVersions
from glueprint.local.glue.tables import Tables
from glueprint.local.glue.tags import Tags
from glueprint.local.glue.triggers import Triggers
from glueprint.local.glue.workflow_runs import WorkflowRunOperations
from glueprint.local.glue.workflows import Workflows
from glueprint.local.logs import Logs
from glueprint.local.protocol import JsonService
from glueprint.local.s3 import S3_SCHEMA, S3App, S3Store
from glueprint.local.store import Database
from glueprint.local.store.catalog_schema import CATALOG_SCHEMA
from glueprint.local.store.schema import GLUE_SCHEMA

MIGRATIONS = (GLUE_SCHEMA, CATALOG_SCHEMA, S3_SCHEMA)
"""In the order in which they run; new ones are added at the end."""

GLUE_MODEL = "glue"
STOP_SECONDS = 20.0
"""How long an orderly end waits for job processes that it has asked to end."""

_ACTIVE_PROCESSES = (
    "SELECT id FROM job_run WHERE state IN ('STARTING', 'RUNNING', 'STOPPING')"
    " UNION ALL SELECT id FROM crawl WHERE state IN ('RUNNING', 'CANCELLING')"
)


class LocalGlue:
    """A local Glue without its HTTP front.

    Attributes:
        glue, logs, s3: the services, as ASGI applications.
        engine: the workflow engine.
    """

    def __init__(
        self, data: DataDirectory, clock: Clock, endpoint_url: str, *, account_id: str, region: str, slots: int
    ) -> None:
        self._data = data
        self.database = Database(data.state, MIGRATIONS)
        self.surroundings = Surroundings(
            endpoint_url,
            data.keys.access_key,
            data.keys.secret_key,
            region,
            account_id,
            data.s3,
            data.logs,
        )
        self.s3_store = S3Store(self.database, data.s3, clock.now)
        self.engine = Engine(self.database, clock, Slots(slots))
        self._processes = Processes(data.runs, self._process_changed)
        self._compose(clock)
        self.s3 = S3App(self.s3_store, account_id, region)
        operations = Logs(data.logs, clock.now).operations
        self.logs = JsonService("logs", operations, invalid_code="InvalidParameterException")
        self._ended = threading.Condition()

    def start(self) -> None:
        """Take up what an earlier server left, then everything new."""
        for subject in self._active():
            if not self._is_launch_owed(subject):
                self.engine.slots.take(subject, force=True)
                self._processes.adopt(subject)
        self.engine.start(self._handlers())

    def close(self) -> None:
        """An orderly end: children are ended, and what they were is recorded; what is owed stays owed."""
        self._blueprint_executor.close()
        self.engine.close()
        for subject in self._active():
            if isinstance(self._processes.status(subject), Alive):
                self._processes.stop(subject, grace_seconds=3.0)
        with self._ended:
            self._ended.wait_for(lambda: not self._alive(), STOP_SECONDS)
        self._processes.close()
        self.database.close()

    def reset(self) -> None:
        """Forget everything (``serve --ephemeral``): rows, objects, logs; processes are ended."""
        for subject in self._active():
            self._processes.stop(subject, grace_seconds=0.5)
        with self._ended:
            self._ended.wait_for(lambda: not self._alive(), STOP_SECONDS)
        self.engine.forget()
        self.database.write(_empty)
        for folder in (self._data.s3, self._data.logs):
            for entry in folder.iterdir():
                if not entry.name.startswith("."):
                    _remove(entry)

    def _compose(self, clock: Clock) -> None:
        """The resource families and executors, each given what it stands on."""
        database, engine, s3, around = self.database, self.engine, self.s3_store, self.surroundings
        jobs, workflows = Jobs(database, clock), Workflows(database, clock)
        triggers = Triggers(database, clock, engine)
        crawlers = Crawlers(database, clock, engine, s3)
        tables, partitions = Tables(database, clock), Partitions(database, clock)
        self._blueprints = Blueprints(database, clock, engine, s3)
        runs = BlueprintRuns(
            database, clock, engine, self._blueprints, workflows, crawlers, jobs, triggers, self._checked
        )
        families: list[Family] = [
            self._blueprints,
            runs,
            workflows,
            WorkflowRunOperations(database, clock, engine, workflows),
            triggers,
            jobs,
            JobRunOperations(database, clock, engine, jobs),
            crawlers,
            Databases(database, clock),
            tables,
            TableVersions(database, clock),
            partitions,
            PartitionIndexes(database, clock),
            Search(database, clock),
            Tags(database, clock),
        ]
        self._job_executor = JobExecutor(database, clock, engine, around, s3)
        self._crawl_executor = CrawlExecutor(
            database, clock, engine, around, s3, tables, partitions, self._data.root / "crawl-memory"
        )
        self._blueprint_executor = BlueprintExecutor(
            database, engine, around, runs, self._data.root / "scratch"
        )
        self.glue = JsonService(GLUE_MODEL, operations_of(families, JsonService.operation_names(GLUE_MODEL)))

    def _checked(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        return self.glue.checked(operation, request)

    def _handlers(self) -> dict[OwedKind, Handler]:
        processes, jobs, crawls = self._processes, self._job_executor, self._crawl_executor
        return {
            OwedKind.LAUNCH_JOB: lambda subject: jobs.launch(processes, subject),
            OwedKind.STOP_JOB: lambda subject: jobs.stop(processes, subject),
            OwedKind.LAUNCH_CRAWL: lambda subject: crawls.launch(processes, subject),
            OwedKind.STOP_CRAWL: lambda subject: crawls.stop(processes, subject),
            OwedKind.REGISTER_BLUEPRINT: self._blueprints.register,
            OwedKind.RUN_BLUEPRINT: self._blueprint_executor.run,
        }

    def _process_changed(self, subject: str, status: Status) -> None:
        if subject.startswith("jr_"):
            self._job_executor.changed(subject, status)
        else:
            self._crawl_executor.changed(self._processes, subject, status)
        if isinstance(status, (Ended, Lost)):
            with self._ended:
                self._ended.notify_all()

    def _active(self) -> list[str]:
        return self.database.read(lambda tx: [row["id"] for row in tx.execute(_ACTIVE_PROCESSES)])

    def _alive(self) -> list[str]:
        return [one for one in self._active() if isinstance(self._processes.status(one), (Alive, Ended))]

    def _is_launch_owed(self, subject: str) -> bool:
        def work(tx: Any) -> bool:
            kinds = (OwedKind.LAUNCH_JOB, OwedKind.LAUNCH_CRAWL)
            query = "SELECT 1 FROM owed WHERE subject = ? AND kind IN (?, ?)"
            return tx.execute(query, (subject, *kinds)).fetchone() is not None

        return self.database.read(work)


def _empty(tx: Any) -> None:
    names = [row["name"] for row in tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    tx.execute("PRAGMA defer_foreign_keys = ON")
    for name in names:
        if not name.startswith("sqlite_"):
            tx.execute(f"DELETE FROM {name}")


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
