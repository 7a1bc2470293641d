"""Names that were meant, perhaps: for messages about one that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

_MOST_NAMES = 10


def near(given: str, names: Sequence[str]) -> list[str]:
    """At most three of ``names`` that look like ``given``, whatever its case, nearest first."""
    by_lower = {name.lower(): name for name in names}
    return [by_lower[name] for name in difflib.get_close_matches(given.lower(), by_lower, n=3)]


def some(names: Sequence[str]) -> str:
    """The first ten of ``names``, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
