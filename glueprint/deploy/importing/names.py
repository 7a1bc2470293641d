"""Names of jobs and crawlers in a layout, from their deployed names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from glueprint.deploy.definitions.model import Key, WorkflowDefinition

_SUFFIX = re.compile(r"(.+)_([a-z0-9]{6,16})")
"""What a blueprint run adds to names: the same for all of one run (docs/facts/blueprints.md#generated-names)."""


def logical_names(definition: WorkflowDefinition) -> dict[Key, str]:
    """Return the names for the layout: without the suffix of a blueprint run, if all nodes have one."""
    found = {one.key: _SUFFIX.fullmatch(one.name) for one in definition.nodes}
    suffixes = {one[2] if one else "" for one in found.values()}
    suffix = next(iter(suffixes)) if len(suffixes) == 1 else ""
    if len(found) < 1 or not any(letter.isdigit() for letter in suffix):
        return {key: key.name for key in found}
    return {key: key.name.removesuffix(f"_{suffix}") for key in found}


def variable_names(logical: Mapping[Key, str], workflow: str, reserved: frozenset[str]) -> dict[Key, str]:
    """Return the variable of each job and crawler in the layout: its name without the workflow's."""
    names: dict[Key, str] = {}
    taken = set(reserved)
    for key, name in logical.items():
        short = name.removeprefix(workflow).strip("_-. ") or name
        plain = re.sub(r"[^A-Za-z0-9]+", "_", short).strip("_").lower()
        plain = plain if plain[:1].isalpha() and plain.isascii() else f"{key.kind}_{plain}".strip("_")
        candidate, number = plain, 1
        while candidate in taken:
            number += 1
            candidate = f"{plain}_{number}"
        taken.add(candidate)
        names[key] = candidate
    return names
