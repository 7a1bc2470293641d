"""The members of history events (service model ``HistoryEvent``)."""

from __future__ import annotations

from typing import Any

from glueprint.statemachine.definition import State, Task
from glueprint.statemachine.paths import json_text

_DETAILS_OF_FAMILY = {
    "StateEntered": "stateEnteredEventDetails",
    "StateExited": "stateExitedEventDetails",
}
_NO_TRUNCATION = {"truncated": False}


def details_member(type_: str) -> str:
    """Return the member of ``HistoryEvent`` that has the details of this type."""
    for suffix, member in _DETAILS_OF_FAMILY.items():
        if type_.endswith(suffix):
            return member
    return f"{type_[0].lower()}{type_[1:]}EventDetails"


def entered(state: State, data: Any) -> dict[str, Any]:
    """Details of ``...StateEntered``."""
    return {"name": state.name, "input": json_text(data), "inputDetails": _NO_TRUNCATION}


def exited(state: State, data: Any) -> dict[str, Any]:
    """Details of ``...StateExited``."""
    return {"name": state.name, "output": json_text(data), "outputDetails": _NO_TRUNCATION}


def task(state: Task, **more: Any) -> dict[str, Any]:
    """Details of ``Task...``: which service, and what belongs to the type."""
    called = {"resourceType": state.resource.resource_type, "resource": state.resource.resource}
    return called | {name: value for name, value in more.items() if value is not None}


def with_output(data: Any) -> dict[str, Any]:
    """Members of an event with a task's result."""
    return {"output": json_text(data), "outputDetails": _NO_TRUNCATION}


def failure(error: str | None, cause: str | None) -> dict[str, Any]:
    """Details of a failure."""
    return {name: value for name, value in (("error", error), ("cause", cause)) if value is not None}
