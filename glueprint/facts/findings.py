"""Findings: what a check of a blueprint or a workflow reports, and the error that carries several of them.

The parameter specification, the bundler, layouts and the analysis of workflows all report findings of this type. A
rule has a stable name in kebab case, so that users can refer to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glueprint.compat import StrEnum


class Severity(StrEnum):
    """How serious a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Place:
    """Where a finding is.

    Attributes:
        path: a file, relative to the repository or the zip, with ``/``; empty if it is not in a file.
        line: from 1; None if it is not known.
        subject: what the finding is about: a parameter, a trigger, a job.
        member: the part of the subject that it is about; the message contains it, too.
    """

    path: str = ""
    line: int | None = None
    subject: str = ""
    member: str = ""

    def __str__(self) -> str:
        file = self.path if self.line is None else f"{self.path}:{self.line}"
        return ": ".join(part for part in (file, self.subject) if part)


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        rule: the rule that is broken, in kebab case.
        message: what is wrong.
        remedy: what to do about it; empty if the message is enough.
        steps: the shortest way to see it, step by step.
    """

    rule: str
    place: Place
    message: str
    remedy: str = ""
    steps: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        text = f"{self.message}; {self.remedy}" if self.remedy else self.message
        place = str(self.place)
        return f"{place}: {text}" if place else text


class FindingsError(ValueError):
    """Several findings reported at once, so that all can be fixed at once."""

    separator = "; "

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(dict.fromkeys(findings))
        super().__init__(self.separator.join(map(str, self.findings)))

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings as text."""
        return tuple(map(str, self.findings))
