"""DynamoDB's JSON, in which every value is marked with its type (``{"S": "text"}``), converted to plain values.

Sources: developer guide, "DynamicFrame class", ``unnest_ddb_json`` and ``simplify_ddb_json``, whose schemas
before and after are the examples of the tests; Amazon DynamoDB developer guide, "DynamoDB table export output
format".
"""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn
from glueprint.runtime.frames.unnest import with_unique_names

_ITEM = "Item"
"""The only column of an export's records."""
_VALUES = frozenset({"S", "N", "B", "BOOL", "SS", "NS", "BS"})
"""Marks of values that stay unchanged; numbers stay the texts of the export."""


def unnest(frame: Frame) -> Frame:
    """Return the attributes of an export's items as columns; attributes within maps are named by their paths.

    Lists stay as they are in the export.

    Raises:
        DuplicateColumns: two attributes have one path.
    """
    columns = with_unique_names(
        (one for field in _attributes(frame) for one in _flat(field)), "unnest_ddb_json"
    )
    return typed_columns.to_frame(frame, columns)


def simplify(frame: Frame) -> Frame:
    """Return the attributes of an export's items as columns; maps become structs, lists of one kind lists of
    values.
    """
    return typed_columns.to_frame(frame, map(_simple, _attributes(frame)))


def _attributes(frame: Frame) -> list[TypedColumn]:
    """Return the columns, or the fields of the only column ``Item``."""
    columns = typed_columns.of_frame(frame)
    if len(columns) == 1 and columns[0].name == _ITEM and isinstance(columns[0].type, types.Struct):
        return typed_columns.of_struct(columns[0].type, columns[0].column)
    return columns


def _marked(field: TypedColumn) -> TypedColumn | None:
    """Return the value in ``{"S": value}``, named by its mark, or None if ``field`` is something else."""
    if isinstance(field.type, types.Struct) and len(field.type.fields) == 1:
        [only] = typed_columns.of_struct(field.type, field.column)
        return only if only.name in _VALUES | {"M", "L", "NULL"} else None
    return None


def _flat(field: TypedColumn) -> Iterator[TypedColumn]:
    marked = _marked(field)
    if marked is None or marked.name == "NULL":
        yield _simple(field)
    elif marked.name == "M" and isinstance(marked.type, types.Struct):
        for one in typed_columns.of_struct(marked.type, marked.column):
            yield from _flat(one.renamed(f"{field.name}.{one.name}"))
    else:
        yield marked.renamed(field.name)


def _simple(field: TypedColumn) -> TypedColumn:
    marked = _marked(field)
    if marked is None:
        return field
    if marked.name == "NULL":
        return field.replaced(types.NULL, F.lit(None))
    if marked.name == "M" and isinstance(marked.type, types.Struct):
        fields = map(_simple, typed_columns.of_struct(marked.type, marked.column))
        return field.replaced(*typed_columns.nullable_struct(marked.column, fields))
    if marked.name == "L" and isinstance(marked.type, types.Array):
        return _simple_list(marked.renamed(field.name), marked.type.element)
    return marked.renamed(field.name)


def _simple_list(field: TypedColumn, element: types.Type) -> TypedColumn:
    """Return a list of values of one kind, simplified; lists of maps or of several kinds stay unchanged
    (guide).
    """
    inner = _marked(TypedColumn("", element, field.column))
    if inner is None or inner.name not in _VALUES:
        return field
    return typed_columns.each_element(field, element, _simple)
