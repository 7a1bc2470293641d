"""S3's buckets and objects over plain directories: ``<root>/<bucket>/<key>`` is the object's file.

Spark reads and writes the same files at the same time, without notifying the store. What a plain file cannot store
(ETag, content type, metadata, tags, checksums) is in a side table, whose rows apply only while the file is
unchanged; see :mod:`glueprint.local.s3.records`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from glueprint.local.s3 import keys, records, tree
from glueprint.local.s3.buckets import Bucket, Buckets
from glueprint.local.s3.conditions import Conditions
from glueprint.local.s3.errors import S3Error, no_such_key
from glueprint.local.s3.listing import Page, read_page
from glueprint.local.s3.multipart import NO_CLAIMS, ObjectClaims, RequestedPart, Upload
from glueprint.local.s3.objects import ObjectCreated, ObjectInfo, OpenObject, StoredObject
from glueprint.local.s3.records import Record
from glueprint.local.s3.staging import StagedFile
from glueprint.local.s3.tree import Fingerprint, ObjectFile, Walk
from glueprint.local.s3.uploads import Uploads
from glueprint.local.s3.versions import Versions
from glueprint.local.store.database import Database
from glueprint.plain_files import open_file, status_of

MIN_PART_BYTES = 5 * 1024 * 1024
"""Bytes that every part of a multipart upload but the last must have ("multipart upload limits")."""

_LOCKS = 64


class S3Store:
    """S3's buckets and objects below ``root``. Thread-safe; one per data directory.

    Args:
        database: has the tables of :data:`~glueprint.local.s3.records.S3_SCHEMA`.
        root: ``<data-dir>/s3``; created if missing. Directories that start with a dot are the store's own.
        clock: seconds since the epoch, for objects written through this store.
        min_part_bytes: bytes that every part of a multipart upload but the last must have.
        on_change: called with each object that is put in place through this store.
        on_delete: called with bucket, key and time of each object that is deleted through this store.
    """

    def __init__(
        self,
        database: Database,
        root: Path,
        clock: Callable[[], float],
        *,
        min_part_bytes: int = MIN_PART_BYTES,
        on_change: Callable[[ObjectCreated], None] = lambda created: None,
        on_delete: Callable[[str, str, float], None] = lambda bucket, key, at: None,
    ) -> None:
        self._on_change = on_change
        self._on_delete = on_delete
        self._database = database
        self._clock = clock
        self._incoming = root / ".incoming"
        shutil.rmtree(self._incoming, ignore_errors=True)  # left by a crash
        self._incoming.mkdir(parents=True)
        self._versions = Versions(database)
        self.buckets = Buckets(database, root, self._incoming, clock)
        self.uploads = Uploads(database, root / ".uploads", clock, min_part_bytes)
        self._folders = threading.Lock()  # for creating and pruning folders, which takes microseconds
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
        """Create a bucket (in us-east-1); an existing one is kept.

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
        descriptor = open_file(bucket_path, keys.path_parts(key)) if key else None
        if descriptor is None:
            raise no_such_key(key)
        try:
            identity = self._versions.identify(bucket, key, descriptor)
            if identity.unsaved:
                self._versions.remember(bucket, [(key, identity)])
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
        """Return every object whose key starts with ``prefix``, in key order.

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

    def records_of(self, bucket: str, found: Sequence[ObjectFile]) -> list[tuple[ObjectFile, Record]]:
        """Return the records of listed files; see :meth:`glueprint.local.s3.versions.Versions.records_of`."""
        return self._versions.records_of(bucket, self.buckets.path(bucket), found)

    # Objects: writing

    def put(self, bucket: str, key: str, data: bytes) -> StoredObject:
        """Store an object, completely or not at all.

        Raises:
            S3Error: NoSuchBucket; KeyConflict; KeyTooLongError.
        """
        with self.stage() as staged:
            staged.write(data)
            return self.publish(staged, bucket, key, Record(staged.digests.md5))

    def stage(self, algorithms: Iterable[str] = ()) -> StagedFile:
        """Start to receive a body; see :class:`~glueprint.local.s3.staging.StagedFile`."""
        return StagedFile(self._incoming, algorithms)

    def publish(
        self,
        staged: StagedFile,
        bucket: str,
        key: str,
        record: Record,
        conditions: Conditions | None = None,
    ) -> StoredObject:
        """Replace an object by a staged file, atomically.

        Args:
            record: its record.
            conditions: what must be true of the current object.

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
                status = tree.prepare_target(bucket, bucket_path, key)
            mark = staged.finish(now)
            kept = mark if status is None else Fingerprint.of(status)

            def work(connection: sqlite3.Connection) -> None:
                records.forget_others(connection, bucket, key, kept)
                records.remember(connection, bucket, key, mark, record)

            self._database.write(work)
            with self._folders:
                tree.rename_into(staged.path, bucket, bucket_path, key)
        self._on_change(ObjectCreated(bucket, key, mark.size, record.etag, now))
        return StoredObject(record, mark)

    def complete(
        self,
        upload: Upload,
        wanted: Sequence[RequestedPart],
        claimed: ObjectClaims = NO_CLAIMS,
        conditions: Conditions | None = None,
    ) -> StoredObject:
        """Store a multipart upload's object and close the upload.

        The upload is closed after the object is stored: a crash in between leaves an upload that can be completed
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
        """Return the record of the object that an upload has become, while it is still the current object.

        A client that lost the answer to CompleteMultipartUpload repeats the request and must get the same answer.
        """
        try:
            with self.open(bucket, key) as found:
                return found.record if upload_id and found.record.upload_id == upload_id else None
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
            return None

    def delete(self, bucket: str, key: str, conditions: Conditions | None = None) -> None:
        """Delete an object; a missing one is not an error.

        Raises:
            S3Error: NoSuchBucket; PreconditionFailed.
        """
        bucket_path = self.buckets.path(bucket)
        parts = keys.path_parts(key)
        with self._lock(bucket, key):
            if conditions is not None and conditions.if_match is not None:
                conditions.check_write(key, self._current_etag(bucket, key))
            is_there = status_of(bucket_path, parts) is not None
            if is_there:
                with self._folders:
                    tree.remove(bucket_path, parts)
            self._database.write(lambda connection: records.forget(connection, bucket, [key]))
        if is_there:
            self._on_delete(bucket, key, self._clock())

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
        """Drop the rows of objects that other programs deleted or rewrote; return the number of them.

        Only the size of the table depends on it; call it at start, before the store is used.
        """
        return self._versions.forget_vanished(self.buckets.root)

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
