"""Reading a table of the Data Catalog whose data are files."""

from __future__ import annotations

from glueprint.facts.partition_names import folder_name
from glueprint.runtime.storage.catalog import partitions
from glueprint.runtime.storage.catalog.tables import Table
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.file_source import Description, FileSource, Place
from glueprint.runtime.storage.identity import identity_of
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.s3_options import FileOptions
from glueprint.runtime.storage.services import Services


def file_table_source(
    services: Services, table: Table, *, predicate: str, options: Options, ctx: str
) -> FileSource:
    """The source of a table's files: those of the partitions in the catalog that the predicates leave.

    Args:
        predicate: ``push_down_predicate``, Spark SQL over the partition columns.
        options: ``additional_options``; ``catalogPartitionPredicate`` is evaluated by Glue. ``exclusions`` of the
            table's own parameters (crawlers set them) hold too.
        ctx: the ``transformation_ctx``.

    Raises:
        StorageError: a predicate that does not fit the table.
    """
    told = Options({**_table_options(table), **options})
    return FileSource(
        services,
        _places(services, table, predicate, options.text("catalogPartitionPredicate")),
        identity_of({"table": str(table.name), "location": table.location, "format": table.classification}),
        FileOptions.of(told, recurse=True),
        ctx,
        table.classification,
        table.format_options,
        Description(table.columns, table.keys),
    )


def _table_options(table: Table) -> dict[str, str]:
    """Parameters of a table that are options of its reading: crawlers and users put them there."""
    names = ("exclusions", "groupFiles", "groupSize", "recurse")
    return {name: table.parameters[name] for name in names if name in table.parameters}


def _places(services: Services, table: Table, predicate: str, catalog_predicate: str) -> list[Place]:
    if not table.keys.fields:
        if predicate.strip():
            raise StorageError(
                f"User's pushdown predicate: {predicate} can not be resolved against partition columns: []: "
                f"the table {table.name} has none"
            )
        return [Place(table.location)]
    found = partitions.fetched(services.glue, table, catalog_predicate)
    chosen = partitions.matching(services.spark, table.keys, found, predicate)
    return [Place(location_of(table, one), one.values) for one in chosen]


def location_of(table: Table, partition: partitions.Partition) -> str:
    """Where a partition's data lie: at its own location, or in ``key=value`` folders below the table."""
    if partition.location:
        return partition.location
    return "/".join([table.location.rstrip("/"), *map(folder_name, table.keys.names, partition.values)])
