"""Between a crawl and its process: the listing that goes in, the tables and partitions that come out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, assert_never
from urllib.parse import quote

from glueprint.crawler.changes import (
    CatalogChange,
    CreatePartitions,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    DeprecateTable,
    Log,
    UpdatePartition,
    UpdateTable,
)
from glueprint.crawler.configuration import Configuration
from glueprint.crawler.contract import CrawlResult, CrawlSpec, KnownTable, ObjectEntry, S3Target
from glueprint.crawler.policy import CatalogTable, CrawlPolicy, catalog_changes
from glueprint.local.clock import Clock
from glueprint.local.engine.crawls import LOG_GROUP, CrawlEnd
from glueprint.local.engine.engine import Engine
from glueprint.local.executors.processes import Alive, Ended, Lost, NotStarted, Processes, ProcessSpec, Status
from glueprint.local.executors.surroundings import Surroundings
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.catalog import TABLES, fold, home_of, require_table
from glueprint.local.glue.classifiers import classifiers_named
from glueprint.local.glue.crawler_targets import catalog_tables, database_of, s3_location
from glueprint.local.glue.partitions import Partitions
from glueprint.local.glue.tables import Tables
from glueprint.local.logs import prepare_log
from glueprint.local.protocol import ApiError, Context
from glueprint.local.protocol.errors import invalid_input
from glueprint.local.s3 import S3Error, S3Store
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, Resources
from glueprint.workflow.states import CrawlState

logger = logging.getLogger(__name__)

MEMORY_LIMIT = 4 * 1024**3
"""Bytes of address space: a hostile file costs the crawl, never the machine."""


class CrawlExecutor:
    """Starts crawl processes, and writes to the catalog what they found."""

    _crawlers = Resources("crawler")

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        surroundings: Surroundings,
        s3: S3Store,
        tables: Tables,
        partitions: Partitions,
        memory: Path,
    ) -> None:
        """``memory`` is the folder in which each crawler keeps what it learned of objects it has read."""
        memory.mkdir(mode=0o700, exist_ok=True)
        self._memory = memory
        self._database = database
        self._clock = clock
        self._engine = engine
        self._surroundings = surroundings
        self._s3 = s3
        self._tables = tables
        self._partitions = partitions
        self._context = Context(surroundings.account_id, surroundings.region)

    def launch(self, processes: Processes, crawl_id: str) -> None:
        """Have the crawl's process started, unless the crawl is over or being stopped."""
        crawler = self._database.read(lambda tx: self._running_crawler(tx, crawl_id))
        if crawler is None or processes.resume(crawl_id):
            return
        try:
            spec = self._spec(crawler, crawl_id)
        except (S3Error, ApiError) as error:
            self._end(crawl_id, CrawlEnd(CrawlState.FAILED, error.message))
            return
        run_dir = processes.run_dir(crawl_id)
        work = run_dir / "work"
        work.mkdir(parents=True, exist_ok=True)
        (work / "spec.json").write_text(spec.to_json())
        log = prepare_log(self._surroundings.logs_root, LOG_GROUP, crawler["Name"])
        reached(FaultPoint.FILES_READY, "crawl")
        processes.start(
            crawl_id,
            ProcessSpec(
                argv=(sys.executable, "-m", "glueprint.crawler", str(work / "spec.json"), str(_result(run_dir))),
                env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONPATH": _package_root()},
                cwd=work,
                stdout=log,
                stderr=log,
                memory_limit_bytes=MEMORY_LIMIT,
            ),
        )

    def changed(self, processes: Processes, crawl_id: str, status: Status) -> None:
        """The crawl's process has ended: what it found goes into the catalog, with the crawl's end."""
        match status:
            case Ended() if status.succeeded:
                self._finish(processes, crawl_id)
            case Ended():
                reason = status.error or f"the crawl's process ended with status {status.exit_status}"
                self._end(crawl_id, CrawlEnd(CrawlState.FAILED, reason))
            case Lost():
                self._end(crawl_id, CrawlEnd(CrawlState.FAILED, status.reason))
            case Alive() | NotStarted():
                pass

    def _finish(self, processes: Processes, crawl_id: str) -> None:
        reached(FaultPoint.END_SEEN, "crawl")
        try:
            result = CrawlResult.from_json(_result(processes.run_dir(crawl_id)).read_text())
        except (OSError, ValueError) as error:
            self._end(crawl_id, CrawlEnd(CrawlState.FAILED, f"the crawl's result cannot be read: {error}"))
            return
        if result.error is not None:
            self._end(crawl_id, CrawlEnd(CrawlState.FAILED, result.error))
            return

        def work(tx: Connection) -> None:
            crawler = self._running_crawler(tx, crawl_id)
            if crawler is None:  # it was being stopped, and ended first: what it found does not count
                self._engine.crawls.end(tx, crawl_id, CrawlEnd(CrawlState.CANCELLED))
                return
            changes = self._changes(tx, crawler, result)
            for change in changes:
                self._apply(tx, database_of(crawler), change)
            reached(FaultPoint.CRAWL_APPLYING)
            self._engine.crawls.end(tx, crawl_id, CrawlEnd(CrawlState.SUCCEEDED, summary=_summary(changes)))
            for line in changes:
                if isinstance(line, Log):
                    log = logger.warning if line.warning else logger.info
                    log("crawler %s: %s", crawler["Name"], line.message)

        try:
            self._engine.write(work)
        except ApiError as error:
            self._end(crawl_id, CrawlEnd(CrawlState.FAILED, error.message))
            return
        reached(FaultPoint.END_STORED, "crawl")
        processes.clean(crawl_id)

    def _changes(self, tx: Connection, crawler: Document, result: CrawlResult) -> list[CatalogChange]:
        policy, name = crawler["SchemaChangePolicy"], crawler["Name"]
        existing = self._existing(tx, database_of(crawler), {table.name for table in result.tables})
        return catalog_changes(
            existing,
            result,
            [target.path for target in self._targets(tx, crawler)],
            CrawlPolicy(
                crawler=name,
                update_behavior=policy["UpdateBehavior"],
                delete_behavior=policy["DeleteBehavior"],
                recrawl_behavior=crawler["RecrawlPolicy"]["RecrawlBehavior"],
                configuration=Configuration.from_json(crawler.get("Configuration")),
                crawled_before=_succeeded_before(tx, name),
                catalog_targets=bool(catalog_tables(crawler)),
            ),
            self._clock.now(),
        )

    def _existing(self, tx: Connection, database: str, found: set[str]) -> list[CatalogTable]:
        """The database's tables; with their partitions where the crawl found them again."""
        return [
            CatalogTable(
                table,
                tuple(self._partitions.all_of(tx, self._context, database, table["Name"]))
                if table["Name"] in found
                else (),
            )
            for table in self._all_tables(tx, database)
        ]

    def _all_tables(self, tx: Connection, database: str) -> list[Document]:
        names = TABLES.names(tx, home_of(tx, self._context, database))
        found = [self._tables.get(tx, self._context, database, name) for name in list(names)]
        return [table for table in found if table is not None]

    def _apply(self, tx: Connection, database: str, change: CatalogChange) -> None:
        context, tables, partitions = self._context, self._tables, self._partitions
        match change:
            case CreateTable():
                tables.insert(tx, context, database, dict(change.table_input))
            case UpdateTable() | DeprecateTable():
                tables.replace(tx, context, database, dict(change.table_input))
            case DeleteTable():
                tables.delete(tx, context, database, change.name)
            case CreatePartitions():
                inputs = [dict(one) for one in change.partition_inputs]
                partitions.insert_many(tx, context, database, change.table, inputs)
            case UpdatePartition():
                entries = [(list(change.values), dict(change.partition_input))]
                partitions.replace_many(tx, context, database, change.table, entries)
            case DeletePartitions():
                partitions.delete_many(tx, context, database, change.table, [list(v) for v in change.values])
            case Log():
                pass
            case _:
                assert_never(change)

    def _running_crawler(self, tx: Connection, crawl_id: str) -> Document | None:
        """The crawler of a crawl that has not ended and is not being stopped."""
        row = tx.execute("SELECT crawler, state FROM crawl WHERE id = ?", (crawl_id,)).fetchone()
        if row is None or row["state"] != CrawlState.RUNNING:
            return None
        return self._crawlers.get(tx, row["crawler"])

    def _spec(self, crawler: Document, crawl_id: str) -> CrawlSpec:
        """Everything that the crawl needs to know.

        Raises:
            S3Error: a bucket is gone.
            ApiError: the database, a target's table or a classifier is not there.
        """
        database = database_of(crawler)

        def read(
            tx: Connection,
        ) -> tuple[list[Document], list[S3Target], tuple[Document, ...]]:
            classifiers = classifiers_named(tx, crawler["Classifiers"])
            return self._all_tables(tx, database), self._targets(tx, crawler), classifiers

        tables, targets, classifiers = self._database.read(read)
        return CrawlSpec(
            crawler=crawler["Name"],
            database=database,
            targets=tuple(replace(target, objects=self._objects(target.path)) for target in targets),
            table_prefix=crawler.get("TablePrefix", ""),
            configuration=crawler.get("Configuration"),
            classifiers=classifiers,
            existing_tables=tuple(
                KnownTable(table["Name"], table.get("StorageDescriptor", {}).get("Location", ""))
                for table in tables
            ),
            crawl_id=crawl_id,
            memory=str(self._memory / quote(crawler["Name"], safe="")),
        )

    def _targets(self, tx: Connection, crawler: Document) -> list[S3Target]:
        """What is crawled, without its objects.

        Raises:
            ApiError: a target's table is not there, or is not over files in S3.
        """
        targets = [
            S3Target(s3_location(target["Path"]), tuple(target.get("Exclusions", ())), target.get("SampleSize"))
            for target in crawler["Targets"].get("S3Targets") or ()
        ]
        for name in catalog_tables(crawler):
            table = require_table(tx, self._context, database_of(crawler), name).body
            location = table.get("StorageDescriptor", {}).get("Location", "")
            if not location.startswith(("s3://", "s3a://", "s3n://")):
                raise invalid_input(f"Table {name} is not over files in S3, which alone can be crawled here")
            targets.append(S3Target(location, catalog_table=fold(name)))
        return targets

    def _objects(self, path: str) -> tuple[ObjectEntry, ...]:
        bucket, _, prefix = path.partition("://")[2].partition("/")
        return tuple(
            ObjectEntry(found.key, found.size, found.modified, str(found.path))
            for found in self._s3.listing(bucket, prefix)
        )

    def _end(self, crawl_id: str, end: CrawlEnd) -> None:
        self._engine.write(lambda tx: self._engine.crawls.end(tx, crawl_id, end))


def _succeeded_before(tx: Connection, crawler: str) -> bool:
    query = "SELECT 1 FROM crawl WHERE crawler = ? AND state = 'SUCCEEDED' LIMIT 1"
    return tx.execute(query, (crawler,)).fetchone() is not None


def _result(run_dir: Path) -> Path:
    return run_dir / "work" / "result.json"


def _package_root() -> str:
    return str(Path(__file__).resolve().parents[3])


def _summary(changes: Iterable[CatalogChange]) -> dict[str, Any]:
    """What ListCrawls shows; its form in AWS is not documented."""
    counts = {"TablesCreated": 0, "TablesUpdated": 0, "TablesDeleted": 0, "PartitionsCreated": 0}
    for change in changes:
        match change:
            case CreateTable():
                counts["TablesCreated"] += 1
            case UpdateTable():
                counts["TablesUpdated"] += 1
            case DeleteTable() | DeprecateTable():
                counts["TablesDeleted"] += 1
            case CreatePartitions():
                counts["PartitionsCreated"] += len(change.partition_inputs)
            case _:
                pass
    return counts
