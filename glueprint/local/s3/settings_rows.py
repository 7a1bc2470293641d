"""The table of the settings of buckets, as JSON."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, Final

S3_SETTINGS_SCHEMA = """
CREATE TABLE s3_bucket_settings (
    bucket TEXT NOT NULL,
    setting TEXT NOT NULL,
    value TEXT NOT NULL,               -- JSON, members as in the service model; null: deleted
    PRIMARY KEY (bucket, setting)
) WITHOUT ROWID;
"""

NEVER: Final = object()
"""What a setting is that was never put or deleted."""


def find_setting(connection: sqlite3.Connection, bucket: str, setting: str) -> Any:
    """Return a setting; None if it was deleted, :data:`NEVER` if it was never set."""
    row = connection.execute(
        "SELECT value FROM s3_bucket_settings WHERE bucket = ? AND setting = ?", (bucket, setting)
    ).fetchone()
    return NEVER if row is None else json.loads(row[0])


def find_settings(connection: sqlite3.Connection, bucket: str, prefix: str) -> dict[str, Any]:
    """Return the settings whose names start with a prefix, by the rest of the name; without deleted ones."""
    rows = connection.execute(
        "SELECT setting, value FROM s3_bucket_settings WHERE bucket = ? AND substr(setting, 1, ?) = ?",
        (bucket, len(prefix), prefix),
    )
    found = {setting[len(prefix) :]: json.loads(value) for setting, value in rows}
    return {name: value for name, value in found.items() if value is not None}


def remember_setting(connection: sqlite3.Connection, bucket: str, setting: str, value: Any) -> None:
    """Write a setting; None: it is deleted."""
    connection.execute(
        "INSERT OR REPLACE INTO s3_bucket_settings VALUES (?, ?, ?)", (bucket, setting, json.dumps(value))
    )


def sends_events(connection: sqlite3.Connection, bucket: str) -> bool:
    """Whether a bucket sends its events to EventBridge (PutBucketNotificationConfiguration)."""
    found = find_setting(connection, bucket, "Notification")
    return isinstance(found, dict) and found.get("EventBridgeConfiguration") is not None
