"""Name prefixes and similar names: which name a user means, and which ones an error message lists."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence

from glueprint.client.errors import Ambiguous

MAX_LISTED_NAMES = 10
MAX_SIMILAR_NAMES = 3


def with_prefix(prefix: str, names: Iterable[str]) -> list[str]:
    """Return the ``names`` that start with ``prefix``, each once; none for an empty prefix."""
    return list(dict.fromkeys(name for name in names if name.startswith(prefix))) if prefix else []


def only_match(prefix: str, matches: Sequence[str], notify: Callable[[str], None]) -> str:
    """Return the one name that ``prefix`` matches. A name that was completed is reported to ``notify``.

    Args:
        prefix: what the user gave.
        matches: the names that start with it, at least one.
        notify: receives a line for the user.

    Raises:
        Ambiguous: there is more than one.
    """
    if len(matches) > 1:
        raise Ambiguous(
            f"{prefix!r} is ambiguous: it matches {len(matches)} names: {listed(matches)}",
            "give more of the name",
            matches,
        )
    (name,) = matches
    if name != prefix:
        notify(f"{prefix!r} matches {name}")
    return name


def similar(name: str, names: Iterable[str]) -> list[str]:
    """Return at most three of ``names`` that are spelled like ``name``, in any case, most similar first."""
    by_lower = {one.lower(): one for one in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=MAX_SIMILAR_NAMES)
    return [by_lower[one] for one in close]


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """Return "did you mean a or b?" for the names similar to ``name``; None if there are none."""
    found = similar(name, names)
    return f"did you mean {' or '.join(found)}?" if found else None


def listed(names: Sequence[str]) -> str:
    """Return the first ten of ``names`` as text, and the number of the others."""
    more = f" and {len(names) - MAX_LISTED_NAMES} more" if len(names) > MAX_LISTED_NAMES else ""
    return ", ".join(names[:MAX_LISTED_NAMES]) + more
