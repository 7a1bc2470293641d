"""S3's operations on single objects; each is a method named like it, in snake case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from glueprint.local.s3 import checksums, tagging
from glueprint.local.s3.call import Call, Reply, Stream
from glueprint.local.s3.codec import http_date
from glueprint.local.s3.conditions import Conditions, Span, parse_range
from glueprint.local.s3.errors import (
    S3Error,
    invalid_argument,
    malformed_xml,
    no_such_key,
    not_implemented,
)
from glueprint.local.s3.listing import PAGE_LIMIT
from glueprint.local.s3.objects import OpenObject
from glueprint.local.s3.records import Attributes, Record
from glueprint.local.s3.store import S3Store
from glueprint.local.s3.uploads import check_part_number

SYSTEM_MEMBERS = (
    "BucketKeyEnabled",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "StorageClass",
    "WebsiteRedirectLocation",
)
"""Members that S3 keeps with an object and gives back as they came."""

METADATA_LIMIT = 2048
"""Bytes of user-defined metadata, names and values ("Working with object metadata")."""

_DEFAULT_TYPE = "binary/octet-stream"
_DEFAULT_ENCRYPTION = "AES256"
"""What S3 does, since January 2023, with an object of which nothing else was asked ("Default encryption FAQ")."""

_STORAGE_CLASSES = frozenset(
    {"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}
)
_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
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

    def put_object(self, call: Call) -> Reply:
        """Store a body under a key, whole or not at all."""
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
        whole = Span(0, source.size) if span is None else span
        return Reply(members, 200 if span is None else 206, stream=Stream(source, whole))

    def head_object(self, call: Call) -> Reply:
        """What GetObject would say, without the bytes."""
        with self._store.open(call.bucket, call.key) as source:
            _check_conditions(call, source)
            span = _span(call, source)
            return Reply(_describe(call, source, span), 200 if span is None else 206)

    def delete_object(self, call: Call) -> Reply:
        """Delete an object; deleting what is not there succeeds."""
        _check_directory_conditions(call.operation, call.members)
        self._store.delete(call.bucket, call.key, Conditions(if_match=call["IfMatch"]))
        return Reply()

    def delete_objects(self, call: Call) -> Reply:
        """Delete up to a thousand objects, each on its own."""
        delete = call["Delete"]
        if not delete or not delete.get("Objects") or len(delete["Objects"]) > PAGE_LIMIT:
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

    def copy_object(self, call: Call) -> Reply:
        """A copy of an object, with its metadata and tags or with new ones."""
        for name in ("MetadataDirective", "TaggingDirective"):
            if call[name] not in (None, "COPY", "REPLACE"):
                raise invalid_argument(name, call[name], f"Unknown {name[:-9].lower()} directive.")
        bucket, key = copy_source(call)
        with self._store.open(bucket, key) as source:
            copy_conditions(call).check_copy(source.record.etag, source.modified)
            if (bucket, key) == (call.bucket, call.key) and not _changes(call, source.record):
                raise S3Error(
                    "InvalidRequest",
                    "This copy request is illegal because it is trying to copy an object to itself without "
                    "changing the object's metadata, storage class, website redirect location or encryption "
                    "attributes.",
                    400,
                )
            asked = call["ChecksumAlgorithm"]
            algorithms = [asked] if asked else list(source.record.checksums)
            with self._store.stage(algorithms) as staged:
                if staged.copy_from(source.descriptor, 0, source.size) != source.size:
                    raise no_such_key(key)
                kind = "FULL_OBJECT" if algorithms else ""
                record = Record(staged.digests.md5, _copied(call, source.record), staged.digests.checksums, kind)
                stored = self._store.publish(
                    staged, call.bucket, call.key, record, write_conditions(call)
                )
        result = {
            "ETag": f'"{record.etag}"',
            "LastModified": stored.modified,
            **_checksum_members(record),
        }
        return Reply({"CopyObjectResult": result, **encryption_of(record.attributes)})

    def get_object_tagging(self, call: Call) -> Reply:
        """An object's tags."""
        with self._store.open(call.bucket, call.key) as source:
            return Reply({"TagSet": tagging.to_members(source.record.attributes.tags)})

    def put_object_tagging(self, call: Call) -> Reply:
        """Replace an object's tags."""
        tags = tagging.from_members(call["Tagging"], tagging.OBJECT_LIMIT)
        self._store.put_tags(call.bucket, call.key, tags)
        return Reply()

    def delete_object_tagging(self, call: Call) -> Reply:
        """Remove an object's tags."""
        self._store.put_tags(call.bucket, call.key, {})
        return Reply()

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
            # Here, unlike everywhere else, S3 leaves the number of parts off a composite checksum.
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


def attributes_of(call: Call) -> Attributes:
    """Return what a request says about the object that it makes.

    Raises:
        S3Error: InvalidStorageClass, MetadataTooLarge, InvalidTag; NotImplemented for archives.
    """
    storage = call["StorageClass"]
    if storage in _ARCHIVES:
        raise not_implemented(f"{call.operation} with StorageClass {storage} (and with it RestoreObject)")
    if storage is not None and storage not in _STORAGE_CLASSES:
        raise S3Error("InvalidStorageClass", "The storage class you specified is not valid", 400)
    user = dict(call["Metadata"] or {})
    size = sum(len(name.encode()) + len(value.encode()) for name, value in user.items())
    if size > METADATA_LIMIT:
        raise S3Error(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            400,
            {"Size": str(size), "MaxSizeAllowed": str(METADATA_LIMIT)},
        )
    system = {name: _kept(name, call[name]) for name in SYSTEM_MEMBERS if call[name] is not None}
    system = {name: value for name, value in system.items() if value}
    return Attributes(system, user, tagging.from_header(call["Tagging"]))


def encryption_of(attributes: Attributes) -> dict[str, str]:
    """Return the members of an answer that say how the object is encrypted, as S3 would have done it."""
    asked = {name: attributes.system[name] for name in _ENCRYPTION if name in attributes.system}
    return {"ServerSideEncryption": _DEFAULT_ENCRYPTION, **asked}


def write_conditions(call: Call) -> Conditions:
    """Return the conditions of a write.

    Raises:
        S3Error: NotImplemented for ``If-None-Match`` with an ETag, as S3 answers.
    """
    if call["IfNoneMatch"] not in (None, "*"):
        raise S3Error(
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            501,
            {"Header": "If-None-Match"},
        )
    return Conditions(call["IfMatch"], call["IfNoneMatch"])


def copy_conditions(call: Call) -> Conditions:
    """Return the conditions on the source of a copy."""
    return Conditions(
        call["CopySourceIfMatch"],
        call["CopySourceIfNoneMatch"],
        call["CopySourceIfModifiedSince"],
        call["CopySourceIfUnmodifiedSince"],
    )


def copy_source(call: Call) -> tuple[str, str]:
    """Return bucket and key of a copy's source.

    Raises:
        S3Error: InvalidArgument.
    """
    text = str(call["CopySource"])
    path, _, query = text.partition("?")
    version = query.removeprefix("versionId=")
    bucket, slash, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not slash or not key:
        message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        raise invalid_argument("x-amz-copy-source", text, message)
    if version not in ("", "null"):
        raise invalid_argument("x-amz-copy-source", text, "Invalid version id specified")
    return bucket, key


def _kept(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    if name == "ContentEncoding":
        # aws-chunked says how the body came, not what it is.
        return ",".join(part for part in str(value).split(",") if part.strip() != "aws-chunked").strip()
    return str(value)


def _changes(call: Call, source: Record) -> bool:
    """Whether a copy onto itself would differ. Encryption is never copied: without a word it is S3's own."""
    return (
        source.attributes.system.get("ServerSideEncryption", _DEFAULT_ENCRYPTION) != _DEFAULT_ENCRYPTION
        or call["MetadataDirective"] == "REPLACE"
        or call["TaggingDirective"] == "REPLACE"
        or any(call[name] for name in ("StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption"))
    )


def _copied(call: Call, source: Record) -> Attributes:
    """Return the copy's attributes. Storage class and encryption are always the request's, never copied."""
    new = attributes_of(call)
    old = source.attributes
    system, user = dict(new.system), new.user
    if call["MetadataDirective"] != "REPLACE":
        placed = {"StorageClass", "WebsiteRedirectLocation", *_ENCRYPTION}
        system = {name: value for name, value in old.system.items() if name not in placed}
        system.update({name: value for name, value in new.system.items() if name in placed})
        user = old.user
    tags = new.tags if call["TaggingDirective"] == "REPLACE" else old.tags
    return Attributes(system, user, tags)


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
        "ContentType": _DEFAULT_TYPE,
        "ServerSideEncryption": _DEFAULT_ENCRYPTION,
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
    for asked, name in _OVERRIDES.items():
        if call[asked] is not None:
            members[name] = call[asked]
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
    limit = PAGE_LIMIT if call["MaxParts"] is None else min(call["MaxParts"], PAGE_LIMIT)
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
