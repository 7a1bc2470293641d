"""Grants and statements: what a role needs and why, joined to as few statements as allow exactly that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Condition = Mapping[str, Mapping[str, Any]]
_Frozen = tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]

MAX_REASONS = 6
"""Reasons that are shown for one statement; the others are counted."""
GLUE = "glue.amazonaws.com"


@dataclass(frozen=True)
class Grant:
    """One action on one resource, and what needs it.

    Attributes:
        why: what needs it, with file and line where that is known.
        condition: of the statement; operators to keys to values.
    """

    action: str
    resource: str
    why: str
    condition: _Frozen = ()


def grant(action: str, resource: str, why: str, condition: Condition | None = None) -> Grant:
    """Return a grant; the values of a condition may be texts or lists."""
    frozen = tuple(
        (
            operator,
            tuple((key, tuple([value] if isinstance(value, str) else value)) for key, value in keys.items()),
        )
        for operator, keys in (condition or {}).items()
    )
    return Grant(action, resource, why, frozen)


@dataclass(frozen=True)
class Statement:
    """A statement of a policy.

    Attributes:
        whys: what needs it.
        is_unused: whether observed runs did not need it; None if none were observed.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Condition
    whys: tuple[str, ...]
    is_unused: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as a policy document has it."""
        shape = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": _one_or_many(self.actions),
            "Resource": _one_or_many(self.resources),
        }
        return {**shape, "Condition": self.condition} if self.condition else shape


@dataclass(frozen=True)
class RolePolicy:
    """The policies of one role or persona.

    Attributes:
        name: for files and templates: letters and digits.
        title: for people.
        statements: of the permissions policy.
        trusts_glue: whether it is a role that Glue assumes; a persona's policy belongs to users.
        role: the ARN of the role, if it is one.
        notes: what could not be determined.
    """

    name: str
    title: str
    statements: tuple[Statement, ...]
    trusts_glue: bool = False
    role: str = ""
    notes: tuple[str, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """Return the permissions policy."""
        return {"Version": "2012-10-17", "Statement": [one.to_json() for one in self.statements]}


def trust_policy(account_id: str) -> dict[str, Any]:
    """Return the trust policy of a role that Glue assumes for this account only.

    Source: DG:blueprints-personas-permissions (trust in glue.amazonaws.com); the condition is that of
    the IAM user guide, "The confused deputy problem".
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": GLUE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def joined(grants: Iterable[Grant]) -> tuple[Statement, ...]:
    """Return statements that allow exactly the grants: actions with the same resources and condition share one."""
    resources: dict[tuple[str, _Frozen], set[str]] = {}
    reasons: dict[tuple[str, _Frozen], dict[str, None]] = {}
    for one in grants:
        resources.setdefault((one.action, one.condition), set()).add(one.resource)
        reasons.setdefault((one.action, one.condition), {})[one.why] = None
    groups: dict[tuple[str, frozenset[str], _Frozen], list[str]] = {}
    for (action, condition), found in resources.items():
        minimal = frozenset(_without_covered(found))
        groups.setdefault((action.partition(":")[0], minimal, condition), []).append(action)
    numbers: dict[str, int] = {}
    statements = []
    for (service, found_in, condition), actions in sorted(
        groups.items(), key=lambda item: (item[0][0], sorted(item[1]))
    ):
        numbers[service] = numbers.get(service, 0) + 1
        whys = dict.fromkeys(why for action in sorted(actions) for why in reasons[action, condition])
        statements.append(
            Statement(
                f"{service.capitalize()}{numbers[service]}",
                tuple(sorted(actions)),
                tuple(sorted(found_in)),
                {name: {key: _one_or_many(values) for key, values in keys} for name, keys in condition},
                tuple(whys),
            )
        )
    return tuple(statements)


def _without_covered(resources: set[str]) -> set[str]:
    """Leave out resources that a pattern among them contains already."""
    if "*" in resources:
        return {"*"}
    prefixes = [one.removesuffix("*") for one in resources if one.endswith("*")]
    return {
        one
        for one in resources
        if not any(one.startswith(prefix) and one not in (prefix, f"{prefix}*") for prefix in prefixes)
    }


def _one_or_many(values: tuple[str, ...]) -> Any:
    return values[0] if len(values) == 1 else list(values)
