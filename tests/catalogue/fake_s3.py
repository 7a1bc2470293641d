# ruff: noqa: N803 - the arguments are named as boto3 names them
"""An S3 in memory with what the loading job calls: hundreds of loads in a second, where moto does a few."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter


def etag(content: bytes) -> str:
    """The ETag of an object, in quotes."""
    return f'"{hashlib.md5(content).hexdigest()}"'


def refused(code: str) -> ClientError:
    """The error that boto3 raises for an answer of S3."""
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutObject")


class FakeS3:
    """Objects by bucket and key."""

    class exceptions:  # noqa: N801 - boto3's own spelling
        class NoSuchKey(Exception):
            """As boto3 raises it."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.meta = SimpleNamespace(events=HierarchicalEmitter())

    def put_object(self, Bucket: str, Key: str, Body: str | bytes, ContentType: str = "") -> None:
        """PutObject, also with the headers If-None-Match and If-Match that a handler adds to it."""
        headers: dict[str, str] = {}
        request = {"url_path": f"/{quote(Key)}", "headers": headers}
        self.meta.events.emit("before-call.s3.PutObject", params=request)
        current = self.objects.get((Bucket, Key))
        if "If-None-Match" in headers and current is not None:
            raise refused("PreconditionFailed")
        if "If-Match" in headers:
            if current is None:
                raise refused("NoSuchKey")
            if headers["If-Match"] != etag(current):
                raise refused("PreconditionFailed")
        self.objects[Bucket, Key] = Body.encode() if isinstance(Body, str) else Body

    def copy_object(self, Bucket: str, Key: str, CopySource: dict[str, str]) -> None:
        """CopyObject."""
        source = CopySource["Bucket"], CopySource["Key"]
        if source not in self.objects:
            raise self.exceptions.NoSuchKey(source[1])
        self.objects[Bucket, Key] = self.objects[source]

    def get_object(self, Bucket: str, Key: str, Range: str = "") -> dict[str, Any]:
        """GetObject, also of a range of bytes."""
        if (Bucket, Key) not in self.objects:
            raise self.exceptions.NoSuchKey(Key)
        content = self.objects[Bucket, Key]
        start, _, last = Range.removeprefix("bytes=").partition("-")
        body = content[int(start) : int(last) + 1] if Range else content
        return {"Body": io.BytesIO(body), "ETag": etag(content)}

    def list_objects_v2(self, Bucket: str, Prefix: str = "", MaxKeys: int = 10**9) -> dict[str, Any]:
        """ListObjectsV2, all in one page."""
        found = [
            {
                "Key": key,
                "Size": len(content),
                "ETag": etag(content),
                "LastModified": datetime(2024, 1, 1, tzinfo=UTC),
            }
            for (bucket, key), content in sorted(self.objects.items())
            if bucket == Bucket and key.startswith(Prefix)
        ]
        return {"Contents": found[:MaxKeys]} if found else {}

    def get_paginator(self, operation: str) -> Any:
        """The paginator of ListObjectsV2."""
        assert operation == "list_objects_v2"
        answer = self.list_objects_v2

        class Pages:
            def paginate(self, **request: Any) -> Iterator[Any]:
                yield answer(**request)

        return Pages()

    def delete_object(self, Bucket: str, Key: str) -> None:
        """DeleteObject: no error for what is not there."""
        self.objects.pop((Bucket, Key), None)

    def delete_objects(self, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:
        """DeleteObjects, at most 1000."""
        assert 0 < len(Delete["Objects"]) <= 1000
        for one in Delete["Objects"]:
            self.delete_object(Bucket, one["Key"])
        return {}

    def copy(self, CopySource: dict[str, str], Bucket: str, Key: str) -> None:
        """The transfer manager's copy."""
        self.copy_object(Bucket, Key, CopySource)

    def upload_file(self, Filename: str, Bucket: str, Key: str) -> None:
        """The transfer manager's upload."""
        self.put_object(Bucket, Key, Path(Filename).read_bytes())
