"""The attributes of an object in a request: headers that S3 keeps, metadata, tags; and those of copies."""

from __future__ import annotations

from typing import Any

from glueprint.local.s3 import tagging
from glueprint.local.s3.call import Call
from glueprint.local.s3.errors import S3Error, not_implemented
from glueprint.local.s3.records import Attributes, Record

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
"""Members that S3 keeps with an object and returns unchanged."""

MAX_METADATA_BYTES = 2048
"""Names and values of user-defined metadata together ("Working with object metadata")."""

DEFAULT_TYPE = "binary/octet-stream"
DEFAULT_ENCRYPTION = "AES256"
"""What S3 applies, since January 2023, when a request names no encryption ("Default encryption FAQ")."""

_STORAGE_CLASSES = frozenset(
    {"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}
)
_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")


def attributes_of(call: Call) -> Attributes:
    """Return the attributes in a request to write an object.

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
    if size > MAX_METADATA_BYTES:
        raise S3Error(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            400,
            {"Size": str(size), "MaxSizeAllowed": str(MAX_METADATA_BYTES)},
        )
    system = {name: _kept(name, call[name]) for name in SYSTEM_MEMBERS if call[name] is not None}
    system = {name: value for name, value in system.items() if value}
    return Attributes(system, user, tagging.from_header(call["Tagging"]))


def encryption_of(attributes: Attributes) -> dict[str, str]:
    """Return the members of an answer that describe how S3 would encrypt the object."""
    requested = {name: attributes.system[name] for name in _ENCRYPTION if name in attributes.system}
    return {"ServerSideEncryption": DEFAULT_ENCRYPTION, **requested}


def changes_object(call: Call, source: Record) -> bool:
    """Whether a copy onto itself would differ. Encryption is never copied: the default is S3's own."""
    return (
        source.attributes.system.get("ServerSideEncryption", DEFAULT_ENCRYPTION) != DEFAULT_ENCRYPTION
        or call["MetadataDirective"] == "REPLACE"
        or call["TaggingDirective"] == "REPLACE"
        or any(call[name] for name in ("StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption"))
    )


def copied_attributes(call: Call, source: Record) -> Attributes:
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


def _kept(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    if name == "ContentEncoding":
        # aws-chunked describes the transfer, not the object.
        return ",".join(part for part in str(value).split(",") if part.strip() != "aws-chunked").strip()
    return str(value)
