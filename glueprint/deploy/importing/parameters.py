"""Which values of a workflow are parameters of its blueprint, found by what they are and where they occur.

The rules, in this order: the workflow's name; roles; the bucket of the scripts and other buckets; databases;
connections; the schedule; and argument values that at least two jobs have under the same name. Account and region
are not parameters: a layout gets them from Glue.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from glueprint.blueprint.spec import ParameterErrors, ParameterSpec
from glueprint.deploy.definitions.comparison import role_name
from glueprint.deploy.importing.collected import Collected
from glueprint.facts.special_parameters import SPECIAL_PARAMETERS

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")
_ADDRESS = re.compile(r"s3://[a-z0-9][a-z0-9.-]+(/[^\s,]*)?")
_MAP_MEMBERS = ("DefaultArguments", "NonOverridableArguments")
_NOT_WORTH = re.compile(r"|true|false|\d{1,3}|.{1,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundParameter:
    """A parameter of the blueprint.

    Attributes:
        name: in ``blueprint.cfg``.
        type: of ``blueprint.cfg``.
        value: what the workflow has there.
        description: for the person who fills it in.
        variable: its name in the layout.
        within: where it is replaced within a longer text, too: in ``names`` (and other texts), or in S3
            ``addresses``; empty: nowhere. Paths do not follow the workflow's name: a second workflow of the
            blueprint reads the same data unless its author decides otherwise.
    """

    name: str
    type: str
    value: str
    description: str
    variable: str
    within: str = ""

    def spec(self) -> dict[str, Any]:
        """Return its declaration in ``blueprint.cfg``."""
        default = {"defaultValue": ""} if self.name == "Schedule" else {}
        return {"type": self.type, "collection": False, "description": self.description, **default}


def find_parameters(collected: Collected, schedule: str = "") -> tuple[FoundParameter, ...]:
    """Return the parameters, the workflow's name first."""
    definition = collected.definition
    found = [
        FoundParameter(
            "WorkflowName", "String", definition.name, "Name of the workflow", "workflow_name", "names"
        ),
        *_roles(collected),
        *_buckets(collected),
    ]
    taken = {one.value for one in found}
    found += _named(_databases(collected), "Database", "Database of the Data Catalog", taken)
    found += _named(_connections(collected), "Connection", "Connection of Glue", taken)
    if schedule:
        found.append(
            FoundParameter(
                "Schedule", "String", schedule, "cron(...) when the workflow starts; empty: on demand", "schedule"
            )
        )
    found += _arguments(collected, {one.value for one in found}, {one.name for one in found})
    return tuple(one if _is_accepted(one) else replace(one, type="String") for one in found)


def _is_accepted(parameter: FoundParameter) -> bool:
    """Whether the parameter's type accepts its value: names of old buckets, for example, are no S3Bucket."""
    try:
        ParameterSpec.parse({parameter.name: parameter.spec()}).resolve({parameter.name: parameter.value})
    except ParameterErrors:
        return False
    return True


def _roles(collected: Collected) -> Iterator[FoundParameter]:
    values = [str(one.members.get("Role", "")) for one in collected.definition.nodes]
    arns = {role_name(one): one for one in values if _ROLE_ARN.fullmatch(one)}
    ordered = Counter(role_name(one) for one in values if one).most_common()
    for number, (name, _) in enumerate(ordered, 1):
        suffix = "" if number == 1 else str(number)
        value = arns.get(name, name)
        type_ = "IAMRoleArn" if name in arns else "IAMRoleName"
        yield FoundParameter(
            f"Role{suffix}", type_, value, "Role of jobs and crawlers", f"role{suffix and '_' + suffix}"
        )


def _buckets(collected: Collected) -> Iterator[FoundParameter]:
    scripts = Counter(one.bucket for one in collected.scripts)
    named = [*(one for one, _ in scripts.most_common()), *collected.buckets]
    for number, bucket in enumerate(dict.fromkeys(named), 1):
        is_script = bucket in scripts and number == 1
        name = "ScriptBucket" if is_script else _numbered("DataBucket", number - bool(scripts))
        what = "Bucket of the scripts" if is_script else "Bucket that the workflow reads or writes"
        yield FoundParameter(name, "S3Bucket", bucket, what, _variable(name), "addresses")


def _databases(collected: Collected) -> list[str]:
    named = [str(one.members.get("DatabaseName", "")) for one in collected.definition.crawlers]
    return [one for one in dict.fromkeys([*named, *(str(one["Name"]) for one in collected.databases)]) if one]


def _connections(collected: Collected) -> list[str]:
    jobs = collected.definition.jobs
    named = [one for job in jobs for one in (job.members.get("Connections") or {}).get("Connections") or ()]
    return list(dict.fromkeys([*named, *(str(one["Name"]) for one in collected.connections)]))


def _named(values: Iterable[str], name: str, description: str, taken: set[str]) -> Iterator[FoundParameter]:
    for number, value in enumerate((one for one in values if one not in taken), 1):
        taken.add(value)
        full = _numbered(name, number)
        yield FoundParameter(full, "String", value, description, _variable(full))


def _arguments(collected: Collected, values: set[str], names: set[str]) -> Iterator[FoundParameter]:
    """Yield values that several jobs have under one argument, and all that have it: to be changed in one place."""
    given: dict[str, list[str]] = {}
    for job in collected.definition.jobs:
        for member in _MAP_MEMBERS:
            for argument, value in (job.members.get(member) or {}).items():
                given.setdefault(argument, []).append(str(value))
    for argument, (value, *others) in sorted(given.items()):
        if set(others) != {value}:
            continue
        count = 1 + len(others)
        name = "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", argument) if part)
        if argument in SPECIAL_PARAMETERS or value in values or _NOT_WORTH.fullmatch(value):
            continue
        if not name[:1].isalpha() or name in names or value in (collected.region, collected.account_id):
            continue
        names.add(name)
        values.add(value)
        kind = "S3Uri" if _ADDRESS.fullmatch(value) else "String"
        yield FoundParameter(name, kind, value, f"Argument {argument} of {count} jobs", _variable(name))


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}{number}"


def _variable(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def example(parameters: Iterable[FoundParameter]) -> Mapping[str, str]:
    """Return the values that make the workflow that was read."""
    return {one.name: one.value for one in parameters}


def config(name: str, parameters: Iterable[FoundParameter]) -> str:
    """Return the text of ``blueprint.cfg``."""
    spec = {one.name: one.spec() for one in parameters}
    declared = {"layoutGenerator": f"{name}.layout.generate_layout", "parameterSpec": spec}
    return json.dumps(declared, indent=4) + "\n"
