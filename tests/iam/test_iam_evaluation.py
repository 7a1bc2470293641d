"""Which requests policies allow (IAM user guide: "Policy evaluation logic" and the elements of policies)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.iam.arns import arn_matches
from glueprint.iam.documents import Policy, parse
from glueprint.iam.evaluation import BOUNDARY, IDENTITY, Refusal, Request, decide, trusts
from glueprint.iam.messages import access_denied
from glueprint.iam.problems import PolicyError

OBJECT = "arn:aws:s3:::lake/in/a.csv"


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> Policy:
    """A policy of these statements; what they leave out allows everything."""
    full = [{"Effect": "Allow", **one} for one in statements]
    return parse({"Version": version, "Statement": full})


def allows(*statements: dict[str, Any], action: str = "s3:GetObject", on: str = OBJECT, **keys: Any) -> bool:
    """Whether they allow the action; underscores in ``keys`` stand for colons."""
    context = {name.replace("_", ":"): (values,) for name, values in keys.items()}
    return decide([policy(*statements)], Request(action, on, context)) is None


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "s3:GetObject", "Resource": OBJECT}, True),
        ({"Action": "S3:getobject", "Resource": OBJECT}, True),
        ({"Action": "s3:Get*", "Resource": "arn:aws:s3:::lake/*"}, True),
        ({"Action": "s3:GetObjec?", "Resource": "arn:aws:s3:::lake/in/?.csv"}, True),
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": "s3:PutObject", "Resource": "*"}, False),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::LAKE/*"}, False),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake"}, False),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:*"}, False),
        ({"NotAction": "s3:PutObject", "Resource": "*"}, True),
        ({"NotAction": ["s3:Get*"], "Resource": "*"}, False),
        ({"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::lake/in/*"}, False),
        ({"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::lake/out/*"}, True),
        ({"Action": ["s3:PutObject", "s3:GetObject"], "Resource": ["arn:aws:s3:::x/*", OBJECT]}, True),
    ],
)
def test_actions_and_resources(statement: dict[str, Any], expected: bool) -> None:
    """Actions ignore case, resources do not; wildcards do not reach over the colons of an ARN."""
    assert allows(statement) is expected


def test_a_deny_wins_over_any_allow_and_nothing_is_allowed_by_default() -> None:
    """Policy evaluation logic: explicit deny, then allow, then implicit deny."""
    everything = {"Action": "*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "s3:Get*", "Resource": "arn:aws:s3:::lake/in/*"}
    request = Request("s3:GetObject", OBJECT)
    assert decide([policy(everything), policy(deny)], request) == Refusal(IDENTITY, is_explicit=True)
    assert decide([], request) == Refusal(IDENTITY, is_explicit=False)
    assert decide([policy(everything, deny)], Request("s3:GetObject", "arn:aws:s3:::lake/out/x")) is None


def test_a_boundary_limits_what_policies_allow_and_allows_nothing_itself() -> None:
    """IAM user guide, "Permissions boundaries for IAM entities"."""
    everything, reading = policy({"Action": "*", "Resource": "*"}), policy({"Action": "s3:Get*", "Resource": "*"})
    limits = {BOUNDARY: reading}
    assert decide([everything], Request("s3:GetObject", OBJECT), limits) is None
    assert decide([everything], Request("s3:PutObject", OBJECT), limits) == Refusal(BOUNDARY, is_explicit=False)
    assert decide([], Request("s3:GetObject", OBJECT), limits) == Refusal(IDENTITY, is_explicit=False)


@pytest.mark.parametrize(
    ("operator", "value", "prefix", "expected"),
    [
        ("StringEquals", "in/", "in/", True),
        ("StringEquals", ["a", "in/"], "in/", True),
        ("StringEquals", "in/*", "in/x", False),
        ("StringNotEquals", "in/", "out/", True),
        ("StringNotEquals", ["in/", "out/"], "out/", False),
        ("StringNotEquals", "in/", None, True),
        ("StringLike", "in/*", "in/x", True),
        ("StringLike", "in/*", None, False),
        ("StringLikeIfExists", "in/*", None, True),
        ("StringLikeIfExists", "in/*", "out", False),
        ("StringNotLike", "in/*", "in/x", False),
        ("StringEqualsIgnoreCase", "IN/", "in/", True),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
        ("Null", True, "in/", False),
        ("ForAnyValue:StringEquals", "in/", "in/", True),
        ("ForAllValues:StringEquals", "in/", None, True),
    ],
)
def test_conditions_on_a_key(operator: str, value: Any, prefix: str | None, expected: bool) -> None:
    """IAM user guide, "Condition operators": a negated operator and ForAllValues are true for an absent key."""
    statement = {"Action": "*", "Resource": "*", "Condition": {operator: {"s3:prefix": value}}}
    keys = {} if prefix is None else {"s3_prefix": prefix}
    assert allows(statement, **keys) is expected


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "found", "expected"),
    [
        ("NumericLessThanEquals", "s3:max-keys", "10", "10", True),
        ("NumericLessThan", "s3:max-keys", "10", "10", False),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00+00:00", True),
        ("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00+00:00", False),
        ("Bool", "aws:SecureTransport", False, "true", False),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/etl*", "arn:aws:iam::123456789012:role/etl-1", True),
        ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::1:role/a", "arn:aws:iam::1:role/a", False),
    ],
)
def test_conditions_compare_numbers_dates_truth_and_arns(
    operator: str, key: str, wanted: Any, found: str, expected: bool
) -> None:
    """IAM user guide, "Condition operators"."""
    statement = policy({"Action": "*", "Resource": "*", "Condition": {operator: {key: wanted}}})
    decision = decide([statement], Request("s3:GetObject", OBJECT, {key.lower(): (found,)}))
    assert (decision is None) is expected


def test_all_conditions_of_a_statement_must_be_true() -> None:
    """IAM user guide, "Conditions with multiple context keys or values": keys are joined by AND, values by OR."""
    both = {"StringEquals": {"s3:prefix": ["a", "b"], "s3:delimiter": "/"}}
    statement = {"Action": "*", "Resource": "*", "Condition": both}
    assert allows(statement, s3_prefix="b", s3_delimiter="/")
    assert not allows(statement, s3_prefix="b", s3_delimiter="-")


def test_policy_variables_are_replaced_in_version_2012_only() -> None:
    """IAM user guide, "IAM policy elements: Variables and tags"; a variable without a value matches nothing."""
    home = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/${aws:username}/*"}
    own = "arn:aws:s3:::lake/ann/x"
    assert allows(home, on=own, aws_username="ann")
    assert not allows(home, on=own, aws_username="bob")
    assert not allows(home, on=own)
    assert not allows(home, on="arn:aws:s3:::lake/ann/x", aws_username="*")
    assert allows({"Action": "*", "Resource": "arn:aws:s3:::lake/a${*}b"}, on="arn:aws:s3:::lake/a*b")
    old = policy(home, version="2008-10-17")
    assert decide([old], Request("s3:GetObject", own, {"aws:username": ("ann",)})) is not None


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ({"Version": "2012-10-17"}, "no list of statements"),
        ({"Statement": [{"Effect": "Permit", "Action": "*", "Resource": "*"}]}, "'Permit'"),
        ({"Statement": [{"Effect": "Allow", "Action": "*"}]}, "Resource or NotResource"),
        (
            {"Statement": [{"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}]},
            "Action or NotAction",
        ),
        ({"Statement": [{"Effect": "Allow", "Actions": "*", "Resource": "*"}]}, "'Actions'"),
        ({"Statement": [{"Effect": "Allow", "Action": 1, "Resource": "*"}]}, "list of strings"),
        (
            {
                "Statement": {
                    "Effect": "Allow",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"StringIs": {"a": "b"}},
                }
            },
            "'StringIs'",
        ),
        (
            {
                "Statement": {
                    "Effect": "Allow",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"NumericEquals": {"s3:max-keys": "many"}},
                }
            },
            "'many'",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_refused_by_name(document: Any, named: str) -> None:
    """An unknown operator or element is never ignored: the policy would allow more here than on AWS."""
    with pytest.raises(PolicyError, match=r".") as raised:
        parse(document)
    assert named in str(raised.value)


def test_an_unknown_key_is_refused_where_it_matters_only() -> None:
    """A condition on a key of another service does not make the rest of the policy useless."""
    unknown = {"Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3"}}}
    both = policy(unknown, {"Action": "s3:*", "Resource": "*"})
    assert decide([both], Request("s3:GetObject", OBJECT)) is None
    with pytest.raises(PolicyError, match="'kms:viaservice' is not evaluated"):
        decide([both], Request("kms:Decrypt", "*"))


def test_a_trust_policy_names_the_service() -> None:
    """DG:create-service-policy: the role trusts glue.amazonaws.com; aws:SourceAccount guards against confusion."""

    def trust(**members: Any) -> Policy:
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **members}
        return parse({"Statement": [statement]}, is_trust=True)

    account = {"aws:sourceaccount": ("123456789012",)}
    glue = "glue.amazonaws.com"
    assert trusts(trust(Principal={"Service": glue}), glue, account)
    assert trusts(trust(Principal={"Service": ["lambda.amazonaws.com", glue]}), glue, account)
    assert not trusts(trust(Principal={"Service": "lambda.amazonaws.com"}), glue, account)
    assert not trusts(trust(Principal={"AWS": "*"}), glue, account)
    guarded = {"StringEquals": {"aws:SourceAccount": "111111111111"}}
    assert not trusts(trust(Principal={"Service": glue}, Condition=guarded), glue, account)


def test_refusals_have_aws_words() -> None:
    """IAM user guide, "Troubleshoot access denied error messages"."""
    who = "arn:aws:sts::123456789012:assumed-role/etl/GlueJobRunnerSession"
    create = Request("glue:CreateJob", "arn:aws:glue:us-east-1:123456789012:job/x")
    assert access_denied(who, create, Refusal(IDENTITY, is_explicit=False)) == (
        f"User: {who} is not authorized to perform: glue:CreateJob on resource: {create.resource} "
        "because no identity-based policy allows the glue:CreateJob action"
    )
    read = Request("s3:GetObject", OBJECT)
    assert access_denied(who, read, Refusal(IDENTITY, is_explicit=True)) == (
        f'User: {who} is not authorized to perform: s3:GetObject on resource: "{OBJECT}" '
        "with an explicit deny in an identity-based policy"
    )
    assert access_denied(who, read, Refusal(BOUNDARY, is_explicit=False)).endswith(
        "because no permissions boundary allows the s3:GetObject action"
    )


@given(st.text("ab:/*?", max_size=12))
def test_an_arn_without_wildcards_matches_itself_and_a_star_matches_all(text: str) -> None:
    """IAM user guide, "IAM JSON policy elements: Resource"."""
    arn = f"arn:aws:s3:::{text}"
    assert arn_matches("*", arn)
    assert arn_matches(arn, arn)
    assert arn_matches("arn:*:s3:::*", arn)
    assert not arn_matches("arn:aws:glue:::*", arn)


_ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*", "glue:GetJob", "*"])
_RESOURCES = st.sampled_from(["*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/x", "arn:aws:s3:::b/*"])
_STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": _ACTIONS, "Resource": _RESOURCES}
)
_REQUESTS = st.builds(
    Request,
    st.sampled_from(["s3:GetObject", "s3:PutObject", "glue:GetJob"]),
    st.sampled_from(["arn:aws:s3:::a/x", "arn:aws:s3:::a/y", "arn:aws:s3:::b/x"]),
)


@given(st.lists(_STATEMENTS, max_size=4), _STATEMENTS, _REQUESTS)
def test_a_further_allow_never_takes_away_and_a_further_deny_never_gives(
    statements: list[dict[str, Any]], further: dict[str, Any], request_: Request
) -> None:
    """Policy evaluation logic: what is allowed grows with allows, and shrinks with denies."""
    before = decide([policy(*statements)], request_) is None
    after = decide([policy(*statements), policy(further)], request_) is None
    assert after >= before if further["Effect"] == "Allow" else after <= before


@given(_STATEMENTS, _REQUESTS)
def test_not_elements_are_the_complement(statement: dict[str, Any], request_: Request) -> None:
    """IAM user guide: NotAction matches everything except the actions, NotResource except the resources."""
    allow = {**statement, "Effect": "Allow"}
    action, resource = {"Action": allow["Action"]}, {"Resource": allow["Resource"]}
    is_action = allows({**action, "Resource": "*"}, action=request_.action, on=request_.resource)
    assert allows({"NotAction": allow["Action"], "Resource": "*"}, action=request_.action) != is_action
    is_resource = allows({"Action": "*", **resource}, action=request_.action, on=request_.resource)
    negated = {"Action": "*", "NotResource": allow["Resource"]}
    assert allows(negated, action=request_.action, on=request_.resource) != is_resource
