"""Runs the layout of a checked blueprint: as in a new account, and as where it has run before."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from glueprint.blueprint.layout_host import (
    LayoutError,
    LayoutProcess,
    LayoutResult,
    run_layout_for_each,
)
from glueprint.check.empty_account import ACCOUNT_ID, EmptyAccount
from glueprint.check.layout_places import LayoutPlaces
from glueprint.check.layout_source import undeclared_parameters
from glueprint.check.process_ahead import BOTO3, REGION, new_process
from glueprint.check.rule import error, warning
from glueprint.check.subject import EXAMPLE_NAME, Subject
from glueprint.facts.findings import Finding, Place
from glueprint.facts.glue_python import BOTO

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
    process: LayoutProcess | None = None,
) -> tuple[LayoutRun | None, list[Finding]]:
    """Run the layout; return what it made, or None if it failed, and what was found.

    Args:
        parameters: for the layout.
        objects: what S3 contains, by bucket and key, before the layout runs.
        is_invented: whether they are neither the user's nor the author's, so that it may rightly refuse them.
        process: of a `ProcessAhead`.
    """
    account = EmptyAccount(objects)
    accounts = [account, *([EmptyAccount(objects, is_prepared=True)] if _may_create(subject) else [])]
    result, *again = _results(subject, parameters, accounts, process)
    if isinstance(result, LayoutError):
        found = _failure(subject, result)
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
    failed: LayoutError | None = None
    if any(isinstance(one, LayoutError) for one in again):
        # That account has everything, also what the layout does not create: this one has what it did create.
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
    """Whether the layout's text has a call that creates something: it is run a second time, too."""
    assert subject.archive is not None
    assert subject.config is not None
    return b"create_" in subject.archive.files.get(subject.config.layout_file, b"")


_SYSTEM = {"region": REGION, "accountId": ACCOUNT_ID}


def _results(
    subject: Subject,
    parameters: Mapping[str, Any],
    accounts: Sequence[EmptyAccount],
    process: LayoutProcess | None,
) -> list[LayoutResult | LayoutError]:
    """Run the layout at once in each of the accounts."""
    assert subject.archive is not None
    assert subject.config is not None
    with ExitStack() as own:
        files = subject.archive.files
        if _hides_modules(files):
            process = own.enter_context(new_process(imports=""))
        elif process is None:
            calls_aws = any(BOTO3.encode() in data for file, data in files.items() if file.endswith(".py"))
            process = own.enter_context(new_process(imports=BOTO3 if calls_aws else ""))
        return run_layout_for_each(
            process,
            subject.archive,
            subject.config,
            parameters,
            _SYSTEM,
            suffix=SUFFIX,
            answer_calls=[one.answer for one in accounts],
        )


def _hides_modules(files: Mapping[str, bytes]) -> bool:
    """Whether a file in the root of the zip has the name of a module that boto3 imports: Python takes the file."""
    names = {file.partition("/")[0].partition(".")[0] for file in files}
    return not names.isdisjoint(BOTO | sys.stdlib_module_names)


def _failure_in(account: EmptyAccount, subject: Subject, parameters: Mapping[str, Any]) -> LayoutError | None:
    (result,) = _results(subject, parameters, [account], None)
    return result if isinstance(result, LayoutError) else None


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
