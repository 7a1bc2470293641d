"""A blueprint project that makes an existing workflow: layout, scripts, parameters, README.

The project is one folder, as ``check``, ``plan`` and ``register`` take it. Before it is returned, its layout runs
with the found parameters, and what it makes is compared with what was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.config import parse_config
from glueprint.check.subject import Subject
from glueprint.client.errors import GlueprintError
from glueprint.deploy.definitions.comparison import Difference, differences
from glueprint.deploy.definitions.layout import LayoutFailed, lay_out
from glueprint.deploy.definitions.model import Definition, Key, Kind, WorkflowDefinition, with_nodes_renamed
from glueprint.deploy.importing.collected import Collected
from glueprint.deploy.importing.gaps import Gap, lost, member_gaps, other_form
from glueprint.deploy.importing.graph import LayoutGraph, layout_graph
from glueprint.deploy.importing.layout_text import layout_text
from glueprint.deploy.importing.names import logical_names
from glueprint.deploy.importing.parameters import FoundParameter, config, example, find_parameters
from glueprint.deploy.importing.readme import readme

EXAMPLE_NAME = "parameters.example.json"


@dataclass(frozen=True, slots=True)
class Project:
    """A blueprint project.

    Attributes:
        name: of the blueprint, and of the folder.
        files: by path within the folder.
        parameters: of the blueprint.
        names: the deployed name of each resource, by name in the layout.
        gaps: what the layout cannot say.
    """

    name: str
    files: Mapping[str, bytes]
    parameters: tuple[FoundParameter, ...]
    names: Mapping[Key, str]
    gaps: tuple[Gap, ...]

    @property
    def lost(self) -> tuple[Gap, ...]:
        """The gaps that change what the workflow does."""
        return tuple(one for one in self.gaps if one.is_lost)


class ImportFailed(GlueprintError):
    """The project that was made cannot be laid out: a fault of Glueprint."""


def project_of(collected: Collected, name: str) -> Project:
    """Return a blueprint project for a workflow.

    Args:
        collected: the workflow.
        name: of the blueprint: letters, digits, ``_`` and ``-``.

    Raises:
        ImportFailed: the layout that was written does not run.
    """
    collected = replace(collected, definition=without_defaults(collected.definition))
    graph = layout_graph(collected.definition)
    logical = logical_names(collected.definition)
    parameters = find_parameters(collected, graph.schedule)
    scripts = _script_files(collected)
    files: dict[str, bytes] = {
        "blueprint.cfg": config(name, parameters).encode(),
        "layout.py": layout_text(collected, name, graph, logical, parameters, scripts).encode(),
        EXAMPLE_NAME: (json.dumps(example(parameters), indent=4, ensure_ascii=False) + "\n").encode(),
        **{f"scripts/{scripts[one.location]}": one.content for one in collected.scripts},
    }
    subject = subject_of(name, files)
    try:
        made = lay_out(
            subject, example(parameters), region=collected.region, account_id=collected.account_id
        ).definition
    except LayoutFailed as error:
        raise ImportFailed(f"workflow {collected.name}: {error}") from error
    gaps = [*graph.gaps, *(gap for one in collected.definition for gap in _gaps_of(one))]
    names = _trigger_names(graph, logical, collected.definition, made)
    gaps += _left(collected.definition, made, names, {(one.key, one.member.partition("[")[0]) for one in gaps})
    found = tuple(dict.fromkeys(gaps))
    files["README.md"] = readme(collected, name, parameters, found).encode()
    return Project(name, files, parameters, names, found)


def without_defaults(definition: WorkflowDefinition) -> WorkflowDefinition:
    """Return a workflow whose jobs and crawlers lack the members that Glue would fill in with the same value.

    What a job runs on, and for how long, stays explicit.
    """
    nodes = [replace(one, members=dict(_needed(one))) for one in definition.nodes]
    return WorkflowDefinition.of(definition.workflow, (*nodes, *definition.triggers))


_EXPLICIT = ("Command", "GlueVersion", "Timeout", "MaxRetries", "MaxCapacity", "WorkerType", "NumberOfWorkers")


def _needed(one: Definition) -> Iterator[tuple[str, Any]]:
    for member, value in one.members.items():
        others = {name: given for name, given in one.members.items() if name != member}
        if member in _EXPLICIT or differences(replace(one, members=others), one):
            yield member, value


def _gaps_of(one: Definition) -> Sequence[Gap]:
    return () if one.kind is Kind.TRIGGER else tuple(member_gaps(one))


def subject_of(name: str, files: Mapping[str, bytes]) -> Subject:
    """Return the blueprint in these files, as it is checked and laid out."""
    archive = read_archive(write_archive({f"{name}/{path}": content for path, content in files.items()}), name)
    return Subject(name, archive, parse_config(archive.config))


def _script_files(collected: Collected) -> dict[str, str]:
    """Return the file name of each script below ``scripts/``, by its location."""
    found: dict[str, str] = {}
    for one in collected.scripts:
        path = PurePosixPath(one.key)
        file, number = path.name, 1
        while file in found.values():
            number += 1
            file = f"{path.stem}_{number}{path.suffix}"
        found[one.location] = file
    return found


def _trigger_names(
    graph: LayoutGraph, logical: Mapping[Key, str], read: WorkflowDefinition, made: WorkflowDefinition
) -> dict[Key, str]:
    """Return the deployed name of each resource, by its key in the layout."""
    names = {Key(key.kind, name): key.name for key, name in logical.items()}
    used: set[str] = set()
    for trigger in made.triggers:
        started = next(iter(_started(trigger)), None)
        deployed = graph.starting_trigger if trigger.members["Type"] != "CONDITIONAL" else ""
        if not deployed and started is not None:
            key = next((one for one, name in logical.items() if Key(one.kind, name) == started), None)
            deployed = graph.waiting[key].trigger if key is not None and key in graph.waiting else ""
        if deployed and deployed not in used:  # a trigger of several nodes is several in the layout
            used.add(deployed)
            names[trigger.key] = deployed
    return names


def _started(trigger: Definition) -> list[Key]:
    kinds = {"JobName": Kind.JOB, "CrawlerName": Kind.CRAWLER}
    return [
        Key(kind, action[member])
        for action in trigger.members.get("Actions", ())
        for member, kind in kinds.items()
        if action.get(member)
    ]


def _left(
    read: WorkflowDefinition, made: WorkflowDefinition, names: Mapping[Key, str], known: set[tuple[Key, str]]
) -> list[Gap]:
    """Return what differs between the workflow that was read and the one that the layout makes."""
    deployed = read.by_key()
    gaps: list[Gap] = []
    seen: set[Key] = set()
    for one in made:
        key = Key(one.kind, names.get(one.key, one.name))
        seen.add(key)
        if key not in deployed:
            if one.kind is not Kind.TRIGGER:
                gaps.append(lost(key, "", "is made by the layout, and was not read"))
            continue
        wanted = Definition(key.kind, key.name, with_nodes_renamed(one, names).members, one.tags)
        if not _is_known_form(key, known):
            found = differences(wanted, deployed[key])
            gaps += [_gap(key, member) for member in found if (key, member.member) not in known]
    missing = sorted(set(deployed) - seen - {key for key, _ in known}, key=str)
    return [*gaps, *(lost(key, "", "is not made by the layout") for key in missing)]


def _is_known_form(key: Key, known: set[tuple[Key, str]]) -> bool:
    """Whether a trigger has a gap already: all of its differences follow from that."""
    return key.kind is Kind.TRIGGER and any(one == key for one, _ in known)


def _gap(key: Key, found: Difference) -> Gap:
    make = other_form if found.member in ("Tags", "Description") else lost
    return make(key, found.member, f"is {found.deployed!r}, and the layout makes {found.wanted!r}")
