"""Which actions and resources calls require (Service Authorization Reference)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader

from glueprint.iam.arns import Location
from glueprint.iam.calls import authorizations
from glueprint.iam.crawler_actions import crawl_requests

GLUE = "arn:aws:glue:us-east-1:123456789012:"
LOGS = "arn:aws:logs:us-east-1:123456789012:log-group:"


def needs(service: str, operation: str, **parameters: Any) -> list[tuple[str, str]]:
    """Actions and resources."""
    return [(one.action, one.resource) for one in authorizations(service, operation, parameters, Location())]


@pytest.mark.parametrize(
    ("operation", "parameters", "resources"),
    [
        ("StartJobRun", {"JobName": "j"}, ["job/j"]),
        ("GetCrawler", {"Name": "c"}, ["crawler/c"]),
        ("BatchGetJobs", {"JobNames": ["a", "b"]}, ["job/a", "job/b"]),
        ("PutWorkflowRunProperties", {"Name": "w", "RunId": "r"}, ["workflow/w"]),
        ("GetBlueprintRun", {"BlueprintName": "b"}, ["blueprint/b"]),
        ("GetTable", {"DatabaseName": "d", "Name": "t"}, ["catalog", "database/d", "table/d/t"]),
        (
            "CreateTable",
            {"DatabaseName": "d", "TableInput": {"Name": "t"}},
            ["catalog", "database/d", "table/d/t"],
        ),
        ("BatchCreatePartition", {"DatabaseName": "d", "TableName": "t"}, ["catalog", "database/d", "table/d/t"]),
        ("CreateDatabase", {"DatabaseInput": {"Name": "d"}}, ["catalog", "database/d"]),
        (
            "DeleteDatabase",
            {"Name": "d"},
            ["catalog", "database/d", "table/d/*", "userDefinedFunction/d/*"],
        ),
        ("GetTables", {"DatabaseName": "d"}, ["catalog", "database/d", "table/d/*"]),
        ("GetConnection", {"Name": "c"}, ["catalog", "connection/c"]),
    ],
)
def test_resources_of_glue(operation: str, parameters: dict[str, Any], resources: list[str]) -> None:
    """What concerns the Data Catalog requires the permission on its ancestors too."""
    assert needs("glue", operation, **parameters) == [(f"glue:{operation}", GLUE + one) for one in resources]


def test_operations_that_list_are_checked_on_everything() -> None:
    """DG22:glue-specifying-resource-arns: operations that retrieve multiple items take the wildcard only."""
    assert needs("glue", "ListJobs") == [("glue:ListJobs", "*")]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("CreateJob", {"Name": "j", "Role": "etl"}),
        ("CreateCrawler", {"Name": "j", "Role": "arn:aws:iam::123456789012:role/etl"}),
        ("UpdateJob", {"JobName": "j", "JobUpdate": {"Role": "etl"}}),
        ("StartBlueprintRun", {"BlueprintName": "b", "RoleArn": "arn:aws:iam::123456789012:role/etl"}),
    ],
)
def test_a_role_must_be_passed(operation: str, parameters: dict[str, Any]) -> None:
    """DG:create-service-policy: who gives Glue a role needs iam:PassRole on it."""
    *_, passed = authorizations("glue", operation, parameters, Location())
    assert (passed.action, passed.resource) == ("iam:PassRole", "arn:aws:iam::123456789012:role/etl")
    assert passed.context == {"iam:passedtoservice": ("glue.amazonaws.com",)}


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
        ("ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("HeadBucket", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("HeadObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
        ("UploadPart", {"Bucket": "b", "Key": "k"}, [("s3:PutObject", "arn:aws:s3:::b/k")]),
        ("GetBucketEncryption", {"Bucket": "b"}, [("s3:GetEncryptionConfiguration", "arn:aws:s3:::b")]),
        ("GetBucketLocation", {"Bucket": "b"}, [("s3:GetBucketLocation", "arn:aws:s3:::b")]),
        (
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}},
            [("s3:DeleteObject", "arn:aws:s3:::b/x"), ("s3:DeleteObject", "arn:aws:s3:::b/y")],
        ),
        (
            "CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "a/x%20y?versionId=1"},
            [("s3:GetObject", "arn:aws:s3:::a/x y"), ("s3:PutObject", "arn:aws:s3:::b/k")],
        ),
        (
            "PutObject",
            {"Bucket": "b", "Key": "k", "Tagging": "a=b"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:PutObjectTagging", "arn:aws:s3:::b/k")],
        ),
    ],
)
def test_actions_of_s3(operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """S3 API reference, "Required permissions for Amazon S3 API operations"."""
    assert needs("s3", operation, **parameters) == expected


def test_a_listing_has_its_prefix_as_a_condition_key() -> None:
    """Service Authorization Reference: s3:prefix; a request without a prefix has the empty one."""
    (listing,) = authorizations("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "in/"}, Location())
    assert listing.context["s3:prefix"] == ("in/",)
    (listing,) = authorizations("s3", "ListObjectsV2", {"Bucket": "b"}, Location())
    assert listing.context["s3:prefix"] == ("",)


@pytest.mark.parametrize(
    ("operation", "parameters", "resource"),
    [
        ("FilterLogEvents", {"logGroupName": "/g"}, "/g:log-stream:"),
        ("GetLogEvents", {"logGroupName": "/g", "logStreamName": "s"}, "/g:log-stream:s"),
        ("FilterLogEvents", {"logGroupIdentifier": f"{LOGS}/g:*"}, "/g:log-stream:"),
    ],
)
def test_resources_of_logs(operation: str, parameters: dict[str, Any], resource: str) -> None:
    """Service Authorization Reference, CloudWatch Logs."""
    assert needs("logs", operation, **parameters) == [(f"logs:{operation}", LOGS + resource)]


AWS = "arn:aws:{}:us-east-1:123456789012:{}"
MACHINE, EXECUTION = AWS.format("states", "stateMachine:m"), AWS.format("states", "execution:m:e")
ETL = "arn:aws:iam::123456789012:role/etl"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("athena", "StartQueryExecution", {"QueryString": "SELECT 1"}, ["workgroup/primary"]),
        ("athena", "StartQueryExecution", {"WorkGroup": "wg"}, ["workgroup/wg"]),
        ("athena", "GetQueryResults", {"QueryExecutionId": "q", "WorkGroups": ["a"]}, ["workgroup/a"]),
        ("athena", "BatchGetQueryExecution", {"WorkGroups": ["a", "b"]}, ["workgroup/a", "workgroup/b"]),
        ("athena", "CreateWorkGroup", {"Name": "wg"}, ["workgroup/wg"]),
        ("athena", "CreatePreparedStatement", {"WorkGroup": "wg", "StatementName": "s"}, ["workgroup/wg"]),
        ("athena", "GetTableMetadata", {"CatalogName": "AwsDataCatalog"}, ["datacatalog/AwsDataCatalog"]),
        ("athena", "ListWorkGroups", {}, ["*"]),
        ("stepfunctions", "StartExecution", {"stateMachineArn": MACHINE}, [MACHINE]),
        ("stepfunctions", "StartExecution", {"stateMachineArn": f"{MACHINE}:PROD"}, [MACHINE]),
        ("stepfunctions", "StopExecution", {"executionArn": EXECUTION}, [EXECUTION]),
        ("stepfunctions", "CreateStateMachine", {"name": "m", "roleArn": ETL}, [MACHINE, ETL]),
        ("stepfunctions", "UpdateStateMachine", {"stateMachineArn": MACHINE}, [MACHINE]),
        ("stepfunctions", "ListStateMachines", {}, ["*"]),
        ("events", "PutRule", {"Name": "r"}, ["rule/r"]),
        ("events", "PutRule", {"Name": "r", "EventBusName": "b", "RoleArn": ETL}, ["rule/b/r", ETL]),
        ("events", "PutTargets", {"Rule": "r", "Targets": [{"RoleArn": ETL}]}, ["rule/r", ETL]),
        ("events", "PutEvents", {"Entries": [{}, {"EventBusName": "b"}]}, ["event-bus/default", "event-bus/b"]),
        ("events", "ListRules", {}, ["*"]),
    ],
)
def test_resources_of_other_services(
    service: str, operation: str, parameters: dict[str, Any], expected: list[str]
) -> None:
    """Service Authorization Reference: Athena, Step Functions, EventBridge; a role that is passed needs
    iam:PassRole.
    """
    prefix = "states" if service == "stepfunctions" else service
    arns = [one if one == "*" or ":" in one else AWS.format(prefix, one) for one in expected]
    actions = ["iam:PassRole" if arn == ETL else f"{prefix}:{operation}" for arn in arns]
    assert needs(service, operation, **parameters) == list(zip(actions, arns, strict=True))


def test_condition_keys_of_other_services() -> None:
    """EventBridge user guide: events:source, events:detail-type and events:TargetArn; tags are lists of pairs."""
    entry = {"Source": "shop", "DetailType": "order"}
    (put,) = authorizations("events", "PutEvents", {"Entries": [entry]}, Location())
    assert put.context == {"events:source": ("shop",), "events:detail-type": ("order",)}
    (rule,) = authorizations("events", "PutTargets", {"Rule": "r", "Targets": [{"Arn": MACHINE}]}, Location())
    assert rule.context == {"events:targetarn": (MACHINE,)}
    for tag in ({"Key": "team", "Value": "shop"}, {"key": "team", "value": "shop"}):
        name = "Tags" if "Key" in tag else "tags"
        (group,) = authorizations("athena", "CreateWorkGroup", {"Name": "w", name: [tag]}, Location())
        assert group.context == {"aws:requesttag/team": ("shop",), "aws:tagkeys": ("team",)}


def test_every_operation_of_the_models_has_an_action() -> None:
    """No operation passes unchecked, whatever its parameters are."""
    for service in ("athena", "events", "glue", "logs", "s3", "stepfunctions"):
        for operation in Loader().load_service_model(service, "service-2")["operations"]:
            found = needs(service, operation)
            assert found, operation
            assert all(action.partition(":")[2] and resource for action, resource in found)


def test_a_crawl_reads_its_targets_and_writes_tables() -> None:
    """DG:crawler-prereqs."""
    crawler = {"Targets": {"S3Targets": [{"Path": "s3://lake/in/"}]}, "DatabaseName": "d", "TablePrefix": "p_"}
    found = {(one.action, one.resource) for one in crawl_requests(crawler, Location())}
    assert ("s3:GetObject", "arn:aws:s3:::lake/in/*") in found
    assert ("s3:ListBucket", "arn:aws:s3:::lake") in found
    assert ("glue:CreateTable", f"{GLUE}table/d/p_*") in found
