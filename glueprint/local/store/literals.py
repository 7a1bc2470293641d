"""Values as part of a statement, where a parameter cannot stand: states in a partial index and its queries."""

from __future__ import annotations

from collections.abc import Iterable


def text_list(values: Iterable[str]) -> str:
    """Return ``('A', 'B')`` for the values A and B."""
    return f"({', '.join(map(_quoted, values))})"


def _quoted(value: str) -> str:
    return "'{}'".format(value.replace("'", "''"))
