"""``unbox``: a text with records or values in it, as the columns that it stands for.

What is in the texts is found out by one pass over them, when somebody asks, unless the script says it
(``withSchema``). A text that cannot be read takes its record with it to the errors.

Sources: developer guide, "DynamicFrame class" and "AWS Glue Scala DynamicFrame class", ``unbox`` ("Parsed columns
are nested under a struct with the original column name"); where they are silent, see docs/fidelity/frames.md.
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

from glueprint.runtime.frames import comparison, record_values, schema_text, typed_columns, types, union
from glueprint.runtime.frames.error_records import CallSite, StageErrors, Thresholds, error_record
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.inference import Shape
from glueprint.runtime.frames.paths import Path
from glueprint.runtime.frames.typed_columns import Cell


class NotBoxed(ValueError):
    """The field that is to be unboxed holds no text."""


class UnknownFormat(NotImplementedError):
    """Texts of this format, or with such an option, are not read here."""


@dataclass(frozen=True, slots=True)
class Content:
    """What the texts of a field were found to hold.

    Attributes:
        type: of a text's value.
        read: from the column of texts to that of the values.
        is_bad: whether a text cannot be read, run in Python; None when all can.
    """

    type: types.Type
    read: Callable[[Column], Column]
    is_bad: Callable[[str | None], bool] | None = None


class Format(ABC):
    """A way to write values as a text."""

    @abstractmethod
    def content(self, texts: RDD[str]) -> Content:
        """What is in ``texts``, among which there is no None."""


# --- json ---


@dataclass(frozen=True, slots=True)
class Json(Format):
    """A JSON value in each text; ``declared`` is the schema of an object if the script gives it."""

    declared: types.Struct | None = None

    def content(self, texts: RDD[str]) -> Content:
        """See :class:`Format`."""
        shape, malformed = Shape(), 0
        if self.declared is None:
            for seen, failed in texts.mapPartitions(_json_seen).collect():
                shape.join(seen)
                malformed += failed
        logical = self.declared or shape.type()
        return Content(logical, _json_reader(logical), _is_no_json if malformed else None)


def _json_seen(texts: Iterable[str]) -> Iterator[tuple[Shape, int]]:
    shape, failed = Shape(), 0
    for text in texts:
        if _is_no_json(text):
            failed += 1
        elif text.strip():
            shape.see(json.loads(text))
    yield shape, failed


def _is_no_json(text: str | None) -> bool:
    if text is None or not text.strip():
        return False
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _json_reader(logical: types.Type) -> Callable[[Column], Column]:
    """Spark's own reader; Python's where the texts hold choices, or values that are no objects."""
    target = types.physical(logical)
    if isinstance(logical, types.Struct | types.Array) and not types.has_choice(logical):
        return lambda column: F.from_json(column, target)
    convert = record_values.to_row(logical)

    def parsed(text: str | None) -> Any:
        return convert(json.loads(text)) if text and text.strip() else None

    read: Callable[[Column], Column] = F.udf(parsed, target)
    return read


# --- csv ---


@dataclass(frozen=True, slots=True)
class Csv(Format):
    """Cells of text, one line in each text. Without ``declared`` they are ``col0``, ``col1``, ... as in files."""

    separator: str = ","
    escaper: str | None = None
    declared: types.Struct | None = None

    def content(self, texts: RDD[str]) -> Content:
        """See :class:`Format`."""
        logical = self.declared
        if logical is None:
            separator, escaper = self.separator, self.escaper
            width = texts.map(lambda text: _width(text, separator, escaper)).fold(1, max)
            logical = types.Struct(tuple(types.Field(f"col{at}", types.STRING) for at in range(width)))
        chosen = {"sep": self.separator, "escape": self.escaper or '"', "mode": "PERMISSIVE"}
        quoted = ((one.name.replace("`", "``"), types.physical(one.type).simpleString()) for one in logical)
        schema = ", ".join(f"`{name}` {written}" for name, written in quoted)
        return Content(logical, lambda column: F.from_csv(column, schema, chosen))


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
_WHOLE_FILES = ("skipFirst", "withHeader")
"""Options about the first line of many, where a text is one line."""


def format_of(name: str, options: Mapping[str, Any]) -> Format:
    """The format that a script names, with its options.

    Raises:
        UnknownFormat: it is not supported here, or one of the options is not.
        schema_text.BadSchema: ``withSchema`` is none.
    """
    make = _FORMATS.get(name.lower())
    if make is None:
        raise UnknownFormat(f"not supported locally: unbox format {name!r}; supported are {', '.join(_FORMATS)}")
    for option in _WHOLE_FILES:
        if options.get(option) not in (None, False, "false"):
            raise UnknownFormat(f"not supported locally: unbox {name} option {option}")
    return make(options)


def _declared(options: Mapping[str, Any]) -> types.Struct | None:
    text = options.get("withSchema")
    return None if text is None else schema_text.parse(text)


# --- the transform ---

NOWHERE = CallSite()
NO_LIMITS = Thresholds()


def unbox(
    frame: Frame, path: Path, chosen: Format, site: CallSite = NOWHERE, limits: Thresholds = NO_LIMITS
) -> Frame:
    """``frame`` with the value of the text at ``path`` in its place. A path that is not there is passed over.

    Of a choice only the texts are taken apart.

    Raises:
        NotBoxed: the field is neither string nor binary.
    """
    found = comparison.find(frame, path)
    if found is None:
        return frame
    name = ".".join(map(str, path))
    texts = _texts(found)
    if texts is None:
        raise NotBoxed(f"unbox: {name} is {found.type.name}; only a string or binary can be unboxed")
    return Frame.later(lambda: _unboxed(frame, path, texts, chosen, site, limits), name=frame.name)


def _texts(cell: Cell) -> Column | None:
    """The texts of a field; null in records that have something else there."""
    match cell.type:
        case types.Atomic("string"):
            return cell.column
        case types.Atomic("binary"):
            return cell.column.cast("string")
        case types.Choice():
            alternatives = typed_columns.of_choice(cell.type, cell.column)
            return next((one.column for one in alternatives if one.type == types.STRING), None)
        case _:
            return None


def _unboxed(
    frame: Frame, path: Path, texts: Column, chosen: Format, site: CallSite, limits: Thresholds
) -> Frame:
    present = frame.data.select(texts.alias("text")).where("text is not null")
    content = chosen.content(present.rdd.map(lambda row: str(row[0])))
    columns = _changed(typed_columns.of_frame(frame), path, content)
    if content.is_bad is None:
        return typed_columns.frame_of(frame, columns)
    bad = F.udf(content.is_bad, BooleanType())(texts)
    failed = frame.data.where(bad).select(texts.alias("text")).rdd.map(
        lambda row: error_record("the text cannot be unboxed", site, text=str(row[0]))
    )
    good = frame.become(frame.data.where(~bad), frame.schema)
    made = typed_columns.frame_of(good, columns)
    return Frame(made.data, made.schema, frame.name, frame.errors.then(StageErrors(failed, limits)))


def _changed(columns: Sequence[Cell], path: Path, content: Content) -> list[Cell]:
    """``columns`` with the text at ``path`` read."""
    return [_read(one, path[1:], content) if one.name == path[0] else one for one in columns]


def _read(cell: Cell, path: Path, content: Content) -> Cell:
    match cell.type:
        case types.Struct() if path:
            fields = _changed(typed_columns.of_struct(cell.type, cell.column), path, content)
            return cell.then(*typed_columns.within(cell.column, fields))
        case types.Choice():
            return cell.then(*_read_in_choice(cell, cell.type, path, content))
        case _:
            text = cell.column.cast("string") if cell.type == types.BINARY else cell.column
            return cell.then(content.type, content.read(text))


def _read_in_choice(
    cell: Cell, choice: types.Choice, path: Path, content: Content
) -> tuple[types.Type, Column]:
    """The choice ``cell`` with one alternative changed: its texts, or the struct that ``path`` leads into."""
    wanted = "struct" if path else "string"
    made = [
        _read(one, path, content) if one.name == wanted else one
        for one in typed_columns.of_choice(choice, cell.column)
    ]
    logical: types.Type = types.NULL
    for one in made:
        logical = union.merged(logical, one.type)
    return logical, F.coalesce(*(union.lifted(one, logical).column for one in made))
