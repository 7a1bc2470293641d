"""Starts crawl processes with a listing, and stores the tables and partitions that they find."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from glueprint.crawler.changes import CatalogChange
from glueprint.crawler.configuration import Configuration
from glueprint.crawler.policy import CrawlPolicy
from glueprint.crawler.result import CrawlResult
from glueprint.crawler.specification import CrawlSpec, KnownTable
from glueprint.crawler.statements import Statement, log_line
from glueprint.crawler.table_changes import catalog_changes
from glueprint.facts.states import CrawlState
from glueprint.iam.crawler_actions import crawl_requests
from glueprint.local.access import Access, AccessDenied
from glueprint.local.access.access import CRAWLER_SESSION
from glueprint.local.clock import Clock
from glueprint.local.engine.crawls import LOG_GROUP, CrawlEnd
from glueprint.local.engine.engine import Engine
from glueprint.local.executors.crawl_catalog import CrawledCatalog
from glueprint.local.executors.crawl_summary import crawl_summary
from glueprint.local.executors.crawl_targets import CrawlTargets, Targets
from glueprint.local.executors.processes import Alive, Ended, Lost, NotStarted, Processes, ProcessSpec, Status
from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.catalog.partitions import Partitions
from glueprint.local.glue.catalog.tables import Tables
from glueprint.local.glue.crawling.classifiers import classifiers_named
from glueprint.local.glue.crawling.crawler_targets import catalog_tables, database_of
from glueprint.local.logs import prepare_log
from glueprint.local.protocol import ApiError, Context
from glueprint.local.s3 import S3Store
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, Resources

DECISIONS_GROUP = f"{LOG_GROUP}/decisions"
"""The log group of statements as JSON: one stream for each crawl, named by its id; an event is a JSON object."""

MAX_MEMORY_BYTES = 4 * 1024**3
"""Bytes of address space: a hostile file ends the crawl, and does not harm the machine."""


class CrawlExecutor:
    """Starts crawl processes, and writes their results to the Data Catalog."""

    _crawlers = Resources("crawler")

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        settings: ServerSettings,
        s3: S3Store,
        tables: Tables,
        partitions: Partitions,
        memory: Path,
        access: Access,
    ) -> None:
        """``memory`` is the folder in which each crawler keeps its findings about objects that it has read."""
        memory.mkdir(mode=0o700, exist_ok=True)
        self._memory = memory
        self._access = access
        self._database = database
        self._clock = clock
        self._engine = engine
        self._settings = settings
        context = Context(settings.account_id, settings.region)
        self._catalog = CrawledCatalog(database, clock, context, tables, partitions)
        self._targets = CrawlTargets(s3, context, settings.driver_folder)

    def launch(self, processes: Processes, crawl_id: str) -> None:
        """Start the crawl's process, unless the crawl has ended or is being stopped."""
        crawler = self._database.read(lambda tx: self._running_crawler(tx, crawl_id))
        if crawler is None or processes.resume(crawl_id):
            return
        try:
            self._access.check_role(
                crawler["Role"], CRAWLER_SESSION, list(crawl_requests(crawler, self._access.location))
            )
            spec = self._spec(crawler, crawl_id)
        except (ApiError, AccessDenied) as error:
            self._fail(crawl_id, str(error))
            return
        run_dir = processes.run_dir(crawl_id)
        work = run_dir / "work"
        work.mkdir(parents=True, exist_ok=True)
        _write_privately(work / "spec.json", spec.to_json())
        log = prepare_log(self._settings.logs_root, LOG_GROUP, crawler["Name"])
        reached(FaultPoint.FILES_READY, "crawl")
        processes.start(
            crawl_id,
            ProcessSpec(
                argv=(sys.executable, "-m", "glueprint.crawler", str(work / "spec.json"), str(_result(run_dir))),
                env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONPATH": _package_root()},
                cwd=work,
                stdout=log,
                stderr=log,
                memory_limit_bytes=MAX_MEMORY_BYTES,
            ),
        )

    def changed(self, processes: Processes, crawl_id: str, status: Status) -> None:
        """Handle the end of the crawl's process: its result and the crawl's end are stored together."""
        match status:
            case Ended() if status.succeeded:
                self._finish(processes, crawl_id)
            case Ended():
                reason = status.failure or f"the crawl's process ended with status {status.exit_status}"
                self._fail(crawl_id, reason)
                processes.clean(crawl_id)  # its specification may contain a password
            case Lost():
                self._fail(crawl_id, status.reason)
                processes.clean(crawl_id)
            case Alive() | NotStarted():
                pass

    def _finish(self, processes: Processes, crawl_id: str) -> None:
        reached(FaultPoint.END_SEEN, "crawl")
        try:
            result = CrawlResult.from_json(_result(processes.run_dir(crawl_id)).read_text())
        except (OSError, ValueError) as error:
            self._fail(crawl_id, f"the crawl's result cannot be read: {error}")
            return
        if result.error is not None:
            self._record(crawl_id, [*result.statements, Statement(result.error, "ERROR")])
            self._end(crawl_id, CrawlEnd(CrawlState.FAILED, result.error))
            processes.clean(crawl_id)
            return

        def work(tx: Connection) -> None:
            crawler = self._running_crawler(tx, crawl_id)
            if crawler is None:  # it was being stopped, and ended first: its result is ignored
                self._record(crawl_id, result.statements)
                self._engine.crawls.end(tx, crawl_id, CrawlEnd(CrawlState.CANCELLED))
                return
            changes = self._changes(tx, crawler, result)
            self._catalog.apply(tx, database_of(crawler), changes)
            reached(FaultPoint.CRAWL_APPLYING)
            # Before the end is stored, so that clients find the lines then; a kill in between may double them.
            statements = [change for change in changes if isinstance(change, Statement)]
            self._log(crawl_id, statements)
            self._record(crawl_id, [*result.statements, *statements])
            self._engine.crawls.end(tx, crawl_id, CrawlEnd(CrawlState.SUCCEEDED, summary=crawl_summary(changes)))

        try:
            self._engine.write(work)
        except ApiError as error:
            self._fail(crawl_id, error.message)
            return
        reached(FaultPoint.END_STORED, "crawl")
        processes.clean(crawl_id)

    def _log(self, crawl_id: str, statements: Iterable[Statement]) -> None:
        """Add lines to the crawl's log, below those of its process."""
        crawler = self._database.read(lambda tx: _crawler_of(tx, crawl_id))
        if crawler is None:
            return
        with prepare_log(self._settings.logs_root, LOG_GROUP, crawler).open("a", encoding="utf-8") as log:
            log.writelines(f"{log_line(crawl_id, one.level, one.line)}\n" for one in statements)

    def _record(self, crawl_id: str, statements: Iterable[Statement]) -> None:
        """Write all statements of the crawl as JSON lines, for programs; writing them again changes nothing."""
        stream = prepare_log(self._settings.logs_root, DECISIONS_GROUP, crawl_id)
        stream.write_text("".join(f"{json.dumps(one.to_json())}\n" for one in statements), encoding="utf-8")

    def _fail(self, crawl_id: str, reason: str) -> None:
        """Store a failure outside of the crawl's process, and log it for the process."""
        statements = [Statement(reason, "ERROR")]
        self._log(crawl_id, statements)
        self._record(crawl_id, statements)
        self._end(crawl_id, CrawlEnd(CrawlState.FAILED, reason))

    def _changes(self, tx: Connection, crawler: Document, result: CrawlResult) -> list[CatalogChange]:
        policy, name = crawler["SchemaChangePolicy"], crawler["Name"]
        existing = self._catalog.with_partitions(tx, database_of(crawler), {one.name for one in result.tables})
        return catalog_changes(
            existing,
            result,
            self._targets.paths(tx, crawler),
            CrawlPolicy(
                crawler=name,
                update_behavior=policy["UpdateBehavior"],
                delete_behavior=policy["DeleteBehavior"],
                recrawl_behavior=crawler["RecrawlPolicy"]["RecrawlBehavior"],
                configuration=Configuration.from_json(crawler.get("Configuration")),
                crawled_before=_succeeded_before(tx, crawler),
                catalog_targets=bool(catalog_tables(crawler)),
            ),
            self._clock.now(),
        )

    def _running_crawler(self, tx: Connection, crawl_id: str) -> Document | None:
        """The crawler of a crawl that has not ended and is not being stopped."""
        row = tx.execute("SELECT crawler, state FROM crawl WHERE id = ?", (crawl_id,)).fetchone()
        if row is None or row["state"] != CrawlState.RUNNING:
            return None
        return self._crawlers.get(tx, row["crawler"])

    def _spec(self, crawler: Document, crawl_id: str) -> CrawlSpec:
        """Return the specification of the crawl.

        Raises:
            ApiError: a target's bucket, table or connection is not there, or a classifier.
        """
        database = database_of(crawler)

        def read(tx: Connection) -> tuple[list[Document], Targets, tuple[Document, ...], bool]:
            classifiers = classifiers_named(tx, crawler["Classifiers"])
            crawled_before = _succeeded_before(tx, crawler)
            return self._catalog.tables(tx, database), self._targets.of(tx, crawler), classifiers, crawled_before

        tables, targets, classifiers, crawled_before = self._database.read(read)
        return CrawlSpec(
            crawler=crawler["Name"],
            database=database,
            targets=self._targets.listed(targets.of_files),
            jdbc_targets=targets.of_databases,
            table_prefix=crawler.get("TablePrefix", ""),
            configuration=crawler.get("Configuration"),
            classifiers=classifiers,
            existing_tables=tuple(
                KnownTable(table["Name"], table.get("StorageDescriptor", {}).get("Location", ""))
                for table in tables
            ),
            crawl_id=crawl_id,
            new_folders_only=crawled_before and _new_folders_only(crawler),
            memory=str(self._memory_of(crawler)),
        )

    def _memory_of(self, crawler: Document) -> Path:
        """The crawler's memory; that of an earlier crawler of its name is deleted."""
        name = hashlib.sha256(crawler["Name"].encode()).hexdigest()
        own = self._memory / f"{name}@{crawler['CreationTime']}"
        for other in self._memory.glob(f"{name}@*"):
            if other != own:
                other.unlink(missing_ok=True)
        return own

    def _end(self, crawl_id: str, end: CrawlEnd) -> None:
        self._engine.write(lambda tx: self._engine.crawls.end(tx, crawl_id, end))


def _crawler_of(tx: Connection, crawl_id: str) -> str | None:
    row = tx.execute("SELECT crawler FROM crawl WHERE id = ?", (crawl_id,)).fetchone()
    return None if row is None else str(row["crawler"])


def _new_folders_only(crawler: Document) -> bool:
    return bool(crawler["RecrawlPolicy"]["RecrawlBehavior"] == "CRAWL_NEW_FOLDERS_ONLY")


def _succeeded_before(tx: Connection, crawler: Document) -> bool:
    """Whether an earlier crawl of this crawler succeeded, not of a deleted one of the same name."""
    query = "SELECT 1 FROM crawl WHERE crawler = ? AND state = ? AND started >= ? LIMIT 1"
    values = (crawler["Name"], CrawlState.SUCCEEDED, crawler["CreationTime"])
    return tx.execute(query, values).fetchone() is not None


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner can read: with JDBC targets it contains passwords."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _result(run_dir: Path) -> Path:
    return run_dir / "work" / "result.json"


def _package_root() -> str:
    return str(Path(__file__).resolve().parents[3])
