"""A repository in S3, or in anything with S3's API and its conditional writes.

Sources: "How to prevent object overwrites with conditional writes" in the S3 user guide: PutObject with
``If-None-Match: *`` creates, with ``If-Match`` replaces what has that ETag; 412 and 409 mean that another writer
was first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.client.errors import NotFound, RequestFailed, error_code, from_botocore
from glueprint.deploy.repository.index import DamagedRepository
from glueprint.deploy.repository.stores import INDEX, Conflict, Snapshot

_LOST = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")
_MISSING = ("NoSuchKey", "404")
_DENIED = ("AccessDenied", "403")


class S3Store:
    """A repository below a prefix of a bucket, which must exist.

    Args:
        s3: an S3 client.
        bucket: the bucket.
        prefix: empty, or with a slash at its end.
    """

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix

    def snapshot(self) -> Snapshot:
        """Read the index."""
        found = self._get(INDEX)
        return Snapshot(None, None) if found is None else Snapshot(found[0], found[1])

    def commit(self, before: Snapshot, index: bytes, files: Mapping[str, bytes], message: str) -> None:
        """Store files, then replace the index."""
        for path, content in files.items():
            if not self._put(path, content, IfNoneMatch="*") and self.read(path) != content:
                raise DamagedRepository(
                    f"s3://{self._bucket}/{self._prefix}{path} exists with another content than its name states",
                    "delete that object, which belongs to no version, and repeat",
                )
        condition = {"IfNoneMatch": "*"} if before.token is None else {"IfMatch": before.token}
        if not self._put(INDEX, index, **condition):
            raise Conflict

    def read(self, path: str) -> bytes | None:
        """Return the content of a file."""
        found = self._get(path)
        return None if found is None else found[0]

    def _get(self, path: str) -> tuple[bytes, str] | None:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + path)
        except self._s3.exceptions.ClientError as error:
            if error_code(error) in _MISSING:
                return None
            raise self._explained(error) from error
        return answer["Body"].read(), answer["ETag"]

    def _put(self, path: str, content: bytes, **condition: str) -> bool:
        """Write an object; return whether the condition was true."""
        key = self._prefix + path
        kind = "application/json" if path == INDEX else "application/zip"
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=kind, **condition)
        except self._s3.exceptions.ClientError as error:
            if error_code(error) in _LOST or (error_code(error) in _MISSING and "IfMatch" in condition):
                return False
            raise self._explained(error) from error
        return True

    def _explained(self, error: Exception) -> Exception:
        code = error_code(error)
        if code == "NoSuchBucket":
            return NotFound(
                f"there is no bucket {self._bucket}",
                f"create it first (`glueprint bucket create {self._bucket}`): publishing never creates one",
            )
        if code in _DENIED:
            return RequestFailed(
                f"access to s3://{self._bucket}/{self._prefix} was denied",
                "readers need s3:GetObject and s3:ListBucket, publishers also s3:PutObject",
                code=code,
            )
        return from_botocore(error) or error
