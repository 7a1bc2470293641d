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
    """Return a boto3 client for the environment, as the job's own scripts create theirs."""
    import boto3  # takes a tenth of a second, which jobs without Glue's sources save

    return boto3.client(service)


@dataclass
class Services:
    """What sources and sinks use. One per job process; clients are created when first used.

    Attributes:
        spark: the running session.
        bookmarks: what the run has read already.
        make_client: returns a boto3 client for a service's name.
        job_name: for the catalog (``CreatedByJob``).
        job_run_id: for the catalog (``CreatedByJobRun``).
        now: returns epoch seconds.
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
    """Where a frame comes from. A script may set the format before it requests the frame."""

    format_name: str
    format_options: Options

    def frame(self, partitions: int | None = None) -> Frame:
        """Read the frame; ``partitions`` is its number of Spark partitions, by default a suitable one."""
        ...


class Sink(Protocol):
    """Where frames go."""

    format_name: str
    format_options: Options

    def write(self, frame: Frame) -> None:
        """Add the frame's records to the existing ones."""
        ...


class Connection(Protocol):
    """A ``connection_type``: creates sources and sinks from ``connection_options``."""

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> Source:
        """Return a source; ``ctx`` is the ``transformation_ctx``, ``predicate`` the ``push_down_predicate``."""
        ...

    def sink(self, services: Services, options: Options, ctx: str) -> Sink:
        """Return a sink."""
        ...


def source_identity(values: Mapping[str, Any]) -> str:
    """Return a text for the bookmark that stays the same while ``values`` (paths or table, format) do."""
    return json.dumps(values, sort_keys=True, default=str)
