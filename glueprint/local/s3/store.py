"""S3's buckets and objects over plain directories: ``<root>/<bucket>/<key>`` is the object's file.

Spark reads and writes the same files at the same time, and nothing here depends on being told. What a plain
file cannot say (ETag, content type, metadata, tags, checksums) stands in a side table that is believed only while
the file is the one it speaks of; see :mod:`glueprint.local.s3.records`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glueprint.local.s3 import keys, records, tree
from glueprint.local.s3.buckets import Bucket, Buckets
from glueprint.local.s3.conditions import Conditions
from glueprint.local.s3.errors import S3Error, no_such_key
from glueprint.local.s3.listing import Page, read_page
from glueprint.local.s3.objects import ObjectCreated, ObjectInfo, OpenObject, Stored
from glueprint.local.s3.records import Record
from glueprint.local.s3.staging import BLOCK, Staged
from glueprint.local.s3.tree import Fingerprint, Found, Walk
from glueprint.local.s3.uploads import NO_CLAIMS, Upload, Uploads, WantedPart, WholeClaims
from glueprint.local.store.database import Database

MINIMUM_PART = 5 * 1024 * 1024
"""Bytes that every part of a multipart upload but the last must have ("multipart upload limits")."""

SETTLED_NS = 1_000_000_000
"""A foreign file's ETag is remembered only when the file has not changed for this long: within one tick of the
kernel's clock it could be rewritten in place and keep its fingerprint (git calls such files racy)."""

_HASH_TRIES = 4
_LOCKS = 64


@dataclass(frozen=True, slots=True)
class _Identity:
    """Which version an open file is; ``unsaved`` when its record was computed and may be remembered."""

    mark: Fingerprint
    record: Record
    unsaved: bool


class S3Store:
    """S3's buckets and objects below ``root``. Thread-safe; one per data directory.

    Args:
        database: holds the tables of :data:`~glueprint.local.s3.records.S3_SCHEMA`.
        root: ``<data-dir>/s3``; made when missing. Directories that begin with a dot are the store's own.
        clock: seconds since the epoch, for what is written through this store.
        minimum_part: bytes that every part of a multipart upload but the last must have.
    """

    def __init__(
        self,
        database: Database,
        root: Path,
        clock: Callable[[], float],
        *,
        minimum_part: int = MINIMUM_PART,
    ) -> None:
        self.on_change: Callable[[ObjectCreated], None] | None = None
        self.on_delete: Callable[[str, str, float], None] | None = None
        """Told the bucket, the key and the time of each object that is deleted through this store."""
        self._database = database
        self._clock = clock
        self._incoming = root / ".incoming"
        shutil.rmtree(self._incoming, ignore_errors=True)  # what a crash left half received
        self._incoming.mkdir(parents=True)
        self.buckets = Buckets(database, root, self._incoming, clock)
        self.uploads = Uploads(database, root / ".uploads", clock, minimum_part)
        self._folders = threading.Lock()  # for making folders and pruning them, which takes microseconds
        self._locks = tuple(threading.Lock() for _ in range(_LOCKS))

    # Buckets

    def bucket_names(self) -> list[str]:
        """Return the names of all buckets, sorted."""
        return self.buckets.names()

    def bucket(self, name: str) -> Bucket:
        """Return a bucket.

        Raises:
            S3Error: NoSuchBucket.
        """
        return self.buckets.get(name)

    def create_bucket(self, name: str) -> None:
        """Make a bucket (in us-east-1); one that exists is kept.

        Raises:
            S3Error: InvalidBucketName.
        """
        self.buckets.create(name)

    def delete_bucket(self, name: str) -> None:
        """Delete an empty bucket and its open multipart uploads.

        Raises:
            S3Error: NoSuchBucket; BucketNotEmpty.
        """
        self.buckets.path(name)
        open_uploads = self.uploads.of_bucket(name)
        self.buckets.delete(name)
        self.uploads.discard(open_uploads)

    # Objects: reading

    def open(self, bucket: str, key: str) -> OpenObject:
        """Open an object for reading.

        Raises:
            S3Error: NoSuchBucket; NoSuchKey.
        """
        bucket_path = self.buckets.path(bucket)
        path = tree.plain_path(bucket_path, keys.path_parts(key)) if key else None
        descriptor = None if path is None else tree.open_file(path)
        if descriptor is None:
            raise no_such_key(key)
        try:
            identity = self._identify(bucket, key, descriptor)
            if identity.unsaved:
                self._remember_computed(bucket, [(key, identity)])
        except BaseException:
            os.close(descriptor)
            raise
        return OpenObject(key, descriptor, identity.mark, identity.record)

    def read(self, bucket: str, key: str) -> bytes:
        """Return an object's bytes.

        Raises:
            S3Error: NoSuchBucket; NoSuchKey.
        """
        with self.open(bucket, key) as found:
            return found.read()

    def listing(self, bucket: str, prefix: str = "") -> list[ObjectInfo]:
        """Return every object whose key begins with ``prefix``, in key order.

        Raises:
            S3Error: NoSuchBucket.
        """
        return [
            ObjectInfo(
                found.key, found.fingerprint.size, found.fingerprint.mtime_ns / 1e9, Path(found.path)
            )
            for found in Walk(self.buckets.path(bucket), prefix)
        ]

    def page(self, bucket: str, prefix: str, delimiter: str, after: str, limit: int) -> Page:
        """Return one page of a listing; see :func:`glueprint.local.s3.listing.read_page`.

        Raises:
            S3Error: NoSuchBucket.
        """
        return read_page(self.buckets.path(bucket), prefix, delimiter, after, limit)

    def records_of(self, bucket: str, found: Sequence[Found]) -> list[tuple[Found, Record]]:
        """Return the records of listed files, computing the ETags of those that other programs wrote.

        A file that is gone by now is left out; one that was replaced appears as it is now, so that a listing
        never says what a HEAD right after it would contradict.
        """
        known = self._database.read(lambda connection: records.find_many(connection, bucket, found))
        answer: list[tuple[Found, Record]] = []
        computed: list[tuple[str, _Identity]] = []
        for file in found:
            record = known.get(file.key)
            if record is not None:
                answer.append((file, record))
                continue
            descriptor = tree.open_file(file.path)
            if descriptor is None:
                continue
            try:
                identity = self._identify(bucket, file.key, descriptor)
            finally:
                os.close(descriptor)
            answer.append((replace(file, fingerprint=identity.mark), identity.record))
            if identity.unsaved:
                computed.append((file.key, identity))
        if computed:
            self._remember_computed(bucket, computed)
        return answer

    # Objects: writing

    def put(self, bucket: str, key: str, data: bytes) -> Stored:
        """Put an object in place, whole.

        Raises:
            S3Error: NoSuchBucket; KeyConflict; KeyTooLongError.
        """
        with self.stage() as staged:
            staged.write(data)
            return self.publish(staged, bucket, key, Record(staged.digests.md5))

    def stage(self, algorithms: Iterable[str] = ()) -> Staged:
        """Begin to receive a body; see :class:`~glueprint.local.s3.staging.Staged`."""
        return Staged(self._incoming, algorithms)

    def publish(
        self,
        staged: Staged,
        bucket: str,
        key: str,
        record: Record,
        conditions: Conditions | None = None,
    ) -> Stored:
        """Put a staged file in an object's place, atomically.

        Args:
            record: what to remember of it.
            conditions: what must hold of the object that is there now.

        Raises:
            S3Error: NoSuchBucket; KeyConflict; KeyTooLongError; PreconditionFailed.
        """
        if not key:
            raise S3Error("InvalidURI", "Couldn't parse the specified URI.", 400)
        bucket_path = self.buckets.path(bucket)
        now = self._clock()
        with self._lock(bucket, key):
            if conditions is not None:
                conditions.check_write(key, self._current_etag(bucket, key))
            with self._folders:
                target = tree.make_room(bucket, bucket_path, key)
            mark = staged.finish(now)
            status = tree.status_of(target)
            kept = mark if status is None else Fingerprint.of(status)

            def work(connection: sqlite3.Connection) -> None:
                records.forget_others(connection, bucket, key, kept)
                records.remember(connection, bucket, key, mark, record)

            self._database.write(work)
            with self._folders:
                tree.rename_into(staged.path, bucket, bucket_path, key)
        if self.on_change is not None:
            self.on_change(ObjectCreated(bucket, key, mark.size, record.etag, now))
        return Stored(record, mark)

    def complete(
        self,
        upload: Upload,
        wanted: Sequence[WantedPart],
        claimed: WholeClaims = NO_CLAIMS,
        conditions: Conditions | None = None,
    ) -> Stored:
        """Put a multipart upload's object in place and close the upload.

        The upload is closed after the object is there: a crash in between leaves an upload that can be completed
        again, with the same result.

        Raises:
            S3Error: as :meth:`Uploads.assemble` and :meth:`publish`.
        """
        with self.stage() as staged:
            record = self.uploads.assemble(upload, wanted, staged, claimed)
            stored = self.publish(staged, upload.bucket, upload.key, record, conditions)
        self.uploads.end(upload)
        return stored

    def completed(self, bucket: str, key: str, upload_id: str) -> Record | None:
        """Return the record of the object that an upload has become, while it is still the one in place.

        A client that lost the answer to its CompleteMultipartUpload asks again and must get the same one.
        """
        try:
            with self.open(bucket, key) as found:
                return found.record if upload_id and found.record.upload_id == upload_id else None
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
            return None

    def delete(self, bucket: str, key: str, conditions: Conditions | None = None) -> None:
        """Delete an object; one that is not there is no error.

        Raises:
            S3Error: NoSuchBucket; PreconditionFailed.
        """
        bucket_path = self.buckets.path(bucket)
        path = tree.plain_path(bucket_path, keys.path_parts(key))
        with self._lock(bucket, key):
            if conditions is not None and conditions.if_match is not None:
                conditions.check_write(key, self._current_etag(bucket, key))
            is_there = path is not None and tree.status_of(path) is not None
            if path is not None and is_there:
                with self._folders:
                    tree.remove(bucket_path, path)
            self._database.write(lambda connection: records.forget(connection, bucket, [key]))
        if is_there and self.on_delete is not None:
            self.on_delete(bucket, key, self._clock())

    def put_tags(self, bucket: str, key: str, tags: Mapping[str, str]) -> None:
        """Replace an object's tags.

        Raises:
            S3Error: NoSuchBucket; NoSuchKey.
        """
        with self._lock(bucket, key), self.open(bucket, key) as found:
            record = replace(found.record, attributes=replace(found.record.attributes, tags=dict(tags)))
            mark = found.mark
            self._database.write(
                lambda connection: records.remember(connection, bucket, key, mark, record)
            )

    def forget_vanished(self) -> int:
        """Drop the rows of objects that other programs deleted or rewrote; return how many.

        Nothing depends on it but the size of the table; call it at start, before the store is used.
        """
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT bucket, key, inode, mtime_ns, size FROM s3_objects"
            ).fetchall()
        )
        stale = []
        for row in rows:
            status = tree.status_of(
                "/".join((self.buckets.root, row["bucket"], *keys.path_parts(row["key"])))
            )
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

    # How an object is known

    def _lock(self, bucket: str, key: str) -> threading.Lock:
        return self._locks[hash((bucket, key)) % _LOCKS]

    def _current_etag(self, bucket: str, key: str) -> str | None:
        try:
            with self.open(bucket, key) as found:
                return found.record.etag
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
            return None

    def _identify(self, bucket: str, key: str, descriptor: int) -> _Identity:
        """Say which version an open file is, from the table or from its bytes."""
        for _ in range(_HASH_TRIES):
            mark = Fingerprint.of(os.fstat(descriptor))
            found = self._find(bucket, key, mark)
            if found is not None:
                return _Identity(mark, found, unsaved=False)
            record = Record(_md5(descriptor))
            if Fingerprint.of(os.fstat(descriptor)) == mark:
                return _Identity(mark, record, unsaved=time.time_ns() - mark.mtime_ns > SETTLED_NS)
        raise S3Error(
            "SlowDown", "Another program is writing this file right now. Please reduce your request rate.", 503
        )

    def _find(self, bucket: str, key: str, mark: Fingerprint) -> Record | None:
        return self._database.read(lambda connection: records.find(connection, bucket, key, mark))

    def _remember_computed(self, bucket: str, computed: Sequence[tuple[str, _Identity]]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for key, identity in computed:
                records.remember_computed(connection, bucket, key, identity.mark, identity.record)

        self._database.write(work)


def _md5(descriptor: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    start = 0
    while block := os.pread(descriptor, BLOCK, start):
        digest.update(block)
        start += len(block)
    return digest.hexdigest()
