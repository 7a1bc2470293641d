"""Crawls of a crawler, and their log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.client.crawl_story import CrawlStory
from glueprint.client.errors import NotFound, error_code

_RECORDS = "/decisions"
"""Added to a crawler's log group: the group with the local Glue's records; a stream is named by its crawl's id."""


@dataclass(frozen=True, slots=True)
class CrawlView:
    """One crawl.

    Attributes:
        state: RUNNING, COMPLETED, FAILED or STOPPED.
        message_prefix: what its lines contain in the log stream that all crawls of a crawler share.
        wire: the crawl as ListCrawls returned it.
    """

    crawler: str
    crawl_id: str
    state: str
    error: str | None = None
    log_group: str | None = None
    log_stream: str | None = None
    message_prefix: str | None = None
    wire: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_wire(cls, crawler: str, crawl: Mapping[str, Any]) -> CrawlView:
        """Read an entry of ListCrawls' ``Crawls``."""
        return cls(
            crawler,
            crawl_id=crawl["CrawlId"],
            state=crawl["State"],
            error=crawl.get("ErrorMessage"),
            log_group=crawl.get("LogGroup"),
            log_stream=crawl.get("LogStream"),
            message_prefix=crawl.get("MessagePrefix"),
            wire=crawl,
        )


def find_crawl(glue: Any, crawler: str, crawl_id: str | None) -> CrawlView:
    """Request one crawl of a crawler's history (ListCrawls).

    Args:
        glue: a Glue client.
        crawler: the crawler's full name.
        crawl_id: None is the latest.

    Raises:
        NotFound: the crawler has no such crawl, or has not crawled yet.
    """
    chosen = [{"FieldName": "CRAWL_ID", "FilterOperator": "EQ", "FieldValue": crawl_id}]
    filters = {"Filters": chosen} if crawl_id is not None else {}
    found = glue.list_crawls(CrawlerName=crawler, MaxResults=1, **filters)["Crawls"]
    if not found:
        raise NotFound(f"crawler {crawler} has " + (f"no crawl {crawl_id}" if crawl_id else "not crawled yet"))
    return CrawlView.from_wire(crawler, found[0])


def read_story(logs: Any, crawl: CrawlView) -> CrawlStory:
    """Read the statements of a crawl: the records of the local Glue, or the crawl's lines of its crawler's log.

    Only the log exists on AWS, and while a crawl is running.

    Args:
        logs: a CloudWatch Logs client.
        crawl: the crawl.
    """
    if not crawl.log_group or not crawl.log_stream:
        return CrawlStory()
    records = _messages(logs, f"{crawl.log_group}{_RECORDS}", crawl.crawl_id)
    if records:
        return CrawlStory.from_records(records)
    prefix = f'"{crawl.message_prefix or crawl.crawl_id}"'
    return CrawlStory.from_log(_messages(logs, crawl.log_group, crawl.log_stream, filterPattern=prefix))


def _messages(logs: Any, group: str, stream: str, **options: str) -> list[str]:
    """Return the messages of a log stream; none if it does not exist."""
    paginator = logs.get_paginator("filter_log_events")
    try:
        pages = paginator.paginate(logGroupName=group, logStreamNames=[stream], **options)
        return [event["message"].rstrip("\r\n") for page in pages for event in page["events"]]
    except logs.exceptions.ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return []
