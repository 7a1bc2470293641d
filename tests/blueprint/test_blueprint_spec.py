"""Parameter specs: what they read, what they refuse, and that every fault is reported at once."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.blueprint.spec import Parameter, ParameterErrors, ParameterSpec, ParameterType, SpecErrors

BUCKETS = st.from_regex(r"[a-z0-9]{3}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)
VALID: dict[ParameterType, st.SearchStrategy[Any]] = {
    ParameterType.STRING: st.text(max_size=20),
    ParameterType.INTEGER: st.integers(),
    ParameterType.DOUBLE: st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    ParameterType.BOOLEAN: st.booleans(),
    ParameterType.S3_URI: st.builds("s3://{}/{}".format, BUCKETS, st.text("abc/=.-", max_size=20)),
    ParameterType.S3_BUCKET: BUCKETS,
    ParameterType.IAM_ROLE_ARN: st.from_regex(
        r"arn:aws(-cn)?:iam::[0-9]{12}:role/[A-Za-z]{1,9}", fullmatch=True
    ),
    ParameterType.IAM_ROLE_NAME: st.from_regex(r"[A-Za-z0-9_+=,.@-]{1,64}", fullmatch=True),
}
JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.text("ABCdef123", min_size=1, max_size=8)


@st.composite
def parameters(draw: st.DrawFn, name: str = "P") -> Parameter:
    """A parameter that could stand in a blueprint.cfg."""
    kind = draw(st.sampled_from(ParameterType))
    values = VALID[kind]
    collection = draw(st.sampled_from([None, False, True]))
    allowed = draw(st.none() | st.lists(values, min_size=1, max_size=4).map(tuple))
    one = values if allowed is None else st.sampled_from(allowed)
    default = draw(st.none() | (st.lists(one, max_size=3) if collection else one))
    return Parameter(name, kind, collection, draw(st.none() | st.text(max_size=9)), default, allowed)


@st.composite
def specs(draw: st.DrawFn) -> ParameterSpec:
    """A spec of several parameters."""
    names = draw(st.lists(NAMES, unique=True, max_size=5))
    return ParameterSpec({name: draw(parameters(name)) for name in names})


@settings(deadline=None)
@given(specs())
def test_wire_form_reads_back_as_the_same_spec(spec: ParameterSpec) -> None:
    """GetBlueprint's ParameterSpec contains everything from blueprint.cfg (DG:developing-blueprints)."""
    assert ParameterSpec.parse(json.loads(spec.to_wire())) == spec


def test_wire_form_has_five_keys_null_where_missing() -> None:
    """Each parameter has all five keys, as in the CLI example of the guide
    (docs/facts/blueprints.md#parameter-types)."""
    wire = ParameterSpec.parse({"Name": {"type": "String"}}).to_wire()
    assert wire == (
        '{"Name":{"type":"String","collection":null,"description":null,"defaultValue":null,"allowedValues":null}}'
    )


@settings(deadline=None)
@given(st.sampled_from(ParameterType), st.data())
def test_every_value_of_a_type_is_accepted(kind: ParameterType, data: st.DataObject) -> None:
    """A value of the declared type comes through unchanged, alone and in a collection
    (docs/facts/blueprints.md#parameter-types)."""
    value = data.draw(VALID[kind])
    spec = ParameterSpec.parse({"P": {"type": kind}, "Many": {"type": kind, "collection": True}})
    assert spec.resolve({"P": value, "Many": [value, value]}) == {"P": value, "Many": [value, value]}


@settings(deadline=None)
@given(specs(), st.dictionaries(NAMES, JSON_VALUES, max_size=5))
def test_any_values_resolve_completely_or_name_their_parameters(
    spec: ParameterSpec, values: dict[str, Any]
) -> None:
    """No JSON value is half accepted: all parameters have one that is right, or each wrong one is named."""
    wrong = {
        name
        for name in spec.parameters.keys() | values.keys()
        if name not in spec.parameters
        or (name in values and spec.parameters[name].fault(values[name]) is not None)
        or (name not in values and spec.parameters[name].default is None)
    }
    if not wrong:
        assert list(spec.resolve(values)) == list(spec.parameters)
        return
    with pytest.raises(ParameterErrors) as caught:
        spec.resolve(values)
    assert {found.place.subject for found in caught.value.findings} == wrong
    assert all(found.place.subject in str(caught.value) for found in caught.value.findings)


@settings(deadline=None)
@given(JSON_VALUES)
def test_parsing_any_json_gives_a_spec_or_spec_errors(declared: Any) -> None:
    """Whatever a blueprint.cfg holds, reading it never fails in an unforeseen way."""
    with contextlib.suppress(SpecErrors):
        assert isinstance(ParameterSpec.parse(declared), ParameterSpec)


def test_every_error_of_a_set_of_parameters_is_reported_at_once() -> None:
    """All wrong parameters in one message, each with what it got and what it wants."""
    spec = ParameterSpec.parse(
        {
            "Workers": {"type": "Integer"},
            "Location": {"type": "S3Uri"},
            "Mode": {"type": "String", "allowedValues": ["skip", "fail"]},
            "Keys": {"type": "String", "collection": True},
            "Needed": {"type": "Boolean"},
        }
    )
    with pytest.raises(ParameterErrors) as caught:
        spec.resolve(
            {"Workers": "five", "Location": "my-bucket", "Mode": "stop", "Keys": ["a", 1], "Worker": 5}
        )
    assert [str(problem) for problem in caught.value.problems] == [
        "Worker: the blueprint has no such parameter; did you mean Workers?",
        'Workers: got "five" (a string), wants Integer, a whole number such as 3',
        'Location: got "my-bucket" (a string), wants S3Uri, a complete path such as "s3://bucket/folder/"',
        'Mode: got "stop" (a string), wants String, a string; one of "skip", "fail"',
        'Keys: got 1 (a number) in its list, wants a list such as ["orders"] of String, a string',
        "Needed: got nothing, wants Boolean, true or false (it has no default)",
    ]
    assert str(caught.value) == "; ".join(map(str, caught.value.problems))


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"type": "Double", "defaultValue": 128}, 128),
        ({"type": "String", "collection": True, "defaultValue": [""]}, [""]),
        ({"type": "String", "defaultValue": "", "allowedValues": ["Daily", ""]}, ""),
        ({"type": "Integer", "allowedValues": [2, 4, 6], "defaultValue": 2}, 2),
        ({"type": "Boolean", "collection": False, "defaultValue": False}, False),
        ({"type": "S3Uri", "defaultValue": ""}, ""),
    ],
)
def test_idioms_of_amazons_samples_are_accepted(declared: dict[str, Any], value: Any) -> None:
    """Defaults as the samples write them are taken, and may be given explicitly too
    (docs/facts/blueprints.md#parameter-types)."""
    spec = ParameterSpec.parse({"P": declared})
    assert spec.resolve({}) == {"P": value}
    assert spec.resolve({"P": value}) == {"P": value}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("String", 5),
        ("Integer", True),
        ("Integer", 2.5),
        ("Integer", "2"),
        ("Double", True),
        ("Double", "0.5"),
        ("Boolean", "true"),
        ("Boolean", 1),
        ("S3Uri", "bucket/key"),
        ("S3Uri", "s3://Bad_Bucket/key"),
        ("S3Uri", "s3a://bucket/key"),
        ("S3Uri", "s3://"),
        ("S3Uri", "s3://bucket/" + "k" * 1025),
        ("S3Bucket", "s3://bucket"),
        ("S3Bucket", "192.168.1.1"),
        ("S3Bucket", "a..b"),
        ("S3Bucket", "ab"),
        ("S3Bucket", "bucket\n"),
        ("IAMRoleArn", "MyRole"),
        ("IAMRoleArn", "arn:aws:iam::123456789012:user/me"),
        ("IAMRoleName", "arn:aws:iam::123456789012:role/MyRole"),
        ("IAMRoleName", "x" * 65),
        ("String", None),
        ("String", ["a"]),
    ],
)
def test_values_of_the_wrong_type_or_format_are_refused(kind: str, value: Any) -> None:
    """Formats after the guide's table of types, S3's naming rules and IAM's patterns
    (docs/facts/blueprints.md#parameter-types)."""
    with pytest.raises(ParameterErrors, match=r"^P: got "):
        ParameterSpec.parse({"P": {"type": kind}}).resolve({"P": value})


def test_defaults_are_copies() -> None:
    """A layout that changes a list it was given does not change the next run's default."""
    spec = ParameterSpec.parse({"P": {"type": "String", "collection": True, "defaultValue": ["a"]}})
    spec.resolve({})["P"].append("b")
    assert spec.resolve({}) == {"P": ["a"]}


def test_every_fault_of_a_spec_is_reported_at_once() -> None:
    """All faults of blueprint.cfg can be fixed at once."""
    with pytest.raises(SpecErrors) as caught:
        ParameterSpec.parse(
            {
                "A": {"type": "Text"},
                "B": "String",
                "C": {"type": "Integer", "defaultValue": "5", "allowedValues": ["5"]},
                "D": {"type": "String", "collection": "yes", "description": 1, "allowedValues": "x"},
                "E": {"type": "String", "collection": True, "defaultValue": ""},
                "F": {},
            }
        )
    assert [found.place.subject for found in caught.value.findings] == [
        "A",
        "B",
        "C",
        "C",
        "D",
        "D",
        "D",
        "E",
        "F",
    ]


def test_what_can_hardly_be_meant_is_a_warning() -> None:
    """A misspelt member makes a parameter mandatory silently in Glue; here it is a warning."""
    spec = ParameterSpec.parse({"A": {"type": "String", "default": "x"}})
    assert [str(warning) for warning in spec.warnings] == [
        'A: member "default" is not one Glue reads; did you mean defaultValue?'
    ]
    assert ParameterSpec.parse(
        {"A": {"type": "String", "defaultValue": "z", "allowedValues": ["x"]}}
    ).warnings


@pytest.mark.parametrize(
    "text",
    ["", "[1]", '{"A": ', '{"A": 1, "A": 2}', '{"A": NaN}', "[" * 100_000, '{"A": ' + "9" * 5000 + "}", "5"],
)
def test_run_parameters_that_are_not_a_json_object_are_parameter_errors(text: str) -> None:
    """StartBlueprintRun's Parameters is a JSON string of name to value (service model)."""
    with pytest.raises(ParameterErrors, match="not a JSON object"):
        ParameterSpec.parse({}).resolve_text(text)


def test_run_parameters_may_be_left_out() -> None:
    """Parameters is optional in StartBlueprintRun (service model)."""
    spec = ParameterSpec.parse({"A": {"type": "Integer", "defaultValue": 7}})
    assert spec.resolve_text(None) == {"A": 7}
    assert spec.resolve_text('{"A": 8}') == {"A": 8}
