"""Objects in S3 as files of this machine."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.query.errors import QueryError

_S3 = re.compile(r"s3[an]?://(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Object:
    """An object: where it is, and how large."""

    bucket: str
    key: str
    size: int

    @property
    def uri(self) -> str:
        """``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"


def parse_location(location: str) -> tuple[str, str]:
    """Return bucket and key of a location.

    Raises:
        QueryError: it is not in S3.
    """
    match = _S3.fullmatch(location)
    if match is None:
        raise QueryError("HIVE_INVALID_METADATA", f"the location {location!r} is not in S3")
    return match["bucket"], match["key"]


class Objects:
    """S3 of one Glue.

    Args:
        s3: its client.
        root: the folder whose files are the objects, if this is the local Glue; else objects are downloaded.
        temporary: where they are downloaded to.
    """

    def __init__(self, s3: Any, root: Path | None, temporary: Path) -> None:
        self.s3 = s3
        self._root = root
        self._temporary = temporary
        self._listed: dict[tuple[str, str], list[Object]] = {}

    def below(self, location: str) -> list[Object]:
        """Return the data files below a location: not empty, not hidden (``_`` or ``.`` in front)."""
        bucket, key = parse_location(location)
        prefix = f"{key.rstrip('/')}/" if key.strip("/") else ""
        found = []
        for one in self._listing(bucket, prefix):
            parts = one.key[len(prefix) :].split("/")
            if (
                one.size
                and not any(part.startswith(("_", ".")) for part in parts)
                and not one.key.endswith("_$folder$")
            ):
                found.append(one)
        return found

    def prepare(self, location: str) -> None:
        """List everything below a location at once: many partitions are then found without a request for each."""
        bucket, key = parse_location(location)
        prefix = f"{key.rstrip('/')}/" if key.strip("/") else ""
        self._listed[bucket, prefix] = self._request(bucket, prefix)

    def _listing(self, bucket: str, prefix: str) -> list[Object]:
        for (known_bucket, known), objects in self._listed.items():
            if bucket == known_bucket and prefix.startswith(known):
                return [one for one in objects if one.key.startswith(prefix)]
        return self._request(bucket, prefix)

    def _request(self, bucket: str, prefix: str) -> list[Object]:
        try:
            pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return [
                Object(bucket, one["Key"], one["Size"]) for page in pages for one in page.get("Contents", ())
            ]
        except self.s3.exceptions.NoSuchBucket as error:
            message = f"The bucket of s3://{bucket}/{prefix} does not exist"
            raise QueryError("HIVE_CANNOT_OPEN_SPLIT", message) from error

    def path(self, one: Object) -> str:
        """Return a file with the object's content."""
        if self._root is not None and not any(part in ("", ".", "..") for part in one.key.split("/")):
            path = self._root / one.bucket / one.key
            if path.is_file() and not path.is_symlink() and path.stat().st_size == one.size:
                return str(path)
        # Its name ends as the object's does: readers find the compression by it.
        name = f"{hashlib.sha256(one.uri.encode()).hexdigest()}-{one.key.rpartition('/')[2][-80:]}"
        path = self._temporary / name
        if not path.exists():
            self.s3.download_file(one.bucket, one.key, str(path))
        return str(path)

    def upload(self, path: Path, location: str) -> str:
        """Store a file at a location; return its address."""
        bucket, key = parse_location(location)
        self.s3.upload_file(str(path), bucket, key)
        return f"s3://{bucket}/{key}"
