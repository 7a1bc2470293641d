"""From a call (service, operation, parameters) to the actions and resources that its caller must be allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.iam import glue_actions, log_actions, s3_actions
from glueprint.iam.arns import Location
from glueprint.iam.conditions import Context
from glueprint.iam.evaluation import Request

_TABLES = {"glue": glue_actions, "logs": log_actions, "s3": s3_actions}
SERVICES = frozenset(_TABLES)
"""Services whose actions and resources are known."""


def authorizations(
    service: str, operation: str, parameters: Mapping[str, Any], location: Location
) -> Iterator[Request]:
    """Yield the actions that a call requires, each with a resource and the condition keys of the request.

    Args:
        service: botocore's name, one of :data:`SERVICES`.
        operation: as in the service model.
        parameters: of the request; members that are missing, or of the wrong type, become ``*``.
    """
    context: dict[str, tuple[str, ...]] = dict(tag_context(parameters))
    yield from _TABLES[service].authorizations(operation, parameters, location, context)


def tag_context(parameters: Mapping[str, Any]) -> Context:
    """Return the condition keys of the tags in a request."""
    tags = parameters.get("Tags") or parameters.get("tags") or parameters.get("TagsToAdd")
    if not isinstance(tags, Mapping) or not tags:
        return {}
    values = {f"aws:requesttag/{name}".lower(): (str(value),) for name, value in tags.items()}
    return {**values, "aws:tagkeys": tuple(map(str, tags))}
