"""JSON: objects one after the other (lines or not), a single array, and custom classifiers with a JSON path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..contract import Pairs
from ..glue_types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INT,
    NOTHING,
    STRING,
    Array,
    GlueType,
    Struct,
    depth,
    field_name,
    merged,
)
from ..serdes import JSON
from ..shapes import Columns, FileProblem, FileShape, Inspection, Layout
from .json_path import JsonPath
from .source import MEGABYTE, Sample, Source, estimated_records, text_of

MOST_RECORDS = 1000
"""Records that decide: "either the first 1,000 records or the first megabyte" (KC:glue-crawler-detect-schema)."""

MOST_MEGABYTES = 10
"""When the first megabyte holds no whole record, more is read up to here (same page)."""

MOST_ELEMENTS = 100_000

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
        found = _first_records(source)
        if found is None:
            return None
        values = found.values
        if self._path is not None:
            values = list(islice((part for value in values for part in self._path.found_in(value)), MOST_RECORDS))
            if not values:
                return None
        columns, paths, notes = _schema(values, "record" if self._path else "array")
        options: Pairs = (("jsonPath", self._path.text),) if self._path else ()
        shape = FileShape(Layout("json", "none", JSON, options), columns, paths=paths)
        records, size = estimated_records(source, found.sample, len(values), found.read)
        return Inspection(shape, records, size, self.name, notes)


def _first_records(source: Source) -> _Records | None:
    for megabytes in range(1, MOST_MEGABYTES + 1):
        sample = source.sample(megabytes * MEGABYTE)
        text = text_of(sample)
        if text is None or text.lstrip()[:1] not in ("{", "["):
            return None
        found = _decoded(text, sample)
        if found.values or sample.whole:
            return found if found.values else None
    return None


def _decoded(text: str, sample: Sample) -> _Records:
    decoder = json.JSONDecoder()
    values: list[Any] = []
    ended, at = 0, _past_space(text, 0)
    while at < len(text) and len(values) < MOST_RECORDS:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            # Cut off by the sample's end, or no JSON from here on: what came before decides.
            break
        if not isinstance(value, dict | list):
            break
        values.append(value)
        ended, at = end, _past_space(text, end)
    if values and at < len(text) and text[at] not in "{[" and "\n" not in text[ended:at]:
        # Its line goes on with something else: "[4018] 14 Nov ..." is a line of a log.
        del values[-1]
    return _Records(values, len(sample.data) if at >= len(text) else len(text[:at].encode()), sample)


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
            return Struct(tuple({field_name(name) or "_": type_of(part) for name, part in value.items()}.items()))
        case _:
            return STRING
