"""An account within the test's own process: boto3 clients of a local Glue without HTTP, and of an S3 in memory.

The clients are botocore's own: they paginate and raise ``ClientError``; only what would be sent is handled here.
``on_change`` is called before and after each request that changes something: a test can fail or kill there.
"""

from __future__ import annotations

import functools
import hashlib
import io
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from glueprint.client.servers import Endpoint
from glueprint.client.session import Session
from glueprint.local.protocol import ApiError
from harness.in_process import GlueInProcess

NOW = 1_800_000_000.0
ENDPOINT = Endpoint("http://127.0.0.1:9", "key", "secret", "us-east-1")
_READS = ("BatchGet", "Get", "List", "Head")

OnChange = Callable[[str, str, bool], None]
"""Called with service, operation, and whether the request has been carried out."""


def nothing(service: str, operation: str, is_done: bool) -> None:
    """An :data:`OnChange` that does nothing."""


class MemoryS3:
    """Objects by bucket and key, with the conditional writes of S3 (If-Match, If-None-Match)."""

    def __init__(self, *buckets: str) -> None:
        self.buckets: dict[str, dict[str, bytes]] = {bucket: {} for bucket in buckets}
        self._lock = threading.Lock()

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one operation."""
        with self._lock:
            return self._call(operation, request)

    def _call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "ListBuckets":
            return {"Buckets": [{"Name": name, "CreationDate": None} for name in self.buckets]}
        bucket, key = request["Bucket"], request.get("Key", "")
        if operation == "CreateBucket":
            self.buckets.setdefault(bucket, {})
            return {}
        if bucket not in self.buckets:
            raise ApiError("404" if operation.startswith("Head") else "NoSuchBucket", "no such bucket", 404)
        objects = self.buckets[bucket]
        if operation == "HeadBucket":
            return {}
        if operation == "DeleteBucket":
            del self.buckets[bucket]
            return {}
        if operation == "ListObjectsV2":
            prefix = request.get("Prefix", "")
            found = [{"Key": one, "Size": len(objects[one])} for one in sorted(objects) if one.startswith(prefix)]
            found = found[: request.get("MaxKeys", 1000)]
            return {"Contents": found, "KeyCount": len(found), "IsTruncated": False}
        if operation == "PutObject":
            return self._put(objects, request)
        if operation == "DeleteObject":
            objects.pop(key, None)
            return {}
        if key not in objects:
            raise ApiError("404" if operation.startswith("Head") else "NoSuchKey", "no such key", 404)
        body = objects[key]
        answer: dict[str, Any] = {"ContentLength": len(body), "ETag": etag(body)}
        return (
            answer if operation == "HeadObject" else {**answer, "Body": StreamingBody(io.BytesIO(body), len(body))}
        )

    def _put(self, objects: dict[str, bytes], request: Mapping[str, Any]) -> dict[str, Any]:
        key, body = request["Key"], request.get("Body", b"")
        present = objects.get(key)
        if request.get("IfNoneMatch") == "*" and present is not None:
            raise ApiError("PreconditionFailed", "At least one of the pre-conditions did not hold", 412)
        if "IfMatch" in request:
            if present is None:
                raise ApiError("NoSuchKey", "no such key", 404)
            if etag(present) != request["IfMatch"]:
                raise ApiError("PreconditionFailed", "At least one of the pre-conditions did not hold", 412)
        objects[key] = body.encode() if isinstance(body, str) else bytes(body)
        return {"ETag": etag(objects[key])}


def etag(body: bytes) -> str:
    """Return the ETag of an object."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


@functools.cache
def _client(service: str) -> Any:
    """Return a client; one for all accounts of the process, since reading Glue's model takes half a second."""
    return botocore.session.Session().create_client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


class AccountInProcess(Session):
    """A session of an account that is in this process; open it with ``with``."""

    def __init__(self, path: Path, *buckets: str) -> None:
        super().__init__(ENDPOINT)
        self.glue_in_process = GlueInProcess(path, NOW)
        self.s3 = MemoryS3(*buckets)
        self.on_change: OnChange = nothing
        self.requests: list[str] = []

    def __enter__(self) -> AccountInProcess:
        self.glue_in_process.open()
        for bucket in self.s3.buckets:
            self.glue_in_process.local.s3_store.create_bucket(bucket)  # crawlers require it
        return self

    def __exit__(self, *error: object) -> None:
        self.glue_in_process.close()

    @property
    def poll_seconds(self) -> float:
        """Nothing is waited for."""
        return 0.0

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        client = _client(service)
        client._make_api_call = lambda operation, request: self._call(client, service, operation, request)
        return client

    def reset(self) -> None:
        """Empty the account."""
        self.glue_in_process.local.reset()
        self.s3 = MemoryS3(*self.s3.buckets)
        self.on_change = nothing
        self.requests.clear()
        for bucket in self.s3.buckets:
            self.glue_in_process.local.s3_store.create_bucket(bucket)

    def _call(self, client: Any, service: str, operation: str, request: dict[str, Any]) -> Any:
        changes = not operation.startswith(_READS)
        self.requests.append(operation)
        if changes:
            self.on_change(service, operation, False)
        try:
            if service == "glue":
                answer = self.glue_in_process.call(operation, **request)
            else:
                answer = self.s3.call(operation, request)
                if operation == "CreateBucket":  # crawlers require it
                    self.glue_in_process.local.s3_store.create_bucket(request["Bucket"])
        except ApiError as error:
            details = {"Error": {"Code": error.code, "Message": error.message}}
            metadata = {"ResponseMetadata": {"HTTPStatusCode": error.status}}
            raised: type[ClientError] = client.exceptions.from_code(error.code)
            raise raised({**details, **metadata}, operation) from error
        if changes:
            self.on_change(service, operation, True)
        return answer
