"""Which deployed resource is which resource of the layout.

Bookmarks, run history and metrics belong to a job's name, so a job keeps its name for as long as the layout
makes it under the same logical name. Glue adds a random suffix to the names of jobs and crawlers in every
blueprint run (DG:developing-blueprints-code-classes): names alone do not match.

1. The state records the deployed name of each logical name.
2. Of a workflow of which nothing is recorded, jobs and crawlers are matched by name, with or without a suffix that
   is the same for most of them; triggers by what they start.
3. What is new gets the workflow's suffix: the one of its blueprint run, or else one that follows from its name, so
   that the same layout makes the same names everywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from glueprint.deploy.definitions.comparison import comparable
from glueprint.deploy.definitions.layout import deployed_names
from glueprint.deploy.definitions.model import Definition, Key, Kind, WorkflowDefinition, with_nodes_renamed

_STARTING = ("ON_DEMAND", "SCHEDULED", "EVENT")


@dataclass(frozen=True, slots=True)
class Names:
    """The deployed names of everything that a layout makes.

    Attributes:
        suffix: of new jobs and crawlers.
        deployed: by logical name.
    """

    suffix: str
    deployed: Mapping[Key, str]


def stable_suffix(workflow: str) -> str:
    """Return the suffix of a workflow that no blueprint run made: always the same for the same name."""
    return hashlib.sha256(workflow.encode()).hexdigest()[:8]


def recorded_names(logical: WorkflowDefinition, suffix: str, names: Mapping[Key, str]) -> Names:
    """Return the names of a layout's resources where a state records those of earlier versions."""
    return Names(suffix, deployed_names(logical, suffix, names))


def matched_names(logical: WorkflowDefinition, deployed: WorkflowDefinition) -> Names:
    """Return the names of a layout's resources in a deployed workflow of which nothing is recorded."""
    suffix = _common_suffix(logical, deployed) or stable_suffix(logical.name)
    there = {one.key for one in deployed.nodes}
    names: dict[Key, str] = {}
    for one in logical.nodes:
        candidates = (one.name, f"{one.name}_{suffix}")
        found = next((name for name in candidates if Key(one.kind, name) in there), None)
        if found is not None:
            names[one.key] = found
    nodes = {one.key: names.get(one.key, f"{one.name}_{suffix}") for one in logical.nodes}
    names.update(_matched_triggers(logical, deployed, nodes))
    return Names(suffix, deployed_names(logical, suffix, names))


def _common_suffix(logical: WorkflowDefinition, deployed: WorkflowDefinition) -> str | None:
    """Return the suffix with which most jobs and crawlers of the layout are deployed."""
    found = Counter(
        there.name.removeprefix(f"{one.name}_")
        for one in logical.nodes
        for there in deployed.nodes
        if there.kind is one.kind and there.name.startswith(f"{one.name}_")
    )
    if not found:
        return None
    # The suffix of one entity may be the end of another's name: of equal ones, the shortest is Glue's.
    return min(found, key=lambda one: (-found[one], len(one), one))


def _matched_triggers(
    logical: WorkflowDefinition, deployed: WorkflowDefinition, nodes: Mapping[Key, str]
) -> Iterator[tuple[Key, str]]:
    """Match triggers: by name, by the same definition, then by the nodes that they start."""
    defaults = deployed_names(logical, "", nodes)
    left = {one.name: one for one in deployed.triggers}
    wanted = {}
    for one in logical.triggers:
        if left.pop(defaults[one.key], None) is None:
            wanted[one.key] = with_nodes_renamed(one, nodes)
        else:
            yield one.key, defaults[one.key]
    for form in (_content, _started_nodes):
        there: dict[object, list[str]] = {}
        for name, one in sorted(left.items(), reverse=True):
            there.setdefault(form(one), []).append(name)
        for key, one in list(wanted.items()):
            same = there.get(form(one))
            if same:
                name = same.pop()
                del left[name], wanted[key]
                yield key, name


def _content(trigger: Definition) -> str:
    return json.dumps(comparable(trigger), sort_keys=True, default=str)


def _started_nodes(trigger: Definition) -> tuple[str, ...]:
    """Return what a trigger starts; all starting triggers are alike: a workflow has only one."""
    if trigger.members.get("Type") in _STARTING:
        return ("start",)
    actions = trigger.members.get("Actions", ())
    return tuple(sorted(json.dumps([one.get("JobName"), one.get("CrawlerName")]) for one in actions))


def lost_names(names: Mapping[Key, str], logical: WorkflowDefinition) -> list[Key]:
    """Return the logical jobs and crawlers that earlier versions had and this layout has not."""
    now = {one.key for one in logical.nodes}
    return sorted(
        (key for key in names if key.kind in (Kind.JOB, Kind.CRAWLER) and key not in now),
        key=lambda key: (key.kind.value, key.name),
    )
