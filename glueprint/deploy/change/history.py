"""Earlier versions: rolling back to one, and what others have changed since the last."""

from __future__ import annotations

import re
from dataclasses import replace

from glueprint.client.errors import NotFound
from glueprint.deploy.change.plan import Plan
from glueprint.deploy.change.planning import plan_of_version, recorded
from glueprint.deploy.change.requests import Account
from glueprint.deploy.change.state import STATE_TAG, StateStore, Version
from glueprint.deploy.definitions.model import Key, Kind
from glueprint.deploy.definitions.reading import at_once


def plan_of_rollback(account: Account, store: StateStore, number: int | None) -> Plan:
    """Plan to deploy an earlier version again; it becomes a new version.

    Args:
        account: the account.
        store: the workflow's state.
        number: of the version; None: the one before the deployed one. What a rollback made counts as the version
            that it rolled back to: a second rollback goes further back, and not to what the first has removed.

    Raises:
        NotFound: there is no such version.
    """
    current = store.current()
    if not current.number:
        raise NotFound(
            f"nothing is recorded of workflow {store.workflow}", "`glueprint apply` records what it deploys"
        )
    original = current if number is not None else _original(store, current)
    chosen = original.number - 1 if number is None else number
    if chosen < 1 and number is None and original is not current:
        raise NotFound(
            f"the deployed version {current.number} of workflow {store.workflow} is the same as its first one, "
            f"version {original.number}",
            f"`glueprint rollback {store.workflow} --list` lists the others, and --to VERSION deploys one",
        )
    if chosen < 1 or chosen > current.number:
        raise NotFound(
            f"workflow {store.workflow} has no version {chosen}: the deployed one is {current.number}",
            f"`glueprint rollback {store.workflow} --list` lists them",
        )
    version = store.version(chosen)
    objects = tuple(one for one in version.objects if one.digest is not None)
    contents = {one.digest: store.content(one.digest) for one in objects if one.digest is not None}
    target = replace(version, number=current.number + 1, objects=objects, reason=f"rollback to {chosen}")
    return plan_of_version(account, store, target, contents)


_ROLLBACK = re.compile(r"rollback to (\d+)")


def _original(store: StateStore, version: Version) -> Version:
    """Return the version that a version repeats: a rollback that of its aim, and so on."""
    while (found := _ROLLBACK.fullmatch(version.reason)) is not None:
        version = store.version(int(found[1]))
    return version


def plan_of_drift(account: Account, store: StateStore) -> Plan:
    """Return what it would take to make the recorded version again: what others have changed.

    Raises:
        NotFound: nothing is recorded of the workflow.
    """
    current, _ = recorded(account, store)
    if not current.is_recorded:
        raise NotFound(
            f"nothing is recorded of workflow {store.workflow}", "`glueprint apply` records what it deploys"
        )
    objects = tuple(one for one in current.objects if one.digest is not None)
    return plan_of_version(account, store, replace(current, objects=objects), {})


def recorded_workflows(account: Account) -> list[str]:
    """Return the workflows whose tags name a state."""
    pages = account.glue.get_paginator("list_workflows").paginate()
    names = [str(name) for page in pages for name in page["Workflows"]]

    def is_recorded(name: str) -> bool:
        tags = account.glue.get_tags(ResourceArn=account.arn(Key(Kind.WORKFLOW, name))).get("Tags", {})
        return STATE_TAG in tags

    found = at_once(is_recorded, names)
    return [name for name, is_one in zip(names, found, strict=True) if is_one]
