"""The result of a layout: the Create* requests and what was dropped on the way to them, or an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.facts.findings import Finding, Place, Severity

Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LayoutRequests:
    """Inputs of the Create* operations, in the order in which they can be created."""

    workflow: Request
    crawlers: tuple[Request, ...]
    jobs: tuple[Request, ...]
    triggers: tuple[Request, ...]


def layout_warning(rule: str, place: Place, message: str) -> Finding:
    """Return a finding about something in a layout that does not reach Glue, or reaches it changed.

    Args:
        rule: ``value-dropped``, ``argument-not-text``, ``module-of-zip``.
        place: with subject (such as ``Job 'load'``) and member.
        message: what happened to the member.
    """
    return Finding(rule, place, f"{place.member} {message}", severity=Severity.WARNING)


@dataclass(frozen=True, slots=True)
class LayoutResult:
    """What a layout returned."""

    requests: LayoutRequests
    warnings: tuple[Finding, ...]
    output: str
    """Standard output and standard error of the layout."""


class LayoutError(Exception):
    """A layout that did not return a workflow.

    Attributes:
        aws_message: the text in the service's wording (developer guide, "Troubleshooting"): for ``ErrorMessage``.
        where: ``file:line`` of the layout where it happened, or None.
        hint: what to do about it, or None.
        output: what the layout had printed.
    """

    def __init__(
        self, kind: str, text: str, *, where: str | None = None, hint: str | None = None, output: str = ""
    ) -> None:
        self.aws_message = f"Unknown error executing layout generator function {kind}: {text}"
        self.where = where
        self.hint = hint
        self.output = output
        place = f" (at {where})" if where else ""
        super().__init__(f"{self.aws_message}{place}" + (f". {hint}" if hint else ""))


_ARGUMENT_MAPS = ("DefaultArguments", "NonOverridableArguments")


def requests_of(library_json: Mapping[str, Any]) -> tuple[LayoutRequests, tuple[Finding, ...]]:
    """Return requests for the Glue API from what the library wrote.

    The library writes null for every member of a workflow that was not given, and does not change job arguments.
    Here nulls are removed, and arguments that are not strings become JSON text.
    """
    warnings: list[Finding] = []
    requests = LayoutRequests(
        workflow={member: value for member, value in library_json["Workflow"].items() if value is not None},
        crawlers=tuple(library_json["Crawlers"]),
        jobs=tuple(_with_text_arguments(job, warnings) for job in library_json["Jobs"]),
        triggers=tuple(library_json["Triggers"]),
    )
    return requests, tuple(warnings)


def _with_text_arguments(job: Request, warnings: list[Finding]) -> Request:
    texts: Request = {}
    for member in _ARGUMENT_MAPS:
        if member not in job:
            continue
        texts[member] = {}
        for name, value in job[member].items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            texts[member][name] = text
            if text is not value:
                message = f"is not a string; the job gets {text!r}"
                place = Place(subject=f"Job {job['Name']!r}", member=f"{member}[{name!r}]")
                warnings.append(layout_warning("argument-not-text", place, message))
    return job | texts
