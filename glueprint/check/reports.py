"""Findings in the forms that other programs read: JSON, GitHub's annotations, SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from glueprint import __version__
from glueprint.check.catalogue import RULES
from glueprint.check.checking import Checked
from glueprint.check.rule import Rule
from glueprint.facts.findings import Finding, Severity

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_json(checked: Iterable[Checked]) -> list[dict[str, Any]]:
    """Return each blueprint with its findings."""
    return [
        {"blueprint": one.name, "layoutRan": one.layout_ran, "findings": [_finding(item) for item in one.findings]}
        for one in checked
    ]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "path": finding.place.path or None,
        "line": finding.place.line,
        "subject": finding.place.subject or None,
        "message": finding.message,
        "remedy": finding.remedy or None,
    }


def to_github(checked: Iterable[Checked]) -> Iterator[str]:
    """Yield a workflow command of GitHub Actions per finding."""
    for one in checked:
        for finding in one.findings:
            place = finding.place
            members = {"file": place.path, "line": place.line, "title": f"{one.name}: {finding.rule}"}
            shown = ",".join(f"{name}={_property(str(value))}" for name, value in members.items() if value)
            yield f"::{_GITHUB[finding.severity]} {shown}::{_data(_text(finding))}"


def _text(finding: Finding) -> str:
    subject = f"{finding.place.subject}: " if finding.place.subject else ""
    return f"{subject}{finding.message}" + (f"; {finding.remedy}" if finding.remedy else "")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def to_sarif(checked: Sequence[Checked]) -> dict[str, Any]:
    """Return a SARIF log with one run."""
    used = {finding.rule for one in checked for finding in one.findings}
    rules = [_rule(RULES[name]) for name in sorted(used)]
    driver = {"name": "glueprint check", "semanticVersion": __version__, "rules": rules}
    results = [_result(finding) for one in checked for finding in one.findings]
    run = {"tool": {"driver": driver}, "results": results}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": " ".join(filter(None, (rule.remedy, f"Source: {rule.source}")))},
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _result(finding: Finding) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": str(finding.severity),
        "message": {"text": _text(finding)},
    }
    if finding.place.path:
        location: dict[str, Any] = {"artifactLocation": {"uri": quote(finding.place.path)}}
        if finding.place.line:
            location["region"] = {"startLine": finding.place.line}
        result["locations"] = [{"physicalLocation": location}]
    return result
