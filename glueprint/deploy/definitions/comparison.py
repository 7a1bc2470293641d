"""What differs between a wanted and a deployed definition.

Both sides are brought into one form before they are compared. What Glue fills in (``facts.defaults``) is filled in
on both, and values that Glue shows in another way than they were given are written alike:

* a crawler's role is shown as a name, although it was given as an ARN (terraform-provider-aws:
  ``aws_glue_crawler`` ignores that difference);
* all kinds of a crawler's targets are shown, those that are not used as empty lists;
* ``Logical`` of a predicate with one condition has no meaning; the order of conditions and actions neither;
* a job's MaxCapacity follows from its workers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.deploy.definitions.model import Definition, Kind, without_empty
from glueprint.facts.defaults import crawler_with_defaults, job_with_defaults, trigger_with_defaults

OWN_TAG_PREFIX = "glueprint:"
"""Tags that record where the state of a workflow is; they are not part of its definition."""
_SERVICE_TAGS = ("BlueprintName",)
"""Glue adds it to what a blueprint run makes (awslabs/aws-glue-blueprint-libs#8)."""
_TAGS = "Tags"


@dataclass(frozen=True, slots=True)
class Difference:
    """A member that differs.

    Attributes:
        path: such as ``("DefaultArguments", "--minimum")``.
        deployed: its value now; None: it has none.
        wanted: its value in the wanted definition; None: it has none.
    """

    path: tuple[str, ...]
    deployed: Any
    wanted: Any

    @property
    def member(self) -> str:
        """The member of the Create* request that contains it."""
        return self.path[0]

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.deployed!r} -> {self.wanted!r}"


def differences(wanted: Definition, deployed: Definition, before: Definition | None = None) -> list[Difference]:
    """Return the members in which two definitions of one resource differ, sorted by path.

    Tags that are not wanted are left alone, unless they were wanted before: others may tag resources, too.

    Args:
        wanted: the wanted definition.
        deployed: the deployed one.
        before: what was wanted when it was deployed; None if that is not known.
    """
    found = list(_compared((), comparable(deployed), comparable(wanted)))
    kept = before.tags if before is not None else {}
    for name in sorted({*wanted.tags, *deployed.tags}):
        have, want = deployed.tags.get(name), wanted.tags.get(name)
        if have != want and (want is not None or (name in kept and not is_service_tag(name))):
            found.append(Difference((_TAGS, name), have, want))
    return sorted(found, key=lambda one: one.path)


def is_service_tag(name: str) -> bool:
    """Whether a tag is Glue's, AWS's or Glueprint's: layouts do not set it."""
    return name.startswith((OWN_TAG_PREFIX, "aws:")) or name in _SERVICE_TAGS


def comparable(definition: Definition) -> dict[str, Any]:
    """Return the members in the form in which they are compared; without tags."""
    return _FORMS[definition.kind](definition.members)


def _workflow(members: Mapping[str, Any]) -> dict[str, Any]:
    return without_empty(members)


def _job(members: Mapping[str, Any]) -> dict[str, Any]:
    job = job_with_defaults({"Command": {}, **without_empty(members)})
    if job.get("WorkerType"):
        job.pop("MaxCapacity", None)
    job.pop("AllocatedCapacity", None)
    job["Command"] = {"Name": "glueetl", **without_empty(job["Command"])}
    if job.get("ExecutionClass") == "STANDARD":
        del job["ExecutionClass"]  # the same as none (service model, ExecutionClass)
    if job.get("JobRunQueuingEnabled") is False:
        del job["JobRunQueuingEnabled"]
    if not (job.get("Connections") or {}).get("Connections"):
        job.pop("Connections", None)
    return without_empty(job)


def _crawler(members: Mapping[str, Any]) -> dict[str, Any]:
    crawler = crawler_with_defaults({"Targets": {}, **without_empty(members)})
    crawler["Targets"] = _pruned(crawler["Targets"])
    if isinstance(crawler.get("Schedule"), Mapping):
        crawler["Schedule"] = crawler["Schedule"]["ScheduleExpression"]
    if crawler.get("Role"):
        crawler["Role"] = role_name(crawler["Role"])
    if not (crawler.get("LakeFormationConfiguration") or {}).get("UseLakeFormationCredentials"):
        crawler.pop("LakeFormationConfiguration", None)
    if crawler.get("Configuration"):
        crawler["Configuration"] = _from_json(crawler["Configuration"])
    return without_empty(crawler)


def _trigger(members: Mapping[str, Any]) -> dict[str, Any]:
    trigger = trigger_with_defaults(without_empty(members))
    predicate = dict(trigger.get("Predicate") or {})
    conditions = predicate.get("Conditions") or []
    if len(conditions) > 1:
        predicate["Logical"] = predicate.get("Logical") or "AND"
    else:
        predicate.pop("Logical", None)
    trigger["Predicate"] = {**predicate, "Conditions": _ordered(conditions)} if conditions else {}
    trigger["Actions"] = _ordered(map(_pruned, trigger.get("Actions") or ()))
    if trigger["Type"] in ("ON_DEMAND", "EVENT"):
        trigger.pop("StartOnCreation", None)  # the state of these never changes: docs/facts/triggers.md#states
    return without_empty(trigger)


_FORMS = {Kind.WORKFLOW: _workflow, Kind.JOB: _job, Kind.CRAWLER: _crawler, Kind.TRIGGER: _trigger}


def role_name(role: str) -> str:
    """Return a role's path and name, of an ARN or of a name."""
    return role.partition(":role/")[2] or role


def _compared(path: tuple[str, ...], deployed: Any, wanted: Any) -> Iterator[Difference]:
    if isinstance(deployed, Mapping) and isinstance(wanted, Mapping):
        for name in sorted({*deployed, *wanted}):
            yield from _compared((*path, name), deployed.get(name), wanted.get(name))
    elif deployed != wanted:
        yield Difference(path, deployed, wanted)


def _pruned(value: Any) -> Any:
    """Return a value without empty members, at all depths."""
    if isinstance(value, Mapping):
        return without_empty({name: _pruned(one) for name, one in value.items()})
    return [_pruned(one) for one in value] if isinstance(value, list) else value


def _ordered(parts: Any) -> list[Any]:
    return sorted(parts, key=lambda one: json.dumps(one, sort_keys=True, default=str))


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
