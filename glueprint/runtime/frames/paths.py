"""Paths to fields: ``a.b``, `` `a.b`.c `` where a name has dots in it, ``list[].price`` into an array's elements.

Source: developer guide, "DynamicFrame class": names with dots stand in backticks (``rename_field``), empty square
brackets follow the name of an array (``resolveChoice``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEP = re.compile(r"(?:`((?:[^`]|``)+)`|([^.`\[\]]+(?:\[[^\]]+\][^.`\[\]]*)*))((?:\[\])*)(?:\.(?=.)|$)")


class BadPath(ValueError):
    """The text is no path."""


@dataclass(frozen=True, slots=True)
class Element:
    """The step from an array to its elements."""


ELEMENT = Element()
Path = tuple[str | Element, ...]


def parse(text: str) -> Path:
    """The steps of a path.

    Raises:
        BadPath: a backtick that does not end, an empty name.
    """
    steps: list[str | Element] = []
    at = 0
    while at < len(text) or not steps:
        step = _STEP.match(text, at)
        if step is None:
            raise BadPath(
                f"{text!r} is not a path to a field: names are divided by dots, a name with dots in it stands in "
                "backticks, as in `a.b`.c"
            )
        quoted, plain, brackets = step.groups()
        steps.append(quoted.replace("``", "`") if quoted is not None else plain)
        steps.extend([ELEMENT] * (len(brackets) // 2))
        at = step.end()
    return tuple(steps)


def quote(name: str) -> str:
    """``name`` as one step of a path."""
    return f"`{name.replace('`', '``')}`" if re.search(r"[.`\[\]]", name) else name
