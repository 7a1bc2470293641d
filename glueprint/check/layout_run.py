"""Runs the layout of a checked blueprint: as in a new account, and as where it has run before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from glueprint.blueprint.layout_host import LayoutError, LayoutResult, run_layout
from glueprint.check.empty_account import ACCOUNT_ID, REGION, EmptyAccount
from glueprint.check.layout_places import LayoutPlaces
from glueprint.check.layout_source import undeclared_parameters
from glueprint.check.rule import error, warning
from glueprint.check.subject import EXAMPLE_NAME, Subject
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

SUFFIX = "check"
"""Stands for the random suffix that Glue adds to the names of jobs and crawlers."""


@dataclass(frozen=True, slots=True)
class LayoutRun:
    """A run of the layout that returned a workflow."""

    result: LayoutResult
    account: EmptyAccount
    places: LayoutPlaces


LAYOUT_REFUSED = warning(
    "layout-refused-invented-values",
    "The layout refuses the values that the check has invented",
    "Nothing is known about what the layout makes: its jobs and scripts are not checked.",
    f"add {EXAMPLE_NAME} to the folder of blueprint.cfg, or pass --params FILE",
    "docs/check.md",
)
_FAULTS = (
    *("AttributeError", "ImportError", "IndentationError", "MemoryError", "ModuleNotFoundError", "NameError"),
    *("RecursionError", "SyntaxError", "SystemExit", "TimeoutError", "TypeError", "UnboundLocalError"),
)
"""Errors of a layout that are its own, whatever its parameters are."""
RULES = (LAYOUT_ERROR, LAYOUT_REFUSED, WORKFLOW_NAME_FIXED, RERUN_FAILS, BUCKET_CREATED)


def run(
    subject: Subject,
    parameters: Mapping[str, Any],
    *,
    objects: Mapping[tuple[str, str], bytes] | None = None,
    is_invented: bool = False,
) -> tuple[LayoutRun | None, list[Finding]]:
    """Run the layout; return what it made, or None if it failed, and what was found.

    Args:
        parameters: for the layout.
        objects: what S3 contains, by bucket and key, before the layout runs.
        is_invented: whether they are neither the user's nor the author's, so that it may rightly refuse them.
    """
    account = EmptyAccount(objects)
    with ThreadPoolExecutor(1) as other:
        prepared = EmptyAccount(objects, is_prepared=True)
        again = other.submit(_failure_in, prepared, subject, parameters) if _may_create(subject) else None
        try:
            result = _result(subject, parameters, account)
        except LayoutError as failure:
            found = _failure(subject, failure)
            if found.message in {f"KeyError: {name!r}" for name in undeclared_parameters(subject)}:
                return None, []  # which layout_source reports, at each place
            if is_invented and not found.message.startswith(_FAULTS):
                found = LAYOUT_REFUSED.at(found.place, found.message)
            return None, [found]
    places = LayoutPlaces(subject, result)
    done = LayoutRun(result, account, places)
    name = result.requests.workflow.get("Name")
    naming = [one for one, value in parameters.items() if isinstance(value, str) and value and value in str(name)]
    findings = [*(_placed(one, subject, places) for one in result.warnings), *_created_buckets(subject, account)]
    if not naming:
        place = places.of("Workflow", str(name), "Name")
        findings.append(WORKFLOW_NAME_FIXED.at(place, f"the workflow is always named {name!r}"))
    failed = again.result() if again is not None else None
    if failed is not None:  # in an account that has everything, also what the layout does not create
        failed = _failure_in(account, subject, parameters)
    if failed is not None:
        where = _failure(subject, failed).place
        findings.append(RERUN_FAILS.at(where, f"the second time: {failed.aws_message}"))
    return done, findings


def _placed(warning: Finding, subject: Subject, places: LayoutPlaces) -> Finding:
    """Return a warning of the layout library with its place in the sources: the line of what it is about."""
    if warning.place.path in subject.shown:
        return replace(warning, place=replace(warning.place, path=subject.shown[warning.place.path]))
    found = re.fullmatch(r"(Job|Crawler|Workflow) '(.+)'", warning.place.subject)
    if warning.place.path or found is None:
        return warning
    member, _, key = warning.place.member.partition("[")
    here = places.of(found[1], found[2], member, key.rstrip("]").strip("'\""))
    return replace(warning, place=replace(here, member=warning.place.member))


def _may_create(subject: Subject) -> bool:
    """Whether the layout's text has a call that creates something; running it again takes half a second."""
    assert subject.archive is not None
    assert subject.config is not None
    return b"create_" in subject.archive.files.get(subject.config.layout_file, b"")


def _failure_in(account: EmptyAccount, subject: Subject, parameters: Mapping[str, Any]) -> LayoutError | None:
    try:
        _result(subject, parameters, account)
    except LayoutError as failure:
        return failure
    return None


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
