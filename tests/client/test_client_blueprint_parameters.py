"""Values for a blueprint's parameters: converted from text, checked before anything is started."""

from __future__ import annotations

import pytest

from glueprint.client.blueprint_parameters import ParametersRefused, check_values, typed_values


@pytest.mark.parametrize(
    ("given", "spec", "value"),
    [
        (["1"], {"type": "String"}, "1"),
        (["s3://b/k"], {"type": "S3Uri"}, "s3://b/k"),
        (["1"], {"type": "Integer"}, 1),
        (["1.5"], {"type": "Double"}, 1.5),
        (["true"], {"type": "Boolean"}, True),
        (["many"], {"type": "Integer"}, "many"),
        (["a"], {"type": "String", "collection": True}, ["a"]),
        (['["a", "b"]'], {"type": "String", "collection": True}, ["a", "b"]),
        (["1", "2"], {"type": "Integer", "collection": True}, [1, 2]),
        (["a=b"], {}, "a=b"),
    ],
)
def test_parameters_take_their_type_from_the_spec(
    given: list[str], spec: dict[str, object], value: object
) -> None:
    """The eight types and collections of blueprint.cfg
    (docs/facts/blueprints.md#parameter-types); what is not JSON stays text."""
    assert typed_values([("p", text) for text in given], {"p": spec}) == {"p": value}


def test_every_problem_is_reported_at_once() -> None:
    """Unknown, missing and wrong parameters, in the form of the local Glue's own checks."""
    parameters = {
        "WorkflowName": {"type": "String", "defaultValue": None},
        "Minimum": {"type": "Integer", "defaultValue": 1},
    }
    with pytest.raises(ParametersRefused, match="does not accept 3 parameters; nothing was created") as refused:
        check_values("orders", parameters, {"Minimum": "many", "Minimun": 1})
    assert [finding.place.subject for finding in refused.value.findings] == ["Minimun", "WorkflowName", "Minimum"]
    check_values("orders", parameters, {"WorkflowName": "nightly"})


def test_a_specification_that_cannot_be_read_is_left_to_the_service() -> None:
    """AWS may know types that this version does not."""
    check_values("orders", {"p": {"type": "Quaternion"}}, {"p": 1})
