"""What a crawl states about its decisions: data for programs, and lines of the log for people.

A line starts with what it is about: ``table NAME: ...``, ``table NAME, column "NAME": ...``,
``table NAME, partition key "NAME": ...``. Programs use the members of a statement instead of its line.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

Level: TypeAlias = Literal["INFO", "WARN", "ERROR"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One decision or observation of a crawl.

    Attributes:
        text: the sentence.
        level: ``WARN`` for what a user should look at, ``ERROR`` for why a crawl failed.
        table: the table that it is about, or None.
        column: the column of that table, or None.
        partition_key: the partition key of that table, or None.
    """

    text: str
    level: Level = "INFO"
    table: str | None = None
    column: str | None = None
    partition_key: str | None = None

    @property
    def line(self) -> str:
        """The statement for the log. Names of columns are in JSON's quotes, since they may contain anything."""
        if self.table is None:
            return self.text
        about = f"table {self.table}"
        if self.column is not None:
            about += f", column {json.dumps(self.column, ensure_ascii=False)}"
        elif self.partition_key is not None:
            about += f", partition key {json.dumps(self.partition_key, ensure_ascii=False)}"
        return f"{about}: {self.text}"

    def to_json(self) -> dict[str, Any]:
        """The statement as JSON data, without members that are None."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(slots=True)
class CrawlLog:
    """The statements of a crawl, in order."""

    statements: list[Statement] = field(default_factory=list)

    def info(self, text: str) -> None:
        """Add a statement about no table."""
        self.statements.append(Statement(text))

    def warn(self, text: str) -> None:
        """Add a warning about no table."""
        self.statements.append(Statement(text, "WARN"))


def log_line(crawl_id: str, level: str, message: str) -> str:
    """Return a line of the log stream.

    All crawls of a crawler share the stream. The crawl's id in brackets (``MessagePrefix`` of LastCrawl)
    distinguishes them.

    Args:
        crawl_id: empty for a crawl outside a server.
        level: ``INFO``, ``WARN`` or ``ERROR``.
        message: the text; line ends become spaces.
    """
    prefix = f"[{crawl_id}] " if crawl_id else ""
    return f"{prefix}{level} : {' '.join(message.splitlines())}"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 file``, ``2 files``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
