"""Which class is behind a ``connection_type`` (developer guide, "Connection types and options for ETL")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from glueprint.runtime.storage.dynamodb.connection import DynamoDb
from glueprint.runtime.storage.endpoints import Connection
from glueprint.runtime.storage.file_connections import Files, S3Files, SparkFiles
from glueprint.runtime.storage.jdbc.connection import Jdbc
from glueprint.runtime.storage.jdbc.vendors import VENDORS
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.services import Services
from glueprint.runtime.unsupported import NotSupportedLocally


class Refused:
    """A connection type of Glue that the local Glue has not."""

    def __init__(self, name: str, advice: str = "") -> None:
        self._name = name
        self._advice = advice

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> NoReturn:
        """Refused."""
        raise NotSupportedLocally(f"connection type {self._name}", self._advice)

    def sink(self, services: Services, options: Options, ctx: str) -> NoReturn:
        """Refused."""
        raise NotSupportedLocally(f"connection type {self._name}", self._advice)


_REFUSED = (
    "azurecosmos",
    "azuresql",
    "bigquery",
    "documentdb",
    "kafka",
    "kinesis",
    "mongodb",
    "opensearch",
    "saphana",
    "snowflake",
    "teradata",
    "vertica",
    "hudi",
    "delta",
    "iceberg",
    "custom.spark",
    "custom.athena",
    "marketplace.spark",
    "marketplace.athena",
)

CONNECTIONS: Mapping[str, Connection] = {
    "s3": S3Files(),
    "file": Files(),
    "parquet": SparkFiles("parquet"),
    "orc": SparkFiles("orc"),
    **{name: Jdbc(name) for name in VENDORS},
    "jdbc": Jdbc(),
    "dynamodb": DynamoDb(),
    "custom.jdbc": Jdbc(),
    "marketplace.jdbc": Jdbc(),
    **{name: Refused(name) for name in _REFUSED},
}


def connection(name: str) -> Connection:
    """The connection type of that name, in any case; a name that Glue does not have is refused as well."""
    return CONNECTIONS.get(name.lower()) or Refused(name, f"those that are: {_supported()}")


def _supported() -> str:
    return ", ".join(name for name, found in CONNECTIONS.items() if not isinstance(found, Refused))
