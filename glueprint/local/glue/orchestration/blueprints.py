"""Blueprints and their registration (docs/facts/blueprints.md#registration).

Registering is asynchronous, as in Glue: the operation stores CREATING or UPDATING, and ``register`` then reads the
zip and makes it ACTIVE or FAILED.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any

from glueprint.blueprint.archive import ArchiveError, read_archive
from glueprint.blueprint.config import BlueprintConfig, ConfigError, parse_config
from glueprint.facts.long_text import shortened
from glueprint.facts.states import FINAL_BLUEPRINT_STATUSES, BlueprintStatus
from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of_tagged
from glueprint.local.glue.tags import add_tags
from glueprint.local.identifiers import arn
from glueprint.local.protocol import ApiError, Runs
from glueprint.local.protocol.errors import already_exists, not_found
from glueprint.local.s3 import S3Error, S3Store
from glueprint.local.store import Database
from glueprint.local.store.resources import Document, Resources, remove_tags

_DEFINITION = ("Description", "LastModifiedOn", "ParameterSpec", "BlueprintLocation", "Digest")
"""The members of a version; Digest, which AWS does not have, identifies the stored zip."""


class Blueprints(Family):
    """Operations on blueprints."""

    resources = Resources("blueprint")

    def __init__(self, database: Database, clock: Clock, engine: Engine, s3: S3Store) -> None:
        super().__init__(database, clock)
        self._engine = engine
        self._s3 = s3

    @operation("CreateBlueprint", runs=Runs.IN_THREAD)
    def create_blueprint(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateBlueprint``."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            if self.resources.exists(tx, name):
                raise already_exists(f"Blueprint {name} already exists.")
            now, members = self.clock.now(), without_none(request)
            add_tags(tx, _arn(context, name), members.pop("Tags", {}))
            body = members | {"CreatedOn": now, "LastModifiedOn": now, "Status": BlueprintStatus.CREATING}
            self.resources.put(tx, name, body)
            add_action(tx, ActionKind.REGISTER_BLUEPRINT, name)

        self._engine.write(work)
        return {"Name": name}

    @operation("UpdateBlueprint", runs=Runs.IN_THREAD)
    def update_blueprint(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateBlueprint``: a new version; existing workflows stay as they are."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            before = self.require(tx, name)
            if before["Status"] not in FINAL_BLUEPRINT_STATUSES:
                raise ApiError(
                    "IllegalBlueprintStateException",
                    f"Blueprint {name} is {before['Status']}: wait until that has ended",
                )
            kept = {key: before[key] for key in ("CreatedOn", "LastActiveDefinition") if key in before}
            new = {"LastModifiedOn": self.clock.now(), "Status": BlueprintStatus.UPDATING}
            self.resources.put(tx, name, without_none(request) | kept | new)
            add_action(tx, ActionKind.REGISTER_BLUEPRINT, name)

        self._engine.write(work)
        return {"Name": name}

    @operation("DeleteBlueprint", runs=Runs.IN_THREAD)
    def delete_blueprint(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteBlueprint``: no error for a missing name; its workflows stay."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            self.resources.delete(tx, name)
            remove_tags(tx, _arn(context, name))

        self.database.write(work)
        return {"Name": name}

    @operation("GetBlueprint", runs=Runs.INLINE)
    def get_blueprint(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetBlueprint``."""
        body = self.database.read(lambda tx: self.require(tx, request["Name"]))
        return {"Blueprint": _describe(body, request)}

    @operation("ListBlueprints", runs=Runs.IN_THREAD)
    def list_blueprints(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListBlueprints``: names."""
        names, token = self.database.read(
            lambda tx: page_of_tagged(self.resources, tx, request, 25, lambda name: _arn(context, name))
        )
        return {"Blueprints": names, "NextToken": token}

    @operation("BatchGetBlueprints", runs=Runs.IN_THREAD)
    def batch_get_blueprints(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetBlueprints``."""
        found = self.database.read(lambda tx: {name: self.resources.get(tx, name) for name in request["Names"]})
        return {
            "Blueprints": [_describe(body, request) for body in found.values() if body is not None],
            "MissingBlueprints": [name for name, body in found.items() if body is None],
        }

    def require(self, tx: Transaction, name: str) -> Document:
        """Return the blueprint as it is stored.

        Raises:
            ApiError: it does not exist.
        """
        found = self.resources.get(tx, name)
        if found is None:
            raise not_found(f"Blueprint {name} not found.")
        return found

    def active_version(self, tx: Transaction, name: str) -> Document:
        """Return the version that a run uses: the last one that was registered successfully.

        Raises:
            ApiError: the blueprint does not exist, or never had an ACTIVE version.
        """
        body = self.require(tx, name)
        version: Document | None = body.get("LastActiveDefinition")
        if version is None:
            reason = f": {body['ErrorMessage']}" if "ErrorMessage" in body else ""
            raise ApiError(
                "IllegalBlueprintStateException", f"Blueprint {name} is {body['Status']} and cannot be run{reason}"
            )
        return version

    def register(self, name: str) -> None:
        """Read the zip of a blueprint that is CREATING or UPDATING, and make it ACTIVE or FAILED."""
        body = self.database.read(lambda tx: self.resources.get(tx, name))
        if body is None or body["Status"] in FINAL_BLUEPRINT_STATUSES:
            return
        location = PurePosixPath(body["BlueprintLocation"].removeprefix("s3://"))
        try:
            data = self._s3.read(location.parts[0], str(PurePosixPath(*location.parts[1:])))
            config = parse_config(read_archive(data, location.stem).config)
        except (S3Error, ArchiveError, ConfigError) as error:
            message = shortened(_failure(body["BlueprintLocation"], error))
            outcome: Document = {"Status": BlueprintStatus.FAILED, "ErrorMessage": message}
            self.database.write(lambda tx: self._settle(tx, body, outcome))
            return
        digest = hashlib.sha256(data).hexdigest()

        def work(tx: Transaction) -> None:
            tx.execute(
                "INSERT OR IGNORE INTO blueprint_zip (digest, stem, data) VALUES (?, ?, ?)",
                (digest, location.stem, data),
            )
            self._settle(tx, body, _active(body, config, digest))

        self.database.write(work)

    def _settle(self, tx: Transaction, before: Document, outcome: Document) -> None:
        """Store the outcome, unless the blueprint was deleted or changed meanwhile."""
        now = self.resources.get(tx, before["Name"])
        if now == before:
            self.resources.put(tx, before["Name"], {**before, **outcome})


def _active(body: Document, config: BlueprintConfig, digest: str) -> Document:
    members = {"Status": BlueprintStatus.ACTIVE, "ParameterSpec": config.spec.to_wire(), "Digest": digest}
    version = {key: value for key, value in {**body, **members}.items() if key in _DEFINITION}
    return members | {"LastActiveDefinition": version}


def _failure(location: str, error: S3Error | ArchiveError | ConfigError) -> str:
    """Glue's two documented texts, and Glueprint's for failures that are not documented."""
    if not isinstance(error, S3Error):
        return f"{location} is not a usable blueprint: {error}"
    if error.code == "AccessDenied":
        return f"Access denied on object at location {location}"
    return f"Unable to access object at location {location}: {error}"


def _describe(body: Document, request: Request) -> dict[str, Any]:
    """Return the blueprint; the spec and the service's copy only if they are requested (service model)."""

    def shown(version: Document) -> Document:
        members = {key: value for key, value in version.items() if key != "Digest"}
        if not request.get("IncludeParameterSpec"):
            members.pop("ParameterSpec", None)
        if request.get("IncludeBlueprint") and "Digest" in version:
            members["BlueprintServiceLocation"] = f"glueprint:blueprint/{body['Name']}/{version['Digest']}"
        return members

    answer = shown(body)
    if "LastActiveDefinition" in body:
        answer["LastActiveDefinition"] = shown(body["LastActiveDefinition"])
    return answer


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"blueprint/{name}")
