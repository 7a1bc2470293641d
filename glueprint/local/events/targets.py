"""The targets that a rule can have here: Glue workflows. Any other is refused, and named in the error
(docs/decisions/eventbridge.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.local.events.rules import Target
from glueprint.local.protocol import ApiError, Context

_ARN = re.compile(r"arn:[^:\s]+:(?P<service>[^:\s]+):(?P<region>[^:\s]*):(?P<account>[^:\s]*):(?P<resource>.+)")
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
    kind, _, workflow = parts["resource"].partition("/")
    if parts["service"] != "glue" or kind != "workflow" or not workflow:
        return _unsupported(id_, f"{arn} is not a Glue workflow, and a rule can have no other target here")
    if (parts["region"], parts["account"]) != (place.region, place.account_id):
        raise _invalid(
            f"Parameter {arn} is not valid. Reason: the workflow of a rule must be in its account"
            f" ({place.account_id}) and region ({place.region})."
        )
    if "RoleArn" not in request:
        raise _invalid(f"RoleArn is required for target {arn}.")
    unserved = sorted(set(request) - _SERVED)
    if unserved:
        return _unsupported(id_, f"{', '.join(unserved)} of a Glue workflow target is not supported here")
    return Target(id_, arn, workflow, dict(request))


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


def _unsupported(id_: str, message: str) -> TargetFault:
    return TargetFault(id_, "UnsupportedOperationException", f"{message}; see docs/fidelity/events.md")
