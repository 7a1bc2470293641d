"""Event patterns: the documented examples, one by one, and the faults that are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from glueprint.local.events.pattern import InvalidPattern, parse_pattern

EC2: dict[str, Any] = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "111122223333",
    "time": "2017-10-02T18:43:48Z",
    "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
    "detail": {
        "instance-id": "i-1234567890abcdef0",
        "state": "terminated",
        "c-count": 5,
        "d-count": 3,
        "x-limit": 301.8,
        "sourceIPAddress": "10.0.0.33",
        "FileName": "dir/picture.PNG",
        "empty": "",
        "nothing": None,
        "done": True,
    },
}


def matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    return parse_pattern(json.dumps(pattern)).matches(event)


def detail(**fields: Any) -> dict[str, Any]:
    return {"detail": fields}


@pytest.mark.parametrize(
    ("field", "values", "holds"),
    [
        ("state", ["terminated"], True),
        ("state", ["running", "terminated"], True),
        ("state", ["Terminated"], False),
        ("state", [{"prefix": "term"}], True),
        ("state", [{"prefix": "TERM"}], False),
        ("state", [{"prefix": {"equals-ignore-case": "TERM"}}], True),
        ("FileName", [{"suffix": ".PNG"}], True),
        ("FileName", [{"suffix": ".png"}], False),
        ("FileName", [{"suffix": {"equals-ignore-case": ".png"}}], True),
        ("state", [{"anything-but": "initializing"}], True),
        ("state", [{"anything-but": "terminated"}], False),
        ("x-limit", [{"anything-but": 123}], True),
        ("state", [{"anything-but": ["stopped", "overloaded"]}], True),
        ("state", [{"anything-but": ["stopped", "terminated"]}], False),
        ("c-count", [{"anything-but": [100, 200, 5]}], False),
        ("state", [{"anything-but": {"equals-ignore-case": "TERMINATED"}}], False),
        ("state", [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}], True),
        ("state", [{"anything-but": {"prefix": "init"}}], True),
        ("state", [{"anything-but": {"prefix": ["init", "term"]}}], False),
        ("FileName", [{"anything-but": {"suffix": ".txt"}}], True),
        ("FileName", [{"anything-but": {"suffix": [".txt", ".PNG"]}}], False),
        ("FileName", [{"anything-but": {"wildcard": "*/lib/*"}}], True),
        ("FileName", [{"anything-but": {"wildcard": ["*/lib/*", "dir/*"]}}], False),
        ("c-count", [{"numeric": [">", 0, "<=", 5]}], True),
        ("c-count", [{"numeric": [">", 0, "<", 5]}], False),
        ("d-count", [{"numeric": ["<", 10]}], True),
        ("x-limit", [{"numeric": ["=", 3.018e2]}], True),
        ("c-count", [{"numeric": [">=", 5]}], True),
        ("c-count", [{"numeric": [">", 5]}], False),
        ("state", [{"numeric": [">", 0]}], False),
        ("sourceIPAddress", [{"cidr": "10.0.0.0/24"}], True),
        ("sourceIPAddress", [{"cidr": "10.0.1.0/24"}], False),
        ("state", [{"cidr": "10.0.0.0/24"}], False),
        ("c-count", [{"exists": True}], True),
        ("c-count", [{"exists": False}], False),
        ("missing", [{"exists": False}], True),
        ("missing", [{"exists": True}], False),
        ("nothing", [{"exists": True}], True),
        ("state", [{"equals-ignore-case": "TERMINATED"}], True),
        ("FileName", [{"wildcard": "dir/*.PNG"}], True),
        ("FileName", [{"wildcard": "*.png"}], False),
        ("empty", [""], True),
        ("nothing", [None], True),
        ("empty", [None], False),
        ("done", [True], True),
        ("done", [1], False),
        ("missing", ["x"], False),
        ("missing", [{"anything-but": "x"}], False),
        ("missing", ["x", {"exists": False}], True),
    ],
)
def test_comparison_operators(field: str, values: list[Any], holds: bool) -> None:
    """The operators do what their examples say (guide, "Comparison operators for use in event patterns")."""
    assert matches(detail(**{field: values}), EC2) is holds


def test_the_documented_complex_example() -> None:
    """All fields must match ("Complex example with multiple matching", content filtering page)."""
    pattern = {
        "time": [{"prefix": "2017-10-02"}],
        "detail": {
            "state": [{"anything-but": "initializing"}],
            "c-count": [{"numeric": [">", 0, "<=", 5]}],
            "d-count": [{"numeric": ["<", 10]}],
            "x-limit": [{"anything-but": [100, 200, 300]}],
        },
    }
    assert matches(pattern, EC2)
    assert not matches({**pattern, "source": ["aws.rds"]}, EC2)


@pytest.mark.parametrize(
    ("changed", "holds"),
    [({"Location": "New York"}, True), ({"Day": "Monday"}, True), ({"Location": "Rome", "Day": "Sunday"}, False)],
)
def test_or_over_fields(changed: dict[str, Any], holds: bool) -> None:
    """Location is New York, or Day is Monday (operators page, "Or (multiple fields)")."""
    pattern = {"detail": {"$or": [{"Location": ["New York"]}, {"Day": ["Monday"]}]}}
    assert matches(pattern, detail(**changed)) is holds


def test_or_with_other_fields() -> None:
    """source and (metricName or (metricType and namespace) or scope) (aws/event-ruler README, "$or")."""
    pattern = {
        "source": ["aws.cloudwatch"],
        "$or": [
            {"metricName": ["CPUUtilization", "ReadLatency"]},
            {"metricType": ["MetricType"], "namespace": ["AWS/EC2", "AWS/ES"]},
            {"scope": ["Service"]},
        ],
    }
    assert matches(pattern, {"source": "aws.cloudwatch", "scope": "Service"})
    assert matches(pattern, {"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/ES"})
    assert not matches(pattern, {"source": "aws.cloudwatch", "metricType": "MetricType"})
    assert not matches(pattern, {"source": "else", "scope": "Service"})


@pytest.mark.parametrize(
    ("pattern", "event", "holds"),
    [
        ({"resources": ["b"]}, {"resources": ["a", "b"]}, True),
        ({"resources": ["c"]}, {"resources": ["a", "b"]}, False),
        ({"resources": [None]}, {"resources": []}, False),
        ({"resources": [{"exists": False}]}, {"resources": []}, True),
        ({"detail": {"c-count": [{"exists": False}]}}, {"detail": {"c-count": {"c1": 100}}}, True),
        ({"detail": {"n": [300]}}, {"detail": {"n": 300.0}}, True),
        ({"detail": {"n": ["300"]}}, {"detail": {"n": 300}}, False),
        ({"detail": {"n": [{"anything-but": {"prefix": "init"}}]}}, {"detail": {"n": 12}}, True),
        ({"detail": {"n": [{"anything-but": "x"}]}}, {"detail": {"n": None}}, True),
        ({"detail": {"n": [{"anything-but": 0}]}}, {"detail": {"n": False}}, True),
        ({"a": {"b": [{"exists": False}]}}, {}, True),
        ({"a": {"b": [{"exists": True}]}}, {"a": 5}, False),
    ],
)
def test_lists_absence_and_kinds(pattern: dict[str, Any], event: dict[str, Any], holds: bool) -> None:
    """Lists match by intersection, absence is of leaves (guide, "Arrays in event patterns"; event-ruler README).

    Numbers compare as numbers: observed on AWS, against its own page (localstack, number_comparison_float).
    """
    assert matches(pattern, event) is holds


@pytest.mark.parametrize(
    ("first", "last", "holds"), [("Anna", "Smith", True), ("Anna", "Jones", False), ("Peter", "Jones", True)]
)
def test_two_fields_match_within_one_element(first: str, last: str, holds: bool) -> None:
    """The employees of aws/event-ruler's README, "JSON Array Matching", also in nested lists."""
    people = [
        {"firstName": "John", "lastName": "Doe"},
        {"firstName": "Anna", "lastName": "Smith"},
        {"firstName": "Peter", "lastName": "Jones"},
    ]
    pattern = {"employees": {"firstName": [first], "lastName": [last]}}
    assert matches(pattern, {"employees": people}) is holds
    assert matches(pattern, {"employees": [people[:2], [people[2:]]]}) is holds


@pytest.mark.parametrize(
    ("wildcard", "value", "holds"),
    [
        ("Simple*Service", "SimpleQueueService", True),
        ("Simple*Service", "SimpleService", True),
        ("a*a", "a", False),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        (r"a\\*", "a\\x", True),
        ("*", "", True),
        ("*a*b*", "xaxbx", True),
        ("*a*b*", "ba", False),
    ],
)
def test_wildcards(wildcard: str, value: str, holds: bool) -> None:
    """An asterisk is anything, a backslash makes it itself (aws/event-ruler README, "Wildcard matching")."""
    assert matches({"f": [{"wildcard": wildcard}]}, {"f": value}) is holds


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "Expecting property name"),
        ("[]", "it is a list, not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"source": ["aws.health"], "detail": {}}', "Empty objects are not allowed at detail"),
        ('{"detail": {"slug": "x"}}', '"slug" must be an object or an array at detail'),
        ('{"a": []}', "Empty arrays are not allowed at a"),
        ('{"a": [[1]]}', "Match value must be String, number, true, false, or null at a"),
        ('{"a": [{}]}', "Match expression name not found at a"),
        ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression at a"),
        ('{"a": [{"starts-with": "x"}]}', "Unrecognized match type starts-with at a"),
        ('{"a": [{"suffix": ["x"]}]}', "suffix match pattern must be a string, not a list at a"),
        ('{"a": [{"prefix": {"suffix": "x"}}]}', "Unsupported prefix pattern: suffix at a"),
        ('{"a": [{"equals-ignore-case": ["x"]}]}', "equals-ignore-case match pattern must be a string"),
        ('{"a": [{"exists": "yes"}]}', "exists match pattern must be either true or false."),
        (
            '{"a": [{"anything-but": null}]}',
            "Value of anything-but must be an array or single string/number value.",
        ),
        ('{"a": [{"anything-but": [1, "x"]}]}', "either all values are number or string"),
        ('{"a": [{"anything-but": [{"prefix": "x"}]}]}', "Inside anything but list, start|null|boolean is not"),
        ('{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed at a"),
        (
            '{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}',
            "prefix match pattern must be a string",
        ),
        ('{"a": [{"anything-but": {"numeric": [">", 1]}}]}', "Unsupported anything-but pattern: numeric at a"),
        ('{"a": [{"numeric": 5}]}', "Value of numeric must be an array."),
        ('{"a": [{"numeric": []}]}', "Invalid member in numeric match: nothing at a"),
        ('{"a": [{"numeric": ["=="]}]}', "Unrecognized numeric range operator: == at a"),
        ('{"a": [{"numeric": [">", "5"]}]}', "Value of > must be numeric at a"),
        ('{"a": [{"numeric": ["<", 5, ">", 1]}]}', "Too many elements in numeric expression at a"),
        ('{"a": [{"numeric": [">", 5, ">", 7]}]}', "Bad numeric range operator: > at a"),
        ('{"a": [{"numeric": [">", 7, "<", 5]}]}', "Bottom must be less than top at a"),
        ('{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required at a"),
        ('{"a": [{"cidr": "10.0.0.0/x"}]}', "Malformed CIDR, mask bits must be an integer at a"),
        ('{"a": [{"cidr": "10.0.0.0/32"}]}', "IPv4 mask bits must be < 32 at a"),
        ('{"a": [{"cidr": "10.0.0.300/24"}]}', "Nonstandard IP address: 10.0.0.300 at a"),
        ('{"a": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters at pos 1 at a"),
        ('{"a": [{"wildcard": "a\\\\b"}]}', "Invalid escape character at pos 1 at a"),
        ('{"$or": {"a": [1]}}', "It must be an Array followed with $or at $or"),
        ('{"$or": [{"a": [1]}]}', "There must have at least 2 Objects in $or relationship at $or"),
        ('{"$or": [{"a": [1]}, 5]}', "Only JSON object is allowed in array of $or relationship at $or"),
        ('{"$or": [{"numeric": [1]}, {"a": [1]}]}', "numeric is a reserved field name"),
        ('{"a": [1], "$or": [{"a": [2]}, {"b": [1]}]}', "Path `a` cannot be allowed multiple times"),
        ('{"a": [1], "a": [2]}', 'given more than once in one object: "a"'),
        ('{"a": [NaN]}', "NaN is not JSON"),
    ],
)
def test_faults_are_reported_as_text(text: str, fault: str) -> None:
    """Wrong patterns are refused in the words of EventBridge's matcher (aws/event-ruler, JsonRuleCompiler)."""
    with pytest.raises(InvalidPattern) as caught:
        parse_pattern(text)
    assert fault in str(caught.value)


def test_every_fault_is_reported_at_once() -> None:
    """A person corrects a pattern once, not fault by fault."""
    with pytest.raises(InvalidPattern) as caught:
        parse_pattern('{"source": "aws.s3", "detail": {"a": [], "b": [{"prefx": "x"}, {"exists": 1}]}}')
    assert len(caught.value.faults) == 4


def test_or_may_make_a_thousand_combinations() -> None:
    """More than 1,000 rule combinations are refused (guide, "OR matching")."""
    tens = [{"$or": [{f"{name}{number}": [1]} for number in range(10)]} for name in "abc"]
    nested: dict[str, Any] = {"x": tens[0], "y": tens[1], "z": tens[2]}
    assert not matches(nested, {})
    nested["w"] = {"$or": [{"d1": [1]}, {"d2": [1]}]}
    with pytest.raises(InvalidPattern, match="2000 rule combinations"):
        parse_pattern(json.dumps(nested))


@pytest.mark.parametrize("text", ['{"a":' * 600 + "[1]" + "}" * 600, '{"a":[' + "[" * 3000 + "]" * 3000 + "]}"])
def test_deep_patterns_are_refused_not_crashed_on(text: str) -> None:
    """Input of any depth is answered (project rule: hostile input)."""
    with pytest.raises(InvalidPattern):
        parse_pattern(text)
