"""AWS's managed policies in moto's IAM are the same in every account (IAM guide, "Managed policies")."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from glueprint.local.http.moto_policies import parse_managed_policies_once

GLUE = "policy/service-role/AWSGlueServiceRole"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the policies that moto parses during the test."""
    names: list[str] = []
    original = AWSManagedPolicy.from_data

    def from_data(name: str, *args: Any, **named: Any) -> AWSManagedPolicy:
        names.append(name)
        return original(name, *args, **named)

    monkeypatch.setattr(AWSManagedPolicy, "from_data", from_data)
    monkeypatch.setattr(IAMBackend, "_init_aws_policies", IAMBackend._init_aws_policies)
    parse_managed_policies_once()
    return names


def test_every_iam_has_all_policies_and_they_are_parsed_once(parsed: list[str]) -> None:
    """Ten IAMs, as moto makes at a reset: 0.75 s each if each parses them."""
    names = set(json.loads(aws_managed_policies_data))
    for account in ("1" * 12, "2" * 12):
        for partition in ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"):
            assert {policy.name for policy in IAMBackend(partition, account).aws_managed_policies} == names
    assert len(parsed) <= len(names)


def test_an_iam_shares_nothing_that_it_changes(parsed: list[str]) -> None:
    """Attachments and tags are those of one account; the ARN names the partition."""
    one, other = IAMBackend("aws", "1" * 12), IAMBackend("aws-cn", "1" * 12)
    policy = one.managed_policies[f"arn:aws:iam::aws:{GLUE}"]
    one.create_role("etl", "{}", "/", None, "", {}, "3600")
    one.attach_role_policy(policy.arn, "etl")
    one.tag_policy(policy.arn, [{"Key": "team", "Value": "data"}])
    untouched = other.managed_policies[f"arn:aws-cn:iam::aws:{GLUE}"]
    assert (policy.attachment_count, untouched.attachment_count, untouched.tags) == (1, 0, {})
    assert {version.policy_arn for version in untouched.versions} == {untouched.arn}
    assert IAMBackend("aws", "1" * 12).managed_policies[policy.arn].attachment_count == 0
