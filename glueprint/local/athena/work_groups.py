"""Workgroups: where results go, and whether queries may choose otherwise."""

from __future__ import annotations

from typing import Any

from glueprint.local.athena.family import (
    DEFAULT_GROUP,
    ENGINE,
    MAX_LISTED,
    Answer,
    Family,
    Request,
    Transaction,
    invalid,
    operation,
    page,
)
from glueprint.local.protocol import Context, Runs
from glueprint.local.store.resources import Document, Resources

GROUPS = Resources("athenaWorkGroup")
_REFUSED = {
    "ManagedQueryResultsConfiguration": "managed query results",
    "MonitoringConfiguration": "the monitoring of Spark",
    "EngineConfiguration": "Spark",
    "IdentityCenterConfiguration": "IAM Identity Center",
    "SystemTableStatuses": "system tables",
}


class WorkGroups(Family):
    """Operations on workgroups; ``primary`` is always there."""

    @operation("CreateWorkGroup", runs=Runs.ON_WRITER)
    def create_work_group(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateWorkGroup``."""
        name = request["Name"]
        configuration = _checked(request.get("Configuration") or {})
        tags = {one.get("Key", ""): one.get("Value", "") for one in request.get("Tags") or []}

        def work(tx: Transaction) -> None:
            if name == DEFAULT_GROUP or GROUPS.exists(tx, name):
                raise invalid("WorkGroup is already created")
            members = {
                "Name": name,
                "State": "ENABLED",
                "Description": request.get("Description") or "",
                "CreationTime": self.clock.now(),
                "Configuration": {**_DEFAULTS, **configuration},
            }
            GROUPS.put(tx, name, {**members, "Tags": tags})

        self.database.write(work)
        return {}

    @operation("GetWorkGroup", runs=Runs.INLINE)
    def get_work_group(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetWorkGroup``."""
        found = self.database.read(lambda tx: work_group(tx, request["WorkGroup"]))
        shown = {key: value for key, value in found.items() if key != "Tags"}
        return {"WorkGroup": {**shown, "Configuration": {**found["Configuration"], "EngineVersion": ENGINE}}}

    @operation("ListWorkGroups", runs=Runs.IN_THREAD)
    def list_work_groups(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListWorkGroups``."""

        def read(tx: Transaction) -> list[Document]:
            stored = [one for one in GROUPS.all(tx) if one["Name"] != DEFAULT_GROUP]
            return [work_group(tx, DEFAULT_GROUP), *stored]

        found, following = page(self.database.read(read), request, MAX_LISTED)
        names = ("Name", "State", "Description", "CreationTime")
        return {
            "WorkGroups": [{**{key: one[key] for key in names}, "EngineVersion": ENGINE} for one in found],
            "NextToken": following,
        }

    @operation("UpdateWorkGroup", runs=Runs.ON_WRITER)
    def update_work_group(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateWorkGroup``: what is not in the request stays."""
        updates = request.get("ConfigurationUpdates") or {}
        results = updates.get("ResultConfigurationUpdates") or {}
        _checked(updates)

        def work(tx: Transaction) -> None:
            found = work_group(tx, request["WorkGroup"])
            configuration = dict(found["Configuration"])
            for key in (
                "EnforceWorkGroupConfiguration",
                "PublishCloudWatchMetricsEnabled",
                "BytesScannedCutoffPerQuery",
                "RequesterPaysEnabled",
            ):
                if updates.get(key) is not None:
                    configuration[key] = updates[key]
            if updates.get("RemoveBytesScannedCutoffPerQuery"):
                configuration.pop("BytesScannedCutoffPerQuery", None)
            result = dict(configuration.get("ResultConfiguration") or {})
            for key in (
                "OutputLocation",
                "EncryptionConfiguration",
                "ExpectedBucketOwner",
                "AclConfiguration",
            ):
                if results.get(key) is not None:
                    result[key] = results[key]
                if results.get(f"Remove{key}"):
                    result.pop(key, None)
            configuration["ResultConfiguration"] = result
            changed = {**found, "Configuration": configuration}
            for key in ("Description", "State"):
                if request.get(key) is not None:
                    changed[key] = request[key]
            GROUPS.put(tx, found["Name"], changed)

        self.database.write(work)
        return {}

    @operation("DeleteWorkGroup", runs=Runs.ON_WRITER)
    def delete_work_group(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteWorkGroup``: one with contents only with ``RecursiveDeleteOption``."""
        name = request["WorkGroup"]
        if name == DEFAULT_GROUP:
            raise invalid("The primary workgroup cannot be deleted")

        def work(tx: Transaction) -> None:
            work_group(tx, name)
            kept = [
                kind
                for kind in (Resources("athenaNamedQuery"), Resources("athenaPrepared"))
                if kind.children(tx, name)
            ]
            used = tx.execute("SELECT 1 FROM athena_query WHERE work_group = ? LIMIT 1", (name,)).fetchone()
            if (kept or used) and not request.get("RecursiveDeleteOption"):
                raise invalid(f"WorkGroup {name} is not empty")
            tx.execute(
                "DELETE FROM athena_query WHERE work_group = ? AND state NOT IN ('QUEUED', 'RUNNING')",
                (name,),
            )
            tx.execute(
                "DELETE FROM resource WHERE kind IN ('athenaNamedQuery', 'athenaPrepared') AND parent = ?",
                (name,),
            )
            GROUPS.delete(tx, name)

        self.database.write(work)
        return {}

    @operation("ListEngineVersions", runs=Runs.INLINE)
    def list_engine_versions(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListEngineVersions``: version 3, whose SQL is what is translated."""
        versions = [
            ENGINE,
            {
                "SelectedEngineVersion": "Athena engine version 3",
                "EffectiveEngineVersion": "Athena engine version 3",
            },
        ]
        return {"EngineVersions": versions}

    @operation("TagResource", runs=Runs.ON_WRITER)
    def tag_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``TagResource``: workgroups."""
        added = {one.get("Key", ""): one.get("Value", "") for one in request["Tags"]}
        self.database.write(lambda tx: _tagged(tx, request["ResourceARN"], added, ()))
        return {}

    @operation("UntagResource", runs=Runs.ON_WRITER)
    def untag_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``UntagResource``: workgroups."""
        self.database.write(lambda tx: _tagged(tx, request["ResourceARN"], {}, request["TagKeys"]))
        return {}

    @operation("ListTagsForResource", runs=Runs.INLINE)
    def list_tags_for_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListTagsForResource``: workgroups."""
        found = self.database.read(lambda tx: work_group(tx, _named(request["ResourceARN"])))
        return {"Tags": [{"Key": key, "Value": value} for key, value in found.get("Tags", {}).items()]}


_DEFAULTS: dict[str, Any] = {
    "ResultConfiguration": {},
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": False,
    "RequesterPaysEnabled": False,
}


def work_group(tx: Transaction, name: str) -> Document:
    """Return a workgroup.

    Raises:
        ApiError: InvalidRequestException: there is none.
    """
    found = GROUPS.get(tx, name)
    if found is not None:
        return found
    if name == DEFAULT_GROUP:
        return {
            "Name": DEFAULT_GROUP,
            "State": "ENABLED",
            "Description": "",
            "CreationTime": 0.0,
            "Configuration": {**_DEFAULTS, "EnforceWorkGroupConfiguration": False},
        }
    raise invalid(f"WorkGroup {name} is not found.")


def _checked(configuration: dict[str, Any]) -> dict[str, Any]:
    """A configuration without members that are null.

    Raises:
        ApiError: it contains what is not supported here; named.
    """
    for key, what in _REFUSED.items():
        value = configuration.get(key) or configuration.get(f"{key}Updates")
        if value and not (isinstance(value, dict) and value.get("Enabled") is False):
            raise invalid(f"{key}: {what} is not supported by the local Athena")
    version = (configuration.get("EngineVersion") or {}).get("SelectedEngineVersion", "AUTO")
    if version not in ("AUTO", "Athena engine version 3"):
        raise invalid(
            f"EngineVersion {version} is not supported by the local Athena: it has Athena engine version 3"
        )
    return {key: value for key, value in configuration.items() if value is not None and key not in _REFUSED}


def _named(arn: str) -> str:
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind != "workgroup":
        raise invalid(f"only workgroups have tags in the local Athena, not {arn}")
    return name


def _tagged(tx: Transaction, arn: str, added: dict[str, str], removed: Any) -> None:
    found = work_group(tx, _named(arn))
    tags = {key: value for key, value in {**found.get("Tags", {}), **added}.items() if key not in removed}
    GROUPS.put(tx, found["Name"], {**found, "Tags": tags})
