"""The actions and resources of operations of CloudWatch Logs.

The action has the name of the operation. Source: Service Authorization Reference, "Actions, resources, and
condition keys for Amazon CloudWatch Logs"; a log group is checked as in AWS's messages, as
``log-group:NAME:log-stream:``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.iam.arns import Location
from glueprint.iam.evaluation import Request

_OF_STREAMS = frozenset({"CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents"})


def authorizations(
    operation: str, parameters: Mapping[str, Any], location: Location, context: dict[str, tuple[str, ...]]
) -> Iterator[Request]:
    """Yield what an operation of CloudWatch Logs requires; see :func:`glueprint.iam.calls.authorizations`."""
    group, stream = parameters.get("logGroupName"), parameters.get("logStreamName")
    identifier = parameters.get("logGroupIdentifier") or parameters.get("resourceArn")
    if operation == "DescribeLogGroups":
        resource = location.log_group("")
    elif isinstance(group, str):
        named = stream if operation in _OF_STREAMS and isinstance(stream, str) else ""
        resource = location.log_group(group, named)
    elif isinstance(identifier, str):
        name = identifier.partition(":log-group:")[2].removesuffix(":*") or identifier
        resource = location.log_group(name)
    else:
        resource = "*"
    yield Request(f"logs:{operation}", resource, context)
