"""Tables, their versions and their partitions as rows, in transactions that the caller opens."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.local.store.resources import Document

_VARIABLES = 500
"""Values in one IN list: SQLite's smallest limit is 999."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table as it is now."""

    id: int
    database: str
    name: str
    version: int
    body: Document


class TableRows:
    """Tables and their archived versions. Names are those that the caller folded."""

    def find(self, tx: sqlite3.Connection, database: str, name: str) -> TableRow | None:
        """The table of that name, or None."""
        row = tx.execute(
            "SELECT * FROM glue_table WHERE database_name = ? AND name = ?", (database, name)
        ).fetchone()
        return _table(row) if row else None

    def names(self, tx: sqlite3.Connection, database: str, after: str = "") -> Iterator[str]:
        """The names in a database, in order, beginning behind ``after``."""
        rows = tx.execute(
            "SELECT name FROM glue_table WHERE database_name = ? AND name > ? ORDER BY name", (database, after)
        )
        return (row["name"] for row in rows)

    def all(self, tx: sqlite3.Connection) -> Iterator[TableRow]:
        """Every table of every database, by database and name."""
        rows = tx.execute("SELECT * FROM glue_table ORDER BY database_name, name")
        return (_table(row) for row in rows)

    def insert(self, tx: sqlite3.Connection, database: str, name: str, body: Mapping[str, Any]) -> int:
        """Add a table at version 0; its id."""
        done = tx.execute(
            "INSERT INTO glue_table (database_name, name, version, body) VALUES (?, ?, 0, ?)",
            (database, name, json.dumps(body)),
        )
        assert done.lastrowid is not None
        return done.lastrowid

    def replace(
        self, tx: sqlite3.Connection, table: TableRow, body: Mapping[str, Any], *, archive: bool
    ) -> None:
        """Give the table its next version, and keep the one it had if ``archive``."""
        if archive:
            tx.execute(
                "INSERT INTO glue_table_version (table_id, version, body)"
                " SELECT id, version, body FROM glue_table WHERE id = ?",
                (table.id,),
            )
        tx.execute(
            "UPDATE glue_table SET version = version + 1, body = ? WHERE id = ?", (json.dumps(body), table.id)
        )

    def delete(self, tx: sqlite3.Connection, database: str, name: str) -> bool:
        """Remove a table with its versions, partitions and indexes; whether it was there."""
        done = tx.execute("DELETE FROM glue_table WHERE database_name = ? AND name = ?", (database, name))
        return done.rowcount > 0

    def delete_all(self, tx: sqlite3.Connection, database: str) -> None:
        """Remove the tables of a database with all that is theirs."""
        tx.execute("DELETE FROM glue_table WHERE database_name = ?", (database,))

    def archived(self, tx: sqlite3.Connection, table: TableRow, before: int, limit: int) -> list[TableRow]:
        """At most ``limit`` archived versions older than ``before``, newest first."""
        rows = tx.execute(
            "SELECT version, body FROM glue_table_version WHERE table_id = ? AND version < ?"
            " ORDER BY version DESC LIMIT ?",
            (table.id, before, limit),
        )
        return [_version(table, row) for row in rows]

    def archived_version(self, tx: sqlite3.Connection, table: TableRow, version: int) -> TableRow | None:
        """One archived version."""
        row = tx.execute(
            "SELECT version, body FROM glue_table_version WHERE table_id = ? AND version = ?",
            (table.id, version),
        ).fetchone()
        return _version(table, row) if row else None

    def delete_version(self, tx: sqlite3.Connection, table: TableRow, version: int) -> bool:
        """Remove an archived version; whether it was there."""
        done = tx.execute(
            "DELETE FROM glue_table_version WHERE table_id = ? AND version = ?", (table.id, version)
        )
        return done.rowcount > 0


class PartitionRows:
    """Partitions, found by their values. A body contains all members but the values and the names."""

    def get(self, tx: sqlite3.Connection, table_id: int, values: Sequence[str]) -> Document | None:
        """The body of the partition with those values, or None."""
        row = tx.execute(
            "SELECT body FROM glue_partition WHERE table_id = ? AND partition_values = ?",
            (table_id, key_of(values)),
        ).fetchone()
        return json.loads(row["body"]) if row else None

    def insert(
        self, tx: sqlite3.Connection, table_id: int, values: Sequence[str], body: Mapping[str, Any]
    ) -> bool:
        """Add a partition; False, and nothing done, if there is one with those values."""
        done = tx.execute(
            "INSERT INTO glue_partition (table_id, partition_values, body) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (table_id, key_of(values), json.dumps(body)),
        )
        return done.rowcount > 0

    def replace(
        self, tx: sqlite3.Connection, table_id: int, values: Sequence[str], body: Mapping[str, Any]
    ) -> None:
        """Store ``body`` in place of the partition's."""
        tx.execute(
            "UPDATE glue_partition SET body = ? WHERE table_id = ? AND partition_values = ?",
            (json.dumps(body), table_id, key_of(values)),
        )

    def delete(self, tx: sqlite3.Connection, table_id: int, values: Sequence[str]) -> bool:
        """Remove a partition; whether it was there."""
        done = tx.execute(
            "DELETE FROM glue_partition WHERE table_id = ? AND partition_values = ?", (table_id, key_of(values))
        )
        return done.rowcount > 0

    def keys(self, tx: sqlite3.Connection, table_id: int, after: str = "") -> Iterator[str]:
        """The keys (see :func:`key_of`) in order, beginning behind ``after``; no body is read."""
        rows = tx.execute(
            "SELECT partition_values FROM glue_partition WHERE table_id = ? AND partition_values > ?"
            " ORDER BY partition_values",
            (table_id, after),
        )
        return (row["partition_values"] for row in rows)

    def bodies(self, tx: sqlite3.Connection, table_id: int, keys: Iterable[str]) -> dict[str, Document]:
        """The bodies by key, of those that are there."""
        wanted = list(keys)
        found: dict[str, Document] = {}
        for begin in range(0, len(wanted), _VARIABLES):
            some = wanted[begin : begin + _VARIABLES]
            rows = tx.execute(
                "SELECT partition_values, body FROM glue_partition WHERE table_id = ?"
                f" AND partition_values IN ({', '.join('?' * len(some))})",
                (table_id, *some),
            )
            found.update((row["partition_values"], json.loads(row["body"])) for row in rows)
        return found


def key_of(values: Sequence[str]) -> str:
    """The text under which a partition is stored."""
    return json.dumps(list(values), separators=(",", ":"))


def values_of(key: str) -> list[str]:
    """The values again."""
    values: list[str] = json.loads(key)
    return values


def _table(row: sqlite3.Row) -> TableRow:
    return TableRow(row["id"], row["database_name"], row["name"], row["version"], json.loads(row["body"]))


def _version(table: TableRow, row: sqlite3.Row) -> TableRow:
    return TableRow(table.id, table.database, table.name, row["version"], json.loads(row["body"]))
