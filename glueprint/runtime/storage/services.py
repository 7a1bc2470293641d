"""What sources and sinks reach: Spark, the services of this AWS, the run's bookmarks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import SparkSession

from glueprint.runtime.bookmarks import Bookmarks


def default_client(service: str) -> Any:
    """A boto3 client by the environment, as the job's own scripts make theirs."""
    import boto3  # a tenth of a second that jobs without Glue's sources need not wait for

    return boto3.client(service)


@dataclass(slots=True)
class Services:
    """Made once for a job's process; clients come into being when first used.

    Attributes:
        spark: the running session.
        bookmarks: what the run has read already.
        make_client: a boto3 client by the service's name.
        job_name: for what is noted in the catalog (``CreatedByJob``).
        job_run_id: likewise.
        now: epoch seconds.
    """

    spark: SparkSession
    bookmarks: Bookmarks
    make_client: Callable[[str], Any] = default_client
    job_name: str = ""
    job_run_id: str = ""
    now: Callable[[], float] = time.time
    _clients: dict[str, Any] = field(default_factory=dict)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.make_client(service)
        return self._clients[service]

    @property
    def s3(self) -> Any:
        """S3's client."""
        return self._client("s3")

    @property
    def glue(self) -> Any:
        """Glue's client."""
        return self._client("glue")

    @property
    def dynamodb(self) -> Any:
        """DynamoDB's client."""
        return self._client("dynamodb")
