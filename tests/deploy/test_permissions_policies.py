"""The policies that `glueprint policy` writes for a blueprint of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.check.layout_run import LayoutRun
from glueprint.check.subject import Subject
from glueprint.deploy.permissions.documents import to_cloudformation, to_files, to_json, to_text
from glueprint.deploy.permissions.layout import run_layout
from glueprint.deploy.permissions.observed import ObservedCall
from glueprint.deploy.permissions.places import Folder, folders_in, folders_of
from glueprint.deploy.permissions.policies import Settings, policies
from glueprint.deploy.permissions.statements import Grant, RolePolicy, grant, joined
from glueprint.iam.arns import Location
from glueprint.iam.documents import parse
from glueprint.iam.evaluation import Request, decide

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
GLUE = f"arn:aws:glue:us-east-1:{ACCOUNT}:"
SETTINGS = Settings("file_presence", f"arn:aws:iam::{ACCOUNT}:role/Blueprints", Folder("zips", "blueprints/"))


@pytest.fixture(scope="module")
def made() -> tuple[Subject, LayoutRun]:
    """`file_presence` with its example parameters."""
    subject, run, _ = run_layout("file_presence", ROOT)
    return subject, run


@pytest.fixture(scope="module")
def written(made: tuple[Subject, LayoutRun]) -> dict[str, RolePolicy]:
    """Its policies by name."""
    return {one.name: one for one in policies(*made, SETTINGS, Location())}


def allows(policy: RolePolicy, action: str, resource: str, **context: str) -> bool:
    """Whether the policy allows it."""
    keys = {name.replace("_", ":"): (value,) for name, value in context.items()}
    return decide([parse(policy.document())], Request(action, resource, keys)) is None


def test_there_is_a_policy_for_each_persona_and_role(written: Mapping[str, RolePolicy]) -> None:
    """DG:blueprints-personas-permissions: three personas, the role of the run; and the role of the jobs."""
    assert list(written) == ["Administrator", "Developer", "Analyst", "BlueprintRun", "Jobs"]
    assert [one.name for one in written.values() if one.trusts_glue] == ["BlueprintRun", "Jobs"]
    assert all(one.whys for policy in written.values() for one in policy.statements)


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        (
            "Administrator",
            "CreateBlueprint UpdateBlueprint DeleteBlueprint GetBlueprint ListBlueprints BatchGetBlueprints",
        ),
        (
            "Analyst",
            "ListBlueprints GetBlueprint StartBlueprintRun GetBlueprintRun GetBlueprintRuns GetCrawler "
            "ListTriggers ListJobs BatchGetCrawlers GetTrigger BatchGetWorkflows BatchGetTriggers BatchGetJobs "
            "BatchGetBlueprints GetWorkflowRun GetWorkflowRuns ListCrawlers ListWorkflows GetJob "
            "GetWorkflow StartWorkflowRun",
        ),
        (
            "BlueprintRun",
            "CreateJob GetCrawler GetTrigger DeleteCrawler CreateTrigger DeleteTrigger DeleteJob CreateWorkflow "
            "DeleteWorkflow GetJob GetWorkflow CreateCrawler",
        ),
    ],
)
def test_personas_have_the_actions_of_the_guide(
    written: Mapping[str, RolePolicy], name: str, actions: str
) -> None:
    """DG:blueprints-personas-permissions lists them; here they are narrowed to the blueprint's resources."""
    allowed = {action for one in written[name].statements for action in one.actions}
    assert {f"glue:{action}" for action in actions.split()} <= allowed


def test_policies_allow_what_is_made_and_nothing_of_others(written: Mapping[str, RolePolicy]) -> None:
    """Least privilege: the names that the layout makes, with the suffix that Glue adds."""
    analyst, run, jobs = written["Analyst"], written["BlueprintRun"], written["Jobs"]
    assert allows(run, "glue:CreateJob", f"{GLUE}job/daily_orders_look_a1b2c3")
    assert not allows(run, "glue:CreateJob", f"{GLUE}job/payroll")
    assert allows(run, "glue:CreateTrigger", f"{GLUE}trigger/daily_orders_daily_orders_load_a1b2c3_trigger")
    role = f"arn:aws:iam::{ACCOUNT}:role/GlueJobs"
    assert allows(run, "iam:PassRole", role, iam_passedtoservice="glue.amazonaws.com")
    assert not allows(run, "iam:PassRole", role, iam_passedtoservice="lambda.amazonaws.com")
    assert allows(
        run, "s3:PutObject", "arn:aws:s3:::example-scripts/glueprint/file_presence/0123456789abcdef/look.py"
    )
    assert allows(analyst, "glue:StartWorkflowRun", f"{GLUE}workflow/daily_orders")
    assert not allows(analyst, "glue:StartWorkflowRun", f"{GLUE}workflow/payroll")
    assert not allows(analyst, "glue:CreateBlueprint", f"{GLUE}blueprint/file_presence")
    assert allows(jobs, "s3:GetObject", "arn:aws:s3:::example-landing/orders/a.csv")
    assert allows(jobs, "s3:ListBucket", "arn:aws:s3:::example-landing", s3_prefix="orders/")
    assert not allows(jobs, "s3:ListBucket", "arn:aws:s3:::example-landing", s3_prefix="salaries/")
    assert not allows(jobs, "s3:DeleteObject", "arn:aws:s3:::example-landing/orders/a.csv")
    assert allows(jobs, "glue:UpdateTable", f"{GLUE}table/sales/orders")
    assert not allows(jobs, "glue:UpdateTable", f"{GLUE}table/sales/other")
    assert not allows(jobs, "glue:DeleteTable", f"{GLUE}table/sales/orders")


def test_reasons_name_file_and_line_of_the_source(written: Mapping[str, RolePolicy]) -> None:
    """The lines are those of the sources, not of the bundled scripts."""
    whys = [why for one in written["Jobs"].statements for why in one.whys]
    lines = [why for why in whys if why.startswith("glue_jobs/common/workflow_run.py:")]
    assert lines
    for why in lines:
        file, line = why.split(": ")[0].split(":")
        assert "glue." in (ROOT / file).read_text().splitlines()[int(line) - 1], why


def test_observed_calls_add_what_is_missing_and_mark_what_is_unused(made: tuple[Subject, LayoutRun]) -> None:
    """A call that the source does not show is added, with the run that made it."""

    def call(operation: str, action: str, resource: str) -> ObservedCall:
        shape = {"Service": "s3", "Operation": operation, "Needs": [{"Action": action, "Resource": resource}]}
        return ObservedCall.from_wire("jr_1", shape)

    calls = [
        call("GetObject", "s3:GetObject", "arn:aws:s3:::example-landing/orders/a.csv"),
        call("GetObject", "s3:GetObject", "arn:aws:s3:::reference/codes/countries.csv"),
    ]
    settings = Settings("file_presence", "Blueprints", Folder("zips", ""), {"daily_orders_look": calls})
    jobs = policies(*made, settings, Location())[-1]
    added = [one for one in jobs.statements if one.sid.startswith("Observed")]
    assert [(one.actions, one.resources, one.whys) for one in added] == [
        (("s3:GetObject",), ("arn:aws:s3:::reference/codes/*",), ("run jr_1 called s3.GetObject",))
    ]
    used = {one.actions for one in jobs.statements if one.is_unused is False}
    assert ("s3:GetObject",) in used
    assert any(one.is_unused for one in jobs.statements if "glue:GetTables" in one.actions)


def test_the_template_has_pseudo_parameters_for_partition_region_and_account(
    made: tuple[Subject, LayoutRun],
) -> None:
    """CloudFormation user guide, "Pseudo parameters reference": Fn::Sub replaces them."""
    template = to_cloudformation(policies(*made, SETTINGS, Location.variables()), "file_presence")
    resources = template["Resources"]
    assert {one["Type"] for one in resources.values()} == {"AWS::IAM::ManagedPolicy", "AWS::IAM::Role"}
    text = json.dumps(resources)
    assert (
        '{"Fn::Sub": "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:workflow/daily_orders"}' in text
    )
    trust = resources["JobsRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Fn::Sub": "${AWS::AccountId}"}}}
    assert resources["JobsRole"]["Properties"]["RoleName"] == "GlueJobs"


def test_policies_are_short_enough_for_iam() -> None:
    """IAM and STS quotas: 6,144 characters of a managed policy, 10,240 of a role's inline policies."""
    for name in ("crawl_locations", "s3_to_dynamodb"):
        for policy in policies(*run_layout(name, ROOT)[:2], Settings(name, "B", Folder("z", "")), Location()):
            text = json.dumps(policy.document(), separators=(",", ":"))
            assert len(text) < (10_240 if policy.trusts_glue else 6_144), (name, policy.name, len(text))
            parse(policy.document())
            assert policy.statements


def test_outputs_say_the_same(written: Mapping[str, RolePolicy]) -> None:
    """Text, JSON and files describe the same statements."""
    every = list(written.values())
    shapes: dict[str, Any] = {one["Name"]: one for one in to_json(every, ACCOUNT)["Policies"]}
    files = to_files(every, ACCOUNT)
    for name, policy in written.items():
        assert files[f"{name}.policy.json"] == shapes[name]["Policy"] == policy.document()
        assert set(shapes[name]["Reasons"]) == {one.sid for one in policy.statements}
    assert files["Jobs.trust.json"]["Statement"][0]["Principal"] == {"Service": "glue.amazonaws.com"}
    text = "\n".join(to_text(every))
    assert all(resource in text for policy in every for one in policy.statements for resource in one.resources)


def test_statements_allow_exactly_the_grants() -> None:
    """Actions share a statement only if they have the same resources and condition."""
    statements = joined(
        [
            grant("s3:GetObject", "arn:aws:s3:::a/*", "one"),
            grant("s3:GetObject", "arn:aws:s3:::a/in/*", "two"),
            grant("s3:PutObject", "arn:aws:s3:::a/*", "three"),
            grant("s3:DeleteObject", "arn:aws:s3:::b/*", "four"),
            grant("s3:ListBucket", "arn:aws:s3:::a", "five", {"StringLike": {"s3:prefix": "in/*"}}),
        ]
    )
    assert [(one.actions, one.resources, dict(one.condition), one.whys) for one in statements] == [
        (("s3:DeleteObject",), ("arn:aws:s3:::b/*",), {}, ("four",)),
        (("s3:GetObject", "s3:PutObject"), ("arn:aws:s3:::a/*",), {}, ("one", "two", "three")),
        (("s3:ListBucket",), ("arn:aws:s3:::a",), {"StringLike": {"s3:prefix": "in/*"}}, ("five",)),
    ]


def test_locations_in_arguments() -> None:
    """An argument may have several, in a list; wildcards end a prefix; a bucket may be named alone."""
    assert folders_in('["s3://a-b/x/", "s3a://c.d/y"]') == [Folder("a-b", "x/"), Folder("c.d", "y")]
    assert folders_in("s3://lake/in/2024-*/x.csv") == [Folder("lake", "in/2024-")]
    found = folders_of({"out": "s3://lake", "bucket_name": "scripts", "mode": "lake", "x": "1"}, ["lake"])
    assert found == {
        "out": [Folder("lake", "")],
        "bucket_name": [Folder("scripts", "")],
        "mode": [Folder("lake", "")],
    }


_GRANTS = st.builds(
    grant,
    st.sampled_from(["s3:GetObject", "s3:PutObject", "glue:GetJob"]),
    st.sampled_from(["arn:aws:s3:::a/*", "arn:aws:s3:::a/x/*", "arn:aws:s3:::a/x/y", "arn:aws:s3:::b/*"]),
    st.just("why"),
)


@given(st.lists(_GRANTS, min_size=1, max_size=8))
def test_joined_statements_allow_the_grants_and_nothing_else(grants: list[Grant]) -> None:
    """Least privilege: joining actions and leaving out covered resources changes nothing."""
    together = parse({"Version": "2012-10-17", "Statement": [one.to_json() for one in joined(grants)]})
    single = [
        parse({"Version": "2012-10-17", "Statement": [one.to_json() for one in joined([each])]}) for each in grants
    ]
    for action in ("s3:GetObject", "s3:PutObject", "glue:GetJob"):
        for resource in ("a/x/y", "a/x/z", "a/z", "b/x", "c/x"):
            request = Request(action, f"arn:aws:s3:::{resource}")
            assert (decide([together], request) is None) == (decide(single, request) is None)
