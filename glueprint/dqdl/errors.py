"""The error of a DQDL document, with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DqdlError(ValueError):
    """A document is not valid DQDL.

    Attributes:
        line, column: where, both from 1.
        problem: what is wrong.
        suggestion: what to write instead; may be empty.
    """

    def __init__(self, problem: str, line: int, column: int, suggestion: str = "") -> None:
        advice = f" ({suggestion})" if suggestion else ""
        super().__init__(f"line {line}, column {column}: {problem}{advice}")
        self.problem = problem
        self.line = line
        self.column = column
        self.suggestion = suggestion


def similar(word: str, known: Iterable[str]) -> str:
    """Return a suggestion for a word that is not in ``known``, or an empty text."""
    names = list(known)
    same = [name for name in names if name.lower() == word.lower()]
    found = same or difflib.get_close_matches(word, names, n=1)
    return f"did you mean {found[0]}?" if found else ""
