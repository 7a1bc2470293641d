"""From a call (service, operation, parameters) to the actions and resources that its caller must be allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.iam import athena_actions, event_actions, glue_actions, log_actions, s3_actions, state_actions
from glueprint.iam.arns import Location
from glueprint.iam.conditions import Context
from glueprint.iam.evaluation import Request

_TABLES = {
    "athena": athena_actions,
    "events": event_actions,
    "glue": glue_actions,
    "logs": log_actions,
    "s3": s3_actions,
    "stepfunctions": state_actions,
}
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
    if isinstance(tags, list):  # Athena and EventBridge: Key and Value; Step Functions: key and value
        pairs = [one for one in tags if isinstance(one, Mapping)]
        tags = {str(one.get("Key", one.get("key"))): one.get("Value", one.get("value")) for one in pairs}
    if not isinstance(tags, Mapping) or not tags:
        return {}
    values = {f"aws:requesttag/{name}".lower(): (str(value),) for name, value in tags.items()}
    return {**values, "aws:tagkeys": tuple(map(str, tags))}
