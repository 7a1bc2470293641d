"""The targets that a rule can have here: Glue workflows, state machines, SQS queues and SNS topics. Any other is
refused, and named in the error (docs/decisions/eventbridge.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.local.events.rules import Target
from glueprint.local.protocol import ApiError, Context
from glueprint.statemachine.paths import InvalidPath, NoMatch, parse_path

_ARN = re.compile(r"arn:[^:\s]+:(?P<service>[^:\s]+):(?P<region>[^:\s]*):(?P<account>[^:\s]*):(?P<resource>.+)")
_WORKFLOW = "Glue workflow"
_STATE_MACHINE = "state machine"
_QUEUE = "SQS queue"
_TOPIC = "SNS topic"
_INPUTS = ("Input", "InputPath", "InputTransformer")
_SERVED = frozenset({"Id", "Arn", "RoleArn", "RetryPolicy", *_INPUTS})


@dataclass(frozen=True, slots=True)
class TargetFault:
    """Why a target is not added while others of the same request are."""

    id: str
    code: str
    message: str


def target_of(request: Mapping[str, Any], place: Context) -> Target | TargetFault:
    """Return the target of an entry of PutTargets, or why this EventBridge cannot serve it.

    Raises:
        ApiError: ValidationException, for what AWS refuses together with the whole request.
    """
    id_, arn = request["Id"], request["Arn"]
    parts = _ARN.fullmatch(arn)
    if parts is None:
        raise _invalid(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    if sum(name in request for name in _INPUTS) > 1:
        raise _invalid(f"Only one of Input, InputPath, or InputTransformer must be provided for target {id_}.")
    found = _target_name(parts)
    if found is None:
        return _unsupported(
            id_,
            f"{arn} is no Glue workflow, state machine, SQS queue or SNS topic: a rule has no other targets here",
        )
    kind, name = found
    if (parts["region"], parts["account"]) != (place.region, place.account_id):
        raise _invalid(
            f"Parameter {arn} is not valid. Reason: the {kind} of a rule must be in its account"
            f" ({place.account_id}) and region ({place.region})."
        )
    if "RoleArn" not in request and kind in (_WORKFLOW, _STATE_MACHINE):
        raise _invalid(f"RoleArn is required for target {arn}.")
    unserved = sorted(set(request) - _SERVED - ({"SqsParameters"} if kind == _QUEUE else set()))
    if kind != _WORKFLOW:
        unserved += ["InputTransformer"] if "InputTransformer" in request else []
        _check_input(request)
    if unserved:
        return _unsupported(id_, f"{', '.join(unserved)} of a {kind} target is not supported here")
    return Target(id_, arn, name, dict(request))


def is_state_machine(arn: str) -> bool:
    """Whether the ARN of a target is a state machine's."""
    return ":stateMachine:" in arn


def gets_messages(arn: str) -> bool:
    """Whether the ARN of a target is a queue's or a topic's."""
    return arn.split(":")[2] in ("sqs", "sns")


def input_of(target: Mapping[str, Any], envelope: Mapping[str, Any]) -> Any:
    """Return what a target gets for an event: the event, a part of it, or a constant."""
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputPath" in target:
        try:
            return parse_path(target["InputPath"]).find(envelope)
        except NoMatch:
            return {}
    return dict(envelope)


def _target_name(parts: re.Match[str]) -> tuple[str, str] | None:
    """Return the kind and name of a target; None: it cannot be one."""
    kind, _, workflow = parts["resource"].partition("/")
    if parts["service"] == "glue" and kind == "workflow" and workflow:
        return _WORKFLOW, workflow
    if parts["service"] in ("sqs", "sns") and ":" not in parts["resource"]:
        return _QUEUE if parts["service"] == "sqs" else _TOPIC, parts["resource"]
    kind, _, machine = parts["resource"].partition(":")
    if parts["service"] == "states" and kind == "stateMachine" and machine and ":" not in machine:
        return _STATE_MACHINE, machine
    return None


def _check_input(request: Mapping[str, Any]) -> None:
    try:
        if "Input" in request:
            json.loads(request["Input"])
        if "InputPath" in request:
            parse_path(request["InputPath"])
    except (ValueError, InvalidPath) as error:
        raise _invalid(f"Parameter Input of target {request['Id']} is not valid. Reason: {error}") from error


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


def _unsupported(id_: str, message: str) -> TargetFault:
    return TargetFault(id_, "UnsupportedOperationException", f"{message}; see docs/fidelity/events.md")
