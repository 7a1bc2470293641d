"""Partition indexes as rows, in transactions that the caller opens."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from glueprint.local.store.resources import Document


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A partition index.

    Args:
        keys: names of partition keys, in the index's order.
        ready: epoch seconds; until then it is being built.
        gone: epoch seconds; until then it is being deleted. None: it stays.
        errors: why it could not be built (the model's ``BackfillErrors``).
    """

    name: str
    keys: tuple[str, ...]
    ready: float
    gone: float | None
    errors: tuple[Document, ...]


class IndexRows:
    """The partition indexes of tables."""

    def all(self, tx: sqlite3.Connection, table_id: int, now: float) -> list[IndexRow]:
        """Those that are there at ``now``, by name."""
        rows = tx.execute(
            "SELECT * FROM glue_partition_index WHERE table_id = ? AND (gone IS NULL OR gone > ?) ORDER BY name",
            (table_id, now),
        )
        return [
            IndexRow(
                row["name"],
                tuple(json.loads(row["keys"])),
                row["ready"],
                row["gone"],
                tuple(json.loads(row["errors"])),
            )
            for row in rows
        ]

    def insert(self, tx: sqlite3.Connection, table_id: int, index: IndexRow) -> None:
        """Add an index, in place of one of that name that is gone."""
        tx.execute(
            "INSERT OR REPLACE INTO glue_partition_index (table_id, name, keys, ready, gone, errors)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (table_id, index.name, json.dumps(index.keys), index.ready, index.gone, json.dumps(index.errors)),
        )

    def set_gone(self, tx: sqlite3.Connection, table_id: int, name: str, gone: float) -> None:
        """Say when the index will be no more."""
        tx.execute(
            "UPDATE glue_partition_index SET gone = ? WHERE table_id = ? AND name = ?", (gone, table_id, name)
        )
