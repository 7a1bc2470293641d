"""What a test holds of its local Glue: clients, environment, and a few things that every test does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import boto3

from glueprint.testing.server import Endpoint

T = TypeVar("T")

ROLE = "arn:aws:iam::123456789012:role/glueprint-testing"
"""Any role will do: the local Glue asks for one, as AWS does, and checks nothing."""
BUCKET = "glueprint-testing"
"""Where scripts and blueprint zips of tests are put."""
_LOOK_SECONDS = 0.02

OVERRIDING = (
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ENDPOINT_URL_GLUE",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_LOGS",
)
"""Variables of the user's that would lead clients elsewhere."""


class TimedOut(AssertionError):
    """What a test waited for did not come in time."""


class LocalGlue:
    """The local Glue of one test, empty at its start.

    Attributes:
        url: where it answers.
        s3_root: holds a directory for each bucket; what stands in it are the objects.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._clients: dict[str, Any] = {}
        self.url = endpoint.url
        self.s3_root = endpoint.s3_root

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that lead any AWS client here; a test has them in its own environment already."""
        return {
            "AWS_ENDPOINT_URL": self._endpoint.url,
            "AWS_ACCESS_KEY_ID": self._endpoint.access_key,
            "AWS_SECRET_ACCESS_KEY": self._endpoint.secret_key,
            "AWS_DEFAULT_REGION": self._endpoint.region,
            "AWS_REGION": self._endpoint.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """A boto3 client of this Glue, S3, CloudWatch Logs, EventBridge, or of what moto serves."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self._endpoint.url,
                aws_access_key_id=self._endpoint.access_key,
                aws_secret_access_key=self._endpoint.secret_key,
                region_name=self._endpoint.region,
            )
        return self._clients[service]

    def put(self, uri: str, data: bytes | str | Path) -> str:
        """Store an object, and its bucket if that is missing; ``data`` may be a file. Returns ``uri``.

        Raises:
            ValueError: ``uri`` is not ``s3://bucket/key``.
        """
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        if not uri.startswith("s3://") or not bucket or not key:
            raise ValueError(f"{uri!r} is not s3://bucket/key")
        body = data.read_bytes() if isinstance(data, Path) else data.encode() if isinstance(data, str) else data
        s3 = self.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        return uri

    def keys(self, uri: str) -> list[str]:
        """The keys under ``s3://bucket/prefix``, sorted."""
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def log(self, group: str, stream: str) -> str:
        """A log stream as text; empty when nothing was written to it."""
        logs = self.client("logs")
        try:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNames=[stream])
            return "\n".join(event["message"] for page in pages for event in page["events"])
        except logs.exceptions.ResourceNotFoundException:
            return ""

    def close(self) -> None:
        """Close the connections of every client."""
        for client in self._clients.values():
            client.close()


def wait_for(look: Callable[[], T | None], what: str, seconds: float) -> T:
    """The first answer of ``look`` that is not None.

    Raises:
        TimedOut: none came within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(_LOOK_SECONDS)
    raise TimedOut(f"{what} did not come within {seconds:g} seconds")
