"""Which version of an object a file is: known from the side table, or computed from the bytes."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glueprint.local.s3 import keys, records
from glueprint.local.s3.errors import S3Error
from glueprint.local.s3.records import Record
from glueprint.local.s3.staging import BLOCK_BYTES
from glueprint.local.s3.tree import Fingerprint, ObjectFile
from glueprint.local.store.database import Database
from glueprint.plain_files import open_file, status_of

SETTLED_NS = 1_000_000_000
"""A foreign file's ETag is remembered only when the file has not changed for this long: within one tick of the
kernel's clock it could be rewritten in place and keep its fingerprint (git calls such files racy)."""

_MAX_HASH_TRIES = 4


@dataclass(frozen=True, slots=True)
class Identity:
    """Which version an open file is; ``unsaved`` when its record was computed and may be remembered."""

    mark: Fingerprint
    record: Record
    unsaved: bool


class Versions:
    """The versions of the objects of one store.

    Args:
        database: has the tables of :data:`~glueprint.local.s3.records.S3_SCHEMA`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def identify(self, bucket: str, key: str, descriptor: int) -> Identity:
        """Return the version that an open file is, from the table or from its bytes.

        Raises:
            S3Error: SlowDown while another program writes the file.
        """
        for _ in range(_MAX_HASH_TRIES):
            mark = Fingerprint.of(os.fstat(descriptor))
            found = self._find(bucket, key, mark)
            if found is not None:
                return Identity(mark, found, unsaved=False)
            record = Record(_md5(descriptor))
            if Fingerprint.of(os.fstat(descriptor)) == mark:
                return Identity(mark, record, unsaved=time.time_ns() - mark.mtime_ns > SETTLED_NS)
        raise S3Error(
            "SlowDown", "Another program is writing this file right now. Please reduce your request rate.", 503
        )

    def _find(self, bucket: str, key: str, mark: Fingerprint) -> Record | None:
        return self._database.read(lambda connection: records.find(connection, bucket, key, mark))

    def remember(self, bucket: str, computed: Sequence[tuple[str, Identity]]) -> None:
        """Write records that were computed from the bytes."""

        def work(connection: sqlite3.Connection) -> None:
            for key, identity in computed:
                records.remember_computed(connection, bucket, key, identity.mark, identity.record)

        self._database.write(work)

    def records_of(
        self, bucket: str, bucket_path: str, found: Sequence[ObjectFile]
    ) -> list[tuple[ObjectFile, Record]]:
        """Return the records of listed files, computing the ETags of those that other programs wrote.

        A file that is gone by now is left out; one that was replaced appears as it is now, so that a HEAD right
        after the listing does not contradict it.
        """
        known = self._database.read(lambda connection: records.find_many(connection, bucket, found))
        answer: list[tuple[ObjectFile, Record]] = []
        computed: list[tuple[str, Identity]] = []
        for file in found:
            record = known.get(file.key)
            if record is not None:
                answer.append((file, record))
                continue
            descriptor = open_file(bucket_path, keys.path_parts(file.key))
            if descriptor is None:
                continue
            try:
                identity = self.identify(bucket, file.key, descriptor)
            finally:
                os.close(descriptor)
            answer.append((replace(file, fingerprint=identity.mark), identity.record))
            if identity.unsaved:
                computed.append((file.key, identity))
        if computed:
            self.remember(bucket, computed)
        return answer

    def forget_vanished(self, root: str) -> int:
        """Drop the rows of objects that other programs deleted or rewrote; return the number of rows.

        Only the size of the table depends on it; call it at start, before the store is used.
        """
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT bucket, key, inode, mtime_ns, size FROM s3_objects"
            ).fetchall()
        )
        stale = []
        for row in rows:
            status = status_of(f"{root}/{row['bucket']}", keys.path_parts(row["key"]))
            mark = Fingerprint(row["size"], row["mtime_ns"], row["inode"])
            if status is None or Fingerprint.of(status) != mark:
                stale.append(tuple(row))
        self._database.write(
            lambda connection: connection.executemany(
                "DELETE FROM s3_objects WHERE bucket = ? AND key = ? AND inode = ? AND mtime_ns = ? AND size = ?",
                stale,
            )
        )
        return len(stale)


def _md5(descriptor: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    start = 0
    while block := os.pread(descriptor, BLOCK_BYTES, start):
        digest.update(block)
        start += len(block)
    return digest.hexdigest()
