"""What a crawl's log tells of its decisions: which lines are about which table, column and partition key.

The local crawler begins such lines with what they are about (``table sales, column "price": double, because``).
The crawlers of AWS write other lines, which are told as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_LINE = re.compile(r"(?:\[[^\]]*\] )?(?P<level>INFO|WARN|ERROR|BENCHMARK) ?: (?P<text>.*)", re.DOTALL)
_TABLE = re.compile(
    r"table (?P<table>[^\s,:]+)"
    r'(?:, (?P<part>column|partition key) (?P<name>"(?:[^"\\]|\\.)*"))?: (?P<said>.*)',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the log: how serious it is, and what it says."""

    level: str
    text: str

    @property
    def is_bad(self) -> bool:
        """Whether someone should look at it."""
        return self.level in ("WARN", "ERROR")


@dataclass(slots=True)
class TableStory:
    """Everything said of one table.

    Attributes:
        name: the table.
        reasons: why it is a table, and what became of it in the catalog.
        columns: for each column why it is there and has its type.
        partition_keys: for each partition key why it is one.
    """

    name: str
    reasons: list[Said] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    partition_keys: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "reasons": [said.text for said in self.reasons if not said.is_bad],
            "warnings": [said.text for said in self.reasons if said.is_bad],
            "columns": [{"name": name, "reason": reason} for name, reason in self.columns.items()],
            "partition_keys": [{"name": name, "reason": reason} for name, reason in self.partition_keys.items()],
        }


@dataclass(slots=True)
class Story:
    """A crawl's log, sorted by what it is about; ``others`` is what is about no table."""

    tables: dict[str, TableStory] = field(default_factory=dict)
    others: list[Said] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[str]) -> Story:
        """Read a log's lines; those that have no level (what a driver or Java wrote) are left out."""
        story = cls()
        for line in lines:
            found = _LINE.fullmatch(line.rstrip())
            if found is not None:
                story._add(Said(found["level"], found["text"]))
        return story

    def _add(self, said: Said) -> None:
        found = _TABLE.fullmatch(said.text)
        if found is None:
            self.others.append(said)
            return
        table = self.tables.setdefault(found["table"], TableStory(found["table"]))
        if found["part"] is None:
            table.reasons.append(Said(said.level, found["said"]))
        else:
            parts = table.columns if found["part"] == "column" else table.partition_keys
            parts[json.loads(found["name"])] = found["said"]
