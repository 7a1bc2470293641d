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
from glueprint.local.events import EVENTS_SCHEMA, EventBridge, Events, S3Events
from glueprint.local.events.announcer import Announcer
from glueprint.local.executors.blueprints import BlueprintExecutor
from glueprint.local.executors.children import Children
from glueprint.local.executors.crawls import CrawlExecutor
from glueprint.local.executors.jobs import JobExecutor
from glueprint.local.executors.processes import STOP_GRACE_SECONDS
from glueprint.local.executors.surroundings import Surroundings
from glueprint.local.executors.waiting import NOTHING, Waiting, WaitingOptions, spark_archive
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.catalog.databases import Databases
from glueprint.local.glue.catalog.functions import Functions
from glueprint.local.glue.catalog.partition_indexes import PartitionIndexes
from glueprint.local.glue.catalog.partitions import Partitions
from glueprint.local.glue.catalog.search import Search
from glueprint.local.glue.catalog.table_versions import TableVersions
from glueprint.local.glue.catalog.tables import Tables
from glueprint.local.glue.crawling.classifiers import Classifiers
from glueprint.local.glue.crawling.connections import Connections
from glueprint.local.glue.crawling.crawl_history import CrawlHistory
from glueprint.local.glue.crawling.crawlers import Crawlers
from glueprint.local.glue.family import Family, operation
from glueprint.local.glue.orchestration.blueprint_runs import BlueprintRuns
from glueprint.local.glue.orchestration.blueprints import Blueprints
from glueprint.local.glue.orchestration.job_bookmarks import JobBookmarks
from glueprint.local.glue.orchestration.job_runs import JobRunOperations
from glueprint.local.glue.orchestration.jobs import Jobs
from glueprint.local.glue.orchestration.triggers import Triggers
from glueprint.local.glue.orchestration.workflow_runs import WorkflowRunOperations
from glueprint.local.glue.orchestration.workflows import Workflows
from glueprint.local.glue.refusals import reason_of
from glueprint.local.glue.tags import Tags
from glueprint.local.jobside.bookmarks import RunBookmarks
from glueprint.local.jobside.route import JobSide
from glueprint.local.logs import Logs
from glueprint.local.protocol import Context, JsonService
from glueprint.local.s3 import S3_SCHEMA, S3App, S3Store
from glueprint.local.store import Database
from glueprint.local.store.bookmark_schema import BOOKMARK_BEGINNINGS, BOOKMARK_SCHEMA
from glueprint.local.store.catalog_schema import CATALOG_SCHEMA
from glueprint.local.store.database import Connection
from glueprint.local.store.schema import GLUE_SCHEMA

MIGRATIONS = (GLUE_SCHEMA, CATALOG_SCHEMA, S3_SCHEMA, BOOKMARK_SCHEMA, EVENTS_SCHEMA, BOOKMARK_BEGINNINGS)
"""In the order in which they run; new ones are added at the end."""


class LocalGlue:
    """A local Glue without its HTTP front.

    Attributes:
        glue, logs, events, s3, job_side: the services, as ASGI applications.
        engine: the workflow engine.
    """

    def __init__(
        self,
        data: DataDirectory,
        clock: Clock,
        endpoint_url: str,
        *,
        account_id: str,
        region: str,
        slots: int,
        waiting: WaitingOptions = NOTHING,
        stop_grace_seconds: float = STOP_GRACE_SECONDS,
    ) -> None:
        self._data = data
        self.database = Database(data.state, MIGRATIONS, durable=not data.ephemeral)
        self.surroundings = Surroundings(
            endpoint_url,
            data.keys.access_key,
            data.keys.secret_key,
            region,
            account_id,
            data.s3,
            data.logs,
            spark_archive() if waiting.class_archive else None,
        )
        self.s3_store = S3Store(self.database, data.s3, clock.now)
        self.engine = Engine(self.database, clock, Slots(slots))
        self._waiting = Waiting(waiting, self.database, self.surroundings, data.root)
        self._children = Children(
            self.database,
            self.engine,
            data.runs,
            self._waiting.takers,
            stop_grace_seconds=stop_grace_seconds,
        )
        self.engine.on_forgotten = self._children.forget
        self._resetting = threading.Lock()
        self._crawl_memory = data.root / "crawl-memory"
        self._logs = Logs(data.logs, clock.now)
        self._connect_events(clock, Context(account_id, region))
        self._compose(clock)
        self.s3 = S3App(self.s3_store, account_id, region)
        self.job_side = JobSide(RunBookmarks(self.database).calls)
        self.logs = JsonService("logs", self._logs.operations, invalid_code="InvalidParameterException")

    def start(self) -> None:
        """Take up what an earlier server left, then everything new."""
        self.s3_store.forget_vanished()
        reached(FaultPoint.RECOVERY_BEGUN)
        self._children.take_up()
        reached(FaultPoint.RECOVERY_ADOPTED)
        self.engine.start(self._handlers())
        reached(FaultPoint.RECOVERY_DONE)
        self._waiting.start()

    def close(self) -> None:
        """An orderly end: children are ended, and what they were is recorded; what is owed stays owed."""
        self._blueprint_executor.close()
        self.engine.close()
        reached(FaultPoint.STOPPING)
        self._children.end(grace_seconds=3.0)
        reached(FaultPoint.CHILDREN_ENDED)
        self.abandon()

    @property
    def warm_workers(self) -> int:
        """How many Spark workers could take a job now."""
        return self._waiting.pool.ready

    def abandon(self) -> None:
        """Let go of everything as it is: processes go on, and a later server takes them up."""
        self._waiting.close()
        self._children.close()
        self.database.close()

    def reset(self) -> None:
        """Forget everything (``serve --ephemeral``): rows, objects, logs; processes are ended.

        The engine stands still meanwhile, so that nothing that was owed is launched behind our back.
        """
        with self._resetting:
            self._blueprint_executor.close()
            self.engine.close()
            self._children.end(grace_seconds=0.5)
            self.database.write(self._empty)
            for folder in (self._data.s3, self._data.logs, self._data.runs, self._crawl_memory):
                _clear(folder)
            self.engine.slots.clear()
            self._blueprint_executor.open()
            self.engine.start(self._handlers())

    def _connect_events(self, clock: Clock, place: Context) -> None:
        """The event bus: S3 and the engine's runs put events on it, EVENT workflows take them."""
        windows = self.engine.windows
        self._events = Events(lambda tx, workflow, event: windows.arrived(tx, workflow, event.id))
        self._s3_events = S3Events(self.database, self.engine, self._events, self.s3_store, place)
        self.s3_store.on_change = self._s3_events.created
        self.s3_store.on_delete = self._s3_events.deleted
        self.engine.tell(Announcer(self._events, clock, place))
        bridge = EventBridge(self.database, self.engine, self._events, clock.now)
        self.events = JsonService("events", bridge.operations, invalid_code="ValidationException")

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
            JobBookmarks(database, clock),
            crawlers,
            CrawlHistory(database, clock),
            Classifiers(database, clock),
            Connections(database, clock),
            Databases(database, clock),
            Functions(database, clock),
            tables,
            TableVersions(database, clock),
            partitions,
            PartitionIndexes(database, clock),
            Search(database, clock),
            Tags(database, clock),
        ]
        self._children.report_to(
            JobExecutor(database, clock, engine, around, s3, self._logs, self._events, self._s3_events),
            CrawlExecutor(database, clock, engine, around, s3, tables, partitions, self._crawl_memory),
        )
        self._blueprint_executor = BlueprintExecutor(
            database, engine, around, runs, self._data.root / "scratch"
        )
        self.glue = JsonService(
            operation.service,
            operation.operations(families),
            reason_of=reason_of,
            on_writer=lambda task: database.submit(lambda tx: task()),
        )

    def _checked(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        return self.glue.checked(operation, request)

    def _handlers(self) -> dict[OwedKind, Handler]:
        return {
            **self._children.handlers(),
            OwedKind.REGISTER_BLUEPRINT: self._blueprints.register,
            OwedKind.RUN_BLUEPRINT: self._blueprint_executor.run,
        }

    def _empty(self, tx: Connection) -> None:
        names = [row["name"] for row in tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tx.execute("PRAGMA defer_foreign_keys = ON")
        for name in names:
            if not name.startswith("sqlite_"):
                tx.execute(f"DELETE FROM {name}")
        self.engine.forget()


def _clear(folder: Path) -> None:
    """Remove what is in ``folder``; of hidden folders, which are a service's own, only what is in them."""
    for entry in folder.iterdir():
        if entry.is_symlink() or not entry.is_dir():
            entry.unlink(missing_ok=True)
        elif entry.name.startswith("."):
            _clear(entry)
        else:
            shutil.rmtree(entry, ignore_errors=True)
