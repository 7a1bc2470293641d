"""Past crawls of crawlers, and their metrics (docs/facts/crawlers.md#crawl-history)."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from glueprint.facts.states import CrawlState, history_state
from glueprint.local.engine.crawls import LOG_GROUP
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import at_most, page_of
from glueprint.local.glue.refusals import unsupported
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import invalid_input, not_found
from glueprint.local.store import Row
from glueprint.local.store.resources import Document, Resources

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
}
_TEXTS = {"CRAWL_ID": "CrawlId", "STATE": "State"}
_TIMES = {"START_TIME": "StartTime", "END_TIME": "EndTime"}


@dataclass(frozen=True, slots=True)
class _Filter:
    """One condition on a crawl: a member of its history, an operator, a value."""

    member: str
    meets: Callable[[Any, Any], bool]
    value: str | int

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> _Filter:
        """Read a ``CrawlsFilter``.

        Raises:
            ApiError: it is incomplete or invalid.
        """
        field, name, text = wire.get("FieldName"), wire.get("FilterOperator"), wire.get("FieldValue")
        if field is None or name is None or text is None:
            names = ("FieldName", "FilterOperator", "FieldValue")
            members = ", ".join(f"{key}: {wire.get(key) or 'null'}" for key in names)
            raise invalid_input(f"Invalid Filter Provided: {members}")
        if field in _TEXTS:
            if name not in ("EQ", "NE"):
                raise invalid_input(f"Only EQ or NE operator is allowed for field : {field}")
            return cls(_TEXTS[field], _OPERATORS[name], text)
        if field not in _TIMES:
            raise unsupported(f"A filter of ListCrawls by {field} (local crawls have no DPU hours)")
        try:
            compare, wanted = _OPERATORS[name], int(text)
        except ValueError as error:
            raise invalid_input(f"FieldValue {text!r} of {field} is not epoch milliseconds") from error
        return cls(_TIMES[field], lambda seconds, value: compare(_milliseconds(seconds), value), wanted)

    def admits(self, crawl: Document) -> bool:
        """Whether a crawl meets the condition; a crawl without the member (a running one has no end) does not."""
        return self.member in crawl and self.meets(crawl[self.member], self.value)


def _milliseconds(seconds: float) -> int:
    """Whole milliseconds, as clients count them that read times with microseconds."""
    return round(seconds * 1_000_000) // 1000


class CrawlHistory(Family):
    """``ListCrawls``, ``GetCrawlerMetrics``."""

    _crawlers = Resources("crawler")

    @operation("ListCrawls", runs=Runs.IN_THREAD)
    def list_crawls(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListCrawls``: newest first, 20 in a page, at most 100; all filters must match."""
        filters = [_Filter.from_wire(wire) for wire in request.get("Filters") or ()]

        def work(tx: Transaction) -> list[Row]:
            name = request["CrawlerName"]
            if not self._crawlers.exists(tx, name):
                raise not_found(f"Crawler entry with name {name} does not exist")
            return _crawls(tx, name)

        crawls = [_history(row) for row in self.database.read(work)]
        admitted = [crawl for crawl in crawls if all(one.admits(crawl) for one in filters)]
        found, token = page_of(admitted, at_most(request, 100), 20)
        return {"Crawls": found, "NextToken": token}

    @operation("GetCrawlerMetrics", runs=Runs.IN_THREAD)
    def get_crawler_metrics(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetCrawlerMetrics``: table counts of the latest crawl (DG:console-crawlers)."""
        now, wanted = self.clock.now(), request.get("CrawlerNameList") or None

        def work(tx: Transaction) -> Answer:
            names = [body["Name"] for body in self._crawlers.all(tx)]
            chosen = [name for name in names if wanted is None or name in wanted]
            page, token = page_of(chosen, request, 100)
            metrics = [_metrics(name, _crawls(tx, name), now) for name in page]
            return {"CrawlerMetricsList": metrics, "NextToken": token}

        return self.database.read(work)


def _crawls(tx: Transaction, crawler: str) -> list[Row]:
    query = "SELECT * FROM crawl WHERE crawler = ? ORDER BY started DESC, rowid DESC"
    return tx.execute(query, (crawler,)).fetchall()


def _metrics(name: str, crawls: Sequence[Row], now: float) -> Document:
    """Return the metrics of one crawler from its crawls, newest first."""
    ended = [row for row in crawls if row["completed"] is not None]
    running = next((row for row in crawls if row["completed"] is None), None)
    runtimes = [row["completed"] - row["started"] for row in ended]
    typical = median(runtimes) if runtimes else 0.0
    elapsed = now - running["started"] if running is not None else 0.0
    summary = json.loads(ended[0]["summary"] or "{}") if ended else {}
    return {
        "CrawlerName": name,
        "TimeLeftSeconds": max(0.0, typical - elapsed) if running is not None else 0.0,
        "StillEstimating": running is not None and not runtimes,
        "LastRuntimeSeconds": runtimes[0] if runtimes else 0.0,
        "MedianRuntimeSeconds": typical,
        **{count: summary.get(count, 0) for count in ("TablesCreated", "TablesUpdated", "TablesDeleted")},
    }


def _history(row: Row) -> Document:
    return without_none(
        {
            "CrawlId": row["id"],
            "State": history_state(CrawlState(row["state"])),
            "StartTime": row["started"],
            "EndTime": row["completed"],
            "Summary": json.loads(row["summary"] or "{}").get("Summary"),
            "ErrorMessage": row["error"],
            "LogGroup": LOG_GROUP,
            "LogStream": row["crawler"],
            "MessagePrefix": row["id"],
        }
    )
