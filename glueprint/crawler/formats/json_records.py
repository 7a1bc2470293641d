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
from ..shapes import Columns, FileProblem, FileShape, Inspection, Layout
from ..type_merging import NOTHING, merged, struct
from .json_path import JsonPath, children
from .source import MEGABYTE, Sample, Source, estimated_records, text_of

MOST_RECORDS = 1000
"""Records that decide: "either the first 1,000 records or the first megabyte" (KC:glue-crawler-detect-schema)."""

MOST_MEGABYTES = 10
"""When the first megabyte holds no whole record, more is read up to here (same page)."""

MOST_ELEMENTS = 100_000

_DECODER = json.JSONDecoder()
_BEGINS_AS_JSON = re.compile(r'\s*(?:\[\s*)*\{\s*"(?:[^"\\\n]|\\.){0,255}"\s*:')
"""An object with a name in quotes: no line of a log and no CSV begins so."""

DEEPEST = 100
"""Levels of nesting; deeper data is refused, since no engine reads such a type."""

LONGEST_TYPE = 131072
"""Characters of a column's type (service model, ``ColumnTypeString``)."""


@dataclass(frozen=True, slots=True)
class _Records:
    """Values read from the beginning of a file, and how many of the sample's bytes they take."""

    values: list[Any]
    read: int
    sample: Sample


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one step over the text gives: its values, where it ends, and whether it ends there by itself."""

    values: list[Any]
    end: int
    whole: bool = True


class JsonClassifier:
    """Built-in ``json``, and custom ones.

    Args:
        name: for the log.
        path: where the records are in each value; None for the built-in classifier, which takes the values
            themselves.
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
        columns, paths, notes = _schema(values[:MOST_RECORDS], "record" if self._path else "array")
        if not columns:
            raise FileProblem("its JSON objects have no fields that could be columns")
        options: Pairs = (("jsonPath", self._path.text),) if self._path else ()
        shape = FileShape(Layout("json", "none", JSON, options), columns, paths=paths)
        records, size = estimated_records(source, found.sample, len(values), found.read)
        return Inspection(shape, records, size, self.name, notes)

    @property
    def _by_element(self) -> bool:
        """Whether the path begins with ``$[*]``: the elements of an array are records then, one after the other,
        and it may be of any length.
        """
        return self._path is not None and self._path.steps[:1] == (None,)

    def _path_below(self, values: Sequence[Any]) -> list[Any]:
        assert self._path is not None
        path = JsonPath(self._path.text, self._path.steps[1:]) if self._by_element else self._path
        return [part for value in values for part in path.found_in(value)]

    def _first_records(self, source: Source) -> _Records | None:
        """The first records, from as many megabytes as they need.

        Raises:
            FileProblem: for the built-in classifier, what begins as JSON and cannot be read as such. Otherwise a
                long array with an element a line would be taken for CSV.
        """
        for megabytes in range(1, MOST_MEGABYTES + 1):
            sample = source.sample(megabytes * MEGABYTE)
            text = text_of(sample)
            if text is None or text.lstrip()[:1] not in ("{", "["):
                return None
            found = _decoded(text, sample, by_element=self._by_element)
            if found.values:
                return found
            if sample.whole or megabytes == MOST_MEGABYTES:
                if self._path is None and _BEGINS_AS_JSON.match(text):
                    raise FileProblem(_what_is_wrong(text, sample))
                break
        return None


def _decoded(text: str, sample: Sample, *, by_element: bool) -> _Records:
    values: list[Any] = []
    at = _past_space(text, 0)
    while at < len(text) and len(values) < MOST_RECORDS:
        piece = _elements(text, at, MOST_RECORDS - len(values)) if by_element else _value(text, at)
        after = _past_space(text, piece.end)
        if piece.whole and after < len(text) and text[after] not in "{[" and "\n" not in text[piece.end : after]:
            # Its line goes on with something else: "[4018] 14 Nov ..." is a line of a log.
            break
        values += piece.values
        if not piece.whole:
            at = piece.end
            break
        at = after
    return _Records(values, len(sample.data) if at >= len(text) else len(text[:at].encode()), sample)


def _value(text: str, at: int) -> _Piece:
    """The object or array that stands here; nothing where it is cut off, or where there is no JSON."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except ValueError:
        return _Piece([], at, whole=False)
    return _Piece([value], end) if isinstance(value, dict | list) else _Piece([], at, whole=False)


def _elements(text: str, at: int, most: int) -> _Piece:
    """The elements of the array that stands here, up to ``most`` or to where it is cut off; of an object its
    values, as ``$[*]`` leads to these too.
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


def _what_is_wrong(text: str, sample: Sample) -> str:
    if not sample.whole:
        return (
            f"its first JSON value is longer than {MOST_MEGABYTES} MB, which is as far as a crawler reads: write "
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
    """Columns, their names as written, and notes. Values that are no objects make one column, called ``lone``."""
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
    if depth(kind) > DEEPEST:
        raise FileProblem(f"field {name!r} is nested more than {DEEPEST} levels deep")
    if len(str(kind)) > LONGEST_TYPE:
        raise FileProblem(f"the type of field {name!r} has more than {LONGEST_TYPE} characters")
    return kind


def merged_type(values: Iterable[Any]) -> GlueType:
    """The type that the values have; of very long arrays the first 100,000 decide."""
    kind: GlueType = NOTHING
    for value in islice(values, MOST_ELEMENTS):
        kind = merged(kind, type_of(value))
    return kind


def type_of(value: Any) -> GlueType:
    """The Glue type of a decoded JSON value; whole numbers are ``int`` while they fit (dumps of crawled
    tables).
    """
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
