"""What a user can do about a failed blueprint run, from Glue's message: for the command line and the console.

The texts are those of DG:blueprint_workflow_troubleshoot and of IAM and S3; a message that is not known gets no
advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<module>[\w.]+)'")
_FILE = re.compile(r"FileNotFoundError: .*No such file or directory: '(?P<file>[^']+)'")
_NAME_TAKEN = re.compile(r"(Workflow|Trigger) with name.* already ")
_PASS_ROLE = re.compile(r"iam:PassRole\b.*?resource: (?P<role>arn:\S+)")
_ACTION = re.compile(r"not authorized to perform: ([\w:]+)")
_DENIED = re.compile(r"not authorized to perform|AccessDenied")
_BUCKET = re.compile(r"NoSuchBucket|The specified bucket does not exist")
_LIMIT = re.compile(r"ResourceNumberLimitExceededException|limit exceeded", re.IGNORECASE)
_LAYOUT = re.compile(r"Unknown error executing layout generator function")


@dataclass(frozen=True, slots=True)
class FailedBlueprintRun:
    """A failed run, as far as advice needs it.

    Attributes:
        error: Glue's message.
        role: the role of the run.
        workflow: the name that the workflow would have had, if a parameter names it.
    """

    error: str
    blueprint: str
    role: str
    workflow: str | None
    values: Mapping[str, Any]


def advice(failed: FailedBlueprintRun) -> list[str]:
    """Return what can be done about a failed run, as sentences; none for an unknown reason."""
    found = [(text_of, pattern.search(failed.error)) for pattern, text_of in _ADVICE]
    return [text for text_of, match in found if match is not None for text in text_of(failed, match)]


def _name_taken(failed: FailedBlueprintRun, found: re.Match[str]) -> Iterable[str]:
    if failed.workflow:
        yield (
            f"`glueprint create {failed.blueprint} --replace` replaces it; "
            f"`glueprint delete {failed.workflow}` removes what is left of it"
        )


def _module(failed: FailedBlueprintRun, found: re.Match[str]) -> Iterable[str]:
    yield (
        f"a layout runs without Spark and without {found['module']}: it may import the standard library, boto3, "
        "and awsglue.blueprint; layoutGenerator must name the layout, not a job's script"
    )


def _file(failed: FailedBlueprintRun, found: re.Match[str]) -> Iterable[str]:
    yield f"{found['file']} is not there; a layout opens files as FOLDER/FILE, where FOLDER is named like the zip"


def _pass_role(failed: FailedBlueprintRun, found: re.Match[str]) -> Iterable[str]:
    yield f"allow {failed.role} to pass {found['role']} to glue.amazonaws.com (iam:PassRole)"


def _denied(failed: FailedBlueprintRun, found: re.Match[str]) -> Iterable[str]:
    if _PASS_ROLE.search(failed.error):
        return
    named = _ACTION.search(failed.error)
    action = named[1] if named else "it"
    yield f"the layout and Glue act as the run's role, {failed.role}: allow {action} there, or use another role"
    yield f"`glueprint policy {failed.blueprint} --params FILE --only BlueprintRun` prints what that role needs"


def _bucket(failed: FailedBlueprintRun, found: re.Match[str]) -> Iterable[str]:
    buckets = [name for name, value in failed.values.items() if isinstance(value, str) and "ucket" in name]
    which = f"the bucket of {' or '.join(buckets)}" if buckets else "the bucket"
    yield f"create {which} first: `glueprint bucket create NAME`"


def _limit(failed: FailedBlueprintRun, found: re.Match[str]) -> Iterable[str]:
    yield "the account has as many of them as its quota allows: delete some, or request a higher quota"


def _layout(failed: FailedBlueprintRun, found: re.Match[str]) -> Iterable[str]:
    if "layouts/" not in failed.error and "layout.py" not in failed.error:
        yield f"`glueprint check {failed.blueprint} --params FILE` runs the same layout here and shows its line"


_ADVICE: tuple[tuple[re.Pattern[str], Callable[[FailedBlueprintRun, re.Match[str]], Iterable[str]]], ...] = (
    (_NAME_TAKEN, _name_taken),
    (_MODULE, _module),
    (_FILE, _file),
    (_PASS_ROLE, _pass_role),
    (_DENIED, _denied),
    (_BUCKET, _bucket),
    (_LIMIT, _limit),
    (_LAYOUT, _layout),
)
