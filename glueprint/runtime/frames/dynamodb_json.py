"""DynamoDB's JSON, where every value says its type (``{"S": "text"}``), as the values themselves.

Sources: developer guide, "DynamicFrame class", ``unnest_ddb_json`` and ``simplify_ddb_json``, whose schemas before
and after are the examples of the tests; Amazon DynamoDB developer guide, "DynamoDB table export output format".
"""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import Cell
from glueprint.runtime.frames.unnest import with_own_names

_ITEM = "Item"
"""The one column of an export's records."""
_VALUES = frozenset({"S", "N", "B", "BOOL", "SS", "NS", "BS"})
"""Marks of values that stay as they are, numbers as the texts that an export has."""


def unnest(frame: Frame) -> Frame:
    """The attributes of an export's items as columns; those within maps too, named by their paths.

    Lists stay lists of what the export has.

    Raises:
        NamesCollide: two attributes have one path.
    """
    columns = with_own_names(
        (one for cell in _attributes(frame) for one in _flat(cell)), "unnest_ddb_json"
    )
    return typed_columns.frame_of(frame, columns)


def simplify(frame: Frame) -> Frame:
    """The attributes of an export's items as columns; maps become structs, lists of one kind lists of values."""
    return typed_columns.frame_of(frame, map(_simple, _attributes(frame)))


def _attributes(frame: Frame) -> list[Cell]:
    """The columns, or what is in the one column ``Item``."""
    columns = typed_columns.of_frame(frame)
    if len(columns) == 1 and columns[0].name == _ITEM and isinstance(columns[0].type, types.Struct):
        return typed_columns.of_struct(columns[0].type, columns[0].column)
    return columns


def _marked(cell: Cell) -> Cell | None:
    """The value in ``{"S": value}``, under its mark; nothing if ``cell`` is something else."""
    match cell.type:
        case types.Struct((types.Field(name, _),)) if name in _VALUES | {"M", "L", "NULL"}:
            return typed_columns.of_struct(cell.type, cell.column)[0]
        case _:
            return None


def _flat(cell: Cell) -> Iterator[Cell]:
    marked = _marked(cell)
    if marked is None or marked.name == "NULL":
        yield _simple(cell)
    elif marked.name == "M" and isinstance(marked.type, types.Struct):
        for one in typed_columns.of_struct(marked.type, marked.column):
            yield from _flat(one.named(f"{cell.name}.{one.name}"))
    else:
        yield marked.named(cell.name)


def _simple(cell: Cell) -> Cell:
    marked = _marked(cell)
    if marked is None:
        return cell
    if marked.name == "NULL":
        return cell.then(types.NULL, F.lit(None))
    if marked.name == "M" and isinstance(marked.type, types.Struct):
        fields = map(_simple, typed_columns.of_struct(marked.type, marked.column))
        return cell.then(*typed_columns.within(marked.column, fields))
    if marked.name == "L" and isinstance(marked.type, types.Array):
        return _simple_list(marked.named(cell.name), marked.type.element)
    return marked.named(cell.name)


def _simple_list(cell: Cell, element: types.Type) -> Cell:
    """A list of values of one kind simplified; lists of maps or of several kinds stay, as the guide says."""
    inner = _marked(Cell("", element, cell.column))
    if inner is None or inner.name not in _VALUES:
        return cell
    return typed_columns.each_element(cell, element, _simple)
