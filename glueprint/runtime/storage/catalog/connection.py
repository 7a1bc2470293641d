"""Sources and sinks of catalog tables."""

from __future__ import annotations

from glueprint.runtime.storage.catalog.source import file_table_source
from glueprint.runtime.storage.catalog.tables import Table, TableName
from glueprint.runtime.storage.endpoints import Sink, Source
from glueprint.runtime.storage.file_sink import FileSink
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.services import Services


def catalog_source(
    services: Services, name: TableName, *, predicate: str, options: Options, ctx: str
) -> Source:
    """The source of a table (``create_dynamic_frame.from_catalog``)."""
    table = Table.fetched(services.glue, name)
    return file_table_source(services, table, predicate=predicate, options=options, ctx=ctx)


def catalog_sink(services: Services, name: TableName, *, options: Options, ctx: str) -> Sink:
    """A sink that writes where the table's data are, in the table's format (``write_dynamic_frame.from_catalog``).

    As in Glue, the partition keys are those of the option ``partitionKeys``, not those of the table.
    """
    table = Table.fetched(services.glue, name)
    return FileSink(
        services,
        Options({"path": table.location, **options}),
        table.classification,
        table.format_options,
        name,
    )
