"""What every operation of the Data Catalog begins with: whose catalog, which name, and where a link leads.

A resource link is a database or table that stands for another one. Which operation follows it is said by the
Lake Formation developer guide, "Resource link handling in AWS Glue APIs".
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
    """A database's or table's name as it is stored (service model: "folded to lowercase")."""
    return name.lower()


def require_database(tx: Transaction, name: str) -> Document:
    """The database, or the link, of that name.

    Raises:
        ApiError: there is none.
    """
    found = DATABASES.get(tx, fold(name))
    if found is None:
        raise not_found(f"Database {name} not found.")
    return found


def home_of(tx: Transaction, context: Context, name: str) -> str:
    """The database that holds the tables: the one of that name, or the one that it links to.

    Raises:
        ApiError: the database, or what it links to, is not here.
    """
    database = require_database(tx, name)
    target = database.get("TargetDatabase")
    if target is None:
        return fold(name)
    if not _is_here(context, target):
        raise not_found(f"Database {target.get('DatabaseName')} not found.")
    return str(require_database(tx, target["DatabaseName"])["Name"])


def require_table(tx: Transaction, context: Context, database: str, name: str) -> TableRow:
    """The table, or the link, of that name; a link of the database is followed.

    Raises:
        ApiError: there is no such database or table.
    """
    found = TABLES.find(tx, home_of(tx, context, database), fold(name))
    if found is None:
        raise not_found(f"Table {name} not found.")
    return found


def linked_table(tx: Transaction, context: Context, table: TableRow) -> TableRow | None:
    """What ``table`` links to: None if it is no link, or leads out of this catalog or to nothing."""
    target = table.body.get("TargetTable")
    if target is None or not _is_here(context, target) or not target.get("Name"):
        return None
    return TABLES.find(tx, fold(target["DatabaseName"]), fold(target["Name"]))


def require_target(tx: Transaction, context: Context, database: str, name: str) -> TableRow:
    """The table that holds versions and partitions: the one of that name, or the one that it links to.

    Raises:
        ApiError: there is no such database or table, or the link leads nowhere.
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
    """What ``database`` links to: None if it is no link, or leads out of this catalog or to nothing."""
    target = database.get("TargetDatabase")
    if target is None or not _is_here(context, target):
        return None
    return DATABASES.get(tx, fold(target["DatabaseName"]))


def _is_here(context: Context, target: Mapping[str, Any]) -> bool:
    return (
        target.get("CatalogId") in (None, context.account_id)
        and target.get("Region") in (None, context.region)
        and bool(target.get("DatabaseName"))
    )
