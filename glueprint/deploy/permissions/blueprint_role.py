"""What the role of a blueprint run needs: to create what the layout describes, and for the layout's own calls.

Source: DG:blueprints-personas-permissions, "Permissions for blueprint roles", narrowed to the names that the
layout makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from glueprint.blueprint.aws_calls import AwsCall
from glueprint.blueprint.layout_result import LayoutRequests
from glueprint.check.layout_run import SUFFIX
from glueprint.deploy.permissions.job_roles import iam_prefix, shown_name
from glueprint.deploy.permissions.places import versionless
from glueprint.deploy.permissions.statements import GLUE, Grant, grant
from glueprint.iam.arns import Location
from glueprint.iam.calls import SERVICES, authorizations

SUFFIXED = ("job", "crawler")
"""Kinds whose names get a random suffix from Glue."""


def created(requests: LayoutRequests) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield kind, name as a pattern, and request of everything that the layout describes."""
    groups = (
        ("workflow", [requests.workflow]),
        ("crawler", requests.crawlers),
        ("job", requests.jobs),
        ("trigger", requests.triggers),
    )
    for kind, shapes in groups:
        for shape in shapes:
            yield kind, pattern_of(kind, shape), shape


def pattern_of(kind: str, shape: dict[str, Any]) -> str:
    """Return the name of a resource, as a pattern that contains the suffix that Glue adds."""
    if kind in SUFFIXED:
        return f"{shown_name(shape)}_*"
    return str(shape["Name"]).replace(f"_{SUFFIX}_", "_*_")  # a trigger has the name of what it starts


def blueprint_grants(
    requests: LayoutRequests, calls: Sequence[AwsCall], location: Location, layout: str
) -> Iterator[Grant]:
    """Yield what the role of a blueprint run needs.

    Args:
        calls: of AWS that the layout made.
        layout: the layout's file, for the reasons.
    """
    for kind, name, shape in created(requests):
        why = f"{layout}: makes {kind} {name}"
        for verb in ("Create", "Get", "Delete"):
            reason = why if verb == "Create" else f"{why}; Glue looks at it, and deletes it if the run fails"
            yield grant(f"glue:{verb}{kind.capitalize()}", location.glue(f"{kind}/{name}"), reason)
        if shape.get("Tags"):
            yield grant("glue:TagResource", location.glue(f"{kind}/{name}"), f"{why}, with tags")
        if shape.get("Role"):
            only = {"StringEquals": {"iam:PassedToService": GLUE}}
            yield grant("iam:PassRole", location.role(str(shape["Role"])), f"{why}, which runs as this role", only)
    for call in calls:
        yield from _layout_call(call, location, layout)


def _layout_call(call: AwsCall, location: Location, layout: str) -> Iterator[Grant]:
    why = f"{layout}: calls {call.service}.{call.operation}"
    if (call.service, call.operation) == ("sts", "GetCallerIdentity"):
        return  # needs no permission (STS API reference)
    if call.service not in SERVICES:
        yield grant(f"{iam_prefix(call.service)}:{call.operation}", "*", f"{why}; on which resources is not known")
        return
    for one in authorizations(call.service, call.operation, call.parameters, location):
        condition = None
        resource = one.resource
        if call.service == "s3" and call.parameters.get("Key"):
            folder, slash, _ = versionless(resource).rpartition("/")
            resource = f"{folder}{slash}*"
        if one.action == "s3:ListBucket" and (prefix := call.parameters.get("Prefix")):
            condition = {"StringLike": {"s3:prefix": f"{prefix}*"}}
        yield grant(one.action, resource, why, condition)
