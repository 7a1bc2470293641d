"""JSON text as Python records: the records of a line or of a complete file. Runs inside Spark's Python workers.

Sources: developer guide, "Using the JSON format in AWS Glue" (``multiline``, ``jsonPath``) and "DynamicFrame
class", ``errorsAsDynamicFrame`` (text that is not JSON becomes an error record). As in Spark, an array is a
record for each of its elements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"\s*")
_PATH_STEP = re.compile(r"""\.(\*|[^.\[\]]+)|\[(?:(\*)|(\d+)|'([^']*)'|"([^"]*)")\]""")


@dataclass(frozen=True)
class Malformed:
    """A text that is not a record, and the reason."""

    text: str
    reason: str


def parse(text: str, path: JsonPath | None = None) -> Iterator[dict[str, Any] | Malformed]:
    """Return the records of a line or of a complete file.

    The text contains values, with or without space between them; with ``path``, the records are at that path in
    each value. Reading ends at the first text that is not JSON (docs/decisions/json-reading.md).
    """
    at = _after_space(text, 0)
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except ValueError as error:
            yield Malformed(text[at:], str(error))
            return
        for found in [value] if path is None else path.find(value):
            yield from _records(found, text[at:end])
        at = _after_space(text, end)


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return at if space is None else space.end()


def _records(value: Any, text: str) -> Iterator[dict[str, Any] | Malformed]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one
        elif one is not None:
            yield Malformed(text, "a record must be an object")


class BadJsonPath(ValueError):
    """The text is not a supported path."""


@dataclass(frozen=True)
class JsonPath:
    """The path to the records in a document: names and positions, ``None`` for every element or member."""

    steps: tuple[str | int | None, ...]

    @staticmethod
    def parse(text: str) -> JsonPath:
        """Parse a path such as ``$.a.b[*].c``.

        Raises:
            BadJsonPath: the path has steps other than names, positions and ``*``.
        """
        rest = text.strip().removeprefix("$")
        steps: list[str | int | None] = []
        at = 0
        while at < len(rest):
            step = _PATH_STEP.match(rest, at)
            if step is None:
                raise BadJsonPath(
                    f"jsonPath {text!r}: supported are names, positions and *, as in $.orders[*].items[0]"
                )
            name, star, position, single, double = step.groups()
            if star or name == "*":
                steps.append(None)
            elif position:
                steps.append(int(position))
            else:
                steps.append(next(one for one in (name, single, double) if one is not None))
            at = step.end()
        return JsonPath(tuple(steps))

    def find(self, value: Any) -> Iterator[Any]:
        """Return the values at the path in a document; none if the path leads nowhere."""
        return _find(value, self.steps)


def _find(value: Any, steps: Sequence[str | int | None]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step is None:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for one in inner:
            yield from _find(one, rest)
    elif isinstance(step, int):
        if isinstance(value, list) and step < len(value):
            yield from _find(value[step], rest)
    elif isinstance(value, dict) and step in value:
        yield from _find(value[step], rest)
