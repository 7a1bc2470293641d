"""The check of one blueprint: every rule, all findings at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.check import (
    job_requests,
    layout_run,
    layout_source,
    script_arguments,
    script_content,
    workflow_requests,
)
from glueprint.check.example import example_parameters
from glueprint.check.process_ahead import ProcessAhead
from glueprint.check.rule import note
from glueprint.check.scripts import find_scripts
from glueprint.check.subject import EXAMPLE_NAME, Subject
from glueprint.facts.findings import Finding, Severity
from glueprint.facts.special_parameters import SPECIAL_PARAMETERS

EXAMPLE_MISSING = note(
    "example-missing",
    f"The blueprint has no {EXAMPLE_NAME}",
    "The layout was run with invented values, which it may rightly refuse.",
    f"add {EXAMPLE_NAME} to the folder of blueprint.cfg, or pass --params FILE",
    "docs/check.md",
)
RULES = (EXAMPLE_MISSING,)


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked blueprint.

    Attributes:
        name: of the blueprint.
        findings: the most serious first, then by place.
        layout_ran: whether the layout returned a workflow; without one its jobs and scripts were not checked.
    """

    name: str
    findings: tuple[Finding, ...]
    layout_ran: bool

    def count(self, severity: Severity) -> int:
        """Return the number of findings of a severity."""
        return sum(one.severity is severity for one in self.findings)


def check(
    subject: Subject,
    given: Mapping[str, Any] | None = None,
    objects: Mapping[tuple[str, str], bytes] | None = None,
    ahead: ProcessAhead | None = None,
) -> Checked:
    """Check a blueprint.

    Args:
        subject: the blueprint.
        given: parameters to run its layout with; None takes its example.
        objects: objects of S3 that the layout may read, by bucket and key.
        ahead: has the process for the layout, if it was started before.
    """
    process = ahead.take() if ahead is not None else None
    findings = list(subject.findings)
    run = None
    if subject.archive is not None and subject.config is not None:
        findings += layout_source.findings(subject)
        parameters, wrong, is_invented = example_parameters(subject, given)
        findings += wrong
        if is_invented:
            here = subject.place(subject.folder)
            findings.append(EXAMPLE_MISSING.at(here, "the layout was run with invented values"))
        if parameters is not None:
            run, found = layout_run.run(
                subject, parameters, objects=objects, is_invented=is_invented, process=process
            )
            findings += found
    if run is not None:
        findings += _of_result(subject, run)
    return Checked(subject.name, tuple(sorted(dict.fromkeys(findings), key=_order)), run is not None)


def _of_result(subject: Subject, run: layout_run.LayoutRun) -> Iterator[Finding]:
    requests, places = run.result.requests, run.places
    for job in requests.jobs:
        yield from job_requests.findings(job, places)
    yield from workflow_requests.findings(requests, places)
    scripts, found = find_scripts(subject, run)
    yield from found
    for script in scripts:
        yield from script_arguments.findings(subject, script, places, SPECIAL_PARAMETERS)
        yield from script_content.findings(subject, script, places)


_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def _order(finding: Finding) -> tuple[int, str, int, str]:
    place = finding.place
    return _SEVERITIES.index(finding.severity), place.path, place.line or 0, finding.rule
