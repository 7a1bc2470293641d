"""The Data Catalog for a crawl: the tables of its database, and the crawl's changes to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import assert_never

from glueprint.crawler.changes import (
    CatalogChange,
    CreatePartitions,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    DeprecateTable,
    ReplacePartitionIndexes,
    UpdatePartition,
    UpdateTable,
)
from glueprint.crawler.statements import Statement
from glueprint.crawler.table_changes import CatalogTable
from glueprint.local.clock import Clock
from glueprint.local.glue.catalog.databases import Databases
from glueprint.local.glue.catalog.lookup import DATABASES, TABLES, fold, home_of, require_target
from glueprint.local.glue.catalog.partition_index_rules import index_row
from glueprint.local.glue.catalog.partitions import Partitions
from glueprint.local.glue.catalog.tables import Tables
from glueprint.local.protocol import Context
from glueprint.local.store import Database
from glueprint.local.store.catalog_index_rows import IndexRows
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document

_INDEXES = IndexRows()


class CrawledCatalog:
    """Reads and changes databases within the caller's transaction.

    Args:
        database: the store.
        clock: the time of the changes.
        context: whose catalog it is.
        tables: the operations on tables.
        partitions: the operations on partitions.
    """

    def __init__(
        self, database: Database, clock: Clock, context: Context, tables: Tables, partitions: Partitions
    ) -> None:
        self._clock = clock
        self._context = context
        self._databases = Databases(database, clock)
        self._tables = tables
        self._partitions = partitions

    def tables(self, tx: Connection, database: str) -> list[Document]:
        """Return the tables of a database; none if the database does not exist yet."""
        if not DATABASES.exists(tx, fold(database)):
            return []
        names = TABLES.names(tx, home_of(tx, self._context, database))
        found = [self._tables.get(tx, self._context, database, name) for name in list(names)]
        return [table for table in found if table is not None]

    def with_partitions(self, tx: Connection, database: str, found: Collection[str]) -> list[CatalogTable]:
        """Return the tables of a database, those that the crawl ``found`` again with their partitions."""
        return [
            CatalogTable(
                table,
                tuple(self._partitions.all_of(tx, self._context, database, table["Name"]))
                if table["Name"] in found
                else (),
            )
            for table in self.tables(tx, database)
        ]

    def apply(self, tx: Connection, database: str, changes: Iterable[CatalogChange]) -> None:
        """Carry out changes, in order. A database that does not exist is created first: in AWS's examples a crawl
        creates it (code examples, "Learn the basics of AWS Glue": "the database that will be created by the
        crawler"; docs/decisions/crawler-results.md).

        Raises:
            ApiError: the catalog refuses a change.
        """
        if not DATABASES.exists(tx, fold(database)):
            self._databases.insert(tx, self._context, {"Name": database})
        for change in changes:
            self._apply(tx, database, change)

    def _apply(self, tx: Connection, database: str, change: CatalogChange) -> None:
        context, tables, partitions = self._context, self._tables, self._partitions
        match change:
            case CreateTable():
                indexes = [dict(index) for index in change.partition_indexes]
                tables.insert(tx, context, database, dict(change.table_input), indexes)
            case UpdateTable() | DeprecateTable():
                tables.replace(tx, context, database, dict(change.table_input))
            case DeleteTable():
                tables.delete(tx, context, database, change.name)
            case CreatePartitions():
                inputs = [dict(one) for one in change.partition_inputs]
                partitions.insert_many(tx, context, database, change.table, inputs)
            case UpdatePartition():
                entries = [(list(change.values), dict(change.partition_input))]
                partitions.replace_many(tx, context, database, change.table, entries)
            case DeletePartitions():
                partitions.delete_many(tx, context, database, change.table, [list(v) for v in change.values])
            case ReplacePartitionIndexes():
                self._replace_indexes(tx, database, change)
            case Statement():
                pass
            case _:
                assert_never(change)

    def _replace_indexes(self, tx: Connection, database: str, change: ReplacePartitionIndexes) -> None:
        now, table = self._clock.now(), require_target(tx, self._context, database, change.table)
        for index in _INDEXES.all(tx, table.id, now):
            _INDEXES.set_gone(tx, table.id, index.name, now)
        for wanted in change.partition_indexes:
            _INDEXES.insert(tx, table.id, index_row(dict(wanted), now, []))
