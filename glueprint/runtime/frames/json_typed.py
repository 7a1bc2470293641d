"""Reading JSON of a known schema inside the JVM, choices between numbers included.

Spark reads a field as one type. The text of a number still tells ``1`` from ``1.0``, so choices of numbers are
read as text and taken apart. A text ``"1"`` cannot be told from a number 1 that way: such choices are left to
Python.
"""

from __future__ import annotations

from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import cells, numbers, types
from glueprint.runtime.frames.cells import Cell
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.json_files import JsonFiles

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
    made = [_taken_apart(cell, logical) for cell, logical in zip(cells.of_frame(raw), wanted, strict=True)]
    return cells.frame_of(raw, made)


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
                for one, logical in zip(cells.of_struct(cell.type, cell.column), wanted, strict=True)
            ]
            return cell.then(*cells.within(cell.column, fields))
        case types.Array(element), types.Array(inner):
            return cells.each_element(cell, element, lambda one: _taken_apart(one, inner))
        case _, types.Choice(alternatives):
            text = cell.column
            tests = {
                "int": numbers.is_int(text),
                "long": numbers.is_long(text),
                "double": ~numbers.is_int(text) & ~numbers.is_long(text),
            }
            return cell.then(
                *cells.choice_of(
                    Cell(one.name, one, F.when(tests[one.name], text.cast(types.physical(one))))
                    for one in alternatives
                )
            )
        case _:
            return cell.then(wanted, F.lit(None).cast(types.physical(wanted)))
