"""``unbox``: texts that contain records or values, converted to columns.

One pass over the texts, when the frame is first used, infers their types, unless the script passes a schema
(``withSchema``). A record whose text cannot be read becomes an error.

Sources: developer guide, "DynamicFrame class" and "AWS Glue Scala DynamicFrame class", ``unbox`` ("Parsed
columns are nested under a struct with the original column name"). Where these do not decide:
docs/fidelity/frames.md.
"""

from __future__ import annotations

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark import RDD
from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql.types import BooleanType

from glueprint.runtime.frames import (
    comparison,
    lost_records,
    record_values,
    schema_text,
    typed_columns,
    types,
    union,
)
from glueprint.runtime.frames.error_records import CallSite, StageErrors, Thresholds, error_record
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.inference import InferredType
from glueprint.runtime.frames.paths import Path
from glueprint.runtime.frames.typed_columns import TypedColumn


class NotText(ValueError):
    """The field to unbox is not a text."""


class UnknownFormat(NotImplementedError):
    """The format, or one of its options, is not supported locally."""


@dataclass(frozen=True)
class ParsedContent:
    """The type of a field's texts, and how to read them.

    Attributes:
        type: of the values in the texts.
        read: converts the column of texts to the column of values.
        is_bad: returns whether a text cannot be read; it runs in Python. None if all texts can be read.
        bad_count: the number of texts that cannot be read.
        first_bad: the first of them.
    """

    type: types.Type
    read: Callable[[Column], Column]
    is_bad: Callable[[str | None], bool] | None = None
    bad_count: int = 0
    first_bad: str = ""


class Format(ABC):
    """A format of values in texts."""

    @abstractmethod
    def content(self, texts: RDD[str]) -> ParsedContent:
        """Infer the content of ``texts``, which contain no None."""


# --- json ---


@dataclass(frozen=True)
class Json(Format):
    """A JSON value in each text; ``declared`` is the schema of an object if the script passes one."""

    declared: types.Struct | None = None

    def content(self, texts: RDD[str]) -> ParsedContent:
        """See :class:`Format`."""
        inferred, malformed, first = InferredType(), 0, ""
        if self.declared is None:
            for seen, failed, text in texts.mapPartitions(_infer_part).collect():
                inferred.merge(seen)
                malformed, first = malformed + failed, first or text
        logical = self.declared or inferred.type()
        is_bad = _is_malformed if malformed else None
        return ParsedContent(logical, _json_reader(logical), is_bad, malformed, first)


def _infer_part(texts: Iterable[str]) -> Iterator[tuple[InferredType, int, str]]:
    inferred, failed, first = InferredType(), 0, ""
    for text in texts:
        if _is_malformed(text):
            failed, first = failed + 1, first or text
        elif text.strip():
            inferred.add(json.loads(text))
    yield inferred, failed, first


def _is_malformed(text: str | None) -> bool:
    if text is None or not text.strip():
        return False
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _json_reader(logical: types.Type) -> Callable[[Column], Column]:
    """Return Spark's own reader, or Python's if the texts contain choices, or values that are not objects."""
    target = types.physical(logical)
    if isinstance(logical, (types.Struct, types.Array)) and not types.has_choice(logical):
        return lambda column: F.from_json(column, target)
    convert = record_values.to_row(logical)

    # Without annotations, which Spark 4 reads and warns about.
    read: Callable[[Column], Column] = F.udf(
        lambda text: convert(json.loads(text)) if text and text.strip() else None, target
    )
    return read


# --- csv ---


@dataclass(frozen=True)
class Csv(Format):
    """Values divided by a separator, one line in each text. Without ``declared`` they are ``col0``, ``col1``,
    ... as in files.
    """

    separator: str = ","
    escaper: str | None = None
    declared: types.Struct | None = None

    def content(self, texts: RDD[str]) -> ParsedContent:
        """See :class:`Format`."""
        logical = self.declared
        if logical is None:
            separator, escaper = self.separator, self.escaper
            width = texts.map(lambda text: _width(text, separator, escaper)).fold(1, max)
            logical = types.Struct(tuple(types.Field(f"col{at}", types.STRING) for at in range(width)))
        text_format = {"sep": self.separator, "escape": self.escaper or '"', "mode": "PERMISSIVE"}
        quoted = ((one.name.replace("`", "``"), types.physical(one.type).simpleString()) for one in logical)
        schema = ", ".join(f"`{name}` {written}" for name, written in quoted)
        return ParsedContent(logical, lambda column: F.from_csv(column, schema, text_format))


def _width(text: str, separator: str, escaper: str | None) -> int:
    rows = csv.reader([text], delimiter=separator, escapechar=escaper, doublequote=escaper is None)
    return max(map(len, rows), default=0)


# --- formats by name ---


def _json(options: Mapping[str, Any]) -> Format:
    return Json(_declared(options))


def _csv(options: Mapping[str, Any]) -> Format:
    separator = str(options.get("separator", ","))
    if len(separator) != 1:
        raise UnknownFormat(f"not supported locally: unbox csv separator {separator!r}; use one character")
    return Csv(separator, options.get("escaper"), _declared(options))


_FORMATS: dict[str, Callable[[Mapping[str, Any]], Format]] = {"json": _json, "csv": _csv}
_FILE_OPTIONS = ("skipFirst", "withHeader")
"""Options about the first line of a file; a text has one line only."""


def format_of(name: str, options: Mapping[str, Any]) -> Format:
    """Return the format of that name, with its options.

    Raises:
        UnknownFormat: the format or an option is not supported.
        schema_text.BadSchema: ``withSchema`` is not a schema.
    """
    make = _FORMATS.get(name.lower())
    if make is None:
        raise UnknownFormat(f"not supported locally: unbox format {name!r}; supported are {', '.join(_FORMATS)}")
    for option in _FILE_OPTIONS:
        if options.get(option) not in (None, False, "false"):
            raise UnknownFormat(f"not supported locally: unbox {name} option {option}")
    return make(options)


def _declared(options: Mapping[str, Any]) -> types.Struct | None:
    text = options.get("withSchema")
    return None if text is None else schema_text.parse(text)


# --- the transform ---

_MESSAGE = "the text cannot be unboxed"
NO_CALL_SITE = CallSite()
NO_LIMITS = Thresholds()


def unbox(
    frame: Frame, path: Path, text_format: Format, site: CallSite = NO_CALL_SITE, limits: Thresholds = NO_LIMITS
) -> Frame:
    """Return ``frame`` with the text at ``path`` replaced by its value. A path that does not exist is skipped.

    Of a choice, only the texts are read.

    Raises:
        NotText: the field is neither string nor binary.
    """
    found = comparison.find(frame, path)
    if found is None:
        return frame
    name = ".".join(map(str, path))
    texts = _text_column(found)
    if texts is None:
        raise NotText(f"unbox: {name} is {found.type.name}; only a string or binary can be unboxed")
    return Frame.lazy(lambda: _unboxed(frame, path, texts, text_format, site, limits), name=frame.name)


def _text_column(field: TypedColumn) -> Column | None:
    """Return the texts of a field; null in records that have another value there."""
    if isinstance(field.type, types.Atomic) and field.type.name == "string":
        return field.column
    if isinstance(field.type, types.Atomic) and field.type.name == "binary":
        return field.column.cast("string")
    if isinstance(field.type, types.Choice):
        alternatives = typed_columns.of_choice(field.type, field.column)
        return next((one.column for one in alternatives if one.type == types.STRING), None)
    return None


def _unboxed(
    frame: Frame, path: Path, texts: Column, text_format: Format, site: CallSite, limits: Thresholds
) -> Frame:
    present = frame.data.select(texts.alias("text")).where("text is not null")
    content = text_format.content(present.rdd.map(lambda row: str(row[0])))
    columns = _read_at(typed_columns.of_frame(frame), path, content)
    if content.is_bad is None:
        return typed_columns.to_frame(frame, columns)
    is_bad = content.is_bad
    place = lost_records.place_of(site, "unbox")
    loss = lost_records.Loss.of(frame.data.sparkSession, place)
    loss.note(content.bad_count, f"{_MESSAGE}: {content.first_bad}")
    bad = F.udf(lambda text: is_bad(text), BooleanType())(texts)  # no annotations: see _json_reader
    failed = frame.data.where(bad).select(texts.alias("text")).rdd.map(
        lambda row: error_record(_MESSAGE, site, text=str(row[0]))
    )
    good = frame.transformed(frame.data.where(~bad), frame.schema)
    made = typed_columns.to_frame(good, columns)
    return Frame(made.data, made.schema, frame.name, frame.errors.after(StageErrors(failed, limits)))


def _read_at(columns: Sequence[TypedColumn], path: Path, content: ParsedContent) -> list[TypedColumn]:
    """Return ``columns`` with the text at ``path`` read."""
    return [_read_field(one, path[1:], content) if one.name == path[0] else one for one in columns]


def _read_field(field: TypedColumn, path: Path, content: ParsedContent) -> TypedColumn:
    if isinstance(field.type, types.Struct) and path:
        fields = _read_at(typed_columns.of_struct(field.type, field.column), path, content)
        return field.replaced(*typed_columns.nullable_struct(field.column, fields))
    if isinstance(field.type, types.Choice):
        return field.replaced(*_read_in_choice(field, field.type, path, content))
    text = field.column.cast("string") if field.type == types.BINARY else field.column
    return field.replaced(content.type, content.read(text))


def _read_in_choice(
    field: TypedColumn, choice: types.Choice, path: Path, content: ParsedContent
) -> tuple[types.Type, Column]:
    """Read one alternative of the choice ``field``: its texts, or the struct that ``path`` leads into."""
    wanted = "struct" if path else "string"
    made = [
        _read_field(one, path, content) if one.name == wanted else one
        for one in typed_columns.of_choice(choice, field.column)
    ]
    logical: types.Type = types.NULL
    for one in made:
        logical = union.merged_type(logical, one.type)
    return logical, F.coalesce(*(union.to_merged_type(one, logical).column for one in made))
