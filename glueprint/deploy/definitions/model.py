"""Data classes: a workflow with its jobs, crawlers and triggers, as the Create* operations accept them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glueprint.compat import StrEnum


class Kind(StrEnum):
    """Kinds of resources, as they are named in ARNs and shown to users."""

    WORKFLOW = "workflow"
    JOB = "job"
    CRAWLER = "crawler"
    TRIGGER = "trigger"

    @property
    def noun(self) -> str:
        """The name in operations: ``Job`` in ``CreateJob``."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Key:
    """Which resource: names are unique for each kind in an account and region."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Definition:
    """One resource.

    Attributes:
        kind: what it is.
        name: its name.
        members: the members of its Create* request but for ``Name`` and ``Tags``; empty ones are left out. A
            trigger has its ``WorkflowName``, and ``StartOnCreation`` if it is active.
        tags: its tags.
    """

    kind: Kind
    name: str
    members: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_request(cls, kind: Kind, request: Mapping[str, Any]) -> Definition:
        """Return the definition in a Create* request."""
        members = {name: value for name, value in request.items() if name not in ("Name", "Tags")}
        return cls(kind, str(request["Name"]), without_empty(members), dict(request.get("Tags") or {}))

    @property
    def key(self) -> Key:
        """Kind and name."""
        return Key(self.kind, self.name)

    def request(self) -> dict[str, Any]:
        """Return the Create* request."""
        tags = {"Tags": dict(self.tags)} if self.tags else {}
        return {"Name": self.name, **self.members, **tags}

    def to_json(self) -> dict[str, Any]:
        """Return the definition as JSON has it."""
        return {"Kind": self.kind.value, **self.request()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Definition:
        """Return what :meth:`to_json` was called on."""
        return cls.of_request(Kind(data["Kind"]), {name: value for name, value in data.items() if name != "Kind"})


@dataclass(frozen=True, slots=True)
class WorkflowDefinition:
    """A workflow with its jobs, crawlers and triggers; each group is sorted by name."""

    workflow: Definition
    jobs: tuple[Definition, ...] = ()
    crawlers: tuple[Definition, ...] = ()
    triggers: tuple[Definition, ...] = ()

    @classmethod
    def of(cls, workflow: Definition, parts: Iterator[Definition] | tuple[Definition, ...]) -> WorkflowDefinition:
        """Return a workflow with these parts, of any kinds, in any order."""
        groups: dict[Kind, list[Definition]] = {kind: [] for kind in Kind}
        for part in sorted(parts, key=lambda one: one.name):
            groups[part.kind].append(part)
        return cls(workflow, *(tuple(groups[kind]) for kind in (Kind.JOB, Kind.CRAWLER, Kind.TRIGGER)))

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.workflow.name

    @property
    def nodes(self) -> tuple[Definition, ...]:
        """Jobs and crawlers."""
        return (*self.jobs, *self.crawlers)

    def __iter__(self) -> Iterator[Definition]:
        """Iterate over everything, in the order in which it can be created."""
        yield self.workflow
        yield from self.nodes
        yield from self.triggers

    def by_key(self) -> dict[Key, Definition]:
        """Return everything, by kind and name."""
        return {one.key: one for one in self}

    def to_json(self) -> list[dict[str, Any]]:
        """Return everything as JSON has it; the workflow comes first."""
        return [one.to_json() for one in self]

    @classmethod
    def from_json(cls, data: list[dict[str, Any]]) -> WorkflowDefinition:
        """Return what :meth:`to_json` was called on."""
        workflow, *parts = map(Definition.from_json, data)
        return cls.of(workflow, tuple(parts))


@dataclass(frozen=True, slots=True)
class UploadedObject:
    """An object in S3 that belongs to a workflow, usually a script.

    Attributes:
        options: other members of its PutObject request, such as ContentType.
    """

    bucket: str
    key: str
    content: bytes = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def location(self) -> str:
        """``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"


def without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that have a value: None, "", [] and {} count as not given."""
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}


def nodes_of_trigger(members: Mapping[str, Any]) -> Iterator[Key]:
    """Return the jobs and crawlers that a trigger starts or waits for, with repetitions."""
    for one in (*members.get("Actions", ()), *(members.get("Predicate") or {}).get("Conditions", ())):
        if one.get("JobName"):
            yield Key(Kind.JOB, one["JobName"])
        elif one.get("CrawlerName"):
            yield Key(Kind.CRAWLER, one["CrawlerName"])


def with_nodes_renamed(trigger: Definition, names: Mapping[Key, str]) -> Definition:
    """Return a trigger whose jobs and crawlers have other names.

    Args:
        trigger: the trigger.
        names: new names; nodes that are not in it keep theirs.
    """
    members = dict(trigger.members)
    if members.get("Actions"):
        members["Actions"] = [_renamed(one, names) for one in members["Actions"]]
    predicate = members.get("Predicate") or {}
    if predicate.get("Conditions"):
        members["Predicate"] = {
            **predicate,
            "Conditions": [_renamed(one, names) for one in predicate["Conditions"]],
        }
    return replace(trigger, members=members)


def _renamed(part: Mapping[str, Any], names: Mapping[Key, str]) -> dict[str, Any]:
    kinds = {"JobName": Kind.JOB, "CrawlerName": Kind.CRAWLER}
    found = {member: names.get(Key(kind, part[member])) for member, kind in kinds.items() if part.get(member)}
    return {**part, **{member: name for member, name in found.items() if name is not None}}
