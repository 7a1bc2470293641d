"""Multipart uploads: parts in files of their own until they are put together; rows that survive a restart."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glueprint.local.s3 import checksums
from glueprint.local.s3.errors import S3Error, invalid_argument, no_such_upload
from glueprint.local.s3.records import Attributes, PartSummary, Record
from glueprint.local.s3.staging import Staged
from glueprint.local.store.database import Database

PART_LIMIT = 10_000
"""The highest part number ("Amazon S3 multipart upload limits")."""


def check_part_number(number: int) -> int:
    """Return ``number`` if a part may have it.

    Raises:
        S3Error: InvalidArgument.
    """
    if not 1 <= number <= PART_LIMIT:
        message = f"Part number must be an integer between 1 and {PART_LIMIT}, inclusive"
        raise invalid_argument("partNumber", str(number), message)
    return number


@dataclass(frozen=True, slots=True)
class Upload:
    """An open multipart upload.

    Args:
        initiated: seconds since the epoch.
        checksum_algorithm: as given at its creation, or empty.
        checksum_type: ``COMPOSITE`` or ``FULL_OBJECT``, or empty without an algorithm.
    """

    upload_id: str
    bucket: str
    key: str
    initiated: float
    attributes: Attributes
    checksum_algorithm: str
    checksum_type: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part that has arrived."""

    number: int
    file: str
    size: int
    modified: float
    etag: str
    checksums: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WantedPart:
    """A part as CompleteMultipartUpload names it."""

    number: int
    etag: str
    checksums: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WholeClaims:
    """What the client claims about the whole object when it completes an upload.

    Args:
        checksums: base64, by algorithm.
        size: bytes, or None when the client does not say.
    """

    checksums: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None


NO_CLAIMS = WholeClaims()


class Uploads:
    """The open multipart uploads of all buckets.

    Args:
        folder: where parts are kept, on the file system of the buckets.
        minimum_part: bytes that each part but the last must have.
    """

    def __init__(
        self, database: Database, folder: Path, clock: Callable[[], float], minimum_part: int
    ) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock
        self._minimum_part = minimum_part
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

    def put_part(self, upload: Upload, number: int, staged: Staged, values: Mapping[str, str]) -> Part:
        """Take in a part; one with the same number is replaced.

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
        self, upload: Upload, wanted: Sequence[WantedPart], staged: Staged, claimed: WholeClaims
    ) -> Record:
        """Write the wanted parts, one after the other, into ``staged`` and return the object's record.

        Args:
            claimed: what must be true of the whole object.

        Raises:
            S3Error: InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, InvalidRequest; NoSuchUpload when it
                was ended in the meantime.
        """
        chosen = self._choose(upload, wanted)
        for part in chosen:
            self._append(upload, part, staged)
        if claimed.size not in (None, staged.size):
            raise S3Error(
                "InvalidRequest",
                "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
                400,
                {"ExpectedSize": str(claimed.size), "ComputedSize": str(staged.size)},
            )
        digest = hashlib.md5(b"".join(bytes.fromhex(part.etag) for part in chosen), usedforsecurity=False)
        values = _whole_checksums(upload, chosen)
        for algorithm, claim in claimed.checksums.items():
            if algorithm in values and values[algorithm] != claim:
                raise bad_digest(algorithm)
        return Record(
            etag=f"{digest.hexdigest()}-{len(chosen)}",
            attributes=upload.attributes,
            checksums=values,
            checksum_type=upload.checksum_type if values else "",
            parts=tuple(PartSummary(part.number, part.size, part.checksums) for part in chosen),
            upload_id=upload.upload_id,
        )

    def end(self, upload: Upload) -> None:
        """Close an upload and remove its parts.

        Raises:
            S3Error: NoSuchUpload when it is closed already.
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
        """Remove the parts of uploads whose rows are gone already (their bucket was deleted)."""
        for upload in uploads:
            shutil.rmtree(self._folder / upload.upload_id, ignore_errors=True)

    def _choose(self, upload: Upload, wanted: Sequence[WantedPart]) -> list[Part]:
        numbers = [part.number for part in wanted]
        if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
            raise S3Error(
                "InvalidPartOrder",
                "The list of parts was not in ascending order. The parts list must be specified in order by part "
                "number.",
                400,
                {"UploadId": upload.upload_id},
            )
        arrived = {part.number: part for part in self.parts(upload)}
        chosen = []
        for want in wanted:
            part = arrived.get(want.number)
            if part is None or part.etag != want.etag.strip('"') or _contradicts(part, want):
                raise S3Error(
                    "InvalidPart",
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, "
                    "or the specified entity tag may not match the part's entity tag.",
                    400,
                    {"UploadId": upload.upload_id, "PartNumber": str(want.number), "ETag": want.etag},
                )
            chosen.append(part)
        for part in chosen[:-1]:
            if part.size < self._minimum_part:
                raise S3Error(
                    "EntityTooSmall",
                    "Your proposed upload is smaller than the minimum allowed size",
                    400,
                    {
                        "ProposedSize": str(part.size),
                        "MinSizeAllowed": str(self._minimum_part),
                        "PartNumber": str(part.number),
                        "ETag": part.etag,
                    },
                )
        return chosen

    def _append(self, upload: Upload, part: Part, staged: Staged) -> None:
        try:
            descriptor = os.open(self._folder / upload.upload_id / part.file, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise no_such_upload(upload.upload_id) from None
        try:
            staged.copy_from(descriptor, 0, part.size)
        finally:
            os.close(descriptor)

    def _remove_orphans(self) -> None:
        """Remove parts of uploads that no row knows: a crash fell between the two."""
        known = self._database.read(
            lambda connection: {row[0] for row in connection.execute("SELECT upload_id FROM s3_uploads")}
        )
        for folder in self._folder.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)


def bad_digest(algorithm: str) -> S3Error:
    """The body is not the one whose checksum was sent."""
    return S3Error(
        "BadDigest",
        f"The {algorithm} you specified did not match the calculated checksum.",
        400,
    )


def _contradicts(part: Part, want: WantedPart) -> bool:
    return any(
        algorithm in part.checksums and part.checksums[algorithm] != value
        for algorithm, value in want.checksums.items()
    )


def _whole_checksums(upload: Upload, parts: Sequence[Part]) -> dict[str, str]:
    algorithm = upload.checksum_algorithm
    if not algorithm or not parts or not all(algorithm in part.checksums for part in parts):
        return {}
    if upload.checksum_type == "FULL_OBJECT":
        sized = [(part.checksums[algorithm], part.size) for part in parts]
        return {algorithm: checksums.full_object(algorithm, sized)}
    return {algorithm: checksums.composite(algorithm, [part.checksums[algorithm] for part in parts])}


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
