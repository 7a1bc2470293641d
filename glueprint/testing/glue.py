"""The local Glue as a test uses it: clients, environment, and helpers for what every test does."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from glueprint.client import waiting
from glueprint.client.aws_environment import variables
from glueprint.client.servers import EphemeralServer
from glueprint.client.session import Session

T = TypeVar("T")

ROLE = "arn:aws:iam::123456789012:role/glueprint-testing"
"""Any role works: the local Glue requires one, as AWS does, and checks nothing."""
BUCKET = "glueprint-testing"
"""The bucket for the scripts and blueprint zips of tests."""
_POLL_SECONDS = 0.02


class TimedOut(AssertionError):
    """What a test waited for did not happen in time."""


class LocalGlue:
    """The local Glue of one test, empty at its start.

    Attributes:
        url: its address.
        s3_root: the directory that contains a directory for each bucket, and in it the objects as files.
    """

    def __init__(self, server: EphemeralServer) -> None:
        self._endpoint = server.endpoint
        self._session = Session(server.endpoint)
        self.url = server.endpoint.url
        self.s3_root = server.s3_root

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that direct any AWS client to this Glue. A test has them in its environment already."""
        return {
            **variables(self._endpoint),
            "AWS_REGION": self._endpoint.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """Return a boto3 client for Glue, S3, CloudWatch Logs, EventBridge, or a service that moto provides."""
        return self._session.client(service)

    def put(self, uri: str, data: bytes | str | Path) -> str:
        """Store an object and return ``uri``. The bucket is created if it is missing; ``data`` may be a file.

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
        """Return the keys under ``s3://bucket/prefix``, sorted."""
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def log(self, group: str, stream: str) -> str:
        """Return a log stream as text; an empty string if nothing was written to it."""
        logs = self.client("logs")
        try:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNames=[stream])
            return "\n".join(event["message"].rstrip("\r\n") for page in pages for event in page["events"])
        except logs.exceptions.ResourceNotFoundException:
            return ""

    def close(self) -> None:
        """Close the connections of every client."""
        self._session.close()


def wait_for(request: Callable[[], T], is_over: Callable[[T], bool], what: str, seconds: float) -> T:
    """Request a state until it is final, and return the final one.

    Args:
        request: returns the present state.
        is_over: whether a state is final.
        what: what is waited for, for the error message.
        seconds: the time limit.

    Raises:
        TimedOut: the time limit was reached.
    """
    try:
        return waiting.wait_until(request, is_over, poll_seconds=_POLL_SECONDS, timeout_seconds=seconds)
    except waiting.TimedOut as error:
        raise TimedOut(f"{what} did not happen within {seconds:g} seconds") from error
