"""Crawlers: definitions, starting, stopping, history (glue-facts 6)."""

from __future__ import annotations

from typing import Any

from glueprint.crawler.configuration import BadConfigurationError, Configuration
from glueprint.crawler.policy import policy_conflicts
from glueprint.local.clock import Clock
from glueprint.local.engine.crawls import LOG_GROUP
from glueprint.local.engine.engine import Engine
from glueprint.local.glue.family import (
    Answer,
    Context,
    Family,
    Request,
    Transaction,
    page_of,
    page_of_resources,
    page_of_tagged,
    unsupported,
    without_none,
)
from glueprint.local.identifiers import arn
from glueprint.local.protocol import ApiError
from glueprint.local.protocol.errors import already_exists, invalid_input, not_found
from glueprint.local.s3 import S3Store
from glueprint.local.store import Database, Row
from glueprint.local.store.resources import Document, Resources, put_tags, remove_tags
from glueprint.workflow.schedule import ScheduleError, parse

_HISTORY_STATES = {"SUCCEEDED": "COMPLETED", "CANCELLED": "STOPPED", "CANCELLING": "RUNNING", "ERROR": "FAILED"}
"""``CrawlerHistoryState`` for a ``CrawlState``."""


class Crawlers(Family):
    """``CreateCrawler`` and its neighbours."""

    resources = Resources("crawler")

    def __init__(self, database: Database, clock: Clock, engine: Engine, s3: S3Store) -> None:
        super().__init__(database, clock)
        self._engine = engine
        self._s3 = s3

    def create_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateCrawler``."""
        self._engine.write(lambda tx: self.insert(tx, context, request))
        return {}

    def insert(self, tx: Transaction, context: Context, request: Request) -> None:
        """Create the crawler within the caller's transaction.

        Raises:
            ApiError: the definition breaks rules (all are named), or the name is taken.
        """
        name = request["Name"]
        if self.resources.exists(tx, name):
            raise already_exists(f"Crawler with name {name} already exists")
        now, members = self.clock.now(), without_none(request)
        self._check(members)
        tags = members.pop("Tags", {})
        body = _definition(members) | {
            "State": "READY",
            "CrawlElapsedTime": 0,
            "CreationTime": now,
            "LastUpdated": now,
            "Version": 1,
        }
        self._put(tx, body)
        put_tags(tx, _arn(context, name), tags)

    def update_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateCrawler``: members that are given replace those that were."""

        def work(tx: Transaction) -> None:
            before = self._require_ready(tx, request["Name"])
            merged = before | without_none(request)
            schedule = request.get("Schedule")
            if schedule is None:
                merged.pop("Schedule", None)
            self._check(merged)
            body = _definition(merged) | {"LastUpdated": self.clock.now(), "Version": before["Version"] + 1}
            if schedule is None and "Schedule" in before:
                body["Schedule"] = before["Schedule"]
            self._put(tx, body)

        self._engine.write(work)
        return {}

    def delete_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteCrawler``."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            self._require_ready(tx, name)
            self.resources.delete(tx, name)
            self._engine.crawler_schedule_changed(tx, name)
            remove_tags(tx, _arn(context, name))

        self._engine.write(work)
        return {}

    def get_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetCrawler``."""
        return {"Crawler": self.database.read(lambda tx: self._describe(tx, self._require(tx, request["Name"])))}

    def get_crawlers(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetCrawlers``."""

        def work(tx: Transaction) -> Answer:
            found, token = page_of_resources(self.resources, tx, request, 100)
            return {"Crawlers": [self._describe(tx, body) for body in found], "NextToken": token}

        return self.database.read(work)

    def list_crawlers(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListCrawlers``: names, at most 100 a page."""
        names, token = self.database.read(
            lambda tx: page_of_tagged(self.resources, tx, request, 100, lambda name: _arn(context, name))
        )
        return {"CrawlerNames": names, "NextToken": token}

    def batch_get_crawlers(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetCrawlers``."""

        def work(tx: Transaction) -> Answer:
            found = {name: self.resources.get(tx, name) for name in request["CrawlerNames"]}
            return {
                "Crawlers": [self._describe(tx, body) for body in found.values() if body is not None],
                "CrawlersNotFound": [name for name, body in found.items() if body is None],
            }

        return self.database.read(work)

    def start_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartCrawler``."""
        self._engine.write(lambda tx: self._engine.crawls.start(tx, request["Name"]))
        return {}

    def stop_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``StopCrawler``."""
        self._engine.write(lambda tx: self._engine.crawls.stop(tx, request["Name"]))
        return {}

    def start_crawler_schedule(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartCrawlerSchedule``."""

        def work(tx: Transaction) -> None:
            body = self._require_schedule(tx, request["CrawlerName"])
            if body["Schedule"]["State"] == "SCHEDULED":
                raise ApiError("SchedulerRunningException", f"Schedule of crawler {body['Name']} is running")
            self._put(tx, body | {"Schedule": body["Schedule"] | {"State": "SCHEDULED"}})

        self._engine.write(work)
        return {}

    def stop_crawler_schedule(self, context: Context, request: Request) -> Answer:
        """Service model, ``StopCrawlerSchedule``."""

        def work(tx: Transaction) -> None:
            body = self._require(tx, request["CrawlerName"])
            if body.get("Schedule", {}).get("State") != "SCHEDULED":
                raise ApiError("SchedulerNotRunningException", f"Schedule of crawler {body['Name']} isn't running")
            self._put(tx, body | {"Schedule": body["Schedule"] | {"State": "NOT_SCHEDULED"}})

        self._engine.write(work)
        return {}

    def update_crawler_schedule(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateCrawlerSchedule``; an empty schedule removes it."""

        def work(tx: Transaction) -> None:
            body = dict(self._require(tx, request["CrawlerName"]))
            body.pop("Schedule", None)
            expression = request.get("Schedule")
            if expression:
                found = _schedule_faults(expression)
                if found:
                    raise invalid_input("; ".join(found))
                body["Schedule"] = {"ScheduleExpression": expression, "State": "SCHEDULED"}
            self._put(tx, body)

        self._engine.write(work)
        return {}

    def list_crawls(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListCrawls``: newest first, 20 unless told otherwise."""
        if request.get("Filters"):
            raise unsupported("Filters of ListCrawls")

        def work(tx: Transaction) -> list[Row]:
            name = request["CrawlerName"]
            self._require(tx, name)
            query = "SELECT * FROM crawl WHERE crawler = ? ORDER BY started DESC, rowid DESC"
            return tx.execute(query, (name,)).fetchall()

        found, token = page_of(self.database.read(work), request, 20)
        return {"Crawls": [_history(row) for row in found], "NextToken": token}

    def _require(self, tx: Transaction, name: str) -> Document:
        found = self.resources.get(tx, name)
        if found is None:
            raise not_found(f"Crawler entry with name {name} does not exist")
        return found

    def _put(self, tx: Transaction, body: Document) -> None:
        self.resources.put(tx, body["Name"], body)
        self._engine.crawler_schedule_changed(tx, body["Name"])

    def _require_schedule(self, tx: Transaction, name: str) -> Document:
        found = self._require(tx, name)
        if "Schedule" not in found:
            raise ApiError("NoScheduleException", f"Crawler {name} has no schedule")
        return found

    def _require_ready(self, tx: Transaction, name: str) -> Document:
        found = self._require(tx, name)
        if found["State"] != "READY":
            raise ApiError("CrawlerRunningException", f"Crawler with name {name} is currently running")
        return found

    def _describe(self, tx: Transaction, body: Document) -> Document:
        """With the time that the present crawl has taken so far, in milliseconds."""
        row = tx.execute(
            "SELECT started FROM crawl WHERE crawler = ? AND state IN ('RUNNING', 'CANCELLING')", (body["Name"],)
        ).fetchone()
        elapsed = 0 if row is None else int(1000 * max(0.0, self.clock.now() - row["started"]))
        return body | {"CrawlElapsedTime": elapsed}

    def _check(self, members: Document) -> None:
        found = list(_faults(members))
        named = [_bucket(target) for target in members["Targets"].get("S3Targets", [])]
        missing = {name for name in named if name is not None} - set(self._s3.bucket_names())
        found += [f"S3 bucket {name} does not exist" for name in sorted(missing)]
        if found:
            raise invalid_input("; ".join(found))


def _definition(members: Document) -> Document:
    """The definition with the defaults that Glue fills in (glue-facts 6.5)."""
    body = dict(members)
    schedule = body.pop("Schedule", None)
    if isinstance(schedule, str):
        body["Schedule"] = {"ScheduleExpression": schedule, "State": "SCHEDULED"}
    body["SchemaChangePolicy"] = {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
        **body.get("SchemaChangePolicy", {}),
    }
    body.setdefault("RecrawlPolicy", {"RecrawlBehavior": "CRAWL_EVERYTHING"})
    body.setdefault("LineageConfiguration", {"CrawlerLineageSettings": "DISABLE"})
    body.setdefault("Classifiers", [])
    return body


def _faults(members: Document) -> list[str]:
    targets: dict[str, Any] = members["Targets"]
    given = [name for name, entries in targets.items() if entries]
    found = []
    if not given:
        found.append("At least one crawl target must be given in Targets")
    not_here = sorted(set(given) - {"S3Targets"})
    if not_here:
        raise unsupported(f"A crawler with {', '.join(not_here)}")
    found += [
        f"S3 target path {target.get('Path')!r} must look like s3://bucket/prefix"
        for target in targets.get("S3Targets", [])
        if _bucket(target) is None
    ]
    if not members.get("DatabaseName"):
        found.append("DatabaseName is required unless the targets are catalog tables")
    policy, recrawl = members.get("SchemaChangePolicy", {}), members.get("RecrawlPolicy", {})
    found += policy_conflicts(
        recrawl.get("RecrawlBehavior", "CRAWL_EVERYTHING"),
        policy.get("UpdateBehavior", "UPDATE_IN_DATABASE"),
        policy.get("DeleteBehavior", "DEPRECATE_IN_DATABASE"),
        given,
    )
    if members.get("Schedule"):
        found += _schedule_faults(members["Schedule"])
    if recrawl.get("RecrawlBehavior") == "CRAWL_EVENT_MODE":
        raise unsupported("RecrawlBehavior CRAWL_EVENT_MODE")
    try:
        Configuration.from_json(members.get("Configuration"))
    except BadConfigurationError as error:
        found.append(str(error))
    return found


def _schedule_faults(expression: str) -> list[str]:
    try:
        parse(expression)
    except ScheduleError as error:
        return [str(error)]
    return []


def _bucket(target: Document) -> str | None:
    """The bucket that an S3 target names; None when its path is none."""
    scheme, separator, rest = str(target.get("Path", "")).partition("://")
    if not separator:
        scheme, rest = "s3", scheme  # the console and old samples leave the scheme out
    bucket = rest.split("/")[0]
    return bucket if scheme in ("s3", "s3a", "s3n") and bucket else None


def _history(row: Row) -> Document:
    return without_none(
        {
            "CrawlId": row["id"],
            "State": _HISTORY_STATES.get(row["state"], row["state"]),
            "StartTime": row["started"],
            "EndTime": row["completed"],
            "Summary": row["summary"],
            "ErrorMessage": row["error"],
            "LogGroup": LOG_GROUP,
            "LogStream": row["crawler"],
            "MessagePrefix": row["id"],
        }
    )


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"crawler/{name}")
