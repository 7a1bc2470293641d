"""Python text of values, in which parameters are variables: ``f"s3://{data_bucket}/in/"``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.deploy.importing.parameters import FoundParameter

MAX_LINE = 100
_PLAIN_MEMBERS = ("GlueVersion", "PythonVersion", "WorkerType", "Type", "State", "CrawlState", "Logical")
"""Members whose values are the API's own words: no parameter is looked for in them."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that the layout has under a name.

    Attributes:
        value: the text.
        code: what stands for it: an expression without quotes and braces.
        within: ``names``, ``addresses``, ``both`` or empty, see ``FoundParameter``.
    """

    value: str
    code: str
    within: str = "both"


def variables(parameters: Sequence[FoundParameter], account_id: str, region: str) -> tuple[Variable, ...]:
    """Return the variables of a layout, the longest value first."""
    found = [Variable(one.value, one.variable, one.within) for one in parameters if one.value]
    found += [Variable(account_id, "account_id"), Variable(region, "region")]
    return tuple(sorted(found, key=lambda one: -len(one.value)))


class SourceText:
    """Writes values as Python.

    Attributes:
        used: the code of each variable that was written.
    """

    def __init__(self, known: Sequence[Variable]) -> None:
        self._known = [one for one in known if one.value]
        self._in_names = _pattern([one for one in self._known if one.within in ("names", "both")])
        self._in_addresses = _pattern([one for one in self._known if one.within in ("addresses", "both")])
        self.used: set[str] = set()

    def text(self, value: str) -> str:
        """Return a text as Python: a literal, a variable, or an f-string."""
        for one in self._known:
            if one.value == value:
                self.used.add(one.code)
                return one.code
        pieces = list(self._pieces(value))
        if not any(isinstance(one, Variable) for one in pieces):
            return _quoted(value)
        inner = "".join(
            f"{{{one.code}}}"
            if isinstance(one, Variable)
            else _quoted(one)[1:-1].replace("{", "{{").replace("}", "}}")
            for one in pieces
        )
        self.used |= {one.code for one in pieces if isinstance(one, Variable)}
        return f'f"{inner}"'

    def _pieces(self, value: str) -> Iterator[str | Variable]:
        end = 0
        pattern = self._in_addresses if "://" in value else self._in_names
        for found in pattern.finditer(value) if pattern else ():
            if found.start() > end:
                yield value[end : found.start()]
            yield next(one for one in self._known if one.within and one.value == found.group())
            end = found.end()
        if end < len(value):
            yield value[end:]

    def value(self, value: Any, indent: int = 0, member: str = "") -> str:
        """Return a JSON value as Python, on several lines if it is long."""
        if isinstance(value, str):
            return _quoted(value) if member in _PLAIN_MEMBERS else self.text(value)
        if isinstance(value, Mapping):
            parts = [f"{_quoted(name)}: {self.value(one, indent + 4, name)}" for name, one in value.items()]
            return enclosed("{", parts, "}", indent)
        if isinstance(value, (list, tuple)):
            return enclosed("[", [self.value(one, indent + 4) for one in value], "]", indent)
        return repr(value)


def _pattern(known: Sequence[Variable]) -> re.Pattern[str] | None:
    values = "|".join(re.escape(one.value) for one in known)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{values})(?![A-Za-z0-9])") if known else None


def enclosed(start: str, parts: Sequence[str], end: str, indent: int) -> str:
    """Return parts in brackets: on one line if that is not too long, else one a line."""
    flat = f"{start}{', '.join(parts)}{end}"
    if "\n" not in flat and len(flat) + indent <= MAX_LINE:
        return flat
    inside = " " * (indent + 4)
    return f"{start}\n" + "".join(f"{inside}{one},\n" for one in parts) + " " * indent + end


def _quoted(value: str) -> str:
    """Return a text as a literal in double quotes; JSON's escapes are Python's, too."""
    return json.dumps(value, ensure_ascii=False)
