"""What every operation of the Data Catalog begins with: whose catalog, which name, and where a link leads.

A resource link is a database or table that stands for another one. Which operation follows it is said by the
Lake Formation developer guide, "Resource link handling in AWS Glue APIs".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar

from botocore.utils import parse_timestamp

from glueprint.local.glue.family import Context, Request, Transaction, page_position, unsupported
from glueprint.local.protocol.errors import invalid_input, not_found
from glueprint.local.store.catalog_rows import TableRow, TableRows
from glueprint.local.store.resources import Document, Resources

Position = TypeVar("Position", int, str)

DATABASES = Resources("database")
TABLES = TableRows()

LINK_IS_FIXED = "The target of a resource link cannot be changed: delete and recreate the link"
_FIRST_SECOND, _END_OF_TIME = -62_135_596_800.0, 253_402_300_800.0
"""The years 1 to 9999: no other time can be read by clients in Python."""


def fold(name: str) -> str:
    """A database's or table's name as it is stored (service model: "folded to lowercase")."""
    return name.lower()


def enter(context: Context, request: Request, *refused: str) -> None:
    """Check what stands beside the names in a request: the catalog, and members that are refused by name.

    Raises:
        ApiError: the catalog is not this account's, or one of ``refused`` is given.
    """
    catalog = request.get("CatalogId")
    if catalog is not None and catalog != context.account_id:
        raise not_found(f"Catalog {catalog} not found.")
    refuse(request, *refused)


def refuse(members: Mapping[str, Any], *names: str) -> None:
    """Refuse what would change the answer, and is not built here.

    Raises:
        ApiError: one of ``names`` is given.
    """
    given = [name for name in names if members.get(name) is not None]
    if given:
        raise unsupported(", ".join(given))


def nothing_shared(request: Request) -> bool:
    """Whether only what other accounts share is asked for: this catalog has none of it."""
    return request.get("ResourceShareType") in ("FOREIGN", "FEDERATED")


def position(request: Request, kind: type[Position]) -> Position | None:
    """Where the page begins, as this service wrote it into ``NextToken``; None on the first page.

    Raises:
        ApiError: the token is none of ours.
    """
    return page_position(request.get("NextToken"), kind)


def epoch_seconds(value: Any, member: str) -> float:
    """A time as clients send it - epoch seconds or ISO 8601 - as it is stored.

    Raises:
        ApiError: it is no time.
    """
    try:
        seconds = _seconds(value)
    except (ValueError, OverflowError) as error:
        raise invalid_input(f"{member} is not a timestamp: {value}") from error
    if not _FIRST_SECOND <= seconds < _END_OF_TIME:
        raise invalid_input(f"{member} is not a timestamp of the years 1 to 9999: {value}")
    return seconds


def _seconds(value: Any) -> float:
    """The number, or the time, that ``value`` is. Raises: ValueError, OverflowError."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = float(parse_timestamp(value).timestamp())
    if not math.isfinite(seconds):
        raise ValueError("not finite")
    return seconds


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
