"""Statements from calls that runs made: what a policy lacks, and what of it was not needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from glueprint.deploy.permissions.statements import Grant, RolePolicy, Statement, grant
from glueprint.iam.documents import parse
from glueprint.iam.evaluation import Request, decide


@dataclass(frozen=True)
class ObservedCall:
    """A call that a run made, with what it required.

    Attributes:
        run_id: of the job run or blueprint run.
        call: such as ``s3.GetObject``.
        requests: actions, resources and conditions.
    """

    run_id: str
    call: str
    requests: tuple[Request, ...]

    @classmethod
    def from_wire(cls, run_id: str, shape: Mapping[str, Any]) -> ObservedCall:
        """Read one call of the local Glue's record."""
        requests = tuple(
            Request(need["Action"], need["Resource"], {"s3:prefix": (need["Prefix"],)} if "Prefix" in need else {})
            for need in shape["Needs"]
        )
        return cls(run_id, f"{shape['Service']}.{shape['Operation']}", requests)


def missing_grants(policy: RolePolicy, calls: Sequence[ObservedCall]) -> Iterator[Grant]:
    """Yield grants for what was called and is not allowed; of an object its folder."""
    parsed = parse(policy.document())
    for call in calls:
        for request in call.requests:
            if decide([parsed], _as_glue(request)) is None:
                continue
            resource = request.resource
            if resource.startswith("arn:") and ":s3:::" in resource and "/" in resource:
                resource = f"{resource.rpartition('/')[0]}/*"
            prefix = request.context.get("s3:prefix", ("",))[0]
            condition = {"StringLike": {"s3:prefix": f"{prefix}*"}} if prefix else None
            yield grant(request.action, resource, f"run {call.run_id} called {call.call}", condition)


def with_use(statements: Sequence[Statement], calls: Sequence[ObservedCall]) -> tuple[Statement, ...]:
    """Return the statements with whether the calls needed any part of them."""
    requests = [_as_glue(request) for call in calls for request in call.requests]
    return tuple(replace(one, is_unused=not _is_used(one, requests)) for one in statements)


def _is_used(statement: Statement, requests: Sequence[Request]) -> bool:
    parsed = parse({"Version": "2012-10-17", "Statement": [statement.to_json()]})
    return any(decide([parsed], request) is None for request in requests)


def _as_glue(request: Request) -> Request:
    if request.action != "iam:PassRole":
        return request
    return Request(request.action, request.resource, {"iam:passedtoservice": ("glue.amazonaws.com",)})
