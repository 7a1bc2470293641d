"""Addresses of data: ``s3://bucket/prefix`` in the three schemes that Spark scripts use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glueprint.runtime.storage.errors import StorageError

_S3 = re.compile(r"(?P<scheme>s3[an]?)://(?P<bucket>[^/]+)(?:/(?P<key>.*))?", re.DOTALL)
_GLOB = re.compile(r"[*?\[{]")


@dataclass(frozen=True, slots=True)
class S3Address:
    """A bucket and what comes behind it; ``key`` is a folder or an object, without slashes at its ends."""

    bucket: str
    key: str

    @staticmethod
    def parse(uri: str) -> S3Address:
        """Read an address.

        Raises:
            StorageError: it is not an S3 address.
        """
        match = _S3.fullmatch(uri.strip())
        if match is None:
            raise StorageError(f"{uri!r} is not an S3 path: it must look like s3://bucket/prefix/")
        return S3Address(match["bucket"], (match["key"] or "").strip("/"))

    @property
    def uri(self) -> str:
        """The address as text, without a slash at its end."""
        return f"s3://{self.bucket}/{self.key}".rstrip("/")

    @property
    def folder(self) -> str:
        """What the keys inside begin with: ``key/``, or nothing for a whole bucket."""
        return f"{self.key}/" if self.key else ""

    @property
    def is_pattern(self) -> bool:
        """Whether the key has Hadoop's wildcards in it."""
        return _GLOB.search(self.key) is not None

    @property
    def fixed_part(self) -> S3Address:
        """The folder above the first wildcard."""
        fixed: list[str] = []
        for part in self.key.split("/"):
            if _GLOB.search(part):
                break
            fixed.append(part)
        return S3Address(self.bucket, "/".join(fixed))


def is_s3(path: str) -> bool:
    """Whether ``path`` is an address in S3."""
    return _S3.fullmatch(path.strip()) is not None
