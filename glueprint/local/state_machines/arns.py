"""Names and ARNs of state machines and executions."""

from __future__ import annotations

import re

from glueprint.local.protocol import ApiError, Context

MAX_NAME_LENGTH = 80
_MACHINE = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:stateMachine:(?P<name>[^:]+)")
_EXECUTION = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:execution:(?P<machine>[^:]+):(?P<name>[^:]+)")
_FORBIDDEN = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")
"""What names cannot contain (service model, CreateStateMachine)."""


def check_name(name: str) -> str:
    """Return a name of a state machine or execution.

    Raises:
        ApiError: InvalidName.
    """
    if not 1 <= len(name) <= MAX_NAME_LENGTH or _FORBIDDEN.search(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")
    return name


def machine_arn(context: Context, name: str) -> str:
    """Return the ARN of a state machine."""
    return f"arn:aws:states:{context.region}:{context.account_id}:stateMachine:{name}"


def execution_arn(machine: str, name: str) -> str:
    """Return the ARN of an execution of the state machine with the ARN ``machine``."""
    return f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}"


def machine_name(arn: str) -> str:
    """Return the name in a state machine's ARN.

    Raises:
        ApiError: InvalidArn; UnsupportedOperationException for a version or alias.
    """
    parts = _MACHINE.fullmatch(arn)
    if parts is None:
        if ":stateMachine:" in arn:
            raise ApiError("UnsupportedOperationException", f"{arn}: versions and aliases are not served here")
        raise ApiError("InvalidArn", f"Invalid Arn: '{arn}'")
    return parts["name"]


def execution_id(arn: str) -> str:
    """Return the id of the row of an execution, by its ARN.

    Raises:
        ApiError: InvalidArn.
    """
    parts = _EXECUTION.fullmatch(arn)
    if parts is None:
        raise ApiError("InvalidArn", f"Invalid Arn: '{arn}'")
    return f"{parts['machine']}:{parts['name']}"
