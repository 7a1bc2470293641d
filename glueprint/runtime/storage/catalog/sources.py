"""Tables of the Data Catalog as sources and sinks."""

from __future__ import annotations

from glueprint.facts.partition_names import folder_name
from glueprint.runtime.storage.catalog import partitions
from glueprint.runtime.storage.catalog.tables import Table, TableName
from glueprint.runtime.storage.dynamodb import DynamoDbSink, DynamoDbSource
from glueprint.runtime.storage.endpoints import Services, Sink, Source, source_identity
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.file_options import FileOptions
from glueprint.runtime.storage.file_sink import FileSink
from glueprint.runtime.storage.file_source import CatalogColumns, FileSource, SourceFolder
from glueprint.runtime.storage.jdbc.conf import conf_of_connection
from glueprint.runtime.storage.jdbc.sink import JdbcSink
from glueprint.runtime.storage.jdbc.source import JdbcSource
from glueprint.runtime.storage.options import Options


def file_table_source(
    services: Services, table: Table, *, predicate: str, options: Options, ctx: str
) -> FileSource:
    """Return the source of a table's files: those of the partitions that the predicates select.

    Args:
        predicate: ``push_down_predicate``, Spark SQL over the partition columns.
        options: ``additional_options``; ``catalogPartitionPredicate`` is evaluated by Glue. ``exclusions`` in the
            table's own parameters (crawlers set them) apply, too.
        ctx: the ``transformation_ctx``.

    Raises:
        StorageError: a predicate that does not fit the table.
    """
    merged = Options({**_table_options(table), **options})
    return FileSource(
        services,
        _places(services, table, predicate, options.text("catalogPartitionPredicate")),
        source_identity({"table": str(table.name), "location": table.location, "format": table.classification}),
        FileOptions.of(merged, recurse=True),
        ctx,
        table.classification,
        table.format_options,
        CatalogColumns(table.columns, table.keys, str(table.name)),
        given=options,
    )


def _table_options(table: Table) -> dict[str, str]:
    """Return the parameters of a table that are options for reading it: crawlers and users set them."""
    names = ("exclusions", "groupFiles", "groupSize", "recurse")
    return {name: table.parameters[name] for name in names if name in table.parameters}


def _places(services: Services, table: Table, predicate: str, catalog_predicate: str) -> list[SourceFolder]:
    if not table.keys.fields:
        if predicate.strip():
            raise StorageError(
                f"User's pushdown predicate: {predicate} can not be resolved against partition columns: []: "
                f"the table {table.name} has none"
            )
        return [SourceFolder(table.location)]
    found = partitions.fetch(services.glue, table, catalog_predicate)
    chosen = partitions.matching(services.spark, table.keys, found, predicate)
    return [SourceFolder(location_of(table, one), one.values) for one in chosen]


def location_of(table: Table, partition: partitions.Partition) -> str:
    """Return the path of a partition's data: its own location, or ``key=value`` folders below the table."""
    if partition.location:
        return partition.location
    return "/".join([table.location.rstrip("/"), *map(folder_name, table.keys.names, partition.values)])


_DYNAMODB = "dynamodb"
"""The classification that crawlers write for DynamoDB tables."""


def catalog_source(
    services: Services, name: TableName, *, predicate: str, options: Options, ctx: str
) -> Source:
    """Return the source of a table (``create_dynamic_frame.from_catalog``)."""
    table = Table.fetch(services.glue, name)
    if table.connection:
        conf = conf_of_connection(services, table.connection, name.catalog_id)
        return JdbcSource(services, conf, _name_in_database(table), options, ctx, from_catalog=True)
    if table.classification == _DYNAMODB:
        return DynamoDbSource(services, _dynamodb_table(table), options)
    return file_table_source(services, table, predicate=predicate, options=options, ctx=ctx)


def catalog_sink(services: Services, name: TableName, options: Options) -> Sink:
    """Return a sink that writes to the table's location in its format (``write_dynamic_frame.from_catalog``).

    As in Glue, the partition keys are those of the option ``partitionKeys``, not those of the table.
    """
    table = Table.fetch(services.glue, name)
    if table.connection:
        conf = conf_of_connection(services, table.connection, name.catalog_id)
        named = Options({"dbtable": _name_in_database(table), **options})
        return JdbcSink(services, conf, named, from_catalog="dbtable" not in options)
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
    """Return the table's own name: its location is ``database.schema.table`` (or ``database.table``)."""
    return table.location.partition(".")[2] or table.location


def _dynamodb_table(table: Table) -> str:
    """Return the table's name: the location is its ARN, or its name."""
    return table.location.rpartition("table/")[2]
