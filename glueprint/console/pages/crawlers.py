"""Crawlers and their crawls: what each made, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from glueprint.client.crawls import find_crawl, read_story
from glueprint.client.errors import NotFound, is_not_found
from glueprint.client.names import did_you_mean
from glueprint.console.listing import page_of_names
from glueprint.console.text import badge
from glueprint.console.visits import Family, Visit

_CRAWLS = 25


def crawlers(visit: Visit) -> Response:
    """List the crawlers with their last crawl."""
    names = visit.console.names.of("crawler")
    page = page_of_names(names, visit.query("q"), visit.query("page"))
    found = {}
    if page.names:
        answer = visit.glue.batch_get_crawlers(CrawlerNames=list(page.names))
        found = {one["Name"]: one for one in answer["Crawlers"]}
    rows = [(found[name], crawler_badge(found[name])) for name in page.names if name in found]
    return visit.page("crawlers.html", live=True, rows=rows, listed=page, total=len(names), targets=targets_of)


def crawler_badge(crawler: Mapping[str, Any]) -> Any:
    """Return the badge of a crawler: what it does now, or how its last crawl ended."""
    if crawler.get("State") in ("RUNNING", "STOPPING"):
        return badge(crawler["State"])
    last = (crawler.get("LastCrawl") or {}).get("Status")
    return badge(last, None if last else "never run")


def targets_of(crawler: Mapping[str, Any]) -> list[str]:
    """Return the locations that a crawler reads, as text."""
    found = []
    for kind, targets in (crawler.get("Targets") or {}).items():
        for target in targets or ():
            place = target.get("Path") or target.get("DatabaseName")
            if target.get("Tables"):
                place = f"{place}: {', '.join(target['Tables'])}"
            found.append(str(place) if kind == "S3Targets" else f"{kind.removesuffix('Targets')}: {place}")
    return found


def crawler(visit: Visit) -> Response:
    """Show a crawler and its crawls."""
    name = visit.required("name")
    try:
        found = visit.glue.get_crawler(Name=name)["Crawler"]
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        names = visit.console.names.of("crawler")
        raise NotFound(f"there is no crawler {name!r}", did_you_mean(name, names)) from error
    crawls = visit.glue.list_crawls(CrawlerName=name, MaxResults=_CRAWLS)["Crawls"]
    return visit.page(
        "crawler.html",
        live=True,
        crawler=found,
        badge_=crawler_badge(found),
        targets=targets_of(found),
        crawls=[(one, badge(one["State"]), summary_of(one)) for one in crawls],
    )


def summary_of(crawl: Mapping[str, Any]) -> list[str]:
    """Return what a crawl changed, from its summary (ListCrawls), such as "1 table added"."""
    found = []
    for kind, changes in _object(crawl.get("Summary")).items():
        for change, details in _object(changes).items():
            number = _object(details).get("Count")
            done = _CHANGES.get(str(change), str(change).lower())
            noun = kind.lower() + ("" if number == 1 else "s")
            found.append(f"{noun} {done}" if number is None else f"{number} {noun} {done}")
    return found


_CHANGES = {"ADD": "added", "UPDATE": "updated", "DELETE": "deleted"}


def _object(value: Any) -> dict[str, Any]:
    """Return an object that may be JSON within a string; anything else is an empty one."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def crawl(visit: Visit) -> Response:
    """Show a crawl: the tables that it made, and why each column and partition key is there."""
    name = visit.required("crawler")
    found = find_crawl(visit.glue, name, visit.query("id") or None)
    return visit.page(
        "crawl.html",
        crawl=found,
        badge_=badge(found.state),
        story=read_story(visit.session.client("logs"), found),
        summary=summary_of(found.wire),
        database=visit.glue.get_crawler(Name=name)["Crawler"].get("DatabaseName"),
    )


def start(visit: Visit) -> Response:
    """Start a crawler."""
    name = visit.field("name")
    visit.glue.start_crawler(Name=name)
    visit.notice(f"Crawler {name} is started")
    return visit.redirect("/crawler", name=name)


def stop(visit: Visit) -> Response:
    """Stop a crawler."""
    name = visit.field("name")
    visit.glue.stop_crawler(Name=name)
    visit.notice(f"Crawler {name} is being stopped", "halted")
    return visit.redirect("/crawler", name=name)


FAMILY = Family(
    pages=(("/crawlers", crawlers), ("/crawler", crawler), ("/crawl", crawl)),
    forms=(("/crawler/start", start), ("/crawler/stop", stop)),
)
