"""The side table: what S3 keeps with an object and a plain file cannot store.

A row applies to a file only while the file's size, modification time and inode are those in the row. Another
program that writes the file (as Spark does) thereby invalidates the row without knowing of it. The row is written
*before* its file is renamed into place, and old rows are deleted with a later one, so that a crash between the two
leaves either object with its own row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from glueprint.local.s3.tree import Fingerprint, ObjectFile

S3_SCHEMA = """
CREATE TABLE s3_buckets (
    bucket TEXT PRIMARY KEY,
    created REAL NOT NULL,
    location TEXT NOT NULL,
    tags TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE s3_objects (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    inode INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    system TEXT NOT NULL,
    user TEXT NOT NULL,
    tags TEXT NOT NULL,
    checksum_type TEXT NOT NULL,
    checksums TEXT NOT NULL,
    parts TEXT NOT NULL,
    upload_id TEXT NOT NULL,
    PRIMARY KEY (bucket, key, inode, mtime_ns, size)
) WITHOUT ROWID;
CREATE TABLE s3_uploads (
    upload_id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    initiated REAL NOT NULL,
    system TEXT NOT NULL,
    user TEXT NOT NULL,
    tags TEXT NOT NULL,
    checksum_algorithm TEXT NOT NULL,
    checksum_type TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX s3_uploads_of_bucket ON s3_uploads (bucket, key, upload_id);
CREATE TABLE s3_parts (
    upload_id TEXT NOT NULL REFERENCES s3_uploads ON DELETE CASCADE,
    number INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified REAL NOT NULL,
    etag TEXT NOT NULL,
    checksums TEXT NOT NULL,
    PRIMARY KEY (upload_id, number)
) WITHOUT ROWID;
"""

_MAX_QUERY_KEYS = 500


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes in a client's request to write an object.

    Args:
        system: headers that S3 keeps, by their names in the service model (``ContentType``, ``CacheControl``...).
        user: ``x-amz-meta-*``, without the prefix.
        tags: the object's tags.
    """

    system: Mapping[str, str] = field(default_factory=dict)
    user: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartSummary:
    """One part of an object that was uploaded in parts."""

    number: int
    size: int
    checksums: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one version of an object in addition to its bytes.

    Args:
        etag: without quotes.
        checksums: base64 values by algorithm (``CRC32``...), as the client sent and this server verified them.
        checksum_type: ``FULL_OBJECT`` or ``COMPOSITE``; empty without checksums.
        parts: for an object uploaded in parts.
        upload_id: of the upload that it came from, so that completing that one again returns the same answer.
    """

    etag: str
    attributes: Attributes = field(default_factory=Attributes)
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: str = ""
    parts: tuple[PartSummary, ...] = ()
    upload_id: str = ""


def find(connection: sqlite3.Connection, bucket: str, key: str, mark: Fingerprint) -> Record | None:
    """Return the record of this version of an object."""
    row = connection.execute(
        "SELECT * FROM s3_objects WHERE bucket = ? AND key = ? AND inode = ? AND mtime_ns = ? AND size = ?",
        (bucket, key, mark.inode, mark.mtime_ns, mark.size),
    ).fetchone()
    return None if row is None else _record(row)


def find_many(connection: sqlite3.Connection, bucket: str, found: Sequence[ObjectFile]) -> dict[str, Record]:
    """Return the records of those files that have one, by key."""
    marks = {file.key: file.fingerprint for file in found}
    records: dict[str, Record] = {}
    names = list(marks)
    for start in range(0, len(names), _MAX_QUERY_KEYS):
        some = names[start : start + _MAX_QUERY_KEYS]
        query = f"SELECT * FROM s3_objects WHERE bucket = ? AND key IN ({','.join('?' * len(some))})"
        for row in connection.execute(query, (bucket, *some)):
            if marks[row["key"]] == Fingerprint(row["size"], row["mtime_ns"], row["inode"]):
                records[row["key"]] = _record(row)
    return records


def remember(
    connection: sqlite3.Connection, bucket: str, key: str, mark: Fingerprint, record: Record
) -> None:
    """Write the record of one version of an object."""
    _write(connection, "REPLACE", bucket, key, mark, record)


def remember_computed(
    connection: sqlite3.Connection, bucket: str, key: str, mark: Fingerprint, record: Record
) -> None:
    """Write a record that was computed from the bytes, unless that version has a record by now."""
    _write(connection, "IGNORE", bucket, key, mark, record)


def forget_others(connection: sqlite3.Connection, bucket: str, key: str, keep: Fingerprint) -> None:
    """Delete the records of all versions of an object but one."""
    connection.execute(
        "DELETE FROM s3_objects WHERE bucket = ? AND key = ? AND NOT (inode = ? AND mtime_ns = ? AND size = ?)",
        (bucket, key, keep.inode, keep.mtime_ns, keep.size),
    )


def forget(connection: sqlite3.Connection, bucket: str, keys: Iterable[str]) -> None:
    """Delete the records of all versions of some objects."""
    connection.executemany(
        "DELETE FROM s3_objects WHERE bucket = ? AND key = ?", [(bucket, key) for key in keys]
    )


def forget_bucket(connection: sqlite3.Connection, bucket: str) -> None:
    """Delete all rows of a bucket."""
    for table in ("s3_objects", "s3_uploads", "s3_buckets", "s3_bucket_settings"):
        connection.execute(f"DELETE FROM {table} WHERE bucket = ?", (bucket,))


@dataclass(frozen=True, slots=True)
class BucketRecord:
    """A bucket's record; a bucket that was made as a plain directory does not have one."""

    created: float
    location: str
    tags: Mapping[str, str]


def find_bucket(connection: sqlite3.Connection, bucket: str) -> BucketRecord | None:
    """Return a bucket's record."""
    row = connection.execute("SELECT * FROM s3_buckets WHERE bucket = ?", (bucket,)).fetchone()
    return None if row is None else BucketRecord(row["created"], row["location"], json.loads(row["tags"]))


def remember_bucket(connection: sqlite3.Connection, bucket: str, record: BucketRecord) -> None:
    """Write a bucket's record."""
    connection.execute(
        "INSERT OR REPLACE INTO s3_buckets VALUES (?, ?, ?, ?)",
        (bucket, record.created, record.location, _dump(record.tags)),
    )


def _write(
    connection: sqlite3.Connection, else_do: str, bucket: str, key: str, mark: Fingerprint, record: Record
) -> None:
    connection.execute(
        f"INSERT OR {else_do} INTO s3_objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            bucket,
            key,
            mark.inode,
            mark.mtime_ns,
            mark.size,
            record.etag,
            _dump(record.attributes.system),
            _dump(record.attributes.user),
            _dump(record.attributes.tags),
            record.checksum_type,
            _dump(record.checksums),
            json.dumps([[part.number, part.size, dict(part.checksums)] for part in record.parts]),
            record.upload_id,
        ),
    )


def _record(row: sqlite3.Row) -> Record:
    return Record(
        etag=row["etag"],
        attributes=Attributes(json.loads(row["system"]), json.loads(row["user"]), json.loads(row["tags"])),
        checksums=json.loads(row["checksums"]),
        checksum_type=row["checksum_type"],
        parts=tuple(PartSummary(*part) for part in json.loads(row["parts"])),
        upload_id=row["upload_id"],
    )


def _dump(values: Mapping[str, str]) -> str:
    return json.dumps(dict(values), ensure_ascii=False)
