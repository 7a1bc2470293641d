"""StoredObject multipart uploads: one file for each part until the object is made; rows that survive a restart."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from glueprint.local.s3.errors import S3Error, no_such_upload
from glueprint.local.s3.multipart import (
    ObjectClaims,
    Part,
    RequestedPart,
    Upload,
    choose_parts,
    completed_record,
)
from glueprint.local.s3.records import Attributes, Record
from glueprint.local.s3.staging import StagedFile
from glueprint.local.store.database import Database


class Uploads:
    """The open multipart uploads of all buckets.

    Args:
        folder: where parts are kept, on the file system of the buckets.
        min_part_bytes: bytes that each part except the last must have.
    """

    def __init__(
        self, database: Database, folder: Path, clock: Callable[[], float], min_part_bytes: int
    ) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock
        self._min_part_bytes = min_part_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._remove_orphans()

    def create(
        self, bucket: str, key: str, attributes: Attributes, algorithm: str = "", checksum_type: str = ""
    ) -> Upload:
        """Open an upload."""
        upload = Upload(
            secrets.token_urlsafe(48), bucket, key, self._clock(), attributes, algorithm, checksum_type
        )
        (self._folder / upload.upload_id).mkdir()
        self._database.write(
            lambda connection: connection.execute(
                "INSERT INTO s3_uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    upload.upload_id,
                    bucket,
                    key,
                    upload.initiated,
                    json.dumps(dict(attributes.system)),
                    json.dumps(dict(attributes.user)),
                    json.dumps(dict(attributes.tags)),
                    algorithm,
                    checksum_type,
                ),
            )
        )
        return upload

    def get(self, bucket: str, key: str, upload_id: str) -> Upload:
        """Return an open upload.

        Raises:
            S3Error: NoSuchUpload, also when it belongs to another key.
        """
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT * FROM s3_uploads WHERE upload_id = ? AND bucket = ? AND key = ?",
                (upload_id, bucket, key),
            ).fetchone()
        )
        if row is None:
            raise no_such_upload(upload_id)
        return _upload(row)

    def of_bucket(self, bucket: str) -> list[Upload]:
        """Return a bucket's open uploads by key, then by the time they were opened."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT * FROM s3_uploads WHERE bucket = ? ORDER BY key, initiated, upload_id", (bucket,)
            ).fetchall()
        )
        return [_upload(row) for row in rows]

    def parts(self, upload: Upload) -> list[Part]:
        """Return the parts that have arrived, by number."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT * FROM s3_parts WHERE upload_id = ? ORDER BY number", (upload.upload_id,)
            ).fetchall()
        )
        return [
            Part(
                row["number"],
                row["file"],
                row["size"],
                row["modified"],
                row["etag"],
                json.loads(row["checksums"]),
            )
            for row in rows
        ]

    def put_part(self, upload: Upload, number: int, staged: StagedFile, values: Mapping[str, str]) -> Part:
        """Store a part; one with the same number is replaced.

        Args:
            values: its verified checksums, by algorithm.

        Raises:
            S3Error: NoSuchUpload when the upload was ended in the meantime.
        """
        now = self._clock()
        staged.finish(now)
        part = Part(
            number, f"{number}-{secrets.token_hex(8)}", staged.size, now, staged.digests.md5, dict(values)
        )
        path = self._folder / upload.upload_id / part.file
        try:
            os.rename(staged.path, path)
        except FileNotFoundError:
            raise no_such_upload(upload.upload_id) from None

        def work(connection: sqlite3.Connection) -> str | None:
            found = connection.execute(
                "SELECT 1 FROM s3_uploads WHERE upload_id = ?", (upload.upload_id,)
            ).fetchone()
            if found is None:
                raise no_such_upload(upload.upload_id)
            old = connection.execute(
                "SELECT file FROM s3_parts WHERE upload_id = ? AND number = ?", (upload.upload_id, number)
            ).fetchone()
            connection.execute(
                "INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?, ?, ?, ?, ?)",
                (upload.upload_id, number, part.file, part.size, now, part.etag, json.dumps(dict(values))),
            )
            return None if old is None else str(old["file"])

        try:
            replaced = self._database.write(work)
        except S3Error:
            path.unlink(missing_ok=True)
            raise
        if replaced is not None:
            (self._folder / upload.upload_id / replaced).unlink(missing_ok=True)
        return part

    def assemble(
        self, upload: Upload, wanted: Sequence[RequestedPart], staged: StagedFile, claimed: ObjectClaims
    ) -> Record:
        """Write the wanted parts, one after the other, into ``staged`` and return the object's record.

        Args:
            claimed: what must be true of the complete object.

        Raises:
            S3Error: InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, InvalidRequest; NoSuchUpload when it
                was ended in the meantime.
        """
        chosen = choose_parts(upload, self.parts(upload), wanted, self._min_part_bytes)
        for part in chosen:
            self._append(upload, part, staged)
        return completed_record(upload, chosen, staged.size, claimed)

    def end(self, upload: Upload) -> None:
        """Close an upload and remove its parts.

        Raises:
            S3Error: NoSuchUpload if it is already closed.
        """
        deleted = self._database.write(
            lambda connection: connection.execute(
                "DELETE FROM s3_uploads WHERE upload_id = ?", (upload.upload_id,)
            ).rowcount
        )
        if not deleted:
            raise no_such_upload(upload.upload_id)
        shutil.rmtree(self._folder / upload.upload_id, ignore_errors=True)

    def discard(self, uploads: Iterable[Upload]) -> None:
        """Remove the parts of uploads whose rows are already deleted with their bucket."""
        for upload in uploads:
            shutil.rmtree(self._folder / upload.upload_id, ignore_errors=True)

    def _append(self, upload: Upload, part: Part, staged: StagedFile) -> None:
        try:
            descriptor = os.open(self._folder / upload.upload_id / part.file, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise no_such_upload(upload.upload_id) from None
        try:
            staged.copy_from(descriptor, 0, part.size)
        finally:
            os.close(descriptor)

    def _remove_orphans(self) -> None:
        """Remove parts of uploads without a row, which a crash left."""
        known = self._database.read(
            lambda connection: {row[0] for row in connection.execute("SELECT upload_id FROM s3_uploads")}
        )
        for folder in self._folder.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)


def _upload(row: sqlite3.Row) -> Upload:
    attributes = Attributes(json.loads(row["system"]), json.loads(row["user"]), json.loads(row["tags"]))
    return Upload(
        row["upload_id"],
        row["bucket"],
        row["key"],
        row["initiated"],
        attributes,
        row["checksum_algorithm"],
        row["checksum_type"],
    )
