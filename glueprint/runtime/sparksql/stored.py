"""What the calls about tables and those about partitions have in common: tables as stored, and their data."""

from __future__ import annotations

import time
from collections.abc import Callable

from glueprint.runtime.sparksql import translation
from glueprint.runtime.sparksql.glue import GlueCatalog
from glueprint.runtime.sparksql.hive import Table
from glueprint.runtime.sparksql.readers import Readers
from glueprint.runtime.sparksql.warehouse import Warehouse

DDL_TIME = "transient_lastDdlTime"
"""The parameter in which Hive keeps when something was defined, in seconds since 1970."""


class StoredTables:
    """Calls on what ``catalog`` stores; ``readers`` says how Spark shall read it, ``now`` is the time in seconds
    since 1970.
    """

    def __init__(
        self,
        catalog: GlueCatalog,
        warehouse: Warehouse,
        readers: Readers,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._catalog = catalog
        self._warehouse = warehouse
        self._readers = readers
        self._now = now

    def _stored(self, database: str, name: str) -> Table:
        return translation.table_from_glue(self._catalog.table(database, name))

    def _ddl_time(self) -> str:
        return str(int(self._now()))

    def _remove_data(self, table: Table, location: str | None) -> None:
        """What lies at ``location``, unless it is meant to outlive ``table``."""
        if location and not is_external(table):
            self._warehouse.remove(location)


def is_external(table: Table) -> bool:
    """Whether the data of ``table`` outlive it."""
    return declared_external(table) or table.table_type == "EXTERNAL_TABLE"


def declared_external(table: Table) -> bool:
    """Whether the parameters of ``table`` say that its data outlive it."""
    return (table.parameters or {}).get("EXTERNAL", "").lower() == "true"
