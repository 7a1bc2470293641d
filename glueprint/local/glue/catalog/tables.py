"""Tables of the Data Catalog (docs/facts/catalog.md#shapes)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from glueprint.local.glue.catalog.lookup import (
    LINK_IS_FIXED,
    TABLES,
    fold,
    home_of,
    linked_table,
    require_database,
    require_table,
    require_target,
)
from glueprint.local.glue.catalog.partition_index_rules import check_indexes, index_row
from glueprint.local.glue.catalog.requests import check_catalog, nothing_shared, position
from glueprint.local.glue.catalog.table_definition import definition, table_name, view, view_of_link
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation
from glueprint.local.glue.paging import page_token
from glueprint.local.glue.refusals import unsupported
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import ApiError, already_exists, invalid_input, not_found
from glueprint.local.store.catalog_index_rows import IndexRows
from glueprint.local.store.catalog_rows import TableRow
from glueprint.local.store.resources import Document

_INDEXES = IndexRows()
_QUANTIFIED = re.compile(r"(\\.|[\])}.])?\*")
"""A ``*`` with the end of what it repeats in a regular expression; after a plain character it is a wildcard."""


class Tables(Family):
    """Operations on tables."""

    @operation("CreateTable", runs=Runs.ON_WRITER)
    def create_table(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateTable``."""
        check_catalog(context, request, "TransactionId", "OpenTableFormatInput")
        table_input = _input(request)
        indexes = request.get("PartitionIndexes") or []
        self.database.write(
            lambda tx: self.insert(tx, context, request["DatabaseName"], table_input, indexes)
        )
        return {}

    def insert(
        self,
        tx: Transaction,
        context: Context,
        database: str,
        table_input: Request,
        indexes: Sequence[Request] = (),
    ) -> None:
        """Create a table within the caller's transaction.

        Args:
            database: its name, in any case; a link is followed.
            table_input: the model's ``TableInput``.
            indexes: the model's ``PartitionIndexList``.

        Raises:
            ApiError: the database does not exist, the name is taken, or the definition is refused.
        """
        is_link = table_input.get("TargetTable") is not None
        if is_link and "TargetDatabase" in require_database(tx, database):
            raise invalid_input("A table resource link cannot be created through a database resource link")
        home, name = home_of(tx, context, database), fold(table_input["Name"])
        if TABLES.find(tx, home, name) is not None:
            raise already_exists("Table already exists.")
        body = definition(table_input)
        check_indexes(body, indexes)
        now = self.clock.now()
        body |= {"CreateTime": now, "UpdateTime": now, "CreatedBy": f"arn:aws:iam::{context.account_id}:root"}
        table_id = TABLES.insert(tx, home, name, body)
        for index in indexes:
            _INDEXES.insert(tx, table_id, index_row(index, ready=now, errors=[]))

    def put(
        self,
        tx: Transaction,
        context: Context,
        database: str,
        table_input: Request,
        *,
        skip_archive: bool = False,
    ) -> None:
        """Create the table, or replace its definition if it exists, within the caller's transaction.

        Raises:
            ApiError: the database does not exist, or the definition is refused.
        """
        if self.get(tx, context, database, table_input["Name"]) is None:
            self.insert(tx, context, database, table_input)
        else:
            self.replace(tx, context, database, table_input, skip_archive=skip_archive)

    @operation("UpdateTable", runs=Runs.ON_WRITER)
    def update_table(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateTable``: replaces the definition and keeps the old one as a version.

        ``Force`` is accepted and has no effect: it applies to views only, which this Glue refuses.
        """
        check_catalog(context, request, "TransactionId", "ViewUpdateAction", "UpdateOpenTableFormatInput")
        table_input = _input(request)
        self.database.write(
            lambda tx: self.replace(
                tx,
                context,
                request["DatabaseName"],
                table_input,
                skip_archive=bool(request.get("SkipArchive")),
                version_id=request.get("VersionId"),
            )
        )
        return {}

    def replace(
        self,
        tx: Transaction,
        context: Context,
        database: str,
        table_input: Request,
        *,
        skip_archive: bool = False,
        version_id: str | None = None,
    ) -> None:
        """Replace a table's definition within the caller's transaction.

        Args:
            skip_archive: do not keep the old definition as a version; the version number still rises.
            version_id: the version that the caller has read; another current version is refused.

        Raises:
            ApiError: the table does not exist, its version is not ``version_id``, or the definition is refused.
        """
        before = require_table(tx, context, database, table_input["Name"])
        if table_input.get("TargetTable") not in (None, before.body.get("TargetTable")):
            raise invalid_input(LINK_IS_FIXED)
        if "TargetTable" in before.body:
            if "TargetDatabase" in require_database(tx, database):
                raise invalid_input("A table resource link cannot be updated through a database resource link")
            before = require_target(tx, context, database, table_input["Name"])
            table_input = {key: value for key, value in table_input.items() if key != "TargetTable"}
        if version_id is not None and version_id != str(before.version):
            raise ApiError(
                "ConcurrentModificationException", "Update table failed due to concurrent modifications."
            )
        body = definition(table_input) | {
            "CreateTime": before.body["CreateTime"],
            "CreatedBy": before.body["CreatedBy"],
            "UpdateTime": self.clock.now(),
        }
        TABLES.replace(tx, before, body, archive=not skip_archive)

    @operation("DeleteTable", runs=Runs.ON_WRITER)
    def delete_table(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteTable``: versions, partitions and indexes are deleted at once, too."""
        check_catalog(context, request, "TransactionId")
        self.database.write(lambda tx: self.delete(tx, context, request["DatabaseName"], request["Name"]))
        return {}

    def delete(self, tx: Transaction, context: Context, database: str, name: str) -> None:
        """Delete a table, or a link without its target, within the caller's transaction.

        Raises:
            ApiError: the database or the table does not exist.
        """
        if not TABLES.delete(tx, home_of(tx, context, database), fold(name)):
            raise not_found(f"Table {name} not found.")

    @operation("BatchDeleteTable", runs=Runs.ON_WRITER)
    def batch_delete_table(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchDeleteTable``: missing ones are listed, the others are deleted."""
        check_catalog(context, request, "TransactionId")

        def work(tx: Transaction) -> list[str]:
            home = home_of(tx, context, request["DatabaseName"])
            return [name for name in request["TablesToDelete"] if not TABLES.delete(tx, home, fold(name))]

        missing = self.database.write(work)
        errors = [
            {
                "TableName": name,
                "ErrorDetail": {
                    "ErrorCode": "EntityNotFoundException",
                    "ErrorMessage": f"Table {name} not found",
                },
            }
            for name in missing
        ]
        return {"Errors": errors or None}

    @operation("GetTable", runs=Runs.INLINE)
    def get_table(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetTable``."""
        check_catalog(context, request, "TransactionId", "QueryAsOfTime")
        if "LATEST_ICEBERG_METADATA" in (request.get("AttributesToGet") or ()):
            raise unsupported("AttributesToGet LATEST_ICEBERG_METADATA")

        def work(tx: Transaction) -> Document:
            return _shown(tx, context, require_table(tx, context, request["DatabaseName"], request["Name"]))

        return {"Table": self.database.read(work)}

    def get(self, tx: Transaction, context: Context, database: str, name: str) -> Document | None:
        """Return the table as ``GetTable`` does, or None.

        Raises:
            ApiError: the database does not exist.
        """
        found = TABLES.find(tx, home_of(tx, context, database), fold(name))
        return None if found is None else _shown(tx, context, found)

    @operation("GetTables", runs=Runs.IN_THREAD)
    def get_tables(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetTables``."""
        check_catalog(context, request, "TransactionId", "QueryAsOfTime")
        attributes = request.get("AttributesToGet")
        if attributes is not None and "NAME" not in attributes:
            raise invalid_input("AttributesToGet must include NAME")
        wanted = name_pattern(request.get("Expression"))
        after = position(request, str) or ""
        limit = request.get("MaxResults") or 100

        def work(tx: Transaction) -> list[Document]:
            home = home_of(tx, context, request["DatabaseName"])
            if nothing_shared(request):
                return []
            found = []
            for name in TABLES.names(tx, home, after):
                if wanted.fullmatch(name):
                    found.append(name)
                if len(found) > limit:
                    break
            tables = [TABLES.find(tx, home, name) for name in found]
            return [_shown(tx, context, table) for table in tables if table is not None]

        found = self.database.read(work)
        token = page_token(found[limit - 1]["Name"]) if len(found) > limit else None
        if attributes is not None:
            kept = {"Name"} | ({"TableType"} if "TABLE_TYPE" in attributes else set())
            found = [{key: value for key, value in item.items() if key in kept} for item in found]
        return {"TableList": found[:limit], "NextToken": token}


def name_pattern(expression: str | None) -> re.Pattern[str]:
    """Return the pattern of the names that ``Expression`` of ``GetTables`` selects.

    It is a regular expression over the complete name; a ``*`` that follows a plain character stands for any
    characters, as in Hive (moto #5533; Athena's user guide, #67: both forms work against the Data Catalog).

    Raises:
        ApiError: it is not a regular expression.
    """
    if not expression:
        return re.compile(".*", re.DOTALL)
    regex = _QUANTIFIED.sub(lambda found: found[0] if found[1] else ".*", expression)
    try:
        return re.compile(regex, re.IGNORECASE | re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise invalid_input(f"Expression is not a regular expression: {error}") from error


def _input(request: Request) -> Request:
    """Return the ``TableInput`` of a request, with the name in lower case."""
    name = table_name(request)
    if request.get("TableInput") is None:
        raise invalid_input("TableInput must be given")
    return dict(request["TableInput"]) | {"Name": name}


def _shown(tx: Transaction, context: Context, table: TableRow) -> Document:
    target = linked_table(tx, context, table)
    return view(context, table) if target is None else view_of_link(context, table, target)
