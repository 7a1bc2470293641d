"""What a crawl changed, in the form of ListCrawls: the ``Summary`` of a crawl's history."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from glueprint.crawler.changes import (
    CatalogChange,
    CreatePartitions,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    DeprecateTable,
    UpdatePartition,
    UpdateTable,
)

_MAX_NAMED = 100
"""Partitions of one table that a summary names; ``Count`` counts all."""


@dataclass(slots=True)
class _Section:
    """Changes of one kind of thing: for ``ADD``, ``UPDATE`` and ``DELETE`` the names, by table or all together."""

    names: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, action: str, group: str, names: Iterable[str]) -> None:
        named = self.names.setdefault(action, defaultdict(list))[group]
        for name in names:
            self.counts[action] += 1
            if group == "names" or len(named) < _MAX_NAMED:
                named.append(name)

    def to_wire(self) -> dict[str, str]:
        return {
            action: json.dumps({"Details": details, "Count": self.counts[action]}, separators=(",", ":"))
            for action, details in self.names.items()
        }


def crawl_summary(changes: Iterable[CatalogChange]) -> dict[str, Any]:
    """Return what a crawl changed.

    Args:
        changes: what it changed in the catalog.

    Returns:
        The counts for events and metrics; and, if anything changed, the text for ``Summary`` of ListCrawls.
        Its form is that which public programs read from AWS
        (docs/decisions/crawler-results.md): JSON with ``TABLE`` and
        ``PARTITION``, in each ``ADD``, ``UPDATE`` and ``DELETE``, in each of these JSON text again, with names and
        ``Count``. A table that was deprecated was updated.
    """
    counts = {"TablesCreated": 0, "TablesUpdated": 0, "TablesDeleted": 0, "PartitionsCreated": 0}
    tables, partitions = _Section(), _Section()
    for change in changes:
        match change:
            case CreateTable(table_input=table):
                counts["TablesCreated"] += 1
                tables.add("ADD", "names", [table["Name"]])
            case UpdateTable(table_input=table):
                counts["TablesUpdated"] += 1
                tables.add("UPDATE", "names", [table["Name"]])
            case DeprecateTable(table_input=table):
                counts["TablesDeleted"] += 1
                tables.add("UPDATE", "names", [table["Name"]])
            case DeleteTable(name=name):
                counts["TablesDeleted"] += 1
                tables.add("DELETE", "names", [name])
            case CreatePartitions(table=name, partition_inputs=inputs):
                counts["PartitionsCreated"] += len(inputs)
                partitions.add("ADD", name, ("/".join(one["Values"]) for one in inputs))
            case UpdatePartition(table=name, values=values):
                partitions.add("UPDATE", name, ["/".join(values)])
            case DeletePartitions(table=name, values=several):
                partitions.add("DELETE", name, ("/".join(values) for values in several))
            case _:
                pass
    if not tables.names and not partitions.names:
        return dict(counts)
    summary = {"TABLE": tables.to_wire(), "PARTITION": partitions.to_wire()}
    return {**counts, "Summary": json.dumps(summary, separators=(",", ":"))}
