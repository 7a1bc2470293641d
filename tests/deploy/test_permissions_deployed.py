"""Policies of the roles of a workflow that is deployed, however it was made."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.account_in_process import AccountInProcess

from glueprint.client.errors import NotFound
from glueprint.deploy.permissions.deployed import location_of, read_nodes_of
from glueprint.deploy.permissions.policies import role_policies
from glueprint.deploy.permissions.statements import RolePolicy
from glueprint.iam.documents import parse
from glueprint.iam.evaluation import Request, decide

SCRIPT = b"""
import sys
import boto3
from awsglue.utils import getResolvedOptions

given = getResolvedOptions(sys.argv, ["target"])
bucket, _, key = given["target"].removeprefix("s3://").partition("/")
boto3.client("s3").put_object(Bucket=bucket, Key=key + "done", Body=b"")
"""
ROLES = {"writes": "Writer", "scala": "Other", "gone": "Other"}


def deploy(account: AccountInProcess) -> None:
    """A workflow whose jobs run a Python script, one in Scala, and one that is not in S3."""
    s3, glue = account.client("s3"), account.glue
    s3.put_object(Bucket="scripts", Key="writes.py", Body=SCRIPT)
    s3.put_object(Bucket="scripts", Key="scala.py", Body=b"object GlueApp { }")
    glue.create_workflow(Name="w")
    for name, role in ROLES.items():
        command = {"Name": "glueetl", "ScriptLocation": f"s3://scripts/{name}.py"}
        arguments = {"--target": "s3://results/new/"}
        glue.create_job(Name=name, Role=role, Command=command, DefaultArguments=arguments)
    glue.create_crawler(
        Name="look", Role="Crawls", DatabaseName="sales", Targets={"S3Targets": [{"Path": "s3://results/new/"}]}
    )
    actions = [*({"JobName": name} for name in ROLES), {"CrawlerName": "look"}]
    glue.create_trigger(Name="start", WorkflowName="w", Type="ON_DEMAND", Actions=actions)


def allows(policy: RolePolicy, action: str, resource: str) -> bool:
    """Whether the policy allows it."""
    return decide([parse(policy.document())], Request(action, resource, {})) is None


def test_each_role_gets_what_its_jobs_need(tmp_path: Path) -> None:
    """From the definitions and the scripts in S3, in the account's own ARNs; what cannot be read is noted. Nothing
    is changed."""
    with AccountInProcess(tmp_path / "data", "scripts", "results") as account:
        deploy(account)
        account.requests.clear()
        nodes, location = read_nodes_of(account, "w"), location_of(account)
        changing = [one for one in account.requests if not one.startswith(("Get", "BatchGet", "List", "Head"))]
        crawls, other, writer = role_policies(nodes, {}, location)
    assert changing == []
    assert [one.role.rpartition("/")[2] for one in (crawls, other, writer)] == ["Crawls", "Other", "Writer"]
    assert f":{location.account_id}:" in writer.role
    assert allows(writer, "s3:PutObject", "arn:aws:s3:::results/new/done")
    assert not allows(writer, "s3:PutObject", "arn:aws:s3:::results/old")
    assert any("s3://scripts/writes.py:8: s3.PutObject" in why for one in writer.statements for why in one.whys)
    assert allows(crawls, "s3:GetObject", "arn:aws:s3:::results/new/a")
    assert not allows(other, "s3:PutObject", "arn:aws:s3:::results/new/done")
    assert sorted(other.notes) == [
        "job gone: its script s3://scripts/gone.py cannot be read (NoSuchKey); only what starts it is allowed",
        "job scala: its script s3://scripts/scala.py is not Python; only what starts it is allowed",
    ]


def test_a_workflow_that_is_not_there(tmp_path: Path) -> None:
    """It is named in the error."""
    with AccountInProcess(tmp_path / "data") as account, pytest.raises(NotFound, match="there is no workflow w"):
        read_nodes_of(account, "w")
