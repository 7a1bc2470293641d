"""The Glue types of Arrow types, for the columns of Parquet and ORC files (docs/facts/crawlers.md#formats)."""

from __future__ import annotations

from typing import Any

import pyarrow.types as arrow

from glueprint.facts.hive_types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    Array,
    GlueType,
    MapOf,
    Primitive,
    Struct,
    decimal,
    field_name,
)

from ..inspection import Columns

# Unsigned numbers become the next larger signed type; Hive has no unsigned types, and none larger than 64 bits.
_BY_ARROW_NAME: dict[str, Primitive] = {
    "bool": BOOLEAN,
    "int8": TINYINT,
    "int16": SMALLINT,
    "int32": INT,
    "int64": BIGINT,
    "uint8": SMALLINT,
    "uint16": INT,
    "uint32": BIGINT,
    "uint64": BIGINT,
    "halffloat": FLOAT,
    "float": FLOAT,
    "double": DOUBLE,
    "string": STRING,
    "large_string": STRING,
    "string_view": STRING,
    "binary": BINARY,
    "large_binary": BINARY,
    "binary_view": BINARY,
    "date32[day]": DATE,
    "date64[ms]": DATE,
    "null": STRING,
}


def glue_type(kind: Any) -> GlueType:
    """Return the Glue type of an Arrow type.

    Args:
        kind: a ``pyarrow.DataType``.
    """
    known = _BY_ARROW_NAME.get(str(kind))
    if known is not None:
        return known
    if arrow.is_timestamp(kind):
        return TIMESTAMP
    if arrow.is_decimal(kind):
        return decimal(kind.precision, kind.scale)
    if arrow.is_dictionary(kind):
        return glue_type(kind.value_type)
    if arrow.is_map(kind):
        return MapOf(glue_type(kind.key_type), glue_type(kind.item_type))
    if arrow.is_struct(kind):
        return Struct(tuple((field_name(part.name), glue_type(part.type)) for part in kind))
    if arrow.is_list(kind) or arrow.is_large_list(kind) or arrow.is_fixed_size_list(kind):
        return Array(glue_type(kind.value_type))
    if arrow.is_fixed_size_binary(kind):
        return BINARY
    # The remaining types do not exist in Hive and are stored as numbers: times of day, durations.
    return INT if arrow.is_time32(kind) else BIGINT


def columns_of(schema: Any) -> tuple[Columns, tuple[str, ...]]:
    """Return the columns of a ``pyarrow.Schema`` in lower case, and warnings about those that are dropped.

    Hive reads these formats by name in lower case, so one of two names that differ only by case is unreachable:
    the first stays.
    """
    columns: dict[str, GlueType] = {}
    notes: list[str] = []
    for part in schema:
        name = part.name.lower()
        if name in columns:
            notes.append(f"column {part.name!r} is dropped: another column has the same name in lower case")
        else:
            columns[name] = glue_type(part.type)
    return tuple(columns.items()), tuple(notes)
