"""What is at a path: looked up, or changed where it stands.

A path leads through structs, through the alternatives of a choice, and into an array's elements, with or without
brackets (``list[].price``, ``list.price``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from glueprint.runtime.frames import cells, types
from glueprint.runtime.frames.cells import Cell
from glueprint.runtime.frames.paths import Element, Path

Change = Callable[[Cell], list[Cell]]
"""What becomes of a field: nothing, itself changed, or several fields."""


def find(columns: Sequence[Cell], path: Path, *, case_sensitive: bool = True) -> Cell | None:
    """The field at ``path``, also one that only some alternatives of a choice have; nothing within an array, where
    a record has as many as there are elements.
    """
    name = path[0]
    found = next((one for one in columns if one.name == name), None)
    if found is None and not case_sensitive and isinstance(name, str):
        found = next((one for one in columns if one.name.lower() == name.lower()), None)
    return None if found is None else find_below(found, path[1:], case_sensitive=case_sensitive)


def find_below(cell: Cell, path: Path, *, case_sensitive: bool = True) -> Cell | None:
    """:func:`find` within ``cell``, which an empty path names itself."""
    if not path:
        return cell
    match cell.type:
        case types.Struct():
            return find(cells.of_struct(cell.type, cell.column), path, case_sensitive=case_sensitive)
        case types.Choice():
            alternatives = cells.of_choice(cell.type, cell.column)
            found = (find_below(one, path, case_sensitive=case_sensitive) for one in alternatives)
            return next((one for one in found if one is not None), None)
        case _:
            return None


def changed(columns: Sequence[Cell], path: Path, change: Change) -> list[Cell]:
    """``columns`` with ``change`` made to the field at ``path``; as they are when it is not there.

    What loses its last part goes as well. An array's element, which a path names that ends with brackets, must
    become one field or none.
    """
    name, rest = path[0], path[1:]
    return in_place(_changed(one, rest, change) if one.name == name else [one] for one in columns)


def in_place(made: Iterable[list[Cell]]) -> list[Cell]:
    """The first that a column becomes in its place, the others at the end (aws-glue-samples, resolve_choice)."""
    columns, ends = [], []
    for one in made:
        columns.extend(one[:1])
        ends.extend(one[1:])
    return [*columns, *ends]


def _changed(cell: Cell, path: Path, change: Change) -> list[Cell]:
    if not path:
        return change(cell)
    match cell.type:
        case types.Struct():
            fields = changed(cells.of_struct(cell.type, cell.column), path, change)
            return [cell.then(*cells.within(cell.column, fields))] if fields else []
        case types.Array(element):
            inner = path[1:] if isinstance(path[0], Element) else path
            if not _changed(Cell(cell.name, element, cell.column), inner, change):
                return []
            return [cells.each_element(cell, element, lambda one: _changed(one, inner, change)[0])]
        case types.Choice():
            alternatives = cells.of_choice(cell.type, cell.column)
            kept = [made for one in alternatives for made in _changed(one, path, change)]
            return [cell.then(*cells.choice_of(kept))] if kept else []
        case _:
            return [cell]
