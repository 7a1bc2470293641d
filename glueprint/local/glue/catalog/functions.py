"""User-defined functions of the Data Catalog (docs/facts/catalog.md#connections-and-functions).

Only their definitions are kept, for clients such as Hive; Glueprint does not run them.
"""

from __future__ import annotations

from glueprint.local.glue.catalog.lookup import fold, require_database
from glueprint.local.glue.catalog.requests import check_catalog, epoch_seconds
from glueprint.local.glue.catalog.tables import name_pattern
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import already_exists, invalid_input, not_found
from glueprint.local.store.resources import Document, Resources

FUNCTIONS = Resources("userDefinedFunction")


class Functions(Family):
    """Operations on user-defined functions."""

    @operation("CreateUserDefinedFunction", runs=Runs.ON_WRITER)
    def create_user_defined_function(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateUserDefinedFunction``."""
        check_catalog(context, request)
        made = _definition(request["FunctionInput"])

        def work(tx: Transaction) -> None:
            database = require_database(tx, request["DatabaseName"])["Name"]
            if FUNCTIONS.exists(tx, _key(database, made["FunctionName"])):
                raise already_exists("Function already exists.")
            _put(tx, made | {"DatabaseName": database, "CreateTime": self.clock.now()})

        self.database.write(work)
        return {}

    @operation("UpdateUserDefinedFunction", runs=Runs.ON_WRITER)
    def update_user_defined_function(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateUserDefinedFunction``: replaces the definition; the name cannot change."""
        check_catalog(context, request)
        made = _definition(request["FunctionInput"])
        if made["FunctionName"] != fold(request["FunctionName"]):
            raise invalid_input("Function cannot be renamed")

        def work(tx: Transaction) -> None:
            before = _require(tx, request)
            _put(tx, made | {name: before[name] for name in ("DatabaseName", "CreateTime")})

        self.database.write(work)
        return {}

    @operation("DeleteUserDefinedFunction", runs=Runs.ON_WRITER)
    def delete_user_defined_function(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteUserDefinedFunction``."""
        check_catalog(context, request)

        def work(tx: Transaction) -> None:
            found = _require(tx, request)
            FUNCTIONS.delete(tx, _key(found["DatabaseName"], found["FunctionName"]))

        self.database.write(work)
        return {}

    @operation("GetUserDefinedFunction", runs=Runs.INLINE)
    def get_user_defined_function(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetUserDefinedFunction``."""
        check_catalog(context, request)
        found = self.database.read(lambda tx: _require(tx, request))
        return {"UserDefinedFunction": found | {"CatalogId": context.account_id}}

    @operation("GetUserDefinedFunctions", runs=Runs.IN_THREAD)
    def get_user_defined_functions(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetUserDefinedFunctions``: of one database or all, by a pattern of names."""
        check_catalog(context, request)
        named, kind = name_pattern(request["Pattern"]), request.get("FunctionType")

        def work(tx: Transaction) -> list[Document]:
            if request.get("DatabaseName") is None:
                return FUNCTIONS.all(tx)
            return FUNCTIONS.children(tx, require_database(tx, request["DatabaseName"])["Name"])

        found = [
            one | {"CatalogId": context.account_id}
            for one in self.database.read(work)
            if named.fullmatch(one["FunctionName"]) and kind in (None, one.get("FunctionType"))
        ]
        page, token = page_of(found, request, 100)
        return {"UserDefinedFunctions": page, "NextToken": token}


def delete_functions(tx: Transaction, database: str) -> None:
    """Delete a database's functions (service model, ``DeleteDatabase``)."""
    for found in FUNCTIONS.children(tx, database):
        FUNCTIONS.delete(tx, _key(database, found["FunctionName"]))


def _definition(function_input: Request) -> Document:
    """Return the definition to store.

    Raises:
        ApiError: it has no name, or an invalid time.
    """
    body = without_none(function_input)
    if not body.get("FunctionName"):
        raise invalid_input("FunctionName is required in FunctionInput")
    uris = [without_none(uri) for uri in body.get("ResourceUris") or ()]
    for uri in uris:
        if "LastModified" in uri:
            uri["LastModified"] = epoch_seconds(uri["LastModified"], "ResourceUris.LastModified")
    return body | {"FunctionName": fold(body["FunctionName"]), "ResourceUris": uris}


def _put(tx: Transaction, body: Document) -> None:
    FUNCTIONS.put(tx, _key(body["DatabaseName"], body["FunctionName"]), body, parent=body["DatabaseName"])


def _require(tx: Transaction, request: Request) -> Document:
    database = require_database(tx, request["DatabaseName"])["Name"]
    found = FUNCTIONS.get(tx, _key(database, fold(request["FunctionName"])))
    if found is None:
        raise not_found(f"Function {request['FunctionName']} not found.")
    return found


def _key(database: str, function: str) -> str:
    """Unique among all databases: a name has no line feed (service model, ``NameString``)."""
    return f"{database}\n{function}"
