"""Connections to databases and networks: definitions, and tests of whether a database can be reached
(docs/facts/catalog.md#connections-and-functions)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from glueprint.local.clock import Clock
from glueprint.local.glue.catalog.requests import check_catalog
from glueprint.local.glue.crawling.jdbc import BadJdbcUrlError, Endpoint, endpoint_of, unreachable_reason
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of
from glueprint.local.glue.refusals import refuse_problems, unsupported
from glueprint.local.glue.tags import add_tags
from glueprint.local.identifiers import arn
from glueprint.local.protocol import ApiError, Runs
from glueprint.local.protocol.errors import already_exists, invalid_input, not_found
from glueprint.local.store import Database
from glueprint.local.store.resources import Document, Resources, remove_tags

CONNECTIONS = Resources("connection")

_KEPT = (
    "Name",
    "Description",
    "ConnectionType",
    "MatchCriteria",
    "ConnectionProperties",
    "SparkProperties",
    "AthenaProperties",
    "PythonProperties",
    "PhysicalConnectionRequirements",
)
_SECRETS = ("PASSWORD", "ENCRYPTED_PASSWORD")
_SIGNED_IN_MEMBERS = ("AuthenticationType", "SecretArn", "KmsKeyArn")
"""The returned members of a connection's authentication, without credentials (service model)."""


class Connections(Family):
    """Operations on connections."""

    def __init__(
        self, database: Database, clock: Clock, reach: Callable[[Endpoint], str | None] = unreachable_reason
    ) -> None:
        """``reach`` returns why an endpoint cannot be reached; None if it can."""
        super().__init__(database, clock)
        self._reach = reach

    @operation("CreateConnection", runs=Runs.ON_WRITER)
    def create_connection(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateConnection``: ready at once; credentials are not tested."""
        check_catalog(context, request)
        made = _definition(request["ConnectionInput"])
        name, now = made["Name"], self.clock.now()

        def work(tx: Transaction) -> None:
            if CONNECTIONS.exists(tx, name):
                raise already_exists("Connection already exists.")
            CONNECTIONS.put(tx, name, made | {"CreationTime": now, "LastUpdatedTime": now})
            add_tags(tx, _arn(context, name), request.get("Tags") or {})

        self.database.write(work)
        return {"CreateConnectionStatus": "READY"}

    @operation("UpdateConnection", runs=Runs.ON_WRITER)
    def update_connection(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateConnection``: replaces the definition; the name cannot change."""
        check_catalog(context, request)
        made = _definition(request["ConnectionInput"])
        if made["Name"] != request["Name"]:
            raise invalid_input("Connection cannot be renamed")

        def work(tx: Transaction) -> None:
            before = _require(tx, made["Name"])
            times = {"CreationTime": before["CreationTime"], "LastUpdatedTime": self.clock.now()}
            CONNECTIONS.put(tx, made["Name"], made | times)

        self.database.write(work)
        return {}

    @operation("DeleteConnection", runs=Runs.ON_WRITER)
    def delete_connection(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteConnection``."""
        check_catalog(context, request)
        self.database.write(lambda tx: _delete(tx, context, request["ConnectionName"]))
        return {}

    @operation("BatchDeleteConnection", runs=Runs.ON_WRITER)
    def batch_delete_connection(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchDeleteConnection``: missing ones are listed by name."""
        check_catalog(context, request)

        def work(tx: Transaction) -> Answer:
            done: list[str] = []
            errors: dict[str, Document] = {}
            for name in dict.fromkeys(request["ConnectionNameList"]):
                try:
                    _delete(tx, context, name)
                    done.append(name)
                except ApiError as error:
                    errors[name] = {"ErrorCode": error.code, "ErrorMessage": error.message}
            return {"Succeeded": done, "Errors": errors}

        return self.database.write(work)

    @operation("GetConnection", runs=Runs.INLINE)
    def get_connection(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetConnection``: without the password if ``HidePassword`` is true."""
        check_catalog(context, request, "ApplyOverrideForComputeEnvironment")
        found = self.database.read(lambda tx: _require(tx, request["Name"]))
        return {"Connection": _shown(found, request)}

    @operation("GetConnections", runs=Runs.IN_THREAD)
    def get_connections(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetConnections``: by name; those that match all criteria of the filter."""
        check_catalog(context, request)
        wanted = request.get("Filter") or {}
        found = self.database.read(CONNECTIONS.all)
        page, token = page_of([one for one in found if _is_wanted(one, wanted)], request, 100)
        return {"ConnectionList": [_shown(one, request) for one in page], "NextToken": token}

    @operation("TestConnection", runs=Runs.IN_THREAD)
    def test_connection(self, context: Context, request: Request) -> Answer:
        """Service model, ``TestConnection``: whether the database's port answers; for JDBC only.

        There is no driver: user and password are not tested.
        """
        check_catalog(context, request)
        name, given = request.get("ConnectionName"), request.get("TestConnectionInput")
        if (name is None) == (given is None):
            raise invalid_input("Exactly one of ConnectionName and TestConnectionInput must be given")
        tested = given or self.database.read(lambda tx: _require(tx, name or ""))
        kind, properties = tested["ConnectionType"], tested["ConnectionProperties"]
        if kind != "JDBC":
            raise unsupported(f"TestConnection of a connection of type {kind} (only JDBC can be tested locally)")
        try:
            endpoint = endpoint_of(properties)
        except BadJdbcUrlError as error:
            raise invalid_input(str(error)) from error
        problem = self._reach(endpoint)
        if problem is not None:
            raise invalid_input(f"Could not connect to {endpoint.host} port {endpoint.port}: {problem}")
        return {}


def _definition(connection_input: Request) -> Document:
    """Return the definition to store.

    Raises:
        ApiError: it lacks what its type requires.
    """
    given = without_none(connection_input)
    properties = given["ConnectionProperties"]
    signed_in = given.get("AuthenticationConfiguration")
    if given["ConnectionType"] == "JDBC":
        _check_jdbc(properties, has_authentication=signed_in is not None)
    kept = {name: given[name] for name in _KEPT if name in given}
    kept |= {"Status": "READY", "ConnectionSchemaVersion": 1}
    if signed_in is not None:
        shown = {name: signed_in[name] for name in _SIGNED_IN_MEMBERS if name in signed_in}
        oauth = signed_in.get("OAuth2Properties")
        if oauth is not None:
            secret = ("AuthorizationCodeProperties", "OAuth2Credentials")
            shown["OAuth2Properties"] = {key: value for key, value in oauth.items() if key not in secret}
        kept |= {"AuthenticationConfiguration": shown, "ConnectionSchemaVersion": 2}
    return kept


def _check_jdbc(properties: Mapping[str, str], *, has_authentication: bool) -> None:
    """The service model's text, ``ConnectionInput.ConnectionType``: what a JDBC connection requires."""
    found = []
    if "JDBC_CONNECTION_URL" not in properties and not {"HOST", "PORT", "JDBC_ENGINE"} <= properties.keys():
        found.append("A JDBC connection requires JDBC_CONNECTION_URL, or all of HOST, PORT and JDBC_ENGINE")
    signs_in = "SECRET_ID" in properties or "USERNAME" in properties
    has_password = "SECRET_ID" in properties or properties.keys() & set(_SECRETS)
    if not has_authentication and not (signs_in and has_password):
        found.append("A JDBC connection requires USERNAME and PASSWORD, or SECRET_ID")
    refuse_problems(found)


def _is_wanted(connection: Document, wanted: Mapping[str, Any]) -> bool:
    kind, version = wanted.get("ConnectionType"), wanted.get("ConnectionSchemaVersion")
    return (
        kind in (None, connection["ConnectionType"])
        and version in (None, connection["ConnectionSchemaVersion"])
        and set(wanted.get("MatchCriteria") or ()) <= set(connection.get("MatchCriteria") or ())
    )


def _shown(connection: Document, request: Request) -> Document:
    if not request.get("HidePassword"):
        return connection
    properties = connection["ConnectionProperties"]
    shown = {key: value for key, value in properties.items() if key not in _SECRETS}
    return connection | {"ConnectionProperties": shown}


def _delete(tx: Transaction, context: Context, name: str) -> None:
    _require(tx, name)
    CONNECTIONS.delete(tx, name)
    remove_tags(tx, _arn(context, name))


def _require(tx: Transaction, name: str) -> Document:
    found = CONNECTIONS.get(tx, name)
    if found is None:
        raise not_found(f"Connection {name} not found.")
    return found


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"connection/{name}")
