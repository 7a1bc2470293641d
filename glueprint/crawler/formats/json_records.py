"""JSON: objects one after the other (lines or not), a single array, and custom classifiers with a JSON path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from glueprint.facts.hive_types import BIGINT, BOOLEAN, DOUBLE, INT, STRING, Array, GlueType, depth, field_name
from glueprint.facts.serdes import JSON

from ..found_tables import Pairs
from ..inspection import Columns, FileFormat, FileProblem, FileSchema, Inspection
from ..type_merging import NOTHING, merged, struct
from .json_path import JsonPath, children
from .source import MEGABYTE, Sample, Source
from .text import estimated_records, text_of

MAX_RECORDS = 1000
"""Records that decide: "either the first 1,000 records or the first megabyte" (KC:glue-crawler-detect-schema)."""

MAX_MEGABYTES = 10
"""If the first megabyte does not contain a complete record, more is read up to this limit (same page)."""

MAX_ELEMENTS = 100_000

_DECODER = json.JSONDecoder()
_BEGINS_AS_JSON = re.compile(r'\s*(?:\[\s*)*\{\s*"(?:[^"\\\n]|\\.){0,255}"\s*:')
"""An object with a name in quotes: no line of a log and no CSV starts like this."""

MAX_LEVELS = 100
"""Levels of nesting; deeper data is refused, since no engine reads such a type."""

MAX_TYPE_LENGTH = 131072
"""Characters of a column's type (service model, ``ColumnTypeString``)."""


@dataclass(frozen=True, slots=True)
class _Records:
    """The first values of a file, and the number of the sample's bytes that they take."""

    values: list[Any]
    read: int
    sample: Sample


@dataclass(frozen=True, slots=True)
class _Piece:
    """The result of one step over the text: its values, its end, and whether it is complete."""

    values: list[Any]
    end: int
    whole: bool = True


class JsonClassifier:
    """Built-in ``json``, and custom ones.

    Args:
        name: for the log.
        path: where the records are in each value; None for the built-in classifier, for which each value is a
            record.
    """

    def __init__(self, name: str = "json", path: JsonPath | None = None) -> None:
        self.name = name
        self._path = path

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        found = self._first_records(source)
        if found is None:
            return None
        values = found.values if self._path is None else self._path_below(found.values)
        if not values:
            return None
        columns, paths, notes = _schema(values[:MAX_RECORDS], "record" if self._path else "array")
        if not columns:
            raise FileProblem("its JSON objects have no fields that could be columns")
        options: Pairs = (("jsonPath", self._path.text),) if self._path else ()
        schema = FileSchema(FileFormat("json", "none", JSON, options), columns, paths=paths)
        records, size = estimated_records(source, found.sample, len(values), found.read)
        return Inspection(schema, records, size, self.name, notes)

    @property
    def _by_element(self) -> bool:
        """Whether the path starts with ``$[*]``: then the elements of an array are records, and it may have any
        length.
        """
        return self._path is not None and self._path.steps[:1] == (None,)

    def _path_below(self, values: Sequence[Any]) -> list[Any]:
        assert self._path is not None
        path = JsonPath(self._path.text, self._path.steps[1:]) if self._by_element else self._path
        return [part for value in values for part in path.found_in(value)]

    def _first_records(self, source: Source) -> _Records | None:
        """Return the first records, from as many megabytes as they need.

        Raises:
            FileProblem: for the built-in classifier, the text starts like JSON and cannot be read as such.
                Otherwise a long array with one element per line would be classified as CSV.
        """
        for megabytes in range(1, MAX_MEGABYTES + 1):
            sample = source.sample(megabytes * MEGABYTE)
            text = text_of(sample)
            if text is None or text.lstrip()[:1] not in ("{", "["):
                return None
            found = _decoded(text, sample, by_element=self._by_element)
            if found.values:
                return found
            if sample.whole or megabytes == MAX_MEGABYTES:
                if self._path is None and _BEGINS_AS_JSON.match(text):
                    raise FileProblem(_problem(text, sample))
                break
        return None


def _decoded(text: str, sample: Sample, *, by_element: bool) -> _Records:
    values: list[Any] = []
    at = _past_space(text, 0)
    while at < len(text) and len(values) < MAX_RECORDS:
        piece = _elements(text, at, MAX_RECORDS - len(values)) if by_element else _value(text, at)
        after = _past_space(text, piece.end)
        if piece.whole and after < len(text) and text[after] not in "{[" and "\n" not in text[piece.end : after]:
            # The line continues with something else: "[4018] 14 Nov ..." is a line of a log.
            break
        values += piece.values
        if not piece.whole:
            at = piece.end
            break
        at = after
    return _Records(values, len(sample.data) if at >= len(text) else len(text[:at].encode()), sample)


def _value(text: str, at: int) -> _Piece:
    """Return the object or array at this position; nothing if it is cut off or is not JSON."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except ValueError:
        return _Piece([], at, whole=False)
    return _Piece([value], end) if isinstance(value, dict | list) else _Piece([], at, whole=False)


def _elements(text: str, at: int, most: int) -> _Piece:
    """Return the elements of the array at this position, up to ``most`` or to where it is cut off; of an object
    its values, since ``$[*]`` selects these too.
    """
    if text[at] != "[":
        piece = _value(text, at)
        return replace(piece, values=[part for value in piece.values for part in children(value)])
    elements: list[Any] = []
    end = at
    at = _past_space(text, at + 1)
    while len(elements) < most:
        if text.startswith("]", at):
            return _Piece(elements, at + 1)
        if elements and text.startswith(",", at):
            at = _past_space(text, at + 1)
        try:
            element, end = _DECODER.raw_decode(text, at)
        except ValueError:
            break
        elements.append(element)
        at = _past_space(text, end)
    return _Piece(elements, end, whole=False)


def _problem(text: str, sample: Sample) -> str:
    if not sample.whole:
        return (
            f"its first JSON value is longer than {MAX_MEGABYTES} MB, which is as far as a crawler reads: write "
            "one object a line, or, for an array, use a custom JSON classifier with the JsonPath $[*]"
        )
    try:
        value, end = _DECODER.raw_decode(text, _past_space(text, 0))
    except ValueError as error:
        return f"it begins as JSON and cannot be read as such: {error}"
    rest = text[end:].lstrip()[:20]
    return f"it begins as JSON and goes on behind its first {type(value).__name__} with {rest!r}"


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _schema(values: Sequence[Any], lone: str) -> tuple[Columns, tuple[str, ...], tuple[str, ...]]:
    """Return columns, their names as written, and warnings. Values other than objects are one column, ``lone``."""
    if not any(isinstance(value, dict) for value in values):
        kind = _checked(lone, merged_type(values))
        return ((lone, kind),), (lone,), ()
    columns: dict[str, GlueType] = {}
    paths: dict[str, None] = {}
    unusable: set[str] = set()
    for value in values:
        for name, part in value.items() if isinstance(value, dict) else ():
            if not 0 < len(name) <= 255:
                unusable.add(name[:40])
                continue
            paths[name] = None
            column = name.lower()
            kind = type_of(part)
            columns[column] = merged(columns[column], kind) if column in columns else kind
    notes = tuple(f"field {name!r} cannot be a column name" for name in sorted(unusable))
    return tuple((name, _checked(name, kind)) for name, kind in columns.items()), tuple(paths), notes


def _checked(name: str, kind: GlueType) -> GlueType:
    if depth(kind) > MAX_LEVELS:
        raise FileProblem(f"field {name!r} is nested more than {MAX_LEVELS} levels deep")
    if len(str(kind)) > MAX_TYPE_LENGTH:
        raise FileProblem(f"the type of field {name!r} has more than {MAX_TYPE_LENGTH} characters")
    return kind


def merged_type(values: Iterable[Any]) -> GlueType:
    """Return the type of the values; of very long arrays the first 100,000 elements decide."""
    kind: GlueType = NOTHING
    for value in islice(values, MAX_ELEMENTS):
        kind = merged(kind, type_of(value))
    return kind


def type_of(value: Any) -> GlueType:
    """Return the Glue type of a decoded JSON value; integers are ``int`` if they fit (dumps of crawled tables)."""
    match value:
        case None:
            return NOTHING
        case bool():
            return BOOLEAN
        case int():
            if -(1 << 31) <= value < 1 << 31:
                return INT
            return BIGINT if -(1 << 63) <= value < 1 << 63 else DOUBLE
        case float():
            return DOUBLE
        case list():
            return Array(merged_type(value))
        case dict():
            return struct((field_name(name) or "_", type_of(part)) for name, part in value.items())
        case _:
            return STRING
