"""Versions of tables: what UpdateTable archives (docs/facts/catalog.md#versions)."""

from __future__ import annotations

import re

from glueprint.local.glue.catalog.lookup import TABLES, require_table, require_target
from glueprint.local.glue.catalog.requests import check_catalog, position
from glueprint.local.glue.catalog.table_definition import view
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation
from glueprint.local.glue.paging import page_token
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import ApiError, invalid_input, not_found
from glueprint.local.store.catalog_rows import TableRow
from glueprint.local.store.resources import Document

_INTEGER = re.compile(r"[0-9]{1,18}")


class TableVersions(Family):
    """Operations on versions of tables."""

    @operation("GetTableVersion", runs=Runs.INLINE)
    def get_table_version(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetTableVersion``: the current version by default."""
        check_catalog(context, request)
        wanted = request.get("VersionId")

        def work(tx: Transaction) -> TableRow:
            table = require_target(tx, context, request["DatabaseName"], request["TableName"])
            number = table.version if wanted is None else _number(wanted)
            if number == table.version:
                return table
            found = TABLES.archived_version(tx, table, number)
            if found is None:
                raise not_found("Version not found.")
            return found

        return {"TableVersion": _shown(context, self.database.read(work))}

    @operation("GetTableVersions", runs=Runs.IN_THREAD)
    def get_table_versions(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetTableVersions``: newest first (measured on AWS in floci #1230)."""
        check_catalog(context, request)
        before = position(request, int)
        limit = request.get("MaxResults") or 100

        def work(tx: Transaction) -> list[TableRow]:
            table = require_target(tx, context, request["DatabaseName"], request["TableName"])
            if before is None:
                return [table, *TABLES.archived(tx, table, table.version, limit)]
            return TABLES.archived(tx, table, before, limit + 1)

        found = self.database.read(work)
        token = page_token(found[limit - 1].version) if len(found) > limit else None
        return {"TableVersions": [_shown(context, row) for row in found[:limit]], "NextToken": token}

    @operation("DeleteTableVersion", runs=Runs.ON_WRITER)
    def delete_table_version(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteTableVersion``."""
        check_catalog(context, request)

        def work(tx: Transaction) -> None:
            table = require_table(tx, context, request["DatabaseName"], request["TableName"])
            _delete(tx, table, request["VersionId"])

        self.database.write(work)
        return {}

    @operation("BatchDeleteTableVersion", runs=Runs.ON_WRITER)
    def batch_delete_table_version(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchDeleteTableVersion``: deletes those that can be, and lists the others."""
        check_catalog(context, request)

        def work(tx: Transaction) -> list[Document]:
            table = require_table(tx, context, request["DatabaseName"], request["TableName"])
            errors = []
            for version in request["VersionIds"]:
                try:
                    _delete(tx, table, version)
                except ApiError as error:
                    detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
                    errors.append({"TableName": table.name, "VersionId": version, "ErrorDetail": detail})
            return errors

        return {"Errors": self.database.write(work) or None}


def _delete(tx: Transaction, table: TableRow, version: str) -> None:
    number = _number(version)
    if number == table.version:
        raise invalid_input(f"Version {version} is the current version of table {table.name}: delete the table")
    if not TABLES.delete_version(tx, table, number):
        raise not_found("Version not found.")


def _number(version: str) -> int:
    if not _INTEGER.fullmatch(version):
        raise invalid_input(f"VersionId {version} is not an integer")
    return int(version)


def _shown(context: Context, row: TableRow) -> Document:
    return {"Table": view(context, row), "VersionId": str(row.version)}
