"""What every source, sink and connection type is, and the services that it uses."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pyspark.sql import SparkSession

from glueprint.runtime.bookmarks import Bookmarks
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.options import Options


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


class Source(Protocol):
    """Where a frame comes from. A script may set the format before it asks for the frame."""

    format_name: str
    format_options: Options

    def frame(self, partitions: int | None = None) -> Frame:
        """Read; ``partitions`` is how many Spark partitions the frame shall have, if not as many as suit."""
        ...


class Sink(Protocol):
    """Where frames go."""

    format_name: str
    format_options: Options

    def write(self, frame: Frame) -> None:
        """Add the frame's records to what is there."""
        ...


class Connection(Protocol):
    """A ``connection_type``: makes sources and sinks of ``connection_options``."""

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> Source:
        """A source; ``ctx`` is the ``transformation_ctx``, ``predicate`` the ``push_down_predicate``."""
        ...

    def sink(self, services: Services, options: Options, ctx: str) -> Sink:
        """A sink."""
        ...


def source_identity(values: Mapping[str, Any]) -> str:
    """Text for the bookmark that stays the same as long as ``values`` (paths or table, format) do."""
    return json.dumps(values, sort_keys=True, default=str)
