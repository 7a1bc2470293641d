"""The JSON paths of custom JSON classifiers: dots, brackets and wildcards (DG:custom-classifier, "JSON path")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]*]+) | \.(?P<any>\*) | \[(?P<every>\*)\] | \[(?P<index>\d+)\]
      | \['(?P<single>[^']+)'\] | \["(?P<double>[^"]+)"\]""",
    re.VERBOSE,
)


class BadJsonPathError(ValueError):
    """A path is not valid; the message contains the position."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path from the root of a value. Steps: a name, an index, or None for every child."""

    text: str
    steps: tuple[str | int | None, ...]

    @classmethod
    def parse(cls, text: str) -> JsonPath:
        """Read a path such as ``$.identifiers[*].identifier``.

        Raises:
            BadJsonPathError: the text is not a path, or uses an operator that Glue does not list.
        """
        if not text.startswith("$"):
            raise BadJsonPathError(f"JsonPath {text!r} must begin with $")
        steps: list[str | int | None] = []
        at = 1
        while at < len(text):
            match = _STEP.match(text, at)
            if match is None:
                raise BadJsonPathError(f"JsonPath {text!r} cannot be read from position {at}: {text[at:]!r}")
            name = match["name"] or match["single"] or match["double"]
            steps.append(name if name else int(match["index"]) if match["index"] else None)
            at = match.end()
        return cls(text, tuple(steps))

    def found_in(self, value: Any) -> Iterator[Any]:
        """Return the values at the path, in order."""
        found = [value]
        for step in self.steps:
            found = [child for parent in found for child in children(parent, step)]
        yield from found


def children(parent: Any, step: str | int | None = None) -> list[Any]:
    """Return the child with that name or number, or every child."""
    match parent, step:
        case dict(), None:
            return list(parent.values())
        case dict(), str():
            return [parent[step]] if step in parent else []
        case list(), None:
            return parent
        case list(), int():
            return parent[step : step + 1]
        case _:
            return []
