# ruff: noqa: N803 - the arguments are named as boto3 names them
"""An S3 in memory with what the loading job calls: hundreds of loads in a second, where moto does a few."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class FakeS3:
    """Objects by bucket and key."""

    class exceptions:  # noqa: N801 - boto3's own spelling
        class NoSuchKey(Exception):
            """As boto3 raises it."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}

    def put_object(self, Bucket: str, Key: str, Body: str | bytes, ContentType: str = "") -> None:
        """PutObject."""
        self.objects[Bucket, Key] = Body.encode() if isinstance(Body, str) else Body

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        """GetObject."""
        if (Bucket, Key) not in self.objects:
            raise self.exceptions.NoSuchKey(Key)
        content = self.objects[Bucket, Key]
        return {"Body": io.BytesIO(content), "ETag": f'"{hashlib.md5(content).hexdigest()}"'}

    def list_objects_v2(self, Bucket: str, Prefix: str = "") -> dict[str, Any]:
        """ListObjectsV2, all in one page."""
        found = [
            {
                "Key": key,
                "Size": len(content),
                "ETag": f'"{hashlib.md5(content).hexdigest()}"',
                "LastModified": datetime(2024, 1, 1, tzinfo=UTC),
            }
            for (bucket, key), content in sorted(self.objects.items())
            if bucket == Bucket and key.startswith(Prefix)
        ]
        return {"Contents": found} if found else {}

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

    def upload_file(self, Filename: str, Bucket: str, Key: str) -> None:
        """The transfer manager's upload."""
        self.put_object(Bucket, Key, Path(Filename).read_bytes())
