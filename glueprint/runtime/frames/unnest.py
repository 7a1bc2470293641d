"""Structs taken apart into columns whose names are the paths: what ``unnest`` and ``relationalize`` share.

A record of Glue describes itself, and is flattened by itself: where records disagree (a choice), those that have a
struct get its fields as columns, the others keep the field under its own name.

Source: developer guide, "AWS Glue Scala DynamicFrame class", ``unnest``: "Returns a new DynamicFrame with all
nested structures flattened. Names are constructed using the '.' (period) character."
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import Cell


class NamesCollide(ValueError):
    """A transform would make two columns of one name."""


def flattened(cell: Cell) -> Iterator[Cell]:
    """The columns that ``cell`` becomes; their names begin with its own.

    Arrays and maps stay whole. A struct without fields disappears.
    """
    match cell.type:
        case types.Struct():
            for field in typed_columns.of_struct(cell.type, cell.column):
                yield from flattened(field.named(f"{cell.name}.{field.name}"))
        case types.Choice():
            alternatives = typed_columns.of_choice(cell.type, cell.column)
            others = [one for one in alternatives if not isinstance(one.type, types.Struct)]
            if others:
                yield cell.then(*typed_columns.choice_of(others))
            for one in alternatives:
                if isinstance(one.type, types.Struct):
                    yield from flattened(one.named(cell.name))
        case _:
            yield cell


def with_own_names(made: Iterable[Cell], transform: str) -> list[Cell]:
    """The columns ``made``, each with a name of its own.

    Raises:
        NamesCollide: two of them have one name; the message says ``transform`` and which.
    """
    columns = list(made)
    double = [name for name, times in Counter(one.name for one in columns).items() if times > 1]
    if double:
        raise NamesCollide(
            f"{transform} would make more than one column called {', '.join(sorted(double))}: "
            "rename or drop one of the fields before"
        )
    return columns


def within_arrays(cell: Cell) -> Cell:
    """``cell`` with the structs inside its arrays flattened too, their names made of the array's and ``.val``.

    Source: as above, ``unnest``: "for historical reasons, the names of such fields are prepended with the name of
    the enclosing array and '.val'".
    """
    if not isinstance(cell.type, types.Array):
        return cell
    name = f"{cell.name}.val"
    changed = typed_columns.each_element(cell, cell.type.element, lambda item: _element(item.named(name)))
    return cell if changed.type == cell.type else changed


def _element(item: Cell) -> Cell:
    match item.type:
        case types.Struct():
            return item.then(*typed_columns.within(item.column, map(within_arrays, flattened(item))))
        case types.Choice():
            alternatives = typed_columns.of_choice(item.type, item.column)
            return item.then(*typed_columns.choice_of(_element(one.named(item.name)) for one in alternatives))
        case _:
            return within_arrays(item)


def unnest(frame: Frame) -> Frame:
    """``frame`` with the fields of its structs as columns of their own, named by their paths; arrays stay arrays.

    Raises:
        NamesCollide: two fields have one path, such as ``"a.b"`` and ``b`` within ``a``.
    """
    flat = (one for cell in typed_columns.of_frame(frame) for one in flattened(cell))
    columns = with_own_names(map(within_arrays, flat), "unnest")
    return typed_columns.frame_of(frame, columns)
