"""S3's operations on single objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.local.s3 import checksums, tagging
from glueprint.local.s3.call import Call, Reply, Stream, operation, write_conditions
from glueprint.local.s3.conditions import Conditions, Span, parse_range
from glueprint.local.s3.copy_source import copy_conditions, copy_source
from glueprint.local.s3.encoding import http_date
from glueprint.local.s3.errors import (
    S3Error,
    invalid_argument,
    malformed_xml,
    no_such_key,
    not_implemented,
)
from glueprint.local.s3.listing import MAX_PAGE_ITEMS
from glueprint.local.s3.multipart import check_part_number
from glueprint.local.s3.object_attributes import (
    DEFAULT_ENCRYPTION,
    DEFAULT_TYPE,
    attributes_of,
    changes_object,
    copied_attributes,
    encryption_of,
)
from glueprint.local.s3.objects import OpenObject
from glueprint.local.s3.records import Record
from glueprint.local.s3.store import S3Store

_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
}


class ObjectOperations:
    """Operations on one object, and DeleteObjects."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    @operation("PutObject")
    def put_object(self, call: Call) -> Reply:
        """Store a body under a key, completely or not at all."""
        body = call.received()
        kind = "FULL_OBJECT" if body.checksums else ""
        record = Record(body.staged.digests.md5, attributes_of(call), body.checksums, kind)
        stored = self._store.publish(body.staged, call.bucket, call.key, record, write_conditions(call))
        return Reply(
            {
                "ETag": f'"{record.etag}"',
                "Size": None,
                **_checksum_members(record),
                **encryption_of(stored.record.attributes),
            }
        )

    @operation("GetObject")
    def get_object(self, call: Call) -> Reply:
        """An object's bytes, or a range or part of them."""
        source = self._store.open(call.bucket, call.key)
        try:
            _check_conditions(call, source)
            span = _span(call, source)
            members = _describe(call, source, span)
        except BaseException:
            source.close()
            raise
        sent = Span(0, source.size) if span is None else span
        return Reply(members, 200 if span is None else 206, stream=Stream(source, sent))

    @operation("HeadObject")
    def head_object(self, call: Call) -> Reply:
        """GetObject's headers, without the bytes."""
        with self._store.open(call.bucket, call.key) as source:
            _check_conditions(call, source)
            span = _span(call, source)
            return Reply(_describe(call, source, span), 200 if span is None else 206)

    @operation("DeleteObject")
    def delete_object(self, call: Call) -> Reply:
        """Delete an object; deleting a missing one succeeds."""
        _check_directory_conditions(call.operation, call.members)
        self._store.delete(call.bucket, call.key, Conditions(if_match=call["IfMatch"]))
        return Reply()

    @operation("DeleteObjects")
    def delete_objects(self, call: Call) -> Reply:
        """Delete up to a thousand objects; each can fail separately."""
        delete = call["Delete"]
        if not delete or not delete.get("Objects") or len(delete["Objects"]) > MAX_PAGE_ITEMS:
            raise malformed_xml()
        self._store.bucket(call.bucket)
        deleted: list[dict[str, str]] = []
        errors: list[dict[str, str]] = []
        for item in delete["Objects"]:
            key = item.get("Key", "")
            try:
                self._delete_one(call, key, item)
            except S3Error as error:
                errors.append({"Key": key, "Code": error.code, "Message": error.message})
            else:
                deleted.append({"Key": key})
        return Reply({"Deleted": [] if delete.get("Quiet") else deleted, "Errors": errors})

    @operation("CopyObject")
    def copy_object(self, call: Call) -> Reply:
        """A copy of an object, with its metadata and tags or with new ones."""
        for name in ("MetadataDirective", "TaggingDirective"):
            if call[name] not in (None, "COPY", "REPLACE"):
                raise invalid_argument(name, call[name], f"Unknown {name[:-9].lower()} directive.")
        bucket, key = copy_source(call)
        with self._store.open(bucket, key) as source:
            copy_conditions(call).check_copy(source.record.etag, source.modified)
            if (bucket, key) == (call.bucket, call.key) and not changes_object(call, source.record):
                raise S3Error(
                    "InvalidRequest",
                    "This copy request is illegal because it is trying to copy an object to itself without "
                    "changing the object's metadata, storage class, website redirect location or encryption "
                    "attributes.",
                    400,
                )
            algorithm = call["ChecksumAlgorithm"]
            algorithms = [algorithm] if algorithm else list(source.record.checksums)
            with self._store.stage(algorithms) as staged:
                if staged.copy_from(source.descriptor, 0, source.size) != source.size:
                    raise no_such_key(key)
                kind = "FULL_OBJECT" if algorithms else ""
                attributes = copied_attributes(call, source.record)
                record = Record(staged.digests.md5, attributes, staged.digests.checksums, kind)
                stored = self._store.publish(
                    staged, call.bucket, call.key, record, write_conditions(call)
                )
        result = {
            "ETag": f'"{record.etag}"',
            "LastModified": stored.modified,
            **_checksum_members(record),
        }
        return Reply({"CopyObjectResult": result, **encryption_of(record.attributes)})

    @operation("GetObjectTagging")
    def get_object_tagging(self, call: Call) -> Reply:
        """An object's tags."""
        with self._store.open(call.bucket, call.key) as source:
            return Reply({"TagSet": tagging.to_members(source.record.attributes.tags)})

    @operation("PutObjectTagging")
    def put_object_tagging(self, call: Call) -> Reply:
        """Replace an object's tags."""
        tags = tagging.from_members(call["Tagging"], tagging.MAX_OBJECT_TAGS)
        self._store.put_tags(call.bucket, call.key, tags)
        return Reply()

    @operation("DeleteObjectTagging")
    def delete_object_tagging(self, call: Call) -> Reply:
        """Remove an object's tags."""
        self._store.put_tags(call.bucket, call.key, {})
        return Reply()

    @operation("GetObjectAttributes")
    def get_object_attributes(self, call: Call) -> Reply:
        """Chosen facts about an object, its parts among them."""
        wanted = set(call["ObjectAttributes"] or ())
        known = {"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}
        if not wanted or not wanted <= known:
            raise invalid_argument(
                "x-amz-object-attributes", ",".join(sorted(wanted)), "Invalid attribute name specified."
            )
        with self._store.open(call.bucket, call.key) as source:
            record = source.record
            # Only here does S3 omit the number of parts from a composite checksum.
            plain = {name: str(value).partition("-")[0] for name, value in _checksum_members(record).items()}
            checksum = {**plain, "ChecksumType": record.checksum_type}
            facts: dict[str, Any] = {
                "ETag": record.etag,
                "Checksum": checksum if record.checksums else None,
                "ObjectParts": _parts(call, record) if record.parts else None,
                "StorageClass": record.attributes.system.get("StorageClass", "STANDARD"),
                "ObjectSize": source.size,
            }
            members = {name: facts[name] for name in wanted}
            return Reply({**members, "LastModified": source.modified})

    def _delete_one(self, call: Call, key: str, item: Mapping[str, Any]) -> None:
        if not key:
            raise S3Error("UserKeyMustBeSpecified", "The bucket POST must contain the specified field name.", 400)
        if item.get("VersionId") not in (None, "", "null"):
            raise S3Error("NoSuchVersion", "The specified version does not exist.", 404)
        _check_directory_conditions(
            call.operation,
            {"IfMatchSize": item.get("Size"), "IfMatchLastModifiedTime": item.get("LastModifiedTime")},
        )
        self._store.delete(call.bucket, key, Conditions(if_match=item.get("ETag")))


def _check_conditions(call: Call, source: OpenObject) -> None:
    conditions = Conditions(
        call["IfMatch"], call["IfNoneMatch"], call["IfModifiedSince"], call["IfUnmodifiedSince"]
    )
    headers = {"ETag": f'"{source.record.etag}"', "Last-Modified": http_date(source.modified)}
    conditions.check_read(source.record.etag, source.modified, headers)


def _check_directory_conditions(operation: str, members: Mapping[str, Any]) -> None:
    for name in ("IfMatchSize", "IfMatchLastModifiedTime"):
        if members.get(name) is not None:
            raise not_implemented(f"{operation} with {name}")


def _span(call: Call, source: OpenObject) -> Span | None:
    number = call["PartNumber"]
    if number is None:
        return parse_range(call["Range"], source.size)
    check_part_number(number)
    if call["Range"] is not None:
        raise S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter", 400)
    start = 0
    for part in source.record.parts:
        if part.number == number:
            return Span(start, part.size)
        start += part.size
    if number == 1 and not source.record.parts:
        return Span(0, source.size)
    raise S3Error(
        "InvalidPartNumber",
        "The requested partnumber is not satisfiable",
        416,
        {"PartNumberRequested": str(number), "ActualPartCount": str(len(source.record.parts) or 1)},
    )


def _describe(call: Call, source: OpenObject, span: Span | None) -> dict[str, Any]:
    record = source.record
    members: dict[str, Any] = {
        "AcceptRanges": "bytes",
        "ContentType": DEFAULT_TYPE,
        "ServerSideEncryption": DEFAULT_ENCRYPTION,
        **record.attributes.system,
        "ContentLength": source.size if span is None else span.size,
        "ETag": f'"{record.etag}"',
        "LastModified": source.modified,
        "Metadata": record.attributes.user,
        "TagCount": len(record.attributes.tags) or None,
        "PartsCount": len(record.parts) or None if call["PartNumber"] else None,
    }
    if members.get("StorageClass") == "STANDARD":
        del members["StorageClass"]
    for parameter, name in _OVERRIDES.items():
        if call[parameter] is not None:
            members[name] = call[parameter]
    if call["ResponseExpires"] is not None:
        members["Expires"] = http_date(call["ResponseExpires"].timestamp())
    if span is not None and span.size:
        members["ContentRange"] = span.content_range(source.size)
    if call["ChecksumMode"] == "ENABLED" and (span is None or span.size == source.size):
        members.update(_checksum_members(record))
        members["ChecksumType"] = record.checksum_type or None
    return members


def _checksum_members(record: Record) -> dict[str, str]:
    members = {checksums.member_name(name): value for name, value in record.checksums.items()}
    return {**members, "ChecksumType": record.checksum_type} if members else {}


def _parts(call: Call, record: Record) -> dict[str, Any]:
    after = int(call["PartNumberMarker"] or 0)
    limit = MAX_PAGE_ITEMS if call["MaxParts"] is None else min(call["MaxParts"], MAX_PAGE_ITEMS)
    rest = [part for part in record.parts if part.number > after]
    page = rest[:limit]
    return {
        "TotalPartsCount": len(record.parts),
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(page) < len(rest),
        # S3 lists the parts only of objects with additional checksums.
        "Parts": [
            {
                "PartNumber": part.number,
                "Size": part.size,
                **{checksums.member_name(name): value for name, value in part.checksums.items()},
            }
            for part in page
            if part.checksums
        ],
    }
