"""How policies are written: as text, as policy documents, as a CloudFormation template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from glueprint.deploy.permissions.statements import MAX_REASONS, RolePolicy, Statement, trust_policy
from glueprint.iam.arns import Location

MAX_POLICY_CHARACTERS = 6144
"""Of a managed policy without white space (IAM and STS quotas)."""


def to_text(policies: Sequence[RolePolicy]) -> Iterator[str]:
    """Yield lines for people: each statement with what needs it."""
    for policy in policies:
        yield f"{policy.title}"
        for statement in policy.statements:
            yield f"  {', '.join(statement.actions)}"
            yield from (f"    on {resource}" for resource in statement.resources)
            for operator, keys in statement.condition.items():
                yield from (f"    if {key} {operator} {value}" for key, value in keys.items())
            yield from _reasons(statement)
            if statement.is_unused:
                yield "    NOT USED by the observed runs"
        yield from (f"  note: {note}" for note in policy.notes)
        yield ""


def _reasons(statement: Statement) -> Iterator[str]:
    yield from (f"    why: {why}" for why in statement.whys[:MAX_REASONS])
    if len(statement.whys) > MAX_REASONS:
        yield f"    why: {len(statement.whys) - MAX_REASONS} more, see --format json"


def to_json(policies: Sequence[RolePolicy], account_id: str) -> dict[str, Any]:
    """Return everything as plain data (docs/json-output.md)."""
    return {
        "Policies": [
            {
                "Name": policy.name,
                "Title": policy.title,
                "Role": policy.role or None,
                "Policy": policy.document(),
                "Trust": trust_policy(account_id) if policy.trusts_glue else None,
                "Reasons": {one.sid: list(one.whys) for one in policy.statements},
                "Unused": [one.sid for one in policy.statements if one.is_unused],
                "Notes": list(policy.notes),
            }
            for policy in policies
        ]
    }


def to_files(policies: Sequence[RolePolicy], account_id: str) -> dict[str, dict[str, Any]]:
    """Return a document for each file: ``NAME.policy.json``, and of roles ``NAME.trust.json``."""
    files = {}
    for policy in policies:
        files[f"{policy.name}.policy.json"] = policy.document()
        if policy.trusts_glue:
            files[f"{policy.name}.trust.json"] = trust_policy(account_id)
    return files


def to_cloudformation(policies: Sequence[RolePolicy], blueprint: str) -> dict[str, Any]:
    """Return a template with a managed policy for each persona, and a role with its policy for each role.

    Args:
        policies: made with :meth:`Location.variables`; their variables are replaced when the stack is created.
    """
    resources: dict[str, Any] = {}
    for policy in policies:
        document = substituted(policy.document())
        if not policy.trusts_glue:
            resources[f"{policy.name}Policy"] = {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"Description": f"{blueprint}: {policy.title}", "PolicyDocument": document},
            }
            continue
        resources[f"{policy.name}Role"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": policy.role.rpartition("/")[2],
                "Description": f"{blueprint}: {policy.title}"[:1000],
                "AssumeRolePolicyDocument": substituted(trust_policy(Location.variables().account_id)),
                "Policies": [{"PolicyName": blueprint, "PolicyDocument": document}],
            },
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Permissions of the Glue blueprint {blueprint}, written by glueprint policy",
        "Resources": resources,
    }


def substituted(value: Any) -> Any:
    """Return a document with ``Fn::Sub`` around each text that contains a pseudo parameter."""
    if isinstance(value, Mapping):
        return {key: substituted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [substituted(one) for one in value]
    return {"Fn::Sub": value} if isinstance(value, str) and "${AWS::" in value else value


def too_long(policies: Sequence[RolePolicy], size: Callable[[Any], int]) -> list[RolePolicy]:
    """Return policies that IAM would refuse as a managed policy, because they are too long."""
    return [policy for policy in policies if size(policy.document()) > MAX_POLICY_CHARACTERS]
