"""Objects in S3 by locations such as ``s3://bucket/folder/file``: listing, reading, writing, deleting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from glueprint.client.errors import InvalidArgument, NotFound, error_code
from glueprint.client.names import did_you_mean
from glueprint.facts.bucket_names import RULES, bucket_name_problem

_MISSING = ("404", "NoSuchKey", "NoSuchBucket")
MAX_DELETED_AT_ONCE = 1000
"""Keys of one DeleteObjects request (S3 API reference)."""


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket and a key; the key is empty for the complete bucket."""

    bucket: str
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read ``s3://bucket/key`` or ``bucket/key``.

        Raises:
            InvalidArgument: there is no bucket in it.
        """
        scheme, separator, rest = text.partition("://")
        if not separator:
            scheme, rest = "s3", text
        bucket, _, key = rest.partition("/")
        if scheme not in ("s3", "s3a", "s3n") or not bucket:
            raise InvalidArgument(f"a location is s3://BUCKET/KEY or BUCKET/KEY, not {text!r}")
        check_bucket_name(bucket)
        return cls(bucket, key)

    @property
    def is_folder(self) -> bool:
        """Whether the location names a folder or a complete bucket: it does not end with a name."""
        return not self.key or self.key.endswith("/")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of a listing."""

    location: Location
    size: int
    modified: datetime
    etag: str


def buckets(s3: Any) -> list[tuple[str, datetime]]:
    """Return the names of all buckets and when they were created."""
    return [(one["Name"], one["CreationDate"]) for one in s3.list_buckets()["Buckets"]]


def check_bucket_name(name: str) -> None:
    """Check a name against S3's rules, before anything is requested.

    Raises:
        InvalidArgument: S3 has no bucket of such a name; the message has the rule that it breaks.
    """
    problem = bucket_name_problem(name)
    if problem is not None:
        raise InvalidArgument(f"{name!r} cannot be the name of a bucket: {problem}", RULES)


def create_bucket(s3: Any, name: str) -> bool:
    """Create a bucket; return False if you own it already."""
    region = s3.meta.region_name
    place = {} if region in (None, "us-east-1") else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.head_bucket(Bucket=name)
    except s3.exceptions.ClientError as error:
        if error_code(error) not in _MISSING:
            raise
    else:
        return False
    s3.create_bucket(Bucket=name, **place)
    return True


def send_events(s3: Any, bucket: str) -> None:
    """Let a bucket send its events to EventBridge; its other notifications stay."""
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    configuration = {name: value for name, value in found.items() if name.endswith("Configurations")}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={**configuration, "EventBridgeConfiguration": {}}
    )


def listing(s3: Any, location: Location) -> Iterator[StoredObject]:
    """Return the objects whose keys start with the location's key.

    Raises:
        NotFound: there is no such bucket.
    """
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=location.key)
    try:
        for page in pages:
            for one in page.get("Contents", ()):
                yield _stored(location.bucket, one)
    except s3.exceptions.ClientError as error:
        raise _missing(s3, location, error) from error


def _stored(bucket: str, found: Mapping[str, Any]) -> StoredObject:
    return StoredObject(Location(bucket, found["Key"]), found["Size"], found["LastModified"], found["ETag"])


def folder_listing(s3: Any, location: Location) -> tuple[list[Location], list[StoredObject]]:
    """Return the folders and objects directly below the location.

    Raises:
        NotFound: there is no such bucket.
    """
    folders: list[Location] = []
    found: list[StoredObject] = []
    paginator = s3.get_paginator("list_objects_v2")
    try:
        for page in paginator.paginate(Bucket=location.bucket, Prefix=location.key, Delimiter="/"):
            folders += [Location(location.bucket, one["Prefix"]) for one in page.get("CommonPrefixes", ())]
            found += [
                _stored(location.bucket, one)
                for one in page.get("Contents", ())
            ]
    except s3.exceptions.ClientError as error:
        raise _missing(s3, location, error) from error
    return folders, found


def read_object(s3: Any, location: Location) -> Any:
    """Return the stream of an object's content.

    Raises:
        NotFound: there is no such object.
    """
    try:
        return s3.get_object(Bucket=location.bucket, Key=location.key)["Body"]
    except s3.exceptions.ClientError as error:
        raise _missing(s3, location, error) from error


def write_file(s3: Any, file: Path, location: Location) -> None:
    """Upload a file; large ones in parts.

    Raises:
        NotFound: there is no such bucket.
    """
    _refuse_missing_bucket(s3, location)
    s3.upload_file(str(file), location.bucket, location.key)


def write_bytes(s3: Any, content: bytes, location: Location) -> None:
    """Store an object.

    Raises:
        NotFound: there is no such bucket.
    """
    try:
        s3.put_object(Bucket=location.bucket, Key=location.key, Body=content)
    except s3.exceptions.ClientError as error:
        raise _missing(s3, location, error) from error


def delete_objects(s3: Any, found: list[StoredObject]) -> list[str]:
    """Delete objects of one bucket; return the reasons for those that could not be deleted."""
    problems: list[str] = []
    for start in range(0, len(found), MAX_DELETED_AT_ONCE):
        some = found[start : start + MAX_DELETED_AT_ONCE]
        request = {"Objects": [{"Key": one.location.key} for one in some], "Quiet": True}
        answer = s3.delete_objects(Bucket=some[0].location.bucket, Delete=request)
        problems += [f"{one['Key']}: {one.get('Message') or one['Code']}" for one in answer.get("Errors", ())]
    return problems


def _refuse_missing_bucket(s3: Any, location: Location) -> None:
    try:
        s3.head_bucket(Bucket=location.bucket)
    except s3.exceptions.ClientError as error:
        raise _missing(s3, location, error) from error


def _missing(s3: Any, location: Location, error: Exception) -> Exception:
    """Return the error for a bucket or object that does not exist; any other error as it is."""
    code = error_code(error)
    if code not in _MISSING:
        return error
    names = [name for name, _ in buckets(s3)]
    if location.bucket not in names and code != "NoSuchKey":
        remedy = did_you_mean(location.bucket, names) or f"`glueprint bucket create {location.bucket}` creates it"
        return NotFound(f"there is no bucket {location.bucket}", remedy)
    return NotFound(f"there is no object {location}", f"`glueprint bucket ls {location.bucket}` lists the others")
