"""Grok: patterns by name over lines of text (DG:custom-classifier, "Writing grok custom classifiers")."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.facts.hive_types import BIGINT, BOOLEAN, DOUBLE, FLOAT, INT, SMALLINT, STRING, TINYINT, Primitive
from glueprint.facts.serdes import GROK

from ..found_tables import Pairs
from ..inspection import FileFormat, FileProblem, FileSchema, Inspection
from .grok_patterns import BUILT_IN_PATTERNS
from .source import Source
from .text import complete_lines, estimated_records, lines_of, text_of

_REFERENCE = re.compile(r"%\{(?P<pattern>\w+)(?::(?P<field>[^:}]+))?(?::(?P<type>\w+))?\}")
_MAX_LINES = 1000
_MAX_LINE_LENGTH = 16_384
"""Characters; a longer line never matches, so that no pattern takes long on it."""
_MAX_SECONDS = 5.0
"""For the lines of one file; usually a hundredth of a second is enough."""
_MAX_LEVELS = 20

_TYPES: dict[str, Primitive] = {
    "byte": TINYINT,
    "boolean": BOOLEAN,
    "double": DOUBLE,
    "short": SMALLINT,
    "int": INT,
    "long": BIGINT,
    "float": FLOAT,
    "string": STRING,
}
"""The types that a field can be cast to (same page); ``string`` is the default."""


class BadGrokPatternError(ValueError):
    """A grok pattern cannot be used; the message contains the reason."""


@dataclass(frozen=True, slots=True)
class GrokPattern:
    """A compiled pattern: the expression for a line, and the fields that it finds."""

    expression: re.Pattern[str]
    fields: tuple[tuple[str, Primitive], ...]

    @classmethod
    def compile(cls, pattern: str, custom: str = "") -> GrokPattern:
        """Compile a pattern.

        Args:
            pattern: such as ``%{TIMESTAMP_ISO8601:timestamp} %{GREEDYDATA:message}``.
            custom: more patterns, one per line: a name, a space, an expression.

        Raises:
            BadGrokPatternError: an unknown pattern or type, a pattern that contains itself, or an invalid
                expression.
        """
        patterns = {**BUILT_IN_PATTERNS, **_custom_patterns(custom)}
        fields: dict[str, Primitive] = {}

        def replaced(text: str, level: int) -> str:
            if level > _MAX_LEVELS:
                raise BadGrokPatternError(f"Grok pattern {pattern!r}: patterns contain each other without end")

            def one(match: re.Match[str]) -> str:
                name = match["pattern"]
                if name not in patterns:
                    raise BadGrokPatternError(f"Grok pattern {pattern!r}: there is no pattern {name!r}")
                if match["field"]:
                    kind = match["type"] or "string"
                    if kind not in _TYPES:
                        raise BadGrokPatternError(
                            f"Grok pattern {pattern!r}: field {match['field']!r} cannot be cast to {kind!r}; "
                            f"possible are {', '.join(_TYPES)}"
                        )
                    fields.setdefault(match["field"].strip().lower(), _TYPES[kind])
                return f"(?:{replaced(patterns[name], level + 1)})"

            return _REFERENCE.sub(one, text)

        try:
            # As in Java, whose expressions these are, \d and \w mean ASCII.
            expression = re.compile(replaced(pattern, 0), re.ASCII)
        except re.error as error:
            raise BadGrokPatternError(f"Grok pattern {pattern!r} is not a regular expression: {error}") from error
        return cls(expression, tuple(fields.items()))


def _custom_patterns(text: str) -> dict[str, str]:
    pairs = (line.strip().partition(" ") for line in text.splitlines() if line.strip())
    return {name: expression.strip() for name, _, expression in pairs}


class GrokClassifier:
    """A grok classifier.

    Args:
        wire: service model, ``GrokClassifier``.
        head_lines: the number of first lines of which one must match; otherwise the rest is not tried.
        anchored: whether the pattern must match from the start of a line; otherwise it may be anywhere in it.

    Raises:
        BadGrokPatternError: its pattern cannot be used.
    """

    def __init__(self, wire: Mapping[str, Any], *, head_lines: int = _MAX_LINES, anchored: bool = False) -> None:
        self._head_lines = head_lines
        self.name: str = wire["Name"]
        custom = wire.get("CustomPatterns") or ""
        self._pattern = GrokPattern.compile(wire["GrokPattern"], custom)
        expression = self._pattern.expression
        self._found = expression.match if anchored else expression.search
        options: Pairs = (("grokPattern", wire["GrokPattern"]),)
        if custom:
            options += (("grokCustomPatterns", custom),)
        self._schema = FileSchema(FileFormat(wire["Classification"], "none", GROK, options), self._pattern.fields)

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`. The certainty is the share of lines that
        match.
        """
        sample = source.sample()
        decoded = text_of(sample)
        if decoded is None:
            return None
        text = complete_lines(decoded, sample.whole)
        lines = [line.rstrip("\r\n") for line in lines_of(text) if line.strip()]
        tried = lines[:_MAX_LINES]
        matching = self._matching(tried)
        if not matching or not self._schema.columns:
            return None
        records, size = estimated_records(source, sample, len(lines), len(text.encode()))
        return Inspection(self._schema, records, size, self.name, certainty=matching / len(tried))

    def _matching(self, lines: Sequence[str]) -> int:
        """Return the number of lines that match; 0 if none of the first ones does.

        Raises:
            FileProblem: the lines take too long, which happens when a pattern can match in many ways.
        """
        deadline = time.thread_time() + _MAX_SECONDS  # a busy machine must not change the result
        matching = 0
        for number, line in enumerate(lines):
            if not matching and number >= self._head_lines:
                break
            if time.thread_time() > deadline:
                raise FileProblem(
                    f"the grok pattern of {self.name} took {_MAX_SECONDS} s for the first {number} of its lines"
                )
            matching += len(line) <= _MAX_LINE_LENGTH and self._found(line) is not None
        return matching
