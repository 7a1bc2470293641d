"""Requests against the service model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.facts.validation import message, problems, unknown_members

MODEL = botocore.session.get_session().get_service_model("glue")


def _problems(operation: str, request: Mapping[str, Any]) -> list[str]:
    shape = MODEL.operation_model(operation).input_shape
    assert shape is not None
    return problems(shape, request)


@pytest.mark.parametrize(
    ("operation", "request_", "expected"),
    [
        ("GetJob", {}, "Value 'null' at 'jobName' failed to satisfy constraint: Member must not be null"),
        ("GetJob", {"JobName": 3}, "Member must be of type string"),
        ("GetJob", {"JobName": ""}, "Member must have length greater than or equal to 1"),
        ("GetJob", {"JobName": "x" * 256}, "Member must have length less than or equal to 255"),
        ("GetJob", {"JobName": "a\nb"}, "Member must satisfy regular expression pattern"),
        ("GetJobs", {"MaxResults": 1001}, "Member must have value less than or equal to 1000"),
        ("GetJobs", {"MaxResults": True}, "Member must be of type integer"),
        ("CreateBlueprint", {"Name": "a", "BlueprintLocation": "s3://b"}, "regular expression pattern"),
        ("CreateTrigger", {"Name": "a", "Type": "NEVER", "Actions": []}, "enum value set: [SCHEDULED"),
        ("CreateTrigger", {"Name": "a", "Type": "EVENT", "Actions": "x"}, "Member must be a list"),
        ("CreateWorkflow", {"Name": "a", "Tags": {"k" * 129: "v"}}, "'tags.key'"),
        ("StartWorkflowRun", {"Name": "a", "RunProperties": {"k": 1}}, "'runProperties.k.member'"),
    ],
)
def test_each_kind_of_rule_is_named_with_its_member(
    operation: str, request_: dict[str, Any], expected: str
) -> None:
    """Required, types, lengths, enums and patterns of the model are checked, naming member and rule."""
    assert any(expected in problem for problem in _problems(operation, request_))


def test_every_fault_of_a_request_is_reported_at_once() -> None:
    """A request with two faults names both."""
    found = _problems("CreateBlueprint", {"Name": "not ok", "BlueprintLocation": "nowhere"})
    assert len(found) == 2
    assert message(found).startswith("2 validation errors detected: Value '")


@given(st.text(max_size=300))
def test_a_name_is_accepted_exactly_when_the_model_allows_it(name: str) -> None:
    """NameString: 1 to 255 of the characters of its pattern (service model), supplementary ones included."""

    def allowed(letter: str) -> bool:
        return letter == "\t" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"

    expected = 1 <= len(name) <= 255 and all(map(allowed, name))
    assert (_problems("GetJob", {"JobName": name}) == []) == expected


def test_unknown_members_are_named_with_their_place() -> None:
    """AWS ignores members that the model does not have; null ones and keys of maps are not meant."""
    request = {
        "Name": "t",
        "Type": "ON_DEMAND",
        "Actions": [{"JobName": "a", "Arguments": {"--x": "1"}}, {"Jobname": "b", "Timout": None}],
        "Workflow": "w",
    }
    shape = botocore.session.get_session().get_service_model("glue").operation_model("CreateTrigger").input_shape
    assert unknown_members(shape, request) == ["actions.2.member.Jobname", "Workflow"]
