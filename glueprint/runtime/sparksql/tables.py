"""The metastore's calls about tables and views."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from glueprint.runtime.sparksql import translation
from glueprint.runtime.sparksql.calls import call
from glueprint.runtime.sparksql.data_catalog import GlueCatalog
from glueprint.runtime.sparksql.databases import names_matching
from glueprint.runtime.sparksql.hive import (
    AlreadyExists,
    EnvironmentContext,
    InvalidObject,
    InvalidOperation,
    MetaError,
    NoSuchObject,
    Table,
    UnknownDatabase,
)
from glueprint.runtime.sparksql.serde_fallback import SerDeFallback
from glueprint.runtime.sparksql.thrift import BOOL, STRING, STRINGS, ListOf, StructOf
from glueprint.runtime.sparksql.warehouse import Warehouse, created_directory

DDL_TIME = "transient_lastDdlTime"
"""The parameter with the time of a definition, in seconds since 1970."""


class StoredTables:
    """Base of the calls about tables and partitions of ``catalog``; ``now`` returns seconds since 1970."""

    def __init__(
        self,
        catalog: GlueCatalog,
        warehouse: Warehouse,
        serdes: SerDeFallback,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._catalog = catalog
        self._warehouse = warehouse
        self._serdes = serdes
        self._now = now

    def _stored(self, database: str, name: str) -> Table:
        return translation.table_from_glue(self._catalog.table(database, name))

    def _ddl_time(self) -> str:
        return str(int(self._now()))

    def _remove_data(self, table: Table, location: str | None) -> None:
        """Remove the data at ``location``, unless ``table`` is external."""
        if location and not is_external(table):
            self._warehouse.remove(location)


def is_external(table: Table) -> bool:
    """Return whether the data of ``table`` stays when the table is dropped."""
    return declared_external(table) or table.table_type == "EXTERNAL_TABLE"


def declared_external(table: Table) -> bool:
    """Return whether the parameters of ``table`` declare it external."""
    return (table.parameters or {}).get("EXTERNAL", "").lower() == "true"


_TABLE = StructOf(Table)
_CONTEXT = StructOf(EnvironmentContext)
_CREATE = {1: AlreadyExists, 2: InvalidObject, 3: MetaError, 4: NoSuchObject}
_ALTER = {1: InvalidOperation, 2: MetaError}
_DROP = {1: NoSuchObject, 3: MetaError}


class TableCalls(StoredTables):
    """Tables and views."""

    @call(STRING, STRING, returns=_TABLE, raises={1: MetaError, 2: NoSuchObject})
    def get_table(self, database: str, name: str) -> Table:
        """One table or view, in the form for Spark."""
        return self._for_spark(self._stored(database, name))

    def _for_spark(self, table: Table) -> Table:
        if table.sd is not None:
            self._warehouse.prepare([table.sd.location])
        return self._serdes.table_for_spark(table)

    @call(
        STRING,
        STRINGS,
        returns=ListOf(_TABLE),
        raises={1: MetaError, 2: InvalidOperation, 3: UnknownDatabase},
    )
    def get_table_objects_by_name(self, database: str, names: tuple[str, ...]) -> list[Table]:
        """The tables ``names``, those that exist."""
        wanted = {name.lower() for name in names}
        return [
            self._for_spark(translation.table_from_glue(each))
            for each in self._catalog.tables(database)
            if each["Name"] in wanted
        ]

    @call(STRING, STRING, returns=STRINGS, raises={1: MetaError})
    def get_tables(self, database: str, pattern: str | None) -> list[str]:
        """The names that match ``pattern``."""
        return names_matching(self.get_all_tables(database), pattern)

    @call(STRING, STRING, STRING, returns=STRINGS, raises={1: MetaError})
    def get_tables_by_type(self, database: str, pattern: str | None, kind: str) -> list[str]:
        """The names that match ``pattern``, of tables of one type, for example of views."""
        found = [each["Name"] for each in self._catalog.tables(database) if each.get("TableType") == kind]
        return names_matching(found, pattern)

    @call(STRING, returns=STRINGS, raises={1: MetaError})
    def get_all_tables(self, database: str) -> list[str]:
        """The names of a database's tables and views."""
        return self._catalog.table_names(database)

    @call(_TABLE, _CONTEXT, raises=_CREATE)
    def create_table_with_environment_context(self, table: Table, context: EnvironmentContext | None) -> None:
        """Create a table and its directory; the default location is a directory below the database's."""
        located = self._with_location(table)
        stamped = replace(located, parameters={**(located.parameters or {}), DDL_TIME: self._ddl_time()})
        location = None if located.sd is None or located.table_type == translation.VIEW else located.sd.location
        with created_directory(self._warehouse, location):
            self._catalog.create_table(table.db_name, translation.table_to_glue(stamped))

    @call(_TABLE, raises=_CREATE)
    def create_table(self, table: Table) -> None:
        """See :meth:`create_table_with_environment_context`."""
        self.create_table_with_environment_context(table, None)

    def _with_location(self, table: Table) -> Table:
        if table.table_type == translation.VIEW or table.sd is None or table.sd.location:
            return table
        root = self._catalog.database(table.db_name).get("LocationUri")
        if not root:
            # Hive's message for a database without a location; the same on AWS.
            raise MetaError(
                "java.lang.IllegalArgumentException: Can not create a Path from an empty string: "
                f"database {table.db_name} has no LocationUri, and table {table.table_name} has no LOCATION"
            )
        location = f"{root.rstrip('/')}/{table.table_name}"
        return replace(table, sd=replace(table.sd, location=location))

    @call(STRING, STRING, _TABLE, _CONTEXT, raises=_ALTER)
    def alter_table_with_environment_context(
        self, database: str, name: str, table: Table, context: EnvironmentContext | None
    ) -> None:
        """Change a table to ``table``."""
        if name.lower() != table.table_name.lower():
            raise InvalidOperation("Table rename is not supported")
        if table.table_type in ("MANAGED_TABLE", "EXTERNAL_TABLE"):
            kind = "EXTERNAL_TABLE" if declared_external(table) else "MANAGED_TABLE"
            table = replace(table, table_type=kind)
        self._catalog.update_table(database, translation.table_to_glue(self._serdes.table_for_catalog(table)))

    @call(STRING, STRING, _TABLE, raises=_ALTER)
    def alter_table(self, database: str, name: str, table: Table) -> None:
        """See :meth:`alter_table_with_environment_context`."""
        self.alter_table_with_environment_context(database, name, table, None)

    @call(STRING, STRING, BOOL, _CONTEXT, raises=_DROP)
    def drop_table_with_environment_context(
        self, database: str, name: str, delete_data: bool, context: EnvironmentContext | None
    ) -> None:
        """Drop a table; with ``delete_data`` also its data if the table is managed."""
        table = self._stored(database, name)
        self._catalog.delete_table(database, name)
        if delete_data and table.sd is not None:
            self._remove_data(table, table.sd.location)

    @call(STRING, STRING, BOOL, raises=_DROP)
    def drop_table(self, database: str, name: str, delete_data: bool) -> None:
        """See :meth:`drop_table_with_environment_context`."""
        self.drop_table_with_environment_context(database, name, delete_data, None)
