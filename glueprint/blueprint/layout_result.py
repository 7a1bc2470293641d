"""The result of a layout: the Create* requests and what was dropped on the way to them, or an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glueprint.facts.findings import Finding, Place, Severity
from glueprint.facts.long_text import shortened

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
    places: Mapping[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """File of the zip and line that made each resource, by kind (``Job``, ``Crawler``, ``Workflow``) and name."""


class LayoutError(Exception):
    """A layout that did not return a workflow.

    Attributes:
        aws_message: the text in the service's wording (developer guide, "Troubleshooting"): for ``ErrorMessage``.
        where: ``file:line`` of the layout where it happened, or None.
        hint: what to do about it, or None.
        output: what the layout had printed.
    """

    def __init__(
        self,
        kind: str,
        text: str,
        *,
        where: tuple[str, int] | None = None,
        hint: str | None = None,
        output: str = "",
    ) -> None:
        kind, text = shortened(kind), shortened(text)
        self.aws_message = f"Unknown error executing layout generator function {kind}: {text}"
        self.where = f"{where[0]}:{where[1]}" if where else None
        self.hint = hint
        self.output = output
        place = f" (at {self.where})" if where else ""
        super().__init__(f"{self.aws_message}{place}" + (f". {hint}" if hint else ""))


_ARGUMENT_MAPS = ("DefaultArguments", "NonOverridableArguments")


def requests_of(library_json: Mapping[str, Any]) -> tuple[LayoutRequests, tuple[Finding, ...]]:
    """Return requests for the Glue API from what the library wrote.

    The library writes null for every member of a workflow that was not given, and does not change job arguments.
    Here nulls are removed, and arguments and default run properties that are not strings become JSON text.
    """
    warnings: list[Finding] = []
    requests = LayoutRequests(
        workflow=_with_text_properties(
            {member: value for member, value in library_json["Workflow"].items() if value is not None}, warnings
        ),
        crawlers=tuple(library_json["Crawlers"]),
        jobs=tuple(_with_text_arguments(job, warnings) for job in library_json["Jobs"]),
        triggers=tuple(library_json["Triggers"]),
    )
    return requests, tuple(warnings)


def _with_text_arguments(job: Request, warnings: list[Finding]) -> Request:
    subject = f"Job {job['Name']!r}"
    maps = [member for member in _ARGUMENT_MAPS if member in job]
    places = {member: Place(subject=subject, member=member) for member in maps}
    return job | {member: _texts(job[member], places[member], "the job gets", warnings) for member in maps}


def _with_text_properties(workflow: Request, warnings: list[Finding]) -> Request:
    member = "DefaultRunProperties"
    if not isinstance(workflow.get(member), dict):
        return workflow
    place = Place(subject=f"Workflow {workflow.get('Name')!r}", member=member)
    return workflow | {member: _texts(workflow[member], place, "runs get", warnings)}


def _texts(values: Mapping[str, Any], place: Place, gets: str, warnings: list[Finding]) -> dict[str, str]:
    """Return a map with JSON text for each value that is not a string, and warn of it."""
    texts: dict[str, str] = {}
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        texts[name] = text
        if text is not value:
            here = replace(place, member=f"{place.member}[{name!r}]")
            warnings.append(layout_warning("argument-not-text", here, f"is not a string; {gets} {text!r}"))
    return texts
