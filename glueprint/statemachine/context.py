"""The context object ``$$`` (SFN:input-output-contextobject)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from glueprint.statemachine.execution import Branch, Origin


def context_of(origin: Origin, branch: Branch, ancestors: Sequence[Branch]) -> dict[str, Any]:
    """Return the context object of the state that a branch is in; ``ancestors`` start with the branch itself."""
    context = {
        "Execution": {
            "Id": origin.execution_id,
            "Input": origin.input,
            "Name": origin.name,
            "RoleArn": origin.role_arn,
            "StartTime": iso_time(origin.started),
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": origin.machine_id, "Name": origin.machine_name},
        "State": {
            "Name": branch.state,
            "EnteredTime": iso_time(branch.entered),
            "RetryCount": branch.attempts,
        },
    }
    iteration = next((one for one in ancestors if one.item), None)
    if iteration is not None:
        context["Map"] = {"Item": {"Index": iteration.index, "Value": iteration.item[0]}}
    return context


def iso_time(at: float) -> str:
    """Return a time with milliseconds: ``2024-08-18T17:33:00.123Z``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
