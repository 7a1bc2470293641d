"""Paths that find nothing (docs/facts/orchestration.md#errors-of-paths-in-step-functions)."""

from __future__ import annotations

from typing import Any

import pytest
from harness.state_machine_runner import Ran, run, states

RUN = "arn:aws:states:::glue:startJobRun.sync"
TASK = {"Type": "Task", "Resource": RUN, "TimeoutSeconds": 60, "End": True}
INNER = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]


def ran(data: Any = None, **members: Any) -> Ran:
    """Run one state, by default a task, whose errors are all caught."""
    state = {**(TASK if "Type" not in members else {"End": True}), **members}
    if state["Type"] in ("Task", "Map"):
        state["Catch"] = CATCH
    if state["Type"] == "Fail":
        del state["End"]
    return run(states("S", S=state, C={"Type": "Succeed"}), {"flagged": False} if data is None else data)


@pytest.mark.parametrize(
    ("members", "cause"),
    [
        (
            {"Parameters": {"address.$": "$.application.address"}},
            "The JSONPath '$.application.address' specified for the field 'address.$' could not be found in the "
            "input '{\"flagged\":false}'",
        ),
        (
            {"ResultSelector": {"x.$": "$.gone"}, "Parameters": {"a": 1}},
            "The JSONPath '$.gone' specified for the field 'x.$' could not be found in the input '{\"a\":1}'",
        ),
        (
            {"Type": "Map", "ItemsPath": "$.gone", "ItemProcessor": INNER},
            "Invalid path '$.gone' in ItemsPath: No results for path: $['gone']",
        ),
        (
            {"Type": "Fail", "ErrorPath": "$.ErrorX"},
            "The JSONPath '$.ErrorX' specified for the field 'ErrorPath' could not be found in the input "
            "'{\"flagged\":false}'",
        ),
        ({"InputPath": "$.a.b[0]"}, "Invalid path '$.a.b[0]' in InputPath: No results for path: $['a']['b'][0]"),
        ({"OutputPath": "$.gone"}, "Invalid path '$.gone' in OutputPath: No results for path: $['gone']"),
        (
            {"Parameters": {"a.$": "States.Format('{}', States.JsonToString($.gone))"}},
            "The function 'States.Format('{}', States.JsonToString($.gone))' had the following error: The "
            "JsonPath argument for the field '$.gone' could not be found in the input '{\"flagged\":false}'",
        ),
    ],
)
def test_a_path_that_finds_nothing_fails_the_execution(members: dict[str, Any], cause: str) -> None:
    """States.Runtime, which no catcher handles, with the state, the path, the field and the input as AWS reports
    them (AWS Step Functions workshop, "Check Address"; localstack/localstack#11951)."""
    found = ran(**members)
    assert (found.status, found.error) == ("FAILED", "States.Runtime")
    name = f"An error occurred while executing the state 'S' (entered at the event id #2). {cause}"
    assert found.cause == name


def test_data_that_is_null_has_no_paths() -> None:
    """A path applied to null is States.Runtime with a cause of its own (SFN:concepts-error-handling)."""
    null = {"Type": "Pass", "Result": None, "Next": "S"}
    found = run(states("N", N=null, S={"Type": "Pass", "InputPath": "$.a", "End": True}))
    assert found.error == "States.Runtime"
    assert str(found.cause).endswith("Unable to apply Path transformation to null or empty input.")


def test_the_input_in_a_cause_is_cut() -> None:
    """A cause has at most 32,768 characters (service model, SensitiveCause)."""
    found = ran({"text": "x" * 100_000}, Parameters={"a.$": "$.gone"})
    assert len(str(found.cause)) < 32_768
