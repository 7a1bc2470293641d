"""Connection types: the class behind each ``connection_type`` (DG:aws-glue-programming-etl-connect)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from glueprint.runtime.storage.dynamodb import DynamoDbSink, DynamoDbSource
from glueprint.runtime.storage.endpoints import Connection, Services, source_identity
from glueprint.runtime.storage.errors import NotSupportedLocally, StorageError, print_note
from glueprint.runtime.storage.file_options import FileOptions
from glueprint.runtime.storage.file_sink import FileSink
from glueprint.runtime.storage.file_source import FileSource, SourceFolder
from glueprint.runtime.storage.jdbc.conf import VENDORS, conf_of_connection, conf_of_options
from glueprint.runtime.storage.jdbc.sink import JdbcSink
from glueprint.runtime.storage.jdbc.source import JdbcSource, table_of
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.s3_paths import S3Path


class Files:
    """``file``: files of this machine. The format is set later, with ``setFormat``."""

    format_name = ""
    uses_spark_reader = False

    def _checked(self, path: str) -> str:
        """Return ``path`` if this connection accepts it."""
        return path

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> FileSource:
        """Return the source of ``paths`` (or ``path``).

        ``push_down_predicate`` is for tables of the catalog: it has no effect here; the log contains a note.

        Raises:
            StorageError: no paths, or one that this connection does not accept.
        """
        paths = options.texts("paths") or options.texts("path")
        if not paths:
            raise StorageError("a source of files needs the option 'paths'")
        if predicate.strip():
            print_note(
                f"push_down_predicate has no effect on files that are read by their paths ({', '.join(paths)}): "
                "it selects partitions of a table (create_dynamic_frame.from_catalog)"
            )
        return FileSource(
            services,
            [SourceFolder(self._checked(path)) for path in paths],
            source_identity({"paths": paths, "format": self.format_name}),
            FileOptions.of(options, recurse=self.uses_spark_reader),
            ctx,
            self.format_name,
            options if self.uses_spark_reader else Options(),
            discovers=self.uses_spark_reader,
            given=options,
        )

    def sink(self, services: Services, options: Options, ctx: str) -> FileSink:
        """Return the sink of files in ``path``.

        Raises:
            StorageError: this connection does not accept the path.
        """
        if path := options.text("path"):
            self._checked(path)
        return FileSink(services, options, self.format_name, options if self.uses_spark_reader else Options())


class S3Files(Files):
    """``s3``: paths must be S3 paths, as in Glue."""

    def _checked(self, path: str) -> str:
        S3Path.parse(path)
        return path


class SparkFiles(Files):
    """``parquet`` and ``orc``: for these formats, Amazon's package requests Spark's own reader.

    Spark reads folders ``key=value`` below a path as partition columns. There is no ``setFormat``: the
    connection's options contain those of the format.
    """

    uses_spark_reader = True

    def __init__(self, format_name: str) -> None:
        self.format_name = format_name


class Jdbc:
    """``mysql``, ``postgresql``, ...: the vendor of the address; ``""`` for any."""

    def __init__(self, vendor: str = "") -> None:
        self._vendor = vendor

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> JdbcSource:
        """Return the source of ``dbtable`` or ``query``."""
        table, is_query = table_of(options)
        conf = conf_of_options(services, options, self._vendor).in_database(options.text("database"))
        return JdbcSource(services, conf, table, options, ctx, is_query)

    def sink(self, services: Services, options: Options, ctx: str) -> JdbcSink:
        """Return the sink of the table ``dbtable``."""
        conf = conf_of_options(services, options, self._vendor).in_database(options.text("database"))
        return JdbcSink(services, conf, options)


def sink_of_connection(services: Services, name: str, options: Options, catalog_id: str) -> JdbcSink:
    """Return a sink for a connection of the Data Catalog (``write_dynamic_frame.from_jdbc_conf``)."""
    conf = conf_of_connection(services, name, catalog_id).in_database(options.text("database"))
    return JdbcSink(services, conf, options)


class DynamoDb:
    """DynamoDB with Glue's ETL connector; the export connector is refused and named in the error."""

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> DynamoDbSource:
        """Return the source of the table ``dynamodb.input.tableName``."""
        if options.text("dynamodb.export"):
            raise NotSupportedLocally(
                "option dynamodb.export", "leave it out: the ETL connector reads the same table"
            )
        table = options.required("dynamodb.input.tableName", "a source of DynamoDB")
        return DynamoDbSource(services, table, options)

    def sink(self, services: Services, options: Options, ctx: str) -> DynamoDbSink:
        """Return the sink of the table ``dynamodb.output.tableName``."""
        table = options.required("dynamodb.output.tableName", "a sink of DynamoDB")
        return DynamoDbSink(services, table, options)


class UnsupportedConnection:
    """A connection type of Glue that the local Glue does not have."""

    def __init__(self, name: str, advice: str = "") -> None:
        self._name = name
        self._advice = advice

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> NoReturn:
        """UnsupportedConnection."""
        raise NotSupportedLocally(f"connection type {self._name}", self._advice)

    def sink(self, services: Services, options: Options, ctx: str) -> NoReturn:
        """UnsupportedConnection."""
        raise NotSupportedLocally(f"connection type {self._name}", self._advice)


_UNSUPPORTED = (
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
    **{name: UnsupportedConnection(name) for name in _UNSUPPORTED},
}


def connection(name: str) -> Connection:
    """Return the connection type of that name, in any case; unknown names are refused, too."""
    return CONNECTIONS.get(name.lower()) or UnsupportedConnection(name, f"supported are {_supported()}")


def _supported() -> str:
    return ", ".join(name for name, found in CONNECTIONS.items() if not isinstance(found, UnsupportedConnection))
