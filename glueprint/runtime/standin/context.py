"""Glue's Scala class ``GlueContext``."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame

from glueprint.runtime.frames import types
from glueprint.runtime.standin.data_endpoints import DataSink, DataSource
from glueprint.runtime.standin.session import JobSession
from glueprint.runtime.storage import option_tables
from glueprint.runtime.storage.catalog.sources import catalog_sink, catalog_source
from glueprint.runtime.storage.catalog.tables import Table, TableName
from glueprint.runtime.storage.connections import connection, sink_of_connection
from glueprint.runtime.storage.errors import NotSupportedLocally
from glueprint.runtime.storage.ingestion import with_ingestion_time
from glueprint.runtime.storage.jdbc.conf import conf_of_connection
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.purge import purge_path, purge_table

_UNAVAILABLE = frozenset(
    {
        "transitionS3Path",
        "transitionTable",
        "startTransaction",
        "commitTransaction",
        "cancelTransaction",
    }
)


class GlueContext:
    """Sources, sinks and the other methods of a script's context, with options as JSON text.

    Any other name is looked up in the session's own Java SQLContext.
    """

    def __init__(self, session: JobSession, java_sql_context: Any) -> None:
        self._session = session
        self._java_sql_context = java_sql_context

    def __getattr__(self, name: str) -> Any:
        if name in _UNAVAILABLE:
            raise NotSupportedLocally(f"GlueContext.{name}")
        return getattr(self._java_sql_context, name)

    def getSource(  # noqa: N802 - Java's name
        self, kind: str, options: str, ctx: str = "", predicate: str = ""
    ) -> DataSource:
        """A source by connection type (``create_dynamic_frame.from_options``)."""
        given = Options.of_json(options)
        source = connection(kind).source(self._session.storage, given, ctx, predicate)
        option_tables.report_connection_options(kind, given)
        return DataSource(source)

    def getCatalogSource(  # noqa: N802 - Java's name
        self,
        database: str,
        table: str,
        temp_dir: str,
        ctx: str,
        predicate: str,
        options: str,
        catalog_id: str | None = None,
    ) -> DataSource:
        """The source of a table of the Data Catalog."""
        name, given = TableName(database, table, catalog_id or ""), Options.of_json(options)
        source = catalog_source(
            self._session.storage, name, predicate=predicate or "", options=given, ctx=ctx
        )
        option_tables.report_catalog_options(given)
        return DataSource(source)

    def getSink(self, kind: str, options: str, ctx: str = "") -> DataSink:  # noqa: N802 - Java's name
        """A sink by connection type."""
        given = Options.of_json(options)
        sink = connection(kind).sink(self._session.storage, given, ctx)
        option_tables.report_connection_options(kind, given)
        return DataSink(self._session, sink)

    def getCatalogSink(  # noqa: N802 - Java's name
        self,
        database: str,
        table: str,
        temp_dir: str,
        ctx: str,
        options: str,
        catalog_id: str | None = None,
    ) -> DataSink:
        """A sink that writes to a table's location."""
        storage = self._session.storage
        name, given = TableName(database, table, catalog_id or ""), Options.of_json(options)
        sink = catalog_sink(storage, name, given)
        option_tables.report_catalog_options(given)
        return DataSink(self._session, sink)

    def getJDBCSink(  # noqa: N802 - Java's name
        self, connection_name: str, options: str, temp_dir: str, ctx: str, catalog_id: str | None = None
    ) -> DataSink:
        """A sink by a connection of the Data Catalog (``write_dynamic_frame.from_jdbc_conf``)."""
        storage, given = self._session.storage, Options.of_json(options)
        sink = sink_of_connection(storage, connection_name, given, catalog_id or "")
        option_tables.report_connection_options("jdbc", given)
        return DataSink(self._session, sink)

    def extractJDBCConf(self, connection_name: str, catalog_id: str | None = None) -> dict[str, str]:  # noqa: N802
        """The address and credentials of a connection of the Data Catalog."""
        return conf_of_connection(self._session.storage, connection_name, catalog_id or "").as_extract_jdbc_conf()

    def purgeS3Path(self, path: str, options: str, ctx: str = "") -> None:  # noqa: N802 - Java's name
        """Delete old files of a path."""
        purge_path(self._session.storage, path, Options.of_json(options), ctx)

    def purgeTable(  # noqa: N802 - Java's name
        self, database: str, table: str, options: str, ctx: str = "", catalog_id: str | None = None
    ) -> None:
        """Delete old files of a table, and the partitions that become empty."""
        name = TableName(database, table, catalog_id or "")
        purge_table(self._session.storage, name, Options.of_json(options), ctx)

    def getCatalogSchemaAsSparkSchema(  # noqa: N802 - Java's name
        self, database: str, table: str, catalog_id: str | None = None
    ) -> Any:
        """A table's columns, partition keys last, as Java's StructType."""
        storage = self._session.storage
        found = Table.fetch(storage.glue, TableName(database, table, catalog_id or ""))
        return storage.spark._jsparkSession.parseDataType(types.physical_struct(found.all_columns).json())

    def addIngestionTimeColumns(self, java: Any, granularity: str) -> Any:  # noqa: N802 - Java's name
        """A Java DataFrame with columns that contain the time of its reading."""
        storage = self._session.storage
        return with_ingestion_time(DataFrame(java, storage.spark), granularity, storage.now())._jdf
