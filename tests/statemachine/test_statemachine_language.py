"""Paths, intrinsic functions and definitions of the Amazon States Language."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness.state_machine_runner import run, states

from glueprint.statemachine.parsing import parse
from glueprint.statemachine.paths import InvalidPath, parse_path

DOCUMENT = {"a": {"b": [1, 2, {"c d": 3}]}, "x": [{"n": 1}, {"n": 2}], "a.b": 4}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DOCUMENT),
        ("$.a.b[0]", 1),
        ("$.a.b[-1]['c d']", 3),
        ('$["a.b"]', 4),
        ("$.x[*].n", [1, 2]),
        ("$..n", [1, 2]),
        ("$.a.b[0:2]", [1, 2]),
        ("$.a.b[0,1]", [1, 2]),
        ("$.x[5:]", []),
    ],
)
def test_paths_select(path: str, value: Any) -> None:
    """JSONPath as in SFN:amazon-states-language-paths: a path that can select several nodes returns a list."""
    assert parse_path(path).find(DOCUMENT) == value


@pytest.mark.parametrize("path", ["a.b", "$.", "$.a[", "$.a[?(@.b == 1)]", "$.a.length()", "$a"])
def test_paths_that_are_not_supported_are_refused(path: str) -> None:
    """Filters and functions are refused, not misread."""
    with pytest.raises(InvalidPath):
        parse_path(path)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("States.Format('Hello, my name is {}. {}', $.name, $.n)", "Hello, my name is Ann. 5"),
        ("States.Format('it\\'s {}', 'x')", "it's x"),
        ("States.StringToJson('{\"a\": [1]}')", {"a": [1]}),
        ("States.JsonToString($.list)", "[1,2,3]"),
        ("States.Array('a', 1, $.name, null, true)", ["a", 1, "Ann", None, True]),
        ("States.ArrayPartition($.list, 2)", [[1, 2], [3]]),
        ("States.ArrayContains($.list, 2)", True),
        ("States.ArrayRange(1, 9, 4)", [1, 5, 9]),
        ("States.ArrayGetItem($.list, 1)", 2),
        ("States.ArrayLength($.list)", 3),
        ("States.ArrayUnique(States.Array(1, 1, 2))", [1, 2]),
        ("States.Base64Encode('Data')", "RGF0YQ=="),
        ("States.Base64Decode('RGF0YQ==')", "Data"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        (
            'States.JsonMerge(States.StringToJson(\'{"a":1,"b":1}\'), States.StringToJson(\'{"b":2}\'), false)',
            {"a": 1, "b": 2},
        ),
        ("States.MathAdd($.n, -1)", 4),
        ("States.StringSplit('a,b+c', ',+')", ["a", "b", "c"]),
    ],
)
def test_intrinsic_functions(call: str, value: Any) -> None:
    """The functions and most of the examples of SFN:intrinsic-functions."""
    template = {"Type": "Pass", "Parameters": {"v.$": call}, "End": True}
    assert run(states("P", P=template), {"name": "Ann", "n": 5, "list": [1, 2, 3]}).output == {"v": value}


def test_an_intrinsic_function_that_fails_is_named() -> None:
    """States.IntrinsicFailure, with the function in the cause."""
    template = {"Type": "Pass", "Parameters": {"v.$": "States.ArrayGetItem($.a, 9)"}, "End": True}
    ran = run(states("P", P=template), {"a": [1]})
    assert ran.error == "States.IntrinsicFailure"
    assert "States.ArrayGetItem" in str(ran.cause)


def places(definition: Any) -> dict[str, str]:
    """The codes of the errors of a definition, by place."""
    _, found = parse(definition if isinstance(definition, str) else json.dumps(definition))
    return {one.location: one.code for one in found if one.is_error}


def test_every_fault_of_a_definition_is_reported_with_its_place() -> None:
    """A person fixes a definition at once: all faults are listed (service model,
    ValidateStateMachineDefinitionDiagnostic)."""
    definition = {
        "StartAt": "Nope",
        "Extra": 1,
        "States": {
            "A": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "ResultPath": "$..x"},
            "B": {"Type": "Choice", "Choices": [{"Variable": "$.x", "StringEquals": 1, "Next": "A"}]},
            "C": {"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s", "Next": "Gone"},
            "D": {
                "Type": "Map",
                "ItemReader": {},
                "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
                "End": True,
            },
            "E": {"Type": "Pass", "Parameters": {"x.$": "plain"}, "End": True},
            "F": {"Type": "Oops"},
        },
    }
    assert places(definition) == {
        "/Extra": "SCHEMA_VALIDATION_FAILED",
        "/StartAt": "MISSING_TRANSITION_TARGET",
        "/States/A": "SCHEMA_VALIDATION_FAILED",
        "/States/A/ResultPath": "SCHEMA_VALIDATION_FAILED",
        "/States/B/Choices[0]/StringEquals": "SCHEMA_VALIDATION_FAILED",
        "/States/C": "SCHEMA_VALIDATION_FAILED",
        "/States/C/Next": "MISSING_TRANSITION_TARGET",
        "/States/D/ItemReader": "NOT_SUPPORTED_HERE",
        "/States/D/ItemProcessor/States/A": "DUPLICATE_STATE_NAME",
        "/States/E/Parameters/x.$": "SCHEMA_VALIDATION_FAILED",
        "/States/F/Type": "SCHEMA_VALIDATION_FAILED",
    }
    assert places("{") == {"/": "INVALID_JSON_DESCRIPTION"}
