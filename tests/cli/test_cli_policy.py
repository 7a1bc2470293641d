"""`glueprint policy`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from glueprint.cli.main import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command in the root of the repository."""
    monkeypatch.chdir(ROOT)
    return lambda *arguments: CliRunner().invoke(cli, ["policy", *arguments])


def test_text_names_what_needs_each_statement(policy: Callable[..., Result]) -> None:
    """Actions, resources, conditions, and the place that needs them."""
    shown = policy("crawl_locations", "--only", "BlueprintRun", "--role", "Blueprints")
    assert shown.exit_code == 0, shown.output
    assert "the role of the blueprint run (Blueprints)" in shown.stdout
    assert "  glue:CreateCrawler, glue:DeleteCrawler, glue:GetCrawler" in shown.stdout
    assert "    if iam:PassedToService StringEquals glue.amazonaws.com" in shown.stdout
    assert "    why: layouts/crawl_locations.py: makes workflow" in shown.stdout


def test_arns_have_the_account_region_and_partition(policy: Callable[..., Result]) -> None:
    """--account, --region and --partition; the template has variables instead."""
    place = ("--account", "111122223333", "--region", "cn-north-1", "--partition", "aws-cn")
    shown = policy("crawl_locations", "--only", "Administrator", "--format", "json", *place)
    (one,) = json.loads(shown.stdout)["Policies"]
    assert "arn:aws-cn:glue:cn-north-1:111122223333:blueprint/crawl_locations" in json.dumps(one["Policy"])
    template = policy("crawl_locations", "--format", "cloudformation")
    assert json.loads(template.stdout)["Resources"]["BlueprintRunRole"]["Type"] == "AWS::IAM::Role"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing",), "nothing: neither a blueprint, nor a zip, nor a folder"),
        (("file_presence", "--publish", "bucket/x"), "--publish takes s3://BUCKET/PREFIX/, not bucket/x"),
        (("file_presence", "--account", "12"), "--account takes the 12 digits of an account, not 12"),
        (("file_presence", "--role", "arn:aws:iam::1:x"), "--role takes a role's name or ARN"),
        (("crawl_locations", "--only", "Job"), "--only: there is no Job; there are Administrator, Developer"),
        (("file_presence", "--param", "Locations=s3://a/b/"), "Locations"),
        (("file_presence", "--observe", "wr_1", "--aws"), "--observe reads what the local Glue has recorded"),
    ],
)
def test_wrong_input_has_one_clear_error(
    policy: Callable[..., Result], arguments: tuple[str, ...], message: str
) -> None:
    """Each names what is wrong, and nothing is printed to stdout."""
    shown = policy(*arguments)
    assert shown.exit_code != 0
    assert message in " ".join(shown.stderr.split()), shown.stderr
    assert shown.stdout == ""


def test_policies_cannot_be_enforced_without_signatures() -> None:
    """Without signatures no caller is known: the two options of `serve` exclude each other."""
    shown = CliRunner().invoke(cli, ["serve", "--enforce-iam", "--no-auth", "--port", "0"])
    assert shown.exit_code == 2
    assert "--enforce-iam needs signatures" in shown.stderr
