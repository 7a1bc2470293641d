"""What a Task's Resource calls: the integrations that can be run here, and why others cannot."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_ARN = re.compile(
    r"arn:(?P<partition>aws[\w-]*):(?P<service>[\w-]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)"
)

OPTIMIZED: Mapping[tuple[str, str], str] = {
    ("glue", "startJobRun"): "StartJobRun",
    ("sns", "publish"): "Publish",
    ("sqs", "sendMessage"): "SendMessage",
}
"""Optimized integrations that run here: service and action, and the operation that they call."""
SYNC = frozenset({("glue", "startJobRun")})
"""Those that can wait for the end of what they start (``.sync``)."""
WAIT_FOR_TOKEN = "waitForTaskToken"

NOT_RUN: Mapping[str, str] = {
    "lambda": "functions are not run",
    "states": "nested executions are not run",
    "athena": "queries are not run",
    "batch": "jobs are not run",
    "ecs": "tasks are not run",
    "dynamodb": "use arn:aws:states:::aws-sdk:dynamodb:ACTION on AWS; here jobs read and write items",
    "elasticmapreduce": "there are no clusters",
    "emr-serverless": "applications are not run",
    "events": "arn:aws:states:::events:putEvents is not run",
    "http": "HTTP endpoints are not called",
    "sagemaker": "models are not trained or served",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """What a Task calls.

    Attributes:
        arn: as in the definition.
        service: ``glue``, ``s3``, ``sns``, ``sqs``.
        action: as in the ARN, such as ``startJobRun``.
        is_sdk: an AWS SDK integration (``aws-sdk:glue:startCrawler``).
        waits: the task ends when what it started has ended (``.sync``).
    """

    arn: str
    service: str
    action: str
    is_sdk: bool = False
    waits: bool = False

    @property
    def resource_type(self) -> str:
        """``resourceType`` of history events."""
        return f"aws-sdk:{self.service}" if self.is_sdk else self.service

    @property
    def resource(self) -> str:
        """``resource`` of history events."""
        return f"{self.action}.sync" if self.waits else self.action

    @property
    def operation(self) -> str:
        """The operation of the service's API."""
        return self.action[:1].upper() + self.action[1:]


class ResourceFault(Exception):
    """A Resource is wrong (``is_unsupported`` False), or AWS has it and it is not run here."""

    def __init__(self, message: str, *, is_unsupported: bool) -> None:
        super().__init__(message)
        self.is_unsupported = is_unsupported


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations that AWS SDK integrations can call.

    Attributes:
        served: by service, those that are run here.
        known: by service, all of AWS's.
    """

    served: Mapping[str, Collection[str]]
    known: Mapping[str, Collection[str]]


EVERYTHING = Operations({}, {})
"""For tests and for the export: no operation is checked."""


def parse_resource(arn: str, operations: Operations = EVERYTHING) -> Resource:
    """Return what an ARN calls.

    Raises:
        ResourceFault: it is not an ARN, or what it calls is not run here.
    """
    parts = _ARN.fullmatch(arn)
    if parts is None:
        raise ResourceFault(f"{arn!r} is not an ARN", is_unsupported=False)
    if parts["service"] == "lambda":
        raise ResourceFault(f"{arn}: {NOT_RUN['lambda']} here", is_unsupported=True)
    if parts["service"] != "states":
        raise ResourceFault(f"{arn} is not an integration of Step Functions", is_unsupported=False)
    if parts["rest"].startswith("activity:"):
        raise ResourceFault(f"{arn}: activities are not served here", is_unsupported=True)
    if parts["region"] or parts["account"]:
        raise ResourceFault(f"{arn}: an integration has no region and no account (:::)", is_unsupported=False)
    name, _, pattern = parts["rest"].partition(".")
    names = name.split(":")
    if pattern.startswith(WAIT_FOR_TOKEN):
        raise ResourceFault(f"{arn}: callbacks (.waitForTaskToken) are not served here", is_unsupported=True)
    if names[0] == "aws-sdk" and len(names) == 3:
        return _sdk(arn, names[1], names[2], pattern, operations)
    if len(names) != 2:
        raise ResourceFault(f"{arn} is not an integration of Step Functions", is_unsupported=False)
    service, action = names
    if (service, action) not in OPTIMIZED:
        if service in ("glue", "sns", "sqs"):
            raise ResourceFault(
                f"{arn} is not an integration of Step Functions: use aws-sdk:{service}:{action}",
                is_unsupported=False,
            )
        reason = NOT_RUN.get(service, "it is not run")
        raise ResourceFault(f"{arn}: {reason} here", is_unsupported=True)
    if pattern not in ("", "sync") or (pattern == "sync" and (service, action) not in SYNC):
        raise ResourceFault(f"{arn}: {service}:{action} has no pattern .{pattern}", is_unsupported=False)
    return Resource(arn, service, action, waits=pattern == "sync")


def _sdk(arn: str, service: str, action: str, pattern: str, operations: Operations) -> Resource:
    if pattern:
        raise ResourceFault(f"{arn}: AWS SDK integrations have no pattern .{pattern}", is_unsupported=False)
    if not action[:1].islower():
        raise ResourceFault(f"{arn}: the action must be in camel case, like startCrawler", is_unsupported=False)
    resource = Resource(arn, service, action, is_sdk=True)
    if operations is EVERYTHING:
        return resource
    known = operations.known.get(service)
    if known is None:
        raise ResourceFault(f"{arn}: {service} is not called from state machines here", is_unsupported=True)
    if resource.operation not in known:
        raise ResourceFault(f"{arn}: {service} has no operation {resource.operation}", is_unsupported=False)
    if resource.operation not in operations.served[service]:
        raise ResourceFault(f"{arn}: {resource.operation} is not served here", is_unsupported=True)
    return resource
