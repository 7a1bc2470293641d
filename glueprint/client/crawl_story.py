"""The decisions of a crawl: what it states about each table, column and partition key.

The local Glue writes them as JSON lines to a log stream for programs; each has a ``level`` and a ``text``, and
names the ``table``, ``column`` or ``partition_key`` that it is about. The crawlers of AWS write lines for people
only; these have a level and are kept as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_LINE = re.compile(r"(?:\[[^\]]*\] )?(?P<level>INFO|WARN|ERROR|BENCHMARK) ?: (?P<text>.*)", re.DOTALL)
"""A line of a crawler's log: ``[CRAWL-ID] LEVEL : TEXT``."""


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """One statement of a crawl. ``level`` is INFO, WARN, ERROR or BENCHMARK."""

    level: str
    text: str

    @property
    def is_warning(self) -> bool:
        """Whether it is a warning or an error."""
        return self.level in ("WARN", "ERROR")


@dataclass(slots=True)
class TableStory:
    """The decisions about one table.

    Attributes:
        name: the table.
        reasons: why it is a table, and how the crawl changed it in the catalog.
        columns: for each column why it exists and has its type.
        partition_keys: for each partition key why it is one.
    """

    name: str
    reasons: list[StoryEntry] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    partition_keys: dict[str, str] = field(default_factory=dict)

    def has_part(self, name: str) -> bool:
        """Return whether it has a column or partition key of that name."""
        return name in self.columns or name in self.partition_keys

    def to_json(self) -> dict[str, Any]:
        """Return the decisions as plain data (docs/json-output.md)."""
        return {
            "name": self.name,
            "reasons": [entry.text for entry in self.reasons if not entry.is_warning],
            "warnings": [entry.text for entry in self.reasons if entry.is_warning],
            "columns": [{"name": name, "reason": reason} for name, reason in self.columns.items()],
            "partition_keys": [{"name": name, "reason": reason} for name, reason in self.partition_keys.items()],
        }


@dataclass(slots=True)
class CrawlStory:
    """The statements of a crawl by subject.

    Attributes:
        tables: the decisions, by table.
        others: the statements that are not about a table.
    """

    tables: dict[str, TableStory] = field(default_factory=dict)
    others: list[StoryEntry] = field(default_factory=list)

    @classmethod
    def from_records(cls, records: Iterable[str]) -> CrawlStory:
        """Read the JSON lines of the local Glue."""
        story = cls()
        for record in records:
            statement = json.loads(record)
            entry = StoryEntry(statement["level"], statement["text"])
            if "table" not in statement:
                story.others.append(entry)
                continue
            table = story.tables.setdefault(statement["table"], TableStory(statement["table"]))
            if "column" in statement:
                table.columns[statement["column"]] = entry.text
            elif "partition_key" in statement:
                table.partition_keys[statement["partition_key"]] = entry.text
            else:
                table.reasons.append(entry)
        return story

    @classmethod
    def from_log(cls, lines: Iterable[str]) -> CrawlStory:
        """Read the lines of a log that has no records. Lines without a level are left out."""
        found = (_LINE.fullmatch(line.rstrip()) for line in lines)
        return cls(others=[StoryEntry(line["level"], line["text"]) for line in found if line is not None])
