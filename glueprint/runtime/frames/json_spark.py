"""JSON files as Spark reads them inside the JVM, with a known schema, choices between numbers included.

Spark reads a field as one type. The text of a number still distinguishes ``1`` from ``1.0``, so a choice between
numbers is read as text and split into its alternatives. A text ``"1"`` cannot be distinguished from the number 1
that way: Python reads such choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql.types import StructType

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import Cell

CORRUPT = "glueprint corrupt record"
"""The column in which Spark's reader says that there is a line that is no JSON."""


class JsonFiles(Protocol):
    """Some files, whoever found them; ``keys`` are columns that every record has besides (partition columns)."""

    @property
    def session(self) -> SparkSession:
        """The running session."""
        ...

    @property
    def keys(self) -> tuple[types.Field, ...]:
        """The names and types of the columns that are not in the files."""
        ...

    def texts(self, *, whole: bool) -> DataFrame:
        """The files' text in a column ``value``, a row for each line or each ``whole`` file; then the keys."""
        ...

    def parsed(self, schema: StructType) -> DataFrame:
        """The records, a line each, with these fields of these types; then the keys. What does not fit is null."""
        ...

    def inferred(self) -> StructType | None:
        """The schema that Spark finds, with a column :data:`CORRUPT` if there is a line that is no JSON."""
        ...


@dataclass(frozen=True, slots=True)
class JsonPaths:
    """Files that Spark finds at ``paths``; no keys."""

    session: SparkSession
    paths: Sequence[str]
    keys: tuple[types.Field, ...] = ()

    def texts(self, *, whole: bool) -> DataFrame:
        """See :class:`JsonFiles`."""
        return self.session.read.text(list(self.paths), wholetext=whole)

    def parsed(self, schema: StructType) -> DataFrame:
        """See :class:`JsonFiles`."""
        return self.session.read.schema(schema).json(list(self.paths))

    def inferred(self) -> StructType | None:
        """See :class:`JsonFiles`."""
        return self.session.read.option("columnNameOfCorruptRecord", CORRUPT).json(list(self.paths)).schema


_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1


def fits_int(number: Column) -> Column:
    """Whether a ``bigint`` has 32 bits."""
    return number.between(_INT_MIN, _INT_MAX)


def is_int(text: Column) -> Column:
    """Whether the text of a number is that of an ``int``; null where there is none."""
    number = text.cast("bigint")
    return _is_whole(text) & number.isNotNull() & fits_int(number)


def is_long(text: Column) -> Column:
    """Whether the text of a number is that of a ``long`` that is no ``int``; null where there is none."""
    number = text.cast("bigint")
    return _is_whole(text) & number.isNotNull() & ~fits_int(number)


def _is_whole(text: Column) -> Column:
    """Whether the text of a number has neither point nor exponent. Cheap, since every value is asked."""
    return ~(text.contains(".") | text.contains("E") | text.contains("e"))


_NUMBERS = frozenset({"int", "long", "double"})


def possible(logical: types.Type) -> bool:
    """Whether Spark's reader can give values of this type."""
    match logical:
        case types.Struct(fields):
            return bool(fields) and all(possible(one.type) for one in fields)
        case types.Array(element):
            return possible(element)
        case types.Choice(alternatives):
            return all(one.name in _NUMBERS for one in alternatives)
        case _:
            return True


def read(files: JsonFiles, schema: types.Struct) -> Frame:
    """The records of ``files``, which have exactly this schema and for which :func:`possible` holds."""
    as_read = types.Struct(tuple(types.Field(one.name, _read_as(one.type)) for one in schema))
    data = files.parsed(types.physical_struct(as_read))
    raw = Frame(data, types.Struct((*as_read.fields, *files.keys)))
    if as_read == schema:
        return raw
    wanted = [*(one.type for one in schema), *(one.type for one in files.keys)]
    made = [_taken_apart(cell, logical) for cell, logical in zip(typed_columns.of_frame(raw), wanted, strict=True)]
    return typed_columns.frame_of(raw, made)


def _read_as(logical: types.Type) -> types.Type:
    match logical:
        case types.Struct(fields):
            return types.Struct(tuple(types.Field(one.name, _read_as(one.type)) for one in fields))
        case types.Array(element):
            return types.Array(_read_as(element))
        case types.Choice():
            return types.STRING
        case types.Atomic("null"):
            return types.STRING
        case _:
            return logical


def _taken_apart(cell: Cell, wanted: types.Type) -> Cell:
    """What was read, as what it is."""
    if cell.type == wanted:
        return cell
    match cell.type, wanted:
        case types.Struct(), types.Struct():
            fields = [
                _taken_apart(one, logical.type)
                for one, logical in zip(typed_columns.of_struct(cell.type, cell.column), wanted, strict=True)
            ]
            return cell.then(*typed_columns.within(cell.column, fields))
        case types.Array(element), types.Array(inner):
            return typed_columns.each_element(cell, element, lambda one: _taken_apart(one, inner))
        case _, types.Choice(alternatives):
            text = cell.column
            tests = {
                "int": is_int(text),
                "long": is_long(text),
                "double": ~is_int(text) & ~is_long(text),
            }
            return cell.then(
                *typed_columns.choice_of(
                    Cell(one.name, one, F.when(tests[one.name], text.cast(types.physical(one))))
                    for one in alternatives
                )
            )
        case _:
            return cell.then(wanted, F.lit(None).cast(types.physical(wanted)))
