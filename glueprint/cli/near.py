"""Names that were meant: by their beginning, or perhaps, by how they look."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_MOST_NAMES = 10


def begun(given: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that begin with ``given``, each once; none when nothing is given."""
    return list(dict.fromkeys(name for name in names if name.startswith(given))) if given else []


def several(given: str, names: Sequence[str]) -> str:
    """What is wrong with a beginning that more than one name has."""
    return f"{given!r} is how {len(names)} names begin: {some(names)}"


def near(given: str, names: Sequence[str]) -> list[str]:
    """At most three of ``names`` that look like ``given``, whatever its case, nearest first."""
    by_lower = {name.lower(): name for name in names}
    return [by_lower[name] for name in difflib.get_close_matches(given.lower(), by_lower, n=3)]


def some(names: Sequence[str]) -> str:
    """The first ten of ``names``, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
