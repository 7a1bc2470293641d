"""Policy documents: from JSON to statements. A document that cannot be evaluated is refused, with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.iam.conditions import Condition, parse_conditions
from glueprint.iam.problems import PolicyError

_ELEMENTS = frozenset(
    {
        *("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"),
        *("Principal", "NotPrincipal"),
    }
)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy.

    Attributes:
        negates_actions: whether ``actions`` are those of NotAction.
        negates_resources: whether ``resources`` are those of NotResource.
        principals: of a trust policy, by type (``Service``, ``AWS``); empty in identity-based policies.
    """

    sid: str
    is_deny: bool
    actions: tuple[str, ...]
    negates_actions: bool
    resources: tuple[str, ...]
    negates_resources: bool
    conditions: tuple[Condition, ...]
    principals: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Policy:
    """A policy.

    Attributes:
        name: for messages.
        has_variables: whether ``${...}`` are policy variables: only in version 2012-10-17.
    """

    name: str
    statements: tuple[Statement, ...]
    has_variables: bool


def parse(document: str | Mapping[str, Any], name: str = "policy", *, is_trust: bool = False) -> Policy:
    """Return a policy document as statements.

    Args:
        name: of the policy, for messages.
        is_trust: whether it is a role's trust policy, which has principals and no resources.

    Raises:
        PolicyError: it is not a policy document, or it contains what is not evaluated here.
    """
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError as error:
            raise PolicyError(f"{name} is not JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise PolicyError(f"{name} is not a JSON object")
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list):
        raise PolicyError(f"{name} has no list of statements (Statement)")
    version = document.get("Version", "2008-10-17")
    parsed = tuple(
        _statement(one, f"statement {number} of {name}", is_trust) for number, one in enumerate(statements, 1)
    )
    return Policy(name, parsed, version == "2012-10-17")


def _statement(shape: object, where: str, is_trust: bool) -> Statement:
    if not isinstance(shape, Mapping):
        raise PolicyError(f"{where} is not a JSON object")
    if unknown := sorted(set(shape) - _ELEMENTS):
        raise PolicyError(f"{where} has the unknown element {', '.join(map(repr, unknown))}")
    effect = shape.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"{where}: Effect is {effect!r}; it must be Allow or Deny")
    if "NotPrincipal" in shape:
        raise PolicyError(f"{where}: NotPrincipal is not evaluated here")
    actions, negates_actions = _one_of(shape, "Action", where)
    if is_trust:
        shape = {**shape, "Resource": "*"}
    resources, negates_resources = _one_of(shape, "Resource", where)
    return Statement(
        str(shape.get("Sid", "")),
        effect == "Deny",
        actions,
        negates_actions,
        resources,
        negates_resources,
        parse_conditions(shape.get("Condition") or {}, where),
        _principals(shape.get("Principal"), where) if is_trust else {},
    )


def _one_of(shape: Mapping[str, Any], element: str, where: str) -> tuple[tuple[str, ...], bool]:
    present = [name for name in (element, f"Not{element}") if name in shape]
    if len(present) != 1:
        raise PolicyError(f"{where} must have {element} or Not{element}, and not both")
    return _texts(shape[present[0]], f"{where}: {present[0]}"), present[0] != element


def _principals(shape: object, where: str) -> dict[str, tuple[str, ...]]:
    if shape == "*":
        return {"AWS": ("*",)}
    if not isinstance(shape, Mapping):
        raise PolicyError(f"{where} has no Principal")
    return {str(kind): _texts(value, f"{where}: Principal") for kind, value in shape.items()}


def _texts(value: object, where: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in values):
        raise PolicyError(f"{where} must be a string or a list of strings, not {value!r}")
    return tuple(values)
