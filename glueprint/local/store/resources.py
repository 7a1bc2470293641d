"""Named resources: stored whole as JSON documents, in transactions that the caller opens."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

Document = dict[str, Any]
"""A resource with its members named as on the wire; times are epoch seconds."""


class Resources:
    """The resources of one kind. Names are unique within a kind, and compare exactly as they are."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get(self, tx: sqlite3.Connection, name: str) -> Document | None:
        """The document of that name, or None."""
        row = tx.execute("SELECT body FROM resource WHERE kind = ? AND name = ?", (self.kind, name)).fetchone()
        return json.loads(row["body"]) if row else None

    def exists(self, tx: sqlite3.Connection, name: str) -> bool:
        """Whether there is one of that name."""
        found = tx.execute("SELECT 1 FROM resource WHERE kind = ? AND name = ?", (self.kind, name)).fetchone()
        return found is not None

    def put(
        self, tx: sqlite3.Connection, name: str, body: Mapping[str, Any], parent: str | None = None
    ) -> None:
        """Store ``body`` under ``name``, in place of what was there."""
        tx.execute(
            "INSERT INTO resource (kind, name, parent, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, name) DO UPDATE SET parent = excluded.parent, body = excluded.body",
            (self.kind, name, parent, json.dumps(body)),
        )

    def delete(self, tx: sqlite3.Connection, name: str) -> bool:
        """Remove it; whether it was there."""
        done = tx.execute("DELETE FROM resource WHERE kind = ? AND name = ?", (self.kind, name))
        return done.rowcount > 0

    def children(self, tx: sqlite3.Connection, parent: str) -> list[Document]:
        """The documents that belong to ``parent``, by name."""
        rows = tx.execute(
            "SELECT body FROM resource WHERE kind = ? AND parent = ? ORDER BY name", (self.kind, parent)
        )
        return [json.loads(row["body"]) for row in rows]

    def orphans(self, tx: sqlite3.Connection) -> list[Document]:
        """The documents that belong to nothing, by name."""
        rows = tx.execute(
            "SELECT body FROM resource WHERE kind = ? AND parent IS NULL ORDER BY name", (self.kind,)
        )
        return [json.loads(row["body"]) for row in rows]

    def page(self, tx: sqlite3.Connection, after: str | None, limit: int) -> list[Document]:
        """At most ``limit`` documents by name, beginning behind the name ``after``."""
        rows = tx.execute(
            "SELECT body FROM resource WHERE kind = ? AND name > ? ORDER BY name LIMIT ?",
            (self.kind, after or "", limit),
        )
        return [json.loads(row["body"]) for row in rows]

    def all(self, tx: sqlite3.Connection) -> list[Document]:
        """Every document, by name."""
        rows = tx.execute("SELECT body FROM resource WHERE kind = ? ORDER BY name", (self.kind,))
        return [json.loads(row["body"]) for row in rows]

    def count(self, tx: sqlite3.Connection) -> int:
        """How many there are."""
        found: int = tx.execute("SELECT count(*) FROM resource WHERE kind = ?", (self.kind,)).fetchone()[0]
        return found


def tags_of(tx: sqlite3.Connection, arn: str) -> dict[str, str]:
    """The tags of the resource that ``arn`` names."""
    return {row["key"]: row["value"] for row in tx.execute("SELECT key, value FROM tag WHERE arn = ?", (arn,))}


def put_tags(tx: sqlite3.Connection, arn: str, tags: Mapping[str, str]) -> None:
    """Add or overwrite tags."""
    tx.executemany(
        "INSERT INTO tag (arn, key, value) VALUES (?, ?, ?)"
        " ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
        [(arn, key, value) for key, value in tags.items()],
    )


def remove_tags(tx: sqlite3.Connection, arn: str, keys: Iterable[str] | None = None) -> None:
    """Remove the named tags, or all of them."""
    if keys is None:
        tx.execute("DELETE FROM tag WHERE arn = ?", (arn,))
    else:
        tx.executemany("DELETE FROM tag WHERE arn = ? AND key = ?", [(arn, key) for key in keys])
