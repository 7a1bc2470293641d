"""Crawls of a single file: its table, its columns, or the warning about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glueprint.crawler.found_tables import FoundTable
from glueprint.crawler.result import CrawlResult

Crawled = Callable[..., CrawlResult]
CSV = "id,name,price\n1,a,2.5\n2,b,3\n"


def table_of(crawled: Crawled, content: bytes | str, name: str = "file", **classifier: Any) -> FoundTable:
    """The table of a crawl of one file."""
    result = crawled({f"data/{name}": content}, classifiers=(classifier,) if classifier else ())
    assert result.error is None, result.error
    assert len(result.tables) == 1, result.warnings
    return result.tables[0]


def columns_of(crawled: Crawled, content: bytes | str, **classifier: Any) -> dict[str, str]:
    """The columns of the table of one file."""
    return dict(table_of(crawled, content, **classifier).columns)


def warning_of(crawled: Crawled, content: bytes | str, name: str = "file") -> str:
    """The warning about a file that gives no table."""
    result = crawled({f"data/{name}": content})
    assert (result.tables, len(result.warnings)) == ((), 1)
    return result.warnings[0]
