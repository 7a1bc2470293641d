"""S3's multipart operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from glueprint.local.s3 import checksums
from glueprint.local.s3.call import Call, Reply, operation, write_conditions
from glueprint.local.s3.conditions import Span, parse_copy_range
from glueprint.local.s3.copy_source import copy_conditions, copy_source
from glueprint.local.s3.decoding import MAX_INTEGER
from glueprint.local.s3.errors import S3Error, invalid_argument, malformed_xml, no_such_key
from glueprint.local.s3.listing import MAX_PAGE_ITEMS, common_prefix
from glueprint.local.s3.listing_members import check_encoding, encoded, owner_id
from glueprint.local.s3.multipart import ObjectClaims, Part, RequestedPart, Upload, check_part_number
from glueprint.local.s3.object_attributes import attributes_of, encryption_of
from glueprint.local.s3.store import S3Store


class UploadOperations:
    """Multipart uploads, from their creation to their end."""

    def __init__(self, store: S3Store, account_id: str) -> None:
        self._store = store
        self._account_id = account_id

    @operation("CreateMultipartUpload")
    def create_multipart_upload(self, call: Call) -> Reply:
        """Open an upload; the object's attributes in this request apply when it is completed."""
        self._store.bucket(call.bucket)
        algorithm = call["ChecksumAlgorithm"] or ""
        kind = _checksum_type(algorithm, call["ChecksumType"])
        upload = self._store.uploads.create(call.bucket, call.key, attributes_of(call), algorithm, kind)
        return Reply(
            {
                "Bucket": call.bucket,
                "Key": call.key,
                "UploadId": upload.upload_id,
                "ChecksumAlgorithm": algorithm or None,
                "ChecksumType": kind or None,
                **encryption_of(upload.attributes),
            }
        )

    @operation("UploadPart")
    def upload_part(self, call: Call) -> Reply:
        """Store one part."""
        upload, number = self._upload(call), check_part_number(call["PartNumber"])
        body = call.received()
        values = dict(body.checksums)
        if upload.checksum_algorithm and values and upload.checksum_algorithm not in values:
            raise S3Error(
                "InvalidRequest",
                f"Checksum Type mismatch occurred, expected checksum Type: {upload.checksum_algorithm.lower()}, "
                f"actual checksum Type: {next(iter(values)).lower()}",
                400,
            )
        part = self._store.uploads.put_part(upload, number, body.staged, values)
        return Reply({"ETag": f'"{part.etag}"', **_checksum_members(part), **encryption_of(upload.attributes)})

    @operation("UploadPartCopy")
    def upload_part_copy(self, call: Call) -> Reply:
        """Store one part from an existing object."""
        upload, number = self._upload(call), check_part_number(call["PartNumber"])
        bucket, key = copy_source(call)
        algorithms = [upload.checksum_algorithm] if upload.checksum_algorithm else []
        with self._store.open(bucket, key) as source, self._store.stage(algorithms) as staged:
            copy_conditions(call).check_copy(source.record.etag, source.modified)
            text = call["CopySourceRange"]
            span = Span(0, source.size) if text is None else parse_copy_range(text, source.size)
            if staged.copy_from(source.descriptor, span.start, span.size) != span.size:
                raise no_such_key(key)
            part = self._store.uploads.put_part(upload, number, staged, staged.digests.checksums)
        result = {"ETag": f'"{part.etag}"', "LastModified": part.modified, **_checksum_members(part)}
        return Reply({"CopyPartResult": result, **encryption_of(upload.attributes)})

    @operation("CompleteMultipartUpload")
    def complete_multipart_upload(self, call: Call) -> Reply:
        """Make the object from the parts."""
        parts = (call["MultipartUpload"] or {}).get("Parts")
        if not parts:
            raise malformed_xml()
        wanted = [_wanted(part) for part in parts]
        record = self._store.completed(call.bucket, call.key, call["UploadId"])
        if record is None:
            upload = self._upload(call)
            _check_kind(upload, call["ChecksumType"])
            claims = ObjectClaims(_given_checksums(dict(call.members)), call["MpuObjectSize"])
            record = self._store.complete(upload, wanted, claims, write_conditions(call)).record
        return Reply(
            {
                "Location": f"/{call.bucket}/{call.key}",
                "Bucket": call.bucket,
                "Key": call.key,
                "ETag": f'"{record.etag}"',
                **{checksums.member_name(name): value for name, value in record.checksums.items()},
                "ChecksumType": record.checksum_type or None,
                **encryption_of(record.attributes),
            }
        )

    @operation("AbortMultipartUpload")
    def abort_multipart_upload(self, call: Call) -> Reply:
        """Abort an upload; its parts are removed."""
        self._store.uploads.end(self._upload(call))
        return Reply()

    @operation("ListParts")
    def list_parts(self, call: Call) -> Reply:
        """The parts that have arrived."""
        upload = self._upload(call)
        after = _marker(call["PartNumberMarker"])
        limit = _limit("max-parts", call["MaxParts"])
        rest = [part for part in self._store.uploads.parts(upload) if part.number > after]
        page = rest[:limit]
        return Reply(
            {
                "Bucket": call.bucket,
                "Key": call.key,
                "UploadId": upload.upload_id,
                "PartNumberMarker": after,
                "NextPartNumberMarker": page[-1].number if page else 0,
                "MaxParts": limit,
                "IsTruncated": len(page) < len(rest),
                "Parts": [
                    {
                        "PartNumber": part.number,
                        "LastModified": part.modified,
                        "ETag": f'"{part.etag}"',
                        "Size": part.size,
                        **_checksum_members(part),
                    }
                    for part in page
                ],
                "Initiator": self._owner(),
                "Owner": self._owner(),
                "StorageClass": upload.attributes.system.get("StorageClass", "STANDARD"),
                "ChecksumAlgorithm": upload.checksum_algorithm or None,
                "ChecksumType": upload.checksum_type or None,
            }
        )

    @operation("ListMultipartUploads")
    def list_multipart_uploads(self, call: Call) -> Reply:
        """A bucket's open uploads, by key."""
        self._store.bucket(call.bucket)
        check_encoding(call)
        prefix, delimiter = call["Prefix"] or "", call["Delimiter"] or ""
        limit = _limit("max-uploads", call["MaxUploads"])
        marker, id_marker = call["KeyMarker"] or "", call["UploadIdMarker"] or ""
        page: list[Upload] = []
        prefixes: list[str] = []
        truncated = False
        last = ("", "")
        for upload in _after(self._store.uploads.of_bucket(call.bucket), marker, id_marker):
            common = common_prefix(upload.key, prefix, delimiter)
            if not upload.key.startswith(prefix) or (common is not None and common in (marker, *prefixes)):
                continue
            if len(page) + len(prefixes) == limit:
                truncated = True
                break
            if common is None:
                page.append(upload)
                last = (upload.key, upload.upload_id)
            else:
                prefixes.append(common)
                last = (common, "")
        return Reply(
            {
                "Bucket": call.bucket,
                "KeyMarker": encoded(call, marker),
                "UploadIdMarker": id_marker,
                "NextKeyMarker": encoded(call, last[0]) if truncated else None,
                "NextUploadIdMarker": last[1] if truncated else None,
                "Prefix": encoded(call, prefix) if prefix else None,
                "Delimiter": encoded(call, delimiter) if delimiter else None,
                "MaxUploads": limit,
                "IsTruncated": truncated,
                "Uploads": [
                    {
                        "UploadId": upload.upload_id,
                        "Key": encoded(call, upload.key),
                        "Initiated": upload.initiated,
                        "StorageClass": upload.attributes.system.get("StorageClass", "STANDARD"),
                        "Owner": self._owner(),
                        "Initiator": self._owner(),
                        "ChecksumAlgorithm": upload.checksum_algorithm or None,
                        "ChecksumType": upload.checksum_type or None,
                    }
                    for upload in page
                ],
                "CommonPrefixes": [{"Prefix": encoded(call, common)} for common in prefixes],
                "EncodingType": call["EncodingType"],
            }
        )

    def _upload(self, call: Call) -> Upload:
        self._store.bucket(call.bucket)
        return self._store.uploads.get(call.bucket, call.key, call["UploadId"])

    def _owner(self) -> dict[str, str]:
        return {"ID": owner_id(self._account_id)}


def _after(uploads: list[Upload], marker: str, id_marker: str) -> Iterator[Upload]:
    """Yield the uploads after a page; with an upload's id, including the younger uploads of the same key."""
    same_key = False
    for upload in uploads:
        if upload.key > marker or same_key:
            yield upload
        elif upload.key == marker and upload.upload_id == id_marker:
            same_key = True


def _checksum_type(algorithm: str, requested: str | None) -> str:
    if not algorithm:
        return ""
    checksums.new(algorithm)  # refuses unknown algorithms
    kind = requested or ("FULL_OBJECT" if algorithm in checksums.FULL_OBJECT_ONLY else "COMPOSITE")
    if (kind == "FULL_OBJECT" and algorithm in checksums.COMPOSITE_ONLY) or (
        kind == "COMPOSITE" and algorithm in checksums.FULL_OBJECT_ONLY
    ):
        raise S3Error(
            "InvalidRequest",
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.",
            400,
        )
    return kind


def _check_kind(upload: Upload, kind: str | None) -> None:
    if kind is not None and upload.checksum_type and kind != upload.checksum_type:
        raise S3Error(
            "InvalidRequest",
            "The upload was created using a different checksum mode. The complete request must include the "
            f"{upload.checksum_type} checksum type.",
            400,
        )


def _wanted(part: dict[str, Any]) -> RequestedPart:
    if part.get("PartNumber") is None or part.get("ETag") is None:
        raise malformed_xml()
    return RequestedPart(part["PartNumber"], part["ETag"], _given_checksums(part))


def _given_checksums(members: dict[str, Any]) -> dict[str, str]:
    named = ((name, members.get(checksums.member_name(name))) for name in checksums.ALGORITHMS)
    return {name: value for name, value in named if value}


def _checksum_members(part: Part) -> dict[str, str]:
    return {checksums.member_name(name): value for name, value in part.checksums.items()}


def _limit(name: str, value: int | None) -> int:
    if value is None:
        return MAX_PAGE_ITEMS
    if value < 0:
        message = f"Argument {name} must be an integer between 0 and {MAX_INTEGER}"
        raise invalid_argument(name, str(value), message)
    return min(value, MAX_PAGE_ITEMS)


def _marker(value: str | int | None) -> int:
    try:
        number = int(value or 0)
    except ValueError:
        number = MAX_INTEGER + 1
    if number > MAX_INTEGER:
        message = "Provided part-number-marker not an integer or within integer range"
        raise invalid_argument("part-number-marker", str(value), message)
    if number < 0:
        message = f"Argument part-number-marker must be an integer between 0 and {MAX_INTEGER}"
        raise invalid_argument("part-number-marker", str(value), message)
    return number
