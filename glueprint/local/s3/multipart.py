"""Multipart uploads without their storage: parts, and what they make together; pure.

Source: "Uploading and copying objects using multipart upload" and its quotas in the Amazon S3 user guide.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from glueprint.local.s3 import checksums
from glueprint.local.s3.errors import S3Error, bad_digest, invalid_argument
from glueprint.local.s3.records import Attributes, PartSummary, Record

MAX_PART_NUMBER = 10_000
"""The highest part number ("Amazon S3 multipart upload limits")."""


def check_part_number(number: int) -> int:
    """Return ``number`` if it is a valid part number.

    Raises:
        S3Error: InvalidArgument.
    """
    if not 1 <= number <= MAX_PART_NUMBER:
        message = f"Part number must be an integer between 1 and {MAX_PART_NUMBER}, inclusive"
        raise invalid_argument("partNumber", str(number), message)
    return number


@dataclass(frozen=True, slots=True)
class Upload:
    """An open multipart upload.

    Args:
        initiated: seconds since the epoch.
        checksum_algorithm: as in CreateMultipartUpload, or empty.
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
class RequestedPart:
    """A part as CompleteMultipartUpload names it."""

    number: int
    etag: str
    checksums: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ObjectClaims:
    """What the client claims about the complete object when it completes an upload.

    Args:
        checksums: base64, by algorithm.
        size: bytes, or None if the client does not state it.
    """

    checksums: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None


NO_CLAIMS = ObjectClaims()


def choose_parts(
    upload: Upload, arrived: Iterable[Part], wanted: Sequence[RequestedPart], min_part_bytes: int
) -> list[Part]:
    """Return the parts that CompleteMultipartUpload names.

    Raises:
        S3Error: InvalidPartOrder, InvalidPart, EntityTooSmall.
    """
    numbers = [part.number for part in wanted]
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        raise S3Error(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. The parts list must be specified in order by part "
            "number.",
            400,
            {"UploadId": upload.upload_id},
        )
    by_number = {part.number: part for part in arrived}
    chosen = []
    for want in wanted:
        part = by_number.get(want.number)
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
        if part.size < min_part_bytes:
            raise S3Error(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                400,
                {
                    "ProposedSize": str(part.size),
                    "MinSizeAllowed": str(min_part_bytes),
                    "PartNumber": str(part.number),
                    "ETag": part.etag,
                },
            )
    return chosen


def completed_record(upload: Upload, parts: Sequence[Part], size: int, claimed: ObjectClaims) -> Record:
    """Return the record of the object that the parts make.

    Args:
        size: of the object, in bytes.
        claimed: what must be true of the complete object.

    Raises:
        S3Error: InvalidRequest, BadDigest.
    """
    if claimed.size not in (None, size):
        raise S3Error(
            "InvalidRequest",
            "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
            400,
            {"ExpectedSize": str(claimed.size), "ComputedSize": str(size)},
        )
    digest = hashlib.md5(b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False)
    values = _whole_checksums(upload, parts)
    for algorithm, claim in claimed.checksums.items():
        if algorithm in values and values[algorithm] != claim:
            raise bad_digest(algorithm)
    return Record(
        etag=f"{digest.hexdigest()}-{len(parts)}",
        attributes=upload.attributes,
        checksums=values,
        checksum_type=upload.checksum_type if values else "",
        parts=tuple(PartSummary(part.number, part.size, part.checksums) for part in parts),
        upload_id=upload.upload_id,
    )


def _contradicts(part: Part, want: RequestedPart) -> bool:
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
