"""Making a plan: the wanted version against what is in the account. Nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from glueprint.blueprint.aws_calls import AwsCall
from glueprint.client.deletion import blueprint_run_start, node_definition
from glueprint.client.errors import GlueprintError, InvalidArgument, error_code
from glueprint.client.names import listed
from glueprint.client.objects import Location
from glueprint.deploy.change.changes import NODE_KINDS, Action, Change, changes_between, with_drift
from glueprint.deploy.change.names import Names, lost_names, matched_names, recorded_names, stable_suffix
from glueprint.deploy.change.plan import Plan, Upload
from glueprint.deploy.change.requests import Account
from glueprint.deploy.change.state import STATE_TAG, Journal, ObjectRecord, StateStore, Version, digest_of
from glueprint.deploy.definitions.comparison import comparable, is_service_tag
from glueprint.deploy.definitions.layout import LaidOut, named
from glueprint.deploy.definitions.model import (
    Definition,
    Key,
    Kind,
    UploadedObject,
    WorkflowDefinition,
    nodes_of_trigger,
)
from glueprint.deploy.definitions.reading import at_once, read_workflow, with_tags
from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind

DEFAULT_PREFIX = "glueprint/state"
_MISSING = ("404", "NoSuchKey", "NotFound", "NoSuchBucket")


class NameTaken(GlueprintError):
    """A resource that would be created exists, and belongs to something else."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What is in the account of a workflow, and of what is planned for it.

    Attributes:
        deployed: the workflow and its parts; None: there is no workflow.
        everything: all definitions that matter, by key: also those that no trigger names.
        owned: jobs, crawlers and triggers that an apply may delete.
    """

    deployed: WorkflowDefinition | None
    everything: Mapping[Key, Definition]
    owned: frozenset[Key]


def open_state(
    account: Account, workflow: str, given: Location | None, uploads: Iterable[UploadedObject] | None = None
) -> StateStore:
    """Return the state of a workflow.

    Args:
        account: the account.
        workflow: its name.
        given: bucket and prefix that the user named.
        uploads: what its layout uploads: the state goes into the same bucket, unless another one is known. None
            without a layout.

    Raises:
        InvalidArgument: it is not known, or is elsewhere.
    """
    tagged = _tagged_state(account, workflow)
    if given is not None and tagged is not None and _same(given, tagged) is False:
        raise InvalidArgument(
            f"the state of workflow {workflow} is in {tagged}, not in {given}", "leave --state out"
        )
    place = given or tagged
    if place is None:
        if uploads is None:
            raise InvalidArgument(
                f"no version of workflow {workflow} is recorded: `glueprint apply` did not make it",
                "`glueprint apply` starts to record; if versions are elsewhere, add --state s3://BUCKET/PREFIX",
            )
        buckets = sorted({one.bucket for one in uploads})
        if len(buckets) != 1:
            found = f"to {listed(buckets)}" if buckets else "nothing"
            raise InvalidArgument(
                f"where the versions of workflow {workflow} would be is not known: its layout uploads {found}",
                "name a bucket of this account: --state s3://BUCKET/PREFIX",
            )
        place = Location(buckets[0], DEFAULT_PREFIX)
    return StateStore(account.s3, place, account.region, workflow, account.account_id)


def _same(one: Location, other: Location) -> bool:
    return (one.bucket, one.key.strip("/")) == (other.bucket, other.key.strip("/"))


def _tagged_state(account: Account, workflow: str) -> Location | None:
    if account.workflow(workflow) is None:
        return None
    tags = account.glue.get_tags(ResourceArn=account.arn(Key(Kind.WORKFLOW, workflow))).get("Tags", {})
    return Location.parse(tags[STATE_TAG]) if tags.get(STATE_TAG) else None


def plan_of_layout(
    account: Account, store: StateStore, laid_out: LaidOut, *, blueprint: str, parameters: Mapping[str, Any]
) -> Plan:
    """Plan to deploy what a layout makes.

    Args:
        account: the account.
        store: the workflow's state.
        laid_out: what the layout makes.
        blueprint: its blueprint's name, for the record.
        parameters: of the layout, for the record.

    Raises:
        NameTaken: something that would be created belongs to something else.
    """
    current, journal = recorded(account, store)
    names = _names(account, laid_out.definition, current, journal)
    objects = tuple(
        ObjectRecord(one.bucket, one.key, digest_of(one.content), one.options) for one in laid_out.uploads
    )
    target = Version(
        current.number + 1,
        named(laid_out.definition, names.deployed),
        names.deployed,
        names.suffix,
        objects,
        blueprint=blueprint,
        parameters=parameters,
    )
    contents = {digest_of(one.content): one.content for one in laid_out.uploads}
    plan = plan_of_version(account, store, target, contents, laid_out.calls)
    notes = [str(one) for one in laid_out.warnings]
    notes += _renames(current, laid_out.definition)
    return replace(plan, notes=(*notes, *plan.notes))


def _names(account: Account, logical: WorkflowDefinition, current: Version, journal: Journal | None) -> Names:
    newest = journal.target if journal is not None else current
    if newest.is_recorded:
        return recorded_names(logical, newest.suffix, {**current.names, **newest.names})
    deployed = read_workflow(account.glue, logical.name, account_id=account.account_id, tags=False)
    if deployed is None:
        return recorded_names(logical, stable_suffix(logical.name), {})
    return matched_names(logical, deployed)


def _renames(current: Version, logical: WorkflowDefinition) -> list[str]:
    lost = lost_names(current.names, logical)
    new = [one for one in logical.nodes if one.key not in current.names]
    kinds = {one.kind for one in lost} & {one.kind for one in new} if current.is_recorded else set()
    found = []
    for kind in sorted(kinds):
        gone = listed([one.name for one in lost if one.kind is kind])
        advice = f"if a {kind} was renamed in the layout, give it its old name there to keep its history"
        found.append(f"the layout no longer makes {gone}: {advice}")
    return found


def plan_of_version(
    account: Account,
    store: StateStore,
    target: Version,
    contents: Mapping[str, bytes],
    calls: tuple[AwsCall, ...] = (),
) -> Plan:
    """Plan to deploy a version: compare it with the account.

    Raises:
        NameTaken: something that would be created belongs to something else.
    """
    return observed_plan(account, store, target, contents, calls)[0]


def observed_plan(
    account: Account,
    store: StateStore,
    target: Version,
    contents: Mapping[str, bytes],
    calls: tuple[AwsCall, ...] = (),
) -> tuple[Plan, Observed]:
    """Return the plan of a version, and what was read for it."""
    current, journal = recorded(account, store)
    seen = observe(account, store.workflow, current, journal, target)
    before = wanted_before(current, *(journal.made if journal is not None else ()))
    changes = changes_between(target.definition, seen.everything, owned=seen.owned, before=before)
    changes, notes = _without_shared(account, store.workflow, changes)
    present = present_digests(account, target.objects)
    is_known = current.is_recorded and journal is None
    changes = with_drift(changes, current.definition if is_known else None, before)
    applied = {one.location: one.digest for one in current.objects} if is_known else present
    uploads = [
        Upload(one, there, is_drift=applied.get(one.location, there) != there)
        for one in target.objects
        if (there := present[one.location]) != one.digest
    ]
    plan = Plan(
        store.workflow,
        store.place,
        account.region,
        current.number,
        replace(target, number=_next_number(current, journal, seen)),
        tuple(changes),
        tuple(uploads),
        calls,
        contents,
        (*notes, *_notes(current, journal, seen)),
        _fingerprint(current, seen, present),
        _records(current, journal, seen),
    )
    return plan, seen


def _next_number(current: Version, journal: Journal | None, seen: Observed) -> int:
    """Return the number of the next version; what is found before the first apply is a version, too."""
    is_adoption = journal.is_adoption if journal is not None else is_found(current, seen)
    return current.number + (2 if is_adoption else 1)


def is_found(current: Version, seen: Observed) -> bool:
    """Whether there is a workflow of which nothing is recorded."""
    return seen.deployed is not None and not current.is_recorded


def recorded(account: Account, store: StateStore) -> tuple[Version, Journal | None]:
    """Return the deployed version, and the journal of an interrupted apply.

    A workflow without the tag of its state was not deployed by the last apply, but by a blueprint run or a person
    since: of the recorded version, only its number is returned.
    """
    current, journal = store.current(), store.journal()
    if not current.number or journal is not None or account.workflow(store.workflow) is None:
        return current, journal
    is_own = _tagged_state(account, store.workflow) is not None
    return (current if is_own else Version(current.number, None)), None


def wanted_before(*versions: Version) -> dict[Key, Definition]:
    """Return what versions wanted, with the tags of all: those that are not wanted any more are removed."""
    found: dict[Key, Definition] = {}
    for version in versions:
        for one in version.definition or ():
            tags = found[one.key].tags if one.key in found else {}
            found[one.key] = replace(one, tags={**tags, **one.tags})
    return found


def _records(current: Version, journal: Journal | None, seen: Observed) -> str:
    if journal is not None:
        return f"completes the interrupted {journal.target.reason} of version {journal.target.number}"
    if is_found(current, seen):
        return "starts to record the versions of the workflow"
    return ""


def _notes(current: Version, journal: Journal | None, seen: Observed) -> list[str]:
    found = []
    if journal is not None:
        found.append(
            f"version {journal.target.number} ({journal.target.reason} by {journal.target.by}, "
            f"{journal.target.created}) was interrupted; this plan starts from what it left"
        )
    if seen.deployed is not None and any(one.members.get("Type") == "EVENT" for one in seen.deployed.triggers):
        found.append("events can start a run while the workflow is changed: an EVENT trigger cannot be paused")
    if current.is_recorded and seen.deployed is None:
        found.append(f"the workflow was deleted since version {current.number} was applied")
    return found


def observe(
    account: Account, workflow: str, current: Version, journal: Journal | None, target: Version
) -> Observed:
    """Read what is in the account.

    Raises:
        NameTaken: something of the target belongs to something else.
    """
    owned = current.keys
    if journal is not None:
        owned |= journal.keys
    deployed = read_workflow(account.glue, workflow, account_id=account.account_id, tags=False)
    own = {one.key: one for one in deployed} if deployed is not None else {}
    if not current.is_recorded and deployed is not None:
        owned |= _adopted(account, deployed, target)
    others = (owned | target.keys) - set(own)
    extra = {one.key: one for one in account.existing(frozenset(others))}
    _refuse_taken(workflow, {key: one for key, one in extra.items() if key in target.keys and key not in owned})
    everything = {**own, **extra}
    # Tags are a request each: they are read where a version has any.
    versions = (current, target, *(journal.versions if journal is not None else ()))
    tagged = {one.key for version in versions for one in version.definition or () if one.tags}
    read = with_tags(account.glue, [everything[key] for key in everything if key in tagged], account.account_id)
    everything.update((one.key, one) for one in read)
    return Observed(deployed, everything, owned)


def _refuse_taken(workflow: str, found: Mapping[Key, Definition]) -> None:
    taken = sorted(str(key) for key, one in found.items() if one.members.get("WorkflowName") != workflow)
    if taken:
        raise NameTaken(
            f"{listed(taken)}: exists, and does not belong to workflow {workflow}; nothing was changed",
            "delete it, or rename it in the layout",
        )


def _adopted(account: Account, deployed: WorkflowDefinition, target: Version) -> frozenset[Key]:
    """Return what belongs to a workflow of which nothing is recorded: triggers, and what a blueprint run made."""
    wire = account.workflow(deployed.name) or {}
    started = blueprint_run_start(account.glue, wire)
    found = {one.key for one in deployed if one.kind not in NODE_KINDS or one.key in target.keys}
    if started is None:
        return frozenset(found)
    for one in deployed.nodes:
        if one.key not in found:
            wire = node_definition(account.glue, Node(NodeKind(one.kind.value.upper()), one.name)) or {}
            if wire.get("Created") is None or wire["Created"] >= started:
                found.add(one.key)
    return frozenset(found)


def _without_shared(account: Account, workflow: str, changes: list[Change]) -> tuple[list[Change], list[str]]:
    """Return the changes without deletions of what triggers outside the workflow use, and a note of each."""
    going = {one.key for one in changes if one.action is Action.DELETE and one.key.kind in NODE_KINDS}
    if not going:
        return changes, []
    users: dict[Key, str] = {}
    for page in account.glue.get_paginator("get_triggers").paginate():
        for trigger in page["Triggers"]:
            if trigger.get("WorkflowName") != workflow:
                for node in going & set(nodes_of_trigger(trigger)):
                    users.setdefault(node, trigger["Name"])
    notes = [f"{key} is kept: trigger {name} uses it" for key, name in users.items()]
    return [one for one in changes if not (one.action is Action.DELETE and one.key in users)], notes


def present_digests(account: Account, objects: Iterable[ObjectRecord]) -> dict[str, str | None]:
    """Return the digest of what is in each place, by location; None where there is no object."""
    some = list(objects)
    found = at_once(lambda one: present_content(account, one), some)
    return {
        one.location: None if content is None else digest_of(content)
        for one, content in zip(some, found, strict=True)
    }


def present_content(account: Account, place: ObjectRecord) -> bytes | None:
    """Return what an object contains; None if there is none."""
    try:
        found: bytes = account.s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
    except account.s3.exceptions.ClientError as error:
        if error_code(error) not in _MISSING:
            raise
        return None
    return found


def _fingerprint(current: Version, seen: Observed, present: Mapping[str, str | None]) -> str:
    definitions = [
        [
            str(key),
            comparable(one),
            {name: value for name, value in one.tags.items() if not is_service_tag(name)},
        ]
        for key, one in sorted(seen.everything.items(), key=lambda item: str(item[0]))
    ]
    content = json.dumps([current.number, definitions, sorted(present.items())], sort_keys=True, default=str)
    return digest_of(content.encode())
