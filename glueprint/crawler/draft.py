"""What the parts of a crawl hand to each other: tables that have no name yet, and the crawl's log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .contract import CrawlSpec, FoundTable


def log_line(crawl_id: str, level: str, message: str) -> str:
    """A line of the log stream. All crawls of a crawler share it: the crawl's id in brackets (``MessagePrefix`` of
    LastCrawl) tells them apart.

    Args:
        crawl_id: empty for a crawl that nobody asked for by name.
        level: ``INFO``, ``WARN`` or ``ERROR``.
        message: what to say; line ends become spaces.
    """
    prefix = f"[{crawl_id}] " if crawl_id else ""
    return f"{prefix}{level} : {' '.join(message.splitlines())}"


@dataclass(slots=True)
class CrawlLog:
    """Lines of a crawl's log, in order."""

    messages: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Draft:
    """A table that the crawl will write once it has a name: names depend on all tables of a crawl.

    Attributes:
        location: where its data is.
        make: the table under a name.
        why: for the log, why it is a table and has these columns and partitions; see :mod:`reasons`.
        warn: for the log, what a person should look at.
        name: its name where that is settled: the table of a Catalog target.
    """

    location: str
    make: Callable[[str], FoundTable]
    why: Callable[[FoundTable], Iterable[str]]
    warn: Callable[[FoundTable], Iterable[str]] = lambda _: ()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CrawlStamp:
    """What a crawl writes on every table: who it is, and how it looked."""

    crawler: str
    crawl_id: str
    exclusions: tuple[str, ...] = ()
    partition_index: bool = True

    @classmethod
    def of(cls, spec: CrawlSpec, exclusions: tuple[str, ...], *, partition_index: bool = True) -> CrawlStamp:
        """The marks of a crawl on tables of one target."""
        return cls(spec.crawler, spec.crawl_id, exclusions, partition_index)

    def parameters(self) -> dict[str, str]:
        """As table parameters."""
        return {
            "CrawlerSchemaDeserializerVersion": "1.0",
            "CrawlerSchemaSerializerVersion": "1.0",
            "UPDATED_BY_CRAWLER": self.crawler,
            **({"CRAWL_RUN_ID": self.crawl_id} if self.crawl_id else {}),
            **({"exclusions": json.dumps(self.exclusions)} if self.exclusions else {}),
        }
