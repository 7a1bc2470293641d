"""Tables that a crawl has found and not named yet, and the parameters that it writes on each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .found_tables import FoundTable
from .specification import CrawlSpec
from .statements import Statement


@dataclass(frozen=True, slots=True)
class Draft:
    """A table that the crawl will write once it has a name: names depend on all tables of a crawl.

    Attributes:
        location: where its data is.
        make: returns the table with a name.
        why: states why it is a table and has these columns and partitions (see :mod:`reasons`), with warnings.
        name: its name where that is fixed: the table of a Catalog target.
    """

    location: str
    make: Callable[[str], FoundTable]
    why: Callable[[FoundTable], Iterable[Statement]]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CrawlStamp:
    """What a crawl writes on every table: the crawler, the crawl and its settings."""

    crawler: str
    crawl_id: str
    exclusions: tuple[str, ...] = ()
    partition_index: bool = True

    @classmethod
    def of(cls, spec: CrawlSpec, exclusions: tuple[str, ...], *, partition_index: bool = True) -> CrawlStamp:
        """Return the stamp of a crawl for the tables of one target."""
        return cls(spec.crawler, spec.crawl_id, exclusions, partition_index)

    def parameters(self) -> dict[str, str]:
        """Return the stamp as table parameters."""
        return {
            "CrawlerSchemaDeserializerVersion": "1.0",
            "CrawlerSchemaSerializerVersion": "1.0",
            "UPDATED_BY_CRAWLER": self.crawler,
            **({"CRAWL_RUN_ID": self.crawl_id} if self.crawl_id else {}),
            **({"exclusions": json.dumps(self.exclusions)} if self.exclusions else {}),
        }
