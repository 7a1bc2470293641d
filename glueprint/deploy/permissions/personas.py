"""Policies of the three personas of a blueprint's life: administrator, developer, data analyst.

Source: DG:blueprints-personas-permissions, "Permissions for blueprint personas": the same operations, narrowed to
this blueprint and to what it makes. Operations that list take no resource.
"""

from __future__ import annotations

from collections.abc import Iterator

from glueprint.blueprint.layout_result import LayoutRequests
from glueprint.deploy.permissions.blueprint_role import created
from glueprint.deploy.permissions.places import Folder
from glueprint.deploy.permissions.statements import GLUE, Grant, grant
from glueprint.iam.arns import Location

_GUIDE = "the guide's list (DG:blueprints-personas-permissions)"
_READS = {
    "workflow": ("GetWorkflow", "GetWorkflowRun", "GetWorkflowRuns", "BatchGetWorkflows"),
    "job": ("GetJob", "BatchGetJobs"),
    "crawler": ("GetCrawler", "BatchGetCrawlers"),
    "trigger": ("GetTrigger", "BatchGetTriggers"),
}
_RUNS = {
    "workflow": ("GetWorkflowRunProperties", "PutWorkflowRunProperties", "ResumeWorkflowRun", "StopWorkflowRun"),
    "job": ("GetJobRun", "GetJobRuns"),
    "crawler": ("ListCrawls",),
}


def administrator_grants(blueprint: str, published: Folder, location: Location) -> Iterator[Grant]:
    """Yield what an administrator needs to register and maintain a blueprint."""
    for action in ("Create", "Update", "Delete", "Get", "BatchGet"):
        name = f"glue:{action}Blueprint" + ("s" if action == "BatchGet" else "")
        yield grant(name, location.glue(f"blueprint/{blueprint}"), f"register and maintain {blueprint}: {_GUIDE}")
    yield grant("glue:ListBlueprints", "*", f"list blueprints: {_GUIDE}")
    for action in ("TagResource", "GetTags"):
        why = "record which version is registered: `glueprint register NAME@VERSION`, `list --registered`"
        yield grant(f"glue:{action}", location.glue(f"blueprint/{blueprint}"), why)
    why = f"Glue reads the zip in the name of who registers it: {_GUIDE}"
    yield grant("s3:GetObject", location.bucket(published.bucket, published.pattern), why)


def developer_grants(blueprint: str, published: Folder, location: Location) -> Iterator[Grant]:
    """Yield what a developer needs to publish; with the other two policies also to register and to test."""
    why = f"publish {blueprint}: write permissions on the bucket of blueprints ({_GUIDE})"
    for action in ("PutObject", "GetObject", "AbortMultipartUpload"):
        yield grant(f"s3:{action}", location.bucket(published.bucket, published.pattern), why)
    condition = {"StringLike": {"s3:prefix": published.pattern}} if published.prefix else None
    yield grant("s3:ListBucket", location.bucket(published.bucket), why, condition)


def analyst_grants(
    blueprint: str, requests: LayoutRequests, blueprint_role: str, location: Location
) -> Iterator[Grant]:
    """Yield what a data analyst needs to make workflows from a blueprint, and to run and see them."""
    for action in (
        "GetBlueprint",
        "StartBlueprintRun",
        "GetBlueprintRun",
        "GetBlueprintRuns",
        "BatchGetBlueprints",
    ):
        yield grant(f"glue:{action}", location.glue(f"blueprint/{blueprint}"), f"run {blueprint}: {_GUIDE}")
    for action in ("ListBlueprints", "ListWorkflows", "ListTriggers", "ListJobs", "ListCrawlers"):
        yield grant(f"glue:{action}", "*", f"find things by name: {_GUIDE}")
    for kind, name, _ in created(requests):
        resource = location.glue(f"{kind}/{name}")
        for action in _READS[kind]:
            yield grant(f"glue:{action}", resource, f"see the workflow and what it consists of: {_GUIDE}")
        for action in _RUNS.get(kind, ()):
            yield grant(
                f"glue:{action}", resource, "see, stop and resume runs: `glueprint status`, `stop`, `resume`"
            )
        if kind == "workflow":
            yield grant("glue:StartWorkflowRun", resource, f"start the workflow: {_GUIDE}")
    for action in ("FilterLogEvents", "GetLogEvents", "DescribeLogStreams"):
        arn = f"arn:{location.partition}:logs:{location.region}:{location.account_id}:log-group:/aws-glue/*"
        yield grant(f"logs:{action}", arn, "read the logs of jobs and crawlers: `glueprint logs`")
    only = {"StringEquals": {"iam:PassedToService": GLUE}}
    why = f"pass the role of the blueprint run to Glue: {_GUIDE}"
    yield grant("iam:PassRole", location.role(blueprint_role), why, only)
