"""Crawlers: definitions, schedules, starting, stopping (docs/facts/crawlers.md)."""

from __future__ import annotations

from glueprint.facts.defaults import crawler_with_defaults
from glueprint.facts.states import ACTIVE_CRAWL_STATES, CrawlerState, ScheduleState
from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.glue.catalog.requests import check_catalog
from glueprint.local.glue.crawling.classifiers import missing_classifiers
from glueprint.local.glue.crawling.connections import CONNECTIONS
from glueprint.local.glue.crawling.crawler_rules import (
    definition_problems,
    schedule_problems,
    target_change_problems,
)
from glueprint.local.glue.crawling.crawler_targets import bucket_of, connection_names
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import at_most, page_of_resources, page_of_tagged
from glueprint.local.glue.refusals import refuse_problems
from glueprint.local.glue.tags import add_tags
from glueprint.local.identifiers import arn
from glueprint.local.protocol import ApiError, Runs
from glueprint.local.protocol.errors import already_exists, not_found
from glueprint.local.s3 import S3Store
from glueprint.local.store import Database
from glueprint.local.store.literals import text_list
from glueprint.local.store.resources import Document, Resources, remove_tags


class Crawlers(Family):
    """Operations on crawlers."""

    resources = Resources("crawler")

    def __init__(self, database: Database, clock: Clock, engine: Engine, s3: S3Store) -> None:
        super().__init__(database, clock)
        self._engine = engine
        self._s3 = s3

    @operation("CreateCrawler", runs=Runs.IN_THREAD)
    def create_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateCrawler``."""
        self._engine.write(lambda tx: self.insert(tx, context, request))
        return {}

    def insert(self, tx: Transaction, context: Context, request: Request) -> None:
        """Create the crawler within the caller's transaction.

        Raises:
            ApiError: the definition breaks rules (the message lists all of them), or the name is taken.
        """
        check_catalog(context, request)
        name = request["Name"]
        if self.resources.exists(tx, name):
            raise already_exists(f"Crawler with name {name} already exists")
        now, members = self.clock.now(), without_none(request)
        self._check(tx, members)
        tags = members.pop("Tags", {})
        body = crawler_with_defaults(members) | {
            "State": CrawlerState.READY,
            "CrawlElapsedTime": 0,
            "CreationTime": now,
            "LastUpdated": now,
            "Version": 1,
        }
        self._put(tx, body)
        add_tags(tx, _arn(context, name), tags)

    @operation("UpdateCrawler", runs=Runs.IN_THREAD)
    def update_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateCrawler``: the members of the request replace the previous ones."""
        check_catalog(context, request)

        def work(tx: Transaction) -> None:
            before = self._require_ready(tx, request["Name"])
            merged = before | without_none(request)
            schedule = request.get("Schedule")
            if schedule is None:
                merged.pop("Schedule", None)
            refuse_problems(target_change_problems(before, merged))
            self._check(tx, merged)
            new = {"LastUpdated": self.clock.now(), "Version": before["Version"] + 1}
            body = crawler_with_defaults(merged) | new
            if schedule is None and "Schedule" in before:
                body["Schedule"] = before["Schedule"]
            self._put(tx, body)

        self._engine.write(work)
        return {}

    @operation("DeleteCrawler", runs=Runs.IN_THREAD)
    def delete_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteCrawler``."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            self._require_ready(tx, name)
            self.resources.delete(tx, name)
            self._engine.crawler_deleted(tx, name)
            remove_tags(tx, _arn(context, name))

        self._engine.write(work)
        return {}

    @operation("GetCrawler", runs=Runs.INLINE)
    def get_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetCrawler``."""
        return {"Crawler": self.database.read(lambda tx: self._describe(tx, self._require(tx, request["Name"])))}

    @operation("GetCrawlers", runs=Runs.IN_THREAD)
    def get_crawlers(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetCrawlers``."""

        def work(tx: Transaction) -> Answer:
            found, token = page_of_resources(self.resources, tx, request, 100)
            return {"Crawlers": [self._describe(tx, body) for body in found], "NextToken": token}

        return self.database.read(work)

    @operation("ListCrawlers", runs=Runs.IN_THREAD)
    def list_crawlers(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListCrawlers``: names, at most 100 in a page (``CrawlerNameList``)."""
        limited = at_most(request, 100)
        names, token = self.database.read(
            lambda tx: page_of_tagged(self.resources, tx, limited, 100, lambda name: _arn(context, name))
        )
        return {"CrawlerNames": names, "NextToken": token}

    @operation("BatchGetCrawlers", runs=Runs.IN_THREAD)
    def batch_get_crawlers(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetCrawlers``."""

        def work(tx: Transaction) -> Answer:
            found = {name: self.resources.get(tx, name) for name in request["CrawlerNames"]}
            return {
                "Crawlers": [self._describe(tx, body) for body in found.values() if body is not None],
                "CrawlersNotFound": [name for name, body in found.items() if body is None],
            }

        return self.database.read(work)

    @operation("StartCrawler", runs=Runs.IN_THREAD)
    def start_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartCrawler``."""
        self._engine.write(lambda tx: self._engine.crawls.start(tx, request["Name"]))
        return {}

    @operation("StopCrawler", runs=Runs.IN_THREAD)
    def stop_crawler(self, context: Context, request: Request) -> Answer:
        """Service model, ``StopCrawler``."""
        self._engine.write(lambda tx: self._engine.crawls.stop(tx, request["Name"]))
        return {}

    @operation("StartCrawlerSchedule", runs=Runs.IN_THREAD)
    def start_crawler_schedule(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartCrawlerSchedule``."""

        def work(tx: Transaction) -> None:
            body = self._require_schedule(tx, request["CrawlerName"])
            if body["Schedule"]["State"] == ScheduleState.SCHEDULED:
                raise ApiError("SchedulerRunningException", f"Schedule of crawler {body['Name']} is running")
            self._put(tx, body | {"Schedule": body["Schedule"] | {"State": ScheduleState.SCHEDULED}})

        self._engine.write(work)
        return {}

    @operation("StopCrawlerSchedule", runs=Runs.IN_THREAD)
    def stop_crawler_schedule(self, context: Context, request: Request) -> Answer:
        """Service model, ``StopCrawlerSchedule``."""

        def work(tx: Transaction) -> None:
            body = self._require(tx, request["CrawlerName"])
            if body.get("Schedule", {}).get("State") != ScheduleState.SCHEDULED:
                raise ApiError("SchedulerNotRunningException", f"Schedule of crawler {body['Name']} isn't running")
            self._put(tx, body | {"Schedule": body["Schedule"] | {"State": ScheduleState.NOT_SCHEDULED}})

        self._engine.write(work)
        return {}

    @operation("UpdateCrawlerSchedule", runs=Runs.IN_THREAD)
    def update_crawler_schedule(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateCrawlerSchedule``; an empty schedule removes it."""

        def work(tx: Transaction) -> None:
            body = dict(self._require(tx, request["CrawlerName"]))
            body.pop("Schedule", None)
            expression = request.get("Schedule")
            if expression:
                refuse_problems(schedule_problems(expression))
                body["Schedule"] = {"ScheduleExpression": expression, "State": ScheduleState.SCHEDULED}
            self._put(tx, body)

        self._engine.write(work)
        return {}

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
        if found["State"] != CrawlerState.READY:
            raise ApiError("CrawlerRunningException", f"Crawler with name {name} is currently running")
        return found

    def _describe(self, tx: Transaction, body: Document) -> Document:
        """Add the time that the current crawl has taken so far, in milliseconds."""
        query = f"SELECT started FROM crawl WHERE crawler = ? AND state IN {text_list(ACTIVE_CRAWL_STATES)}"
        row = tx.execute(query, (body["Name"],)).fetchone()
        elapsed = 0 if row is None else int(1000 * max(0.0, self.clock.now() - row["started"]))
        return body | {"CrawlElapsedTime": elapsed}

    def _check(self, tx: Transaction, members: Document) -> None:
        found = definition_problems(members)
        named = [bucket_of(target) for target in members["Targets"].get("S3Targets") or ()]
        missing = {name for name in named if name is not None} - set(self._s3.bucket_names())
        found += [f"S3 bucket {name} does not exist" for name in sorted(missing)]
        unknown = missing_classifiers(tx, members.get("Classifiers") or ())
        found += [f"Classifier {name} does not exist" for name in unknown]
        unreachable = {name for name in connection_names(members) if not CONNECTIONS.exists(tx, name)}
        found += [f"Connection {name} does not exist" for name in sorted(unreachable)]
        refuse_problems(found)


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"crawler/{name}")
