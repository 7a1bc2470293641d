"""Root causes of every silence of a run, in one pass, and an explanation as JSON.

:meth:`Explanation.root_causes` walks back from one silence. For each of a thousand silences in a row that takes a
million steps. Here each root cause walks forward once to all silences that it caused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from glueprint.workflow.explanation import Explanation, Reason, Subject

Roots = Mapping[Subject, tuple[Reason, ...]]
"""For each silence its root causes, in the graph's order."""


def roots(explanation: Explanation) -> Roots:
    """Return the root causes of all silences."""
    silenced: dict[Subject, list[Subject]] = {}
    for subject, reasons in explanation.silences.items():
        for reason in reasons:
            if reason.refers_to is not None:
                silenced.setdefault(reason.refers_to, []).append(subject)
    found: dict[Subject, dict[Reason, None]] = {subject: {} for subject in explanation.silences}
    for subject, reasons in explanation.silences.items():
        for reason in reasons:
            if reason.refers_to is None:
                _spread(reason, subject, silenced, found)
    return {subject: tuple(causes) for subject, causes in found.items()}


def behind(explanation: Explanation, wanted: Iterable[Subject]) -> list[Subject]:
    """Return those of ``wanted`` that are silent, and the silences behind them, nearest first."""
    found: dict[Subject, None] = {}
    for subject in wanted:
        if subject in explanation.silences:
            found[subject] = None
            found |= dict.fromkeys(
                step.reason.refers_to for step in explanation.chain(subject) if step.reason.refers_to is not None
            )
    return list(found)


def silences_json(explanation: Explanation, subjects: Iterable[Subject]) -> list[dict[str, Any]]:
    """Return these silences as plain data: for each its own reasons and its root causes."""
    causes = roots(explanation)
    return [
        {
            "kind": subject.kind,
            "name": subject.name,
            "reasons": [reason.to_json() for reason in explanation.silences[subject]],
            "root_causes": [reason.to_json() for reason in causes[subject]],
        }
        for subject in subjects
    ]


def _spread(
    cause: Reason,
    start: Subject,
    silenced: Mapping[Subject, list[Subject]],
    found: Mapping[Subject, dict[Reason, None]],
) -> None:
    todo = [start]
    while todo:
        subject = todo.pop()
        if cause not in found[subject]:
            found[subject][cause] = None
            todo += silenced.get(subject, ())
