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
from pyspark.sql.types import ArrayType, DataType, StructType

from glueprint.compat import strict_zip
from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn
from glueprint.runtime.shared.spark_versions import cast_or_null

CORRUPT_RECORD = "glueprint corrupt record"
"""The column in which Spark's reader reports a line that is not JSON."""


class TextFiles(Protocol):
    """Files of text; ``keys`` are columns that every record has in addition (partition columns)."""

    @property
    def session(self) -> SparkSession:
        """The running session."""
        ...

    @property
    def keys(self) -> tuple[types.Field, ...]:
        """The names and types of the columns that are not in the files."""
        ...

    def texts(self, *, whole: bool) -> DataFrame:
        """The files' text in a column ``value``, a row for each line (``whole``: for each file), and the keys."""
        ...


class JsonFiles(TextFiles, Protocol):
    """JSON files."""

    def parsed(self, schema: StructType) -> DataFrame:
        """The records, one in each line, with these fields, and the keys. A value of another type is null."""
        ...

    def inferred(self) -> StructType | None:
        """The schema that Spark infers, with a column :data:`CORRUPT_RECORD` if a line is not JSON."""
        ...


@dataclass(frozen=True)
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
        return self.session.read.option("columnNameOfCorruptRecord", CORRUPT_RECORD).json(list(self.paths)).schema


_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1


def fits_int(number: Column) -> Column:
    """Return whether a ``bigint`` fits into 32 bits."""
    return number.between(_INT_MIN, _INT_MAX)


def is_int(text: Column) -> Column:
    """Return whether the text of a number is that of an ``int``; null if there is no text."""
    number = cast_or_null(text, "bigint")
    return _is_integer(text) & number.isNotNull() & fits_int(number)


def is_long(text: Column) -> Column:
    """Return whether the text of a number is that of a ``long`` but not of an ``int``; null if there is no
    text.
    """
    number = cast_or_null(text, "bigint")
    return _is_integer(text) & number.isNotNull() & ~fits_int(number)


def _is_integer(text: Column) -> Column:
    """Return whether the text of a number has neither a point nor an exponent. This test is cheap: it runs for
    every value.
    """
    return ~(text.contains(".") | text.contains("E") | text.contains("e"))


_NUMBERS = frozenset({"int", "long", "double"})


def is_readable(logical: types.Type) -> bool:
    """Return whether Spark's reader can read values of this type. It ignores case in names."""
    if isinstance(logical, types.Struct):
        known = bool(logical.fields) and types.are_distinct(logical.names)
        return known and all(is_readable(one.type) for one in logical.fields)
    if isinstance(logical, types.Array):
        return is_readable(logical.element)
    if isinstance(logical, types.Choice):
        return all(one.name in _NUMBERS for one in logical.alternatives)
    return True


def has_distinct_names(inferred: DataType) -> bool:
    """Return whether Spark can tell all fields apart, at each level of a type that it inferred."""
    if isinstance(inferred, StructType):
        return types.are_distinct(inferred.names) and all(has_distinct_names(one.dataType) for one in inferred)
    return not isinstance(inferred, ArrayType) or has_distinct_names(inferred.elementType)


def read_typed(files: JsonFiles, schema: types.Struct) -> Frame:
    """Return the records of ``files``, which have exactly this schema; :func:`is_readable` must be true of it.
    """
    as_read = types.Struct(tuple(types.Field(one.name, _read_as(one.type)) for one in schema))
    data = files.parsed(types.physical_struct(as_read))
    raw = Frame(data, types.Struct((*as_read.fields, *files.keys)))
    if as_read == schema:
        return raw
    wanted = [*(one.type for one in schema), *(one.type for one in files.keys)]
    fields = typed_columns.of_frame(raw)
    made = [_split_choices(field, logical) for field, logical in strict_zip(fields, wanted)]
    return typed_columns.to_frame(raw, made)


def _read_as(logical: types.Type) -> types.Type:
    if isinstance(logical, types.Struct):
        return types.Struct(tuple(types.Field(one.name, _read_as(one.type)) for one in logical.fields))
    if isinstance(logical, types.Array):
        return types.Array(_read_as(logical.element))
    if isinstance(logical, types.Choice):
        return types.STRING
    if isinstance(logical, types.Atomic) and logical.name == "null":
        return types.STRING
    return logical


def _split_choices(field: TypedColumn, wanted: types.Type) -> TypedColumn:
    """Convert what was read to the wanted type."""
    if field.type == wanted:
        return field
    if isinstance(field.type, types.Struct) and isinstance(wanted, types.Struct):
        fields = [
            _split_choices(one, logical.type)
            for one, logical in strict_zip(typed_columns.of_struct(field.type, field.column), wanted)
        ]
        return field.replaced(*typed_columns.nullable_struct(field.column, fields))
    if isinstance(field.type, types.Array) and isinstance(wanted, types.Array):
        inner = wanted.element
        return typed_columns.each_element(field, field.type.element, lambda one: _split_choices(one, inner))
    if isinstance(wanted, types.Choice):
        text = field.column
        tests = {
            "int": is_int(text),
            "long": is_long(text),
            "double": ~is_int(text) & ~is_long(text),
        }
        return field.replaced(
            *typed_columns.choice_of(
                TypedColumn(one.name, one, F.when(tests[one.name], cast_or_null(text, types.physical(one))))
                for one in wanted.alternatives
            )
        )
    return field.replaced(wanted, F.lit(None).cast(types.physical(wanted)))
