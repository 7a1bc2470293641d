"""EventBridge's operations, as clients call them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from events_harness import PLACE, ROLE, Bridge, Refused, workflow_arn, workflow_target

from glueprint.local.events.rules import Rule, Transaction, put_rule

RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/r"
PATTERN = '{"source":["app"]}'


def refused(bridge: Bridge, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        bridge.call(operation, **request)
    return caught.value.code, caught.value.message


def entry(**changed: Any) -> dict[str, Any]:
    return {"Source": "app", "DetailType": "News", "Detail": "{}", **changed}


def test_every_operation_is_in_the_model_and_the_rest_is_refused_by_name(bridge: Bridge) -> None:
    """An operation that is not implemented answers an error that names it."""
    assert len(bridge.service.operations) == 17
    for name in set(bridge.service.model.operation_names) - set(bridge.service.operations):
        status, answer = bridge.service.handle(f"AWSEvents.{name}", b"{}", PLACE)
        assert (status, answer["__type"]) == (400, "UnsupportedOperationException")
        assert name in answer["message"]


# Rules


def test_a_rule_that_only_matches_cloudtrail_is_refused(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    """No such event is sent here (docs/fidelity/events.md); the guide's example with S3 uses one."""
    through = "AWS API Call via CloudTrail"
    pattern = json.dumps({"source": ["aws.s3"], "detail-type": [through]})
    code, message = refused(bridge, "PutRule", Name="r", EventPattern=pattern)
    assert code == "UnsupportedOperationException"
    assert through in message
    assert "Object Created" in message
    both = json.dumps({"source": ["aws.s3"], "detail-type": [through, "Object Created"]})
    bridge.call("PutRule", Name="r", EventPattern=both)
    assert through in caplog.text


def test_a_rule_is_described_as_it_was_put(bridge: Bridge) -> None:
    """PutRule answers the ARN, DescribeRule the members (API reference)."""
    put = bridge.call("PutRule", Name="r", EventPattern=PATTERN, Description="new orders", RoleArn=ROLE)
    assert put == {"RuleArn": RULE_ARN}
    assert bridge.call("DescribeRule", Name="r") == {
        "Name": "r",
        "Arn": RULE_ARN,
        "EventPattern": PATTERN,
        "State": "ENABLED",
        "Description": "new orders",
        "RoleArn": ROLE,
        "EventBusName": "default",
        "CreatedBy": "123456789012",
    }


def test_putting_a_rule_again_replaces_it_and_keeps_its_targets(bridge: Bridge) -> None:
    """Omitted arguments are removed, not kept (service model, PutRule)."""
    bridge.rule("r", {"source": ["old"]}, "w")
    bridge.call("PutRule", Name="r", EventPattern=PATTERN, State="DISABLED", Description="d")
    bridge.call("PutRule", Name="r", EventPattern=PATTERN)
    described = bridge.call("DescribeRule", Name="r")
    assert "Description" not in described
    assert described["State"] == "ENABLED"
    assert len(bridge.call("ListTargetsByRule", Rule="r")["Targets"]) == 1


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        ({}, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        (
            {"EventPattern": '{"a":1}'},
            "InvalidEventPatternException",
            'Event pattern is not valid. Reason: "a" must',
        ),
        ({"EventPattern": "x" * 4097}, "ValidationException", "length less than or equal to 4096"),
        (
            {"ScheduleExpression": "rate(5 minutes)"},
            "UnsupportedOperationException",
            "PutRule with ScheduleExpression",
        ),
        ({"EventPattern": PATTERN, "State": "ON"}, "ValidationException", "enum value set"),
        (
            {"EventPattern": PATTERN, "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"},
            "UnsupportedOperationException",
            "CLOUDTRAIL",
        ),
        (
            {"EventPattern": PATTERN, "EventBusName": "mine"},
            "ResourceNotFoundException",
            "Event bus mine does not exist.",
        ),
        ({"EventPattern": PATTERN, "Name": "a b"}, "ValidationException", "regular expression pattern"),
    ],
)
def test_bad_rules_are_refused_and_not_stored(
    bridge: Bridge, request_: dict[str, Any], code: str, words: str
) -> None:
    """PutRule's errors are those of its API reference; the messages as AWS answers them."""
    found = refused(bridge, "PutRule", **{"Name": "r", **request_})
    assert found[0] == code
    assert words in found[1]
    assert bridge.call("ListRules")["Rules"] == []


def test_the_default_bus_may_be_named_in_full(bridge: Bridge) -> None:
    """EventBusName is a name or an ARN (service model, EventBusNameOrArn)."""
    arn = "arn:aws:events:us-east-1:123456789012:event-bus/default"
    bridge.call("PutRule", Name="r", EventPattern=PATTERN, EventBusName=arn)
    assert bridge.call("DescribeRule", Name="r", EventBusName="default")["Arn"] == RULE_ARN
    assert bridge.call("DescribeEventBus") == {"Name": "default", "Arn": arn}
    assert bridge.call("ListEventBuses")["EventBuses"] == [{"Name": "default", "Arn": arn}]
    assert bridge.call("ListEventBuses", NamePrefix="x")["EventBuses"] == []


def test_rules_are_listed_by_name_in_pages(bridge: Bridge) -> None:
    """ListRules: NamePrefix, Limit, NextToken (API reference)."""
    for name in ("b", "a1", "a2", "a3"):
        bridge.call("PutRule", Name=name, EventPattern=PATTERN)
    page = bridge.call("ListRules", NamePrefix="a", Limit=2)
    assert [rule["Name"] for rule in page["Rules"]] == ["a1", "a2"]
    rest = bridge.call("ListRules", NamePrefix="a", Limit=2, NextToken=page["NextToken"])
    assert [rule["Name"] for rule in rest["Rules"]] == ["a3"]
    assert "NextToken" not in rest
    assert refused(bridge, "ListRules", NextToken="%")[0] == "ValidationException"


def test_a_rule_with_targets_is_not_deleted(bridge: Bridge) -> None:
    """Targets must be removed first; deleting again succeeds (service model, DeleteRule)."""
    bridge.rule("r", {"source": ["app"]}, "w")
    assert refused(bridge, "DeleteRule", Name="r") == (
        "ValidationException",
        "Rule can't be deleted since it has targets.",
    )
    bridge.call("RemoveTargets", Rule="r", Ids=["0"])
    bridge.call("DeleteRule", Name="r")
    bridge.call("DeleteRule", Name="r")
    assert bridge.call("ListRules")["Rules"] == []


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("DescribeRule", {"Name": "r"}),
        ("EnableRule", {"Name": "r"}),
        ("DisableRule", {"Name": "r"}),
        ("PutTargets", {"Rule": "r", "Targets": [workflow_target("w")]}),
        ("RemoveTargets", {"Rule": "r", "Ids": ["1"]}),
        ("ListTargetsByRule", {"Rule": "r"}),
        ("ListTagsForResource", {"ResourceARN": RULE_ARN}),
        ("TagResource", {"ResourceARN": RULE_ARN, "Tags": []}),
    ],
)
def test_a_rule_that_is_not_there(bridge: Bridge, operation: str, request_: dict[str, Any]) -> None:
    """ResourceNotFoundException in AWS's words (error lists of the service model)."""
    found = refused(bridge, operation, **request_)
    assert found == ("ResourceNotFoundException", "Rule r does not exist on EventBus default.")


def test_a_bus_has_three_hundred_rules_at_most(bridge: Bridge) -> None:
    """300 rules a bus (guide, "Amazon EventBridge quotas"); replacing one does not count."""

    def fill(tx: Transaction) -> None:
        for number in range(300):
            put_rule(tx, Rule(f"r{number}", PATTERN, "ENABLED"))

    bridge.database.write(fill)
    assert refused(bridge, "PutRule", Name="one-more", EventPattern=PATTERN)[0] == "LimitExceededException"
    bridge.call("PutRule", Name="r7", EventPattern=PATTERN)


def test_tags_of_a_rule(bridge: Bridge) -> None:
    """Tags come with a new rule and are ignored for an existing one (service model, PutRule)."""
    bridge.call("PutRule", Name="r", EventPattern=PATTERN, Tags=[{"Key": "team", "Value": "a"}])
    bridge.call("PutRule", Name="r", EventPattern=PATTERN, Tags=[{"Key": "team", "Value": "b"}])
    bridge.call("TagResource", ResourceARN=RULE_ARN, Tags=[{"Key": "x", "Value": ""}])
    tags = bridge.call("ListTagsForResource", ResourceARN=RULE_ARN)["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}, {"Key": "x", "Value": ""}]
    bridge.call("UntagResource", ResourceARN=RULE_ARN, TagKeys=["team"])
    assert bridge.call("ListTagsForResource", ResourceARN=RULE_ARN)["Tags"] == [{"Key": "x", "Value": ""}]
    bridge.call("DeleteRule", Name="r")
    bridge.call("PutRule", Name="r", EventPattern=PATTERN)
    assert bridge.call("ListTagsForResource", ResourceARN=RULE_ARN)["Tags"] == []


# Targets


def test_targets_are_listed_as_they_were_put(bridge: Bridge) -> None:
    """ListTargetsByRule and ListRuleNamesByTarget (API reference)."""
    bridge.rule("r", {"source": ["app"]}, "w")
    bridge.rule("s", {"source": ["app"]}, "w", "v")
    bridge.call("PutTargets", Rule="r", Targets=[workflow_target("w", "0", InputPath="$.detail")])
    expected = [{"Id": "0", "Arn": workflow_arn("w"), "RoleArn": ROLE, "InputPath": "$.detail"}]
    assert bridge.call("ListTargetsByRule", Rule="r")["Targets"] == expected
    assert bridge.call("ListRuleNamesByTarget", TargetArn=workflow_arn("w"))["RuleNames"] == ["r", "s"]
    assert bridge.call("ListRuleNamesByTarget", TargetArn=workflow_arn("v"))["RuleNames"] == ["s"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"Arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}, "a rule has no other targets here"),
        ({"Arn": "arn:aws:glue:us-east-1:123456789012:job/j"}, "a rule has no other targets here"),
        (
            {"Arn": "arn:aws:sns:us-east-1:123456789012:t", "InputTransformer": {"InputTemplate": "1"}},
            "InputTransformer of a SNS topic target",
        ),
        (
            {"Arn": "arn:aws:sns:us-east-1:123456789012:t", "SqsParameters": {"MessageGroupId": "g"}},
            "SqsParameters of a SNS topic target",
        ),
        ({"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:q"}}, "DeadLetterConfig"),
    ],
)
def test_a_target_that_cannot_be_served_is_named(
    bridge: Bridge, caplog: pytest.LogCaptureFixture, changed: dict[str, Any], words: str
) -> None:
    """Other targets, and parameters that have no effect, are refused in FailedEntries, never dropped in silence
    (docs/decisions/eventbridge.md)."""
    bridge.rule("r", {"source": ["app"]})
    with caplog.at_level(logging.WARNING):
        answer = bridge.call(
            "PutTargets", Rule="r", Targets=[workflow_target("w", "bad", **changed), workflow_target("w")]
        )
    assert answer["FailedEntryCount"] == 1
    (failed,) = answer["FailedEntries"]
    assert (failed["TargetId"], failed["ErrorCode"]) == ("bad", "UnsupportedOperationException")
    assert words in failed["ErrorMessage"]
    assert "target bad was not added" in caplog.text
    assert [one["Id"] for one in bridge.call("ListTargetsByRule", Rule="r")["Targets"]] == ["1"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            {"Id": "1", "Arn": "workflow/w"},
            "Parameter workflow/w is not valid. Reason: Provided Arn is not in correct",
        ),
        ({"Id": "1", "Arn": workflow_arn("w")}, f"RoleArn is required for target {workflow_arn('w')}."),
        (
            workflow_target("w", Input="{}", InputPath="$"),
            "Only one of Input, InputPath, or InputTransformer must be provided for target 1.",
        ),
        (
            {"Id": "1", "Arn": "arn:aws:glue:eu-west-1:123456789012:workflow/w", "RoleArn": ROLE},
            "region (us-east-1)",
        ),
        (
            {"Id": "1", "Arn": "arn:aws:glue:us-east-1:999999999999:workflow/w", "RoleArn": ROLE},
            "account (123456789012)",
        ),
    ],
)
def test_a_target_that_aws_refuses(bridge: Bridge, target: dict[str, Any], message: str) -> None:
    """ValidationException for the complete request, in AWS's words where known (terraform-provider-aws #19913)."""
    bridge.rule("r", {"source": ["app"]})
    code, words = refused(bridge, "PutTargets", Rule="r", Targets=[workflow_target("v", "2"), target])
    assert code == "ValidationException"
    assert message in words
    assert bridge.call("ListTargetsByRule", Rule="r")["Targets"] == []


def test_a_rule_has_five_targets_at_most(bridge: Bridge) -> None:
    """Five targets a rule (service model, PutTargets); replacing one does not count."""
    bridge.rule("r", {"source": ["app"]}, *"abcde")
    found = refused(bridge, "PutTargets", Rule="r", Targets=[workflow_target("f", "5")])
    assert found == ("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    bridge.call("PutTargets", Rule="r", Targets=[workflow_target("f", "4")])
    assert len(bridge.call("ListTargetsByRule", Rule="r")["Targets"]) == 5


def test_removing_targets_names_those_that_were_not_there(bridge: Bridge) -> None:
    """RemoveTargets partially fails by entry (API reference)."""
    bridge.rule("r", {"source": ["app"]}, "w")
    answer = bridge.call("RemoveTargets", Rule="r", Ids=["0", "9"])
    assert answer["FailedEntryCount"] == 1
    assert answer["FailedEntries"][0] == {
        "TargetId": "9",
        "ErrorCode": "ResourceNotFoundException",
        "ErrorMessage": "Rule 'r' does not have a target with the Id '9'.",
    }
    assert bridge.call("ListTargetsByRule", Rule="r")["Targets"] == []


# Events


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        (
            {"Source": ""},
            "InvalidArgument",
            "Parameter Source is not valid. Reason: Source is a required argument.",
        ),
        (
            {"DetailType": None},
            "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        ),
        (
            {"Detail": None},
            "InvalidArgument",
            "Parameter Detail is not valid. Reason: Detail is a required argument.",
        ),
        ({"Detail": "{"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a":NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a":' * 5000 + "1" + "}" * 5000}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
        ({"Time": "soon"}, "InvalidArgument", "Parameter Time is not valid. Reason: 'soon' is not a time."),
    ],
)
def test_an_invalid_entry_fails_alone(
    bridge: Bridge, changed: dict[str, Any], code: str, message: str
) -> None:
    """PutEvents answers entry by entry (API reference, PutEventsResultEntry; messages as AWS answers them)."""
    bridge.rule("r", {"source": ["app"]}, "w")
    answer = bridge.call("PutEvents", Entries=[entry(**changed), entry()])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0] == {"ErrorCode": code, "ErrorMessage": message}
    assert bridge.held() == [("w", answer["Entries"][1]["EventId"])]


def test_an_entry_becomes_an_event_with_its_time_and_resources(bridge: Bridge) -> None:
    """Time and Resources reach the envelope (PutEventsRequestEntry); without Time it is the service's clock."""
    bridge.rule("r", {"time": ["2023-11-14T22:13:20Z"], "resources": ["arn:x"]}, "w")
    timed = bridge.call("PutEvents", Entries=[entry(Time=1_700_000_000, Resources=["arn:x", "arn:y"])])
    bridge.clock.advance(5)
    bridge.call("PutEvents", Entries=[entry(Resources=["arn:x"])])
    assert bridge.held() == [("w", timed["Entries"][0]["EventId"])]


def test_a_request_holds_ten_entries_and_a_megabyte(bridge: Bridge) -> None:
    """10 entries, less than 1 MB in total (service model, PutEvents)."""
    assert bridge.call("PutEvents", Entries=[entry()] * 10)["FailedEntryCount"] == 0
    code, message = refused(bridge, "PutEvents", Entries=[entry()] * 11)
    assert code == "ValidationException"
    assert "Member must have length less than or equal to 10" in message
    large = json.dumps({"a": "x" * 600_000})
    assert refused(bridge, "PutEvents", Entries=[entry(Detail=large)] * 2) == (
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
    )


def test_an_event_for_an_unknown_bus_is_answered_and_lost(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    """AWS answers an EventId and delivers nothing (aws-sdk-java-v2 #3155): the same here, and it is logged."""
    bridge.rule("r", {"source": ["app"]}, "w")
    with caplog.at_level(logging.WARNING):
        answer = bridge.call("PutEvents", Entries=[entry(EventBusName="mine")])
    assert answer["FailedEntryCount"] == 0
    assert bridge.held() == []
    assert f"event {answer['Entries'][0]['EventId']} is lost: event bus mine does not exist" in caplog.text


def test_testing_a_pattern(bridge: Bridge) -> None:
    """TestEventPattern: the event needs the six mandatory members (API reference)."""
    event = {
        "id": "1",
        "account": "2",
        "source": "app",
        "time": "2023-11-14T22:13:20Z",
        "region": "r",
        "detail-type": "t",
    }
    assert bridge.call("TestEventPattern", EventPattern=PATTERN, Event=json.dumps(event)) == {"Result": True}
    other = json.dumps({**event, "source": "else"})
    assert bridge.call("TestEventPattern", EventPattern=PATTERN, Event=other) == {"Result": False}
    for wrong in ("{", "[]", json.dumps({**event, "id": None} | {"id": 1}).replace('"id"', '"ID"')):
        found = refused(bridge, "TestEventPattern", EventPattern=PATTERN, Event=wrong)
        assert found == ("ValidationException", "Parameter Event is not valid.")
    found = refused(bridge, "TestEventPattern", EventPattern="{}", Event=json.dumps(event))
    assert found[0] == "InvalidEventPatternException"
