"""Whether policies allow a request: explicit deny, then allow, then the implicit deny.

Rules: IAM user guide, "Policy evaluation logic" within one account, for identity-based policies, limited by a
permissions boundary and a session policy. Resource-based policies (of buckets, of the Data Catalog) are not
evaluated (docs/fidelity/http.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from glueprint.iam.arns import LITERAL_QUESTION, LITERAL_STAR, arn_matches, wildcard_matches
from glueprint.iam.conditions import Context
from glueprint.iam.documents import Policy, Statement

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ESCAPED = {"*": LITERAL_STAR, "?": LITERAL_QUESTION, "$": "$"}


@dataclass(frozen=True)
class Request:
    """What is to be allowed: one action on one resource.

    Attributes:
        context: values of condition keys.
    """

    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Why a request is not allowed.

    Attributes:
        policy_type: in AWS's words: ``identity-based policy``, ``permissions boundary`` or ``session policy``.
        is_explicit: whether a statement denies it; otherwise none allows it.
    """

    policy_type: str
    is_explicit: bool


IDENTITY = "identity-based policy"
BOUNDARY = "permissions boundary"
SESSION = "session policy"


def decide(
    policies: Sequence[Policy], request: Request, limits: Mapping[str, Policy] = MappingProxyType({})
) -> Refusal | None:
    """Return why policies do not allow a request; None if they do.

    Args:
        policies: identity-based, of the principal and its groups.
        limits: policies that must allow it, too, by their type.

    Raises:
        PolicyError: a statement that applies has a condition on a key that is not known here.
    """
    groups = {IDENTITY: policies, **{kind: [policy] for kind, policy in limits.items()}}
    for kind, group in groups.items():
        if _any(group, request, is_deny=True):
            return Refusal(kind, is_explicit=True)
    for kind, group in groups.items():
        if not _any(group, request, is_deny=False):
            return Refusal(kind, is_explicit=False)
    return None


def trusts(policy: Policy, service: str, context: Context) -> bool:
    """Whether a trust policy lets a service assume the role."""
    request = Request("sts:AssumeRole", "*", context)

    def applies(statement: Statement) -> bool:
        named = statement.principals.get("Service", ())
        anyone = "*" in statement.principals.get("AWS", ()) and statement.is_deny
        return (service in named or anyone) and _applies(policy, statement, request)

    found = [statement for statement in policy.statements if applies(statement)]
    return bool(found) and not any(statement.is_deny for statement in found)


def _any(policies: Sequence[Policy], request: Request, *, is_deny: bool) -> bool:
    return any(
        _applies(policy, statement, request)
        for policy in policies
        for statement in policy.statements
        if statement.is_deny == is_deny
    )


def _applies(policy: Policy, statement: Statement, request: Request) -> bool:
    def resolve(text: str) -> str | None:
        return _resolved(text, request.context) if policy.has_variables else text

    is_action = any(wildcard_matches(one, request.action, ignore_case=True) for one in statement.actions)
    if is_action == statement.negates_actions:
        return False
    patterns = [pattern for one in statement.resources if (pattern := resolve(one)) is not None]
    is_resource = any(arn_matches(one, request.resource) for one in patterns)
    if is_resource == statement.negates_resources:
        return False
    return all(condition.is_true(request.context, resolve) for condition in statement.conditions)


def _resolved(text: str, context: Context) -> str | None:
    """Return a text with its policy variables replaced; None if one has no value: then nothing matches.

    ``${*}``, ``${?}`` and ``${$}`` are the characters themselves; ``${key, 'default'}`` has a default.
    """
    is_complete = True

    def value(match: re.Match[str]) -> str:
        nonlocal is_complete
        name, _, default = match[1].partition(",")
        if name in _ESCAPED:
            return _ESCAPED[name]
        found = context.get(name.strip().lower(), ())
        if len(found) == 1:
            return found[0].replace("*", LITERAL_STAR).replace("?", LITERAL_QUESTION)
        if default:
            return default.strip().strip("'")
        is_complete = False
        return ""

    replaced = _VARIABLE.sub(value, text)
    return replaced if is_complete else None
