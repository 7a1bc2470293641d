"""Runs the layout of a checked blueprint, once with the example and again as a second workflow of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.blueprint.layout_host import LayoutError, LayoutResult, run_layout
from glueprint.check.empty_account import ACCOUNT_ID, REGION, EmptyAccount
from glueprint.check.layout_places import LayoutPlaces
from glueprint.check.rule import error, warning
from glueprint.check.subject import Subject
from glueprint.facts.findings import Finding, Place

LAYOUT_ERROR = error(
    "layout-error",
    "The layout does not return a workflow",
    "StartBlueprintRun ends FAILED: Unknown error executing layout generator function.",
    "",
    "DG:blueprint_workflow_troubleshoot",
)
WORKFLOW_NAME_FIXED = warning(
    "workflow-name-fixed",
    "The workflow's name does not depend on a parameter",
    "A second run of the blueprint fails, because the workflow and its triggers exist already.",
    "take the name from a parameter such as WorkflowName",
    "DG:developing-blueprints-overview (workflow names must be unique)",
)
RERUN_FAILS = error(
    "rerun-fails",
    "The layout fails when it runs a second time",
    "What the layout itself creates (a database, a bucket) remains after a run; the next run of the blueprint, "
    "also for another workflow, finds it.",
    "accept that it exists: catch AlreadyExistsException",
    "DG:developing-blueprints-code-layout",
)
BUCKET_CREATED = warning(
    "bucket-created",
    "The layout creates a bucket",
    "A bucket with a predictable name may belong to another account, which then provides the scripts of the jobs.",
    "take an existing bucket as a parameter, and pass ExpectedBucketOwner",
    "awslabs/aws-glue-blueprint-libs (2026-05: bucket ownership checks)",
)
RULES = (LAYOUT_ERROR, WORKFLOW_NAME_FIXED, RERUN_FAILS, BUCKET_CREATED)

SUFFIX = "check"
"""Stands for the random suffix that Glue adds to the names of jobs and crawlers."""


@dataclass(frozen=True, slots=True)
class LayoutRun:
    """A run of the layout that returned a workflow."""

    result: LayoutResult
    account: EmptyAccount
    places: LayoutPlaces


def run(subject: Subject, parameters: Mapping[str, Any]) -> tuple[LayoutRun | None, list[Finding]]:
    """Run the layout; return what it made, or None if it failed, and what was found."""
    account = EmptyAccount()
    try:
        result = _result(subject, parameters, account)
    except LayoutError as failure:
        return None, [_failure(subject, failure)]
    places = LayoutPlaces(subject, result)
    done = LayoutRun(result, account, places)
    name = result.requests.workflow.get("Name")
    naming = [one for one, value in parameters.items() if isinstance(value, str) and value and value in str(name)]
    findings = [*result.warnings, *_created_buckets(subject, account)]
    if not naming:
        place = places.of("Workflow", str(name), "Name")
        findings.append(WORKFLOW_NAME_FIXED.at(place, f"the workflow is always named {name!r}"))
    elif any(call.operation.startswith("Create") for call in account.calls):
        another = {**parameters, **{one: f"{parameters[one]}2" for one in naming}}
        try:
            _result(subject, another, account)
        except LayoutError as failure:
            where = _failure(subject, failure).place
            findings.append(RERUN_FAILS.at(where, f"for a second workflow: {failure.aws_message}"))
    return done, findings


def _result(subject: Subject, parameters: Mapping[str, Any], account: EmptyAccount) -> LayoutResult:
    assert subject.archive is not None
    assert subject.config is not None
    return run_layout(
        subject.archive,
        subject.config,
        parameters,
        {"region": REGION, "accountId": ACCOUNT_ID},
        environment={"AWS_DEFAULT_REGION": REGION},
        suffix=SUFFIX,
        answer_call=account.answer,
    )


def _failure(subject: Subject, failure: LayoutError) -> Finding:
    file, _, line = (failure.where or "").rpartition(":")
    place = Place(subject.shown.get(file, file), int(line)) if file else subject.place("")
    text = failure.aws_message.removeprefix("Unknown error executing layout generator function ")
    return LAYOUT_ERROR.at(place, text, failure.hint or "")


def _created_buckets(subject: Subject, account: EmptyAccount) -> list[Finding]:
    calls = [call for call in account.calls if call.operation == "CreateBucket"]
    place = subject.place(subject.config.layout_file) if subject.config else Place()
    buckets = sorted({str(call.parameters.get("Bucket")) for call in calls})
    return [BUCKET_CREATED.at(place, f"the layout creates the bucket {bucket}") for bucket in buckets]
