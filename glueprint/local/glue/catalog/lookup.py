"""Databases and tables by name, and the targets of resource links.

A resource link is a database or table that refers to another one. The Lake Formation developer guide, "Resource
link handling in AWS Glue APIs", lists the operations that follow it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.local.glue.family import Context, Transaction
from glueprint.local.protocol.errors import not_found
from glueprint.local.store.catalog_rows import TableRow, TableRows
from glueprint.local.store.resources import Document, Resources

DATABASES = Resources("database")
TABLES = TableRows()

LINK_IS_FIXED = "The target of a resource link cannot be changed: delete and recreate the link"
def fold(name: str) -> str:
    """Return a database's or table's name as it is stored (service model: "folded to lowercase")."""
    return name.lower()


def require_database(tx: Transaction, name: str) -> Document:
    """Return a database or a link.

    Raises:
        ApiError: it does not exist.
    """
    found = DATABASES.get(tx, fold(name))
    if found is None:
        raise not_found(f"Database {name} not found.")
    return found


def home_of(tx: Transaction, context: Context, name: str) -> str:
    """Return the name of the database with the tables: that database itself, or the target of the link.

    Raises:
        ApiError: the database or the target does not exist.
    """
    database = require_database(tx, name)
    target = database.get("TargetDatabase")
    if target is None:
        return fold(name)
    if not _is_local(context, target):
        raise not_found(f"Database {target.get('DatabaseName')} not found.")
    return str(require_database(tx, target["DatabaseName"])["Name"])


def require_table(tx: Transaction, context: Context, database: str, name: str) -> TableRow:
    """Return a table or a link; a link of the database is followed.

    Raises:
        ApiError: the database or the table does not exist.
    """
    found = TABLES.find(tx, home_of(tx, context, database), fold(name))
    if found is None:
        raise not_found(f"Table {name} not found.")
    return found


def linked_table(tx: Transaction, context: Context, table: TableRow) -> TableRow | None:
    """Return the target of ``table``; None if it is not a link, or its target is not a table of this catalog."""
    target = table.body.get("TargetTable")
    if target is None or not _is_local(context, target) or not target.get("Name"):
        return None
    return TABLES.find(tx, fold(target["DatabaseName"]), fold(target["Name"]))


def require_target(tx: Transaction, context: Context, database: str, name: str) -> TableRow:
    """Return the table with the versions and partitions: that table itself, or the target of the link.

    Raises:
        ApiError: the database, the table or the target does not exist.
    """
    table = require_table(tx, context, database, name)
    target = table.body.get("TargetTable")
    if target is None:
        return table
    found = linked_table(tx, context, table)
    if found is None:
        raise not_found(f"Table {target.get('Name')} not found.")
    return found


def linked_database(tx: Transaction, context: Context, database: Document) -> Document | None:
    """Return the target of ``database``; None if it is not a link, or its target is not in this catalog."""
    target = database.get("TargetDatabase")
    if target is None or not _is_local(context, target):
        return None
    return DATABASES.get(tx, fold(target["DatabaseName"]))


def _is_local(context: Context, target: Mapping[str, Any]) -> bool:
    return (
        target.get("CatalogId") in (None, context.account_id)
        and target.get("Region") in (None, context.region)
        and bool(target.get("DatabaseName"))
    )
