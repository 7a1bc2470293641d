"""The form of a blueprint's parameters: texts become values as a blueprint run takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.blueprint.parameter_types import ParameterType
from glueprint.client.blueprint_parameters import ParametersRefused, check_values
from glueprint.client.parameter_form import ParameterForm, as_text

EXAMPLES: dict[ParameterType, tuple[str, Any]] = {
    ParameterType.STRING: ("true", "true"),
    ParameterType.INTEGER: (" 3 ", 3),
    ParameterType.DOUBLE: ("0.5", 0.5),
    ParameterType.BOOLEAN: ("Yes", True),
    ParameterType.S3_URI: ("s3://bucket/key", "s3://bucket/key"),
    ParameterType.S3_BUCKET: ("my-bucket", "my-bucket"),
    ParameterType.IAM_ROLE_ARN: ("arn:aws:iam::123456789012:role/R", "arn:aws:iam::123456789012:role/R"),
    ParameterType.IAM_ROLE_NAME: ("R", "R"),
}
WRONG = {
    ParameterType.STRING: "",
    ParameterType.INTEGER: "3.5",
    ParameterType.DOUBLE: "half",
    ParameterType.BOOLEAN: "perhaps",
    ParameterType.S3_URI: "bucket/key",
    ParameterType.S3_BUCKET: "s3://bucket",
    ParameterType.IAM_ROLE_ARN: "R",
    ParameterType.IAM_ROLE_NAME: "role/R",
}


def form(**members: Any) -> ParameterForm:
    """A form with one parameter ``P``."""
    return ParameterForm({"P": members}, {})


@pytest.mark.parametrize("type_", ParameterType)
def test_each_type_takes_its_texts(type_: ParameterType) -> None:
    """All eight types (DG:developing-blueprints-code-parameters), alone and as an item of a list."""
    text, value = EXAMPLES[type_]
    for collection in (False, True):
        one = form(type=str(type_), collection=collection)
        assert one.open_questions() == ["P"]
        assert one.fault("P", text) is None
        assert one.fault("P", WRONG[type_]) is not None
        if collection:
            one.set_items("P", [text, text])
        else:
            one.set_text("P", text)
        assert one.values == {"P": [value, value] if collection else value}
        assert one.open_questions() == []


@given(st.sampled_from(ParameterType), st.text(max_size=12) | st.from_regex(r"-?[0-9.e]{1,6}", fullmatch=True))
def test_what_the_form_accepts_a_run_accepts(type_: ParameterType, text: str) -> None:
    """The form and StartBlueprintRun have one checker: no right answer of the form is refused later."""
    parameters = {"P": {"type": str(type_)}}
    one = ParameterForm(parameters, {})
    if one.fault("P", text) is None:
        one.set_text("P", text)
        check_values("b", parameters, one.values)
    elif text:
        with pytest.raises(ParametersRefused):
            check_values("b", parameters, {"P": one.read("P", text)})


@given(st.sampled_from(["String", "Integer", "Double", "Boolean"]), st.data())
def test_a_value_that_is_shown_can_be_kept(type_: str, data: st.DataObject) -> None:
    """A default is in the line when it is entered: Enter keeps it as it is."""
    values = {"String": st.text(), "Integer": st.integers(), "Boolean": st.booleans()}
    default = data.draw(values.get(type_, st.floats(allow_nan=False, allow_infinity=False)))
    one = form(type=type_, defaultValue=default)
    text = as_text(one.current("P"))
    assert one.fault("P", text) is None
    one.set_text("P", text)
    assert json.dumps(one.values["P"]) == json.dumps(default)


def test_allowed_values_are_offered_and_required() -> None:
    """The console shows a list; so does the form (DG:developing-blueprints-code-parameters)."""
    one = form(type="Integer", allowedValues=[2, 4])
    assert one.choices("P") == ["2", "4"]
    assert one.fault("P", "3") is not None
    assert one.fault("P", "4") is None
    assert form(type="Boolean").choices("P") == ["true", "false"]
    assert form(type="String", allowedValues=["", "x"]).fault("P", "") is None


def test_what_is_open() -> None:
    """Missing and wrong values are open, what has a default is not; unknown names cannot be entered."""
    parameters = {"A": {"type": "Integer", "defaultValue": 1}, "B": {"type": "String"}, "C": {"type": "Integer"}}
    one = ParameterForm(parameters, {"A": "x", "C": 1})
    assert one.names == ["B", "C", "A"]
    assert one.open_questions() == ["B", "A"]
    assert not one.has_unknown
    assert ParameterForm(parameters, {"D": 1}).has_unknown
