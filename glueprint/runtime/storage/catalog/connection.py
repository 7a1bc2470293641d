"""Sources and sinks of catalog tables."""

from __future__ import annotations

from glueprint.runtime.storage.catalog.source import file_table_source
from glueprint.runtime.storage.catalog.tables import Table, TableName
from glueprint.runtime.storage.dynamodb.sink import DynamoDbSink
from glueprint.runtime.storage.dynamodb.source import DynamoDbSource
from glueprint.runtime.storage.endpoints import Sink, Source
from glueprint.runtime.storage.file_sink import FileSink
from glueprint.runtime.storage.jdbc.conf import conf_of_connection
from glueprint.runtime.storage.jdbc.sink import JdbcSink
from glueprint.runtime.storage.jdbc.source import JdbcSource
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.services import Services

_DYNAMODB = "dynamodb"
"""The classification that crawlers give to DynamoDB tables."""


def catalog_source(
    services: Services, name: TableName, *, predicate: str, options: Options, ctx: str
) -> Source:
    """The source of a table (``create_dynamic_frame.from_catalog``)."""
    table = Table.fetched(services.glue, name)
    if table.connection:
        conf = conf_of_connection(services, table.connection, name.catalog_id)
        return JdbcSource(services, conf, _name_in_database(table), options, ctx)
    if table.classification == _DYNAMODB:
        return DynamoDbSource(services, _dynamodb_table(table), options)
    return file_table_source(services, table, predicate=predicate, options=options, ctx=ctx)


def catalog_sink(services: Services, name: TableName, options: Options) -> Sink:
    """A sink that writes where the table's data are, in the table's format (``write_dynamic_frame.from_catalog``).

    As in Glue, the partition keys are those of the option ``partitionKeys``, not those of the table.
    """
    table = Table.fetched(services.glue, name)
    if table.connection:
        conf = conf_of_connection(services, table.connection, name.catalog_id)
        return JdbcSink(services, conf, Options({"dbtable": _name_in_database(table), **options}))
    if table.classification == _DYNAMODB:
        return DynamoDbSink(services, _dynamodb_table(table), options)
    return FileSink(
        services,
        Options({"path": table.location, **options}),
        table.classification,
        table.format_options,
        name,
    )


def _name_in_database(table: Table) -> str:
    """The table's own name: its location is ``database.schema.table`` (or ``database.table``)."""
    return table.location.partition(".")[2] or table.location


def _dynamodb_table(table: Table) -> str:
    """The location is the table's ARN, or its name."""
    return table.location.rpartition("table/")[2]
