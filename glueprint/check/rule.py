"""A rule: its stable name, how serious it is, and what its description says."""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.facts.findings import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        name: in kebab case; users refer to it.
        severity: of its findings; rules that the build applies choose it per finding.
        title: what is wrong, as a short sentence.
        why: what happens in Glue.
        remedy: what to do.
        source: the public source of the behaviour.
    """

    name: str
    severity: Severity
    title: str
    why: str
    remedy: str
    source: str

    def at(self, place: Place, message: str, remedy: str | None = None) -> Finding:
        """Return a finding; its remedy is the rule's unless another one fits better."""
        chosen = self.remedy if remedy is None else remedy
        return Finding(self.name, place, message, chosen, severity=self.severity)


def error(name: str, title: str, why: str, remedy: str, source: str) -> Rule:
    """Return a rule whose findings Glue refuses, or which certainly fail there."""
    return Rule(name, Severity.ERROR, title, why, remedy, source)


def warning(name: str, title: str, why: str, remedy: str, source: str) -> Rule:
    """Return a rule whose findings may fail in Glue, or are probably a mistake."""
    return Rule(name, Severity.WARNING, title, why, remedy, source)


def note(name: str, title: str, why: str, remedy: str, source: str) -> Rule:
    """Return a rule whose findings are worth knowing."""
    return Rule(name, Severity.NOTE, title, why, remedy, source)
