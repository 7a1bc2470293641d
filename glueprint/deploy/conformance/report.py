"""The report of a conformance run: Markdown for people, JSON for programs. Neither names the account."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.deploy.conformance.probe import Cost
from glueprint.deploy.conformance.running import Result

_ORDER = ("different", "no answer", "same")


@dataclass(frozen=True, slots=True)
class About:
    """Where and when probes ran.

    Attributes:
        day: such as ``2026-11-30``.
        target: ``AWS``, or what else answered.
        region: the region.
        versions: of Glueprint and boto3, as text.
    """

    day: str
    target: str
    region: str
    versions: str


def to_json(about: About, results: Sequence[Result]) -> dict[str, Any]:
    """Return the report as JSON."""
    return {
        "Date": about.day,
        "Target": about.target,
        "Region": about.region,
        "Versions": about.versions,
        "Results": [
            {
                "Probe": one.probe.name,
                "Question": one.probe.question,
                "Outcome": one.outcome,
                "Observed": one.answer,
                "Glueprint": one.probe.glueprint,
                "Problem": one.problem,
                "Seconds": round(one.seconds, 1),
                "Rows": [{"Page": row.page, "Behaviour": row.behaviour} for row in one.probe.rows],
            }
            for one in results
        ],
    }


def to_markdown(about: About, results: Sequence[Result]) -> str:
    """Return the report as Markdown: what differs comes first."""
    counts = Counter(one.outcome for one in results)
    summary = ", ".join(f"{counts[outcome]} {outcome}" for outcome in _ORDER if counts[outcome])
    cost = sum((one.probe.cost for one in results), Cost())
    lines = [
        f"# Conformance: {about.target}, {about.region}, {about.day}",
        "",
        f"{len(results)} probes of `glueprint conformance`: {summary or 'none'}. {about.versions}.",
        f"At most {cost}. Accounts, ids and names of the run are replaced (`ACCOUNT`, `jr_ID`, `P-`, `BUCKET`).",
        "",
    ]
    for outcome in _ORDER:
        found = [one for one in results if one.outcome == outcome]
        if found:
            lines += [f"## {outcome.capitalize()}", ""]
        for one in found:
            lines += _section(one)
    return "\n".join(lines)


def _section(one: Result) -> list[str]:
    answered = [f"- `{row.page}`: {row.behaviour}" for row in one.probe.rows]
    lines = [f"### {one.probe.name}", "", one.probe.question, "", *answered, ""]
    if one.problem:
        return [*lines, f"No answer: {one.problem}", ""]
    if one.outcome == "same":
        return [*lines, "Observed, as in Glueprint:", "", *_block(one.answer)]
    return [*lines, "Observed:", "", *_block(one.answer), "Glueprint:", "", *_block(one.probe.glueprint)]


def _block(value: Any) -> list[str]:
    return [
        "```json",
        json.dumps(value, indent=2, ensure_ascii=False, sort_keys=isinstance(value, Mapping)),
        "```",
        "",
    ]
