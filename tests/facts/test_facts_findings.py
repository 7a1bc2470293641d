"""Findings as text."""

from __future__ import annotations

import pytest

from glueprint.facts.findings import Finding, FindingsError, Place, Severity


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("r", Place("a.py", 3), "wrong"), "a.py:3: wrong"),
        (Finding("r", Place("a.py"), "wrong", "fix it"), "a.py: wrong; fix it"),
        (Finding("r", Place("a.cfg", 3, "Name"), "wrong"), "a.cfg:3: Name: wrong"),
        (Finding("r", Place(subject="t", member="State"), "wrong"), "t: wrong"),
        (Finding("r", Place(), "wrong"), "wrong"),
    ],
)
def test_a_finding_names_its_place_and_remedy(finding: Finding, text: str) -> None:
    """``path:line: message; remedy``, as compilers and linters write it."""
    assert str(finding) == text
    assert finding.severity is Severity.ERROR


def test_an_error_has_every_finding_once() -> None:
    """All are in the message, so that all can be fixed at once."""
    one, two = Finding("r", Place("a"), "wrong"), Finding("r", Place("b"), "wrong")
    error = FindingsError([one, two, one])
    assert error.findings == (one, two)
    assert str(error) == "a: wrong; b: wrong"
    assert error.problems == ("a: wrong", "b: wrong")
