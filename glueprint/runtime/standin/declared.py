"""What the Data Catalog declares for a table, for ``match_catalog``."""

from __future__ import annotations

from glueprint.runtime.frames import types
from glueprint.runtime.storage.catalog.tables import Table, TableName
from glueprint.runtime.storage.services import default_client


def columns(database: str, table: str, catalog_id: str | None) -> types.Struct:
    """The columns of a table, partition keys last.

    Raises:
        botocore.exceptions.ClientError: there is no such table (EntityNotFoundException).
        storage.errors.StorageError: a column has a type that nobody knows.
    """
    return Table.fetched(default_client("glue"), TableName(database, table, catalog_id or "")).all_columns
