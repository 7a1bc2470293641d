"""Which version of a blueprint is registered in a Glue, recorded in the blueprint's tags.

UpdateBlueprint takes no tags (service model), so tags and definition change in two steps. A record therefore
counts only if its digest is also in the location that the definition was read from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from glueprint.client.errors import InvalidArgument, from_botocore
from glueprint.client.session import Session
from glueprint.deploy.repository.index import Entry
from glueprint.deploy.repository.versions import Version

SOURCE_TAG = "glueprint:source"
"""``NAME@VERSION`` in the repository: a blueprint can be registered under another name."""
DIGEST_TAG = "glueprint:sha256"
_HASH_LENGTH = 16
_BATCH = 25
"""BatchGetBlueprints takes 1 to 25 names (service model)."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A registered blueprint.

    Attributes:
        source: the name of the blueprint in the repository; None if it came from elsewhere.
        version: the version that was registered.
        sha256: the digest of that version's zip.
    """

    name: str
    status: str
    source: str | None = None
    version: Version | None = None
    sha256: str | None = None


def location_key(sha256: str, stem: str) -> str:
    """Return the key under which ``register`` uploads a zip. It contains the content's hash: a new version never
    replaces what a registration still reads."""
    return f"blueprints/{sha256[:_HASH_LENGTH]}/{stem}.zip"


def record(session: Session, name: str, entry: Entry) -> str | None:
    """Record the registered version in the blueprint's tags.

    Returns:
        why it could not be recorded, or None. The blueprint is registered anyway.
    """
    tags = {SOURCE_TAG: f"{entry.name}@{entry.version}", DIGEST_TAG: entry.sha256}
    try:
        session.glue.tag_resource(ResourceArn=_arn(session, name), TagsToAdd=tags)
    except Exception as error:
        problem = from_botocore(error)
        if problem is None:
            raise
        return str(problem)
    return None


def installed(session: Session) -> list[Installed]:
    """Return all registered blueprints, by name."""
    return sorted(_installed(session), key=lambda one: one.name)


def _installed(session: Session) -> Iterator[Installed]:
    glue = session.glue
    names = [name for page in glue.get_paginator("list_blueprints").paginate() for name in page["Blueprints"]]
    for batch in _batches(names):
        for found in glue.batch_get_blueprints(Names=batch).get("Blueprints", []):
            tags = glue.get_tags(ResourceArn=_arn(session, found["Name"])).get("Tags", {})
            yield _read(found, tags)


def installed_version(session: Session, found: dict[str, Any]) -> Installed:
    """Return what is recorded about one blueprint, as GetBlueprint returned it; nothing if its tags cannot be
    read."""
    try:
        tags = session.glue.get_tags(ResourceArn=_arn(session, found["Name"])).get("Tags", {})
    except Exception as error:
        if from_botocore(error) is None:
            raise
        tags = {}
    return _read(found, tags)


def _read(found: dict[str, Any], tags: dict[str, str]) -> Installed:
    name, status = found["Name"], found["Status"]
    digest = tags.get(DIGEST_TAG, "")
    if not digest or f"/{digest[:_HASH_LENGTH]}/" not in found.get("BlueprintLocation", ""):
        return Installed(name, status)
    source, _, version = tags.get(SOURCE_TAG, "").partition("@")
    try:
        return Installed(name, status, source, Version.parse(version), digest)
    except InvalidArgument:
        return Installed(name, status)


def _arn(session: Session, name: str) -> str:
    region = session.glue.meta.region_name
    if session.endpoint is not None:
        return f"arn:aws:glue:{region}:{session.endpoint.account_id}:blueprint/{name}"
    caller = session.client("sts").get_caller_identity()
    partition = caller["Arn"].split(":")[1]
    return f"arn:{partition}:glue:{region}:{caller['Account']}:blueprint/{name}"


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    listed = list(names)
    for start in range(0, len(listed), _BATCH):
        yield listed[start : start + _BATCH]
