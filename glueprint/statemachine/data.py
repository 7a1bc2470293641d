"""The data flow of a state: InputPath, Parameters, ResultPath, OutputPath
(SFN:concepts-input-output-filtering)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.statemachine.definition import ABSENT, Failable, Pass, State
from glueprint.statemachine.faults import DATA_LIMIT_EXCEEDED, MAX_DATA_BYTES, StateFault
from glueprint.statemachine.paths import json_text, put, reference_path
from glueprint.statemachine.templates import Scope


def effective_input(state: State, raw: Any, scope: Scope) -> Any:
    """Return what a state works on: InputPath, then Parameters; for a Pass with Result, that."""
    data = scope.apply(state.input_path, "InputPath")
    if isinstance(state, Pass) and state.result is not ABSENT:
        return state.result
    parameters = getattr(state, "parameters", ABSENT)
    return data if parameters is ABSENT else Scope(data, scope.context, scope.seed).fill(parameters)


def merged_result(state: Pass | Failable, raw: Any, result: Any) -> Any:
    """Return a state's raw input with its result at ResultPath (null: without it)."""
    if state.result_path is None:
        return raw
    return put(raw, reference_path(state.result_path), result)


def selected_output(state: State, data: Any, context: Mapping[str, Any]) -> Any:
    """Return what OutputPath selects."""
    return Scope(data, context).apply(state.output_path, "OutputPath")


def checked_size(data: Any, name: str) -> Any:
    """Return ``data``.

    Raises:
        StateFault: States.DataLimitExceeded.
    """
    if len(json_text(data).encode()) > MAX_DATA_BYTES:
        size = "a size exceeding the maximum number of bytes service limit"
        raise StateFault(DATA_LIMIT_EXCEEDED, f"The state/task '{name}' returned a result with {size}.")
    return data
