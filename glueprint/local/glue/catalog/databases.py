"""Databases of the Data Catalog (docs/facts/catalog.md#shapes)."""

from __future__ import annotations

from glueprint.local.glue.catalog.functions import delete_functions
from glueprint.local.glue.catalog.lookup import (
    DATABASES,
    LINK_IS_FIXED,
    TABLES,
    fold,
    linked_database,
    require_database,
)
from glueprint.local.glue.catalog.requests import check_catalog, nothing_shared, refuse
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of_resources
from glueprint.local.glue.tags import add_tags
from glueprint.local.identifiers import arn
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import already_exists, invalid_input
from glueprint.local.store.resources import Document, remove_tags

_MEMBERS = ("Description", "LocationUri", "Parameters", "CreateTableDefaultPermissions", "TargetDatabase")

_OPEN_TO_ALL = [
    {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
]
"""The permissions of a database if Lake Formation was never set up (Lake Formation developer guide)."""


class Databases(Family):
    """Operations on databases."""

    @operation("CreateDatabase", runs=Runs.ON_WRITER)
    def create_database(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateDatabase``."""
        check_catalog(context, request)
        tags = request.get("Tags") or {}
        self.database.write(lambda tx: self.insert(tx, context, request["DatabaseInput"], tags))
        return {}

    def insert(
        self, tx: Transaction, context: Context, database_input: Request, tags: dict[str, str] | None = None
    ) -> None:
        """Create a database within the caller's transaction; the arguments are members of ``CreateDatabase``.

        Raises:
            ApiError: the name is taken, or the input is refused.
        """
        name = fold(database_input["Name"])
        if DATABASES.exists(tx, name):
            raise already_exists("Database already exists.")
        body = _definition(database_input) | {"Name": name, "CreateTime": self.clock.now()}
        DATABASES.put(tx, name, body)
        add_tags(tx, _arn(context, name), tags or {})

    @operation("UpdateDatabase", runs=Runs.ON_WRITER)
    def update_database(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateDatabase``: replaces the definition; the name cannot change."""
        check_catalog(context, request)

        def work(tx: Transaction) -> None:
            before = require_database(tx, request["Name"])
            if fold(request["DatabaseInput"]["Name"]) != before["Name"]:
                raise invalid_input("Database cannot be renamed")
            target = request["DatabaseInput"].get("TargetDatabase")
            if target is not None and target != before.get("TargetDatabase"):
                raise invalid_input(LINK_IS_FIXED)
            updated = linked_database(tx, context, before) or before
            body = _definition(request["DatabaseInput"])
            body.pop("TargetDatabase", None)
            kept = {key: updated[key] for key in ("Name", "CreateTime", "TargetDatabase") if key in updated}
            DATABASES.put(tx, updated["Name"], body | kept)

        self.database.write(work)
        return {}

    @operation("DeleteDatabase", runs=Runs.ON_WRITER)
    def delete_database(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteDatabase``: its tables and functions are deleted at once, too."""
        check_catalog(context, request)
        self.database.write(lambda tx: self.delete(tx, context, request["Name"]))
        return {}

    def delete(self, tx: Transaction, context: Context, name: str) -> None:
        """Delete a database, or a link without its target, within the caller's transaction.

        Raises:
            ApiError: the database does not exist.
        """
        found = require_database(tx, name)
        DATABASES.delete(tx, found["Name"])
        TABLES.delete_all(tx, found["Name"])
        delete_functions(tx, found["Name"])
        remove_tags(tx, _arn(context, found["Name"]))

    @operation("GetDatabase", runs=Runs.INLINE)
    def get_database(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetDatabase``."""
        check_catalog(context, request)
        return {
            "Database": self.database.read(
                lambda tx: _view(tx, context, require_database(tx, request["Name"]))
            )
        }

    @operation("GetDatabases", runs=Runs.IN_THREAD)
    def get_databases(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetDatabases``."""
        check_catalog(context, request)
        attributes = request.get("AttributesToGet")
        if attributes is not None and "NAME" not in attributes:
            raise invalid_input("AttributesToGet must include NAME")
        if nothing_shared(request):
            return {"DatabaseList": []}

        def work(tx: Transaction) -> tuple[list[Document], str | None]:
            found, token = page_of_resources(DATABASES, tx, request, 100)
            return [_view(tx, context, database) for database in found], token

        found, token = self.database.read(work)
        if attributes is not None:
            kept = {"Name"} | ({"TargetDatabase"} if "TARGET_DATABASE" in attributes else set())
            found = [{key: value for key, value in item.items() if key in kept} for item in found]
        return {"DatabaseList": found, "NextToken": token}


def _definition(database_input: Request) -> Document:
    refuse(database_input, "FederatedDatabase")
    body = without_none({name: database_input.get(name) for name in _MEMBERS})
    if "TargetDatabase" not in body:
        body.setdefault("CreateTableDefaultPermissions", _OPEN_TO_ALL)
    return body


def _view(tx: Transaction, context: Context, database: Document) -> Document:
    """The database as clients get it: a link has its target's properties and its own name."""
    shown = database | {"CatalogId": context.account_id}
    target = linked_database(tx, context, database)
    if target is None:
        return shown
    return target | {key: shown[key] for key in ("Name", "CatalogId", "TargetDatabase")}


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"database/{name}")
