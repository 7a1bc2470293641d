"""The actions and resources of Step Functions' operations.

The action has the name of the operation; it is checked on the state machine or execution whose ARN the request
contains, or on ``*``. Who gives a state machine a role needs ``iam:PassRole`` on it. Source: Service Authorization
Reference, "Actions, resources, and condition keys for AWS Step Functions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.iam.arns import Location
from glueprint.iam.evaluation import Request

STATES = "states.amazonaws.com"
_ARNS = ("executionArn", "stateMachineArn", "mapRunArn", "activityArn", "resourceArn")
_ALIAS_ARNS = ("stateMachineAliasArn", "stateMachineVersionArn")
_CREATED = {"CreateStateMachine": "stateMachine", "CreateActivity": "activity"}
_PASSING = frozenset({"CreateStateMachine", "UpdateStateMachine"})
_MACHINE_PARTS = 7
"""Parts of a state machine's ARN; an alias or version is one more, and is checked on its state machine."""


def authorizations(
    operation: str, parameters: Mapping[str, Any], location: Location, context: dict[str, tuple[str, ...]]
) -> Iterator[Request]:
    """Yield what an operation of Step Functions requires; see :func:`glueprint.iam.calls.authorizations`."""
    yield Request(f"states:{operation}", _resource(operation, parameters, location), context)
    role = parameters.get("roleArn")
    if operation in _PASSING and isinstance(role, str):
        yield Request("iam:PassRole", location.role(role), {"iam:passedtoservice": (STATES,)})


def _resource(operation: str, parameters: Mapping[str, Any], location: Location) -> str:
    if operation in _CREATED:
        return location.states(f"{_CREATED[operation]}:{_text(parameters.get('name'))}")
    for member in (*_ARNS, *_ALIAS_ARNS):
        arn = parameters.get(member)
        if isinstance(arn, str) and arn:
            is_machine = ":stateMachine:" in arn
            return ":".join(arn.split(":")[:_MACHINE_PARTS]) if is_machine else arn
    return "*"


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "*"
