"""Paths to fields: how they are written, and the fields that they lead to.

A path is written ``a.b``, `` `a.b`.c `` (backticks around a name that contains dots) or ``list[].price`` (into the
elements of an array). It leads through structs, through the alternatives of a choice, and into the elements of an
array, with or without brackets (``list[].price``, ``list.price``).

Source: developer guide, "DynamicFrame class": backticks (``rename_field``), square brackets (``resolveChoice``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.typed_columns import Cell

_STEP = re.compile(r"(?:`((?:[^`]|``)+)`|([^.`\[\]]+(?:\[[^\]]+\][^.`\[\]]*)*))((?:\[\])*)(?:\.(?=.)|$)")


class BadPath(ValueError):
    """The text is no path."""


@dataclass(frozen=True, slots=True)
class Element:
    """The step from an array to its elements."""


ELEMENT = Element()
Path = tuple[str | Element, ...]


def parse(text: str) -> Path:
    """The steps of a path.

    Raises:
        BadPath: a backtick that does not end, an empty name.
    """
    steps: list[str | Element] = []
    at = 0
    while at < len(text) or not steps:
        step = _STEP.match(text, at)
        if step is None:
            raise BadPath(
                f"{text!r} is not a path to a field: names are divided by dots, a name with dots in it stands in "
                "backticks, as in `a.b`.c"
            )
        quoted, plain, brackets = step.groups()
        steps.append(quoted.replace("``", "`") if quoted is not None else plain)
        steps.extend([ELEMENT] * (len(brackets) // 2))
        at = step.end()
    return tuple(steps)


def quote(name: str) -> str:
    """``name`` as one step of a path."""
    return f"`{name.replace('`', '``')}`" if re.search(r"[.`\[\]]", name) else name


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
            return find(typed_columns.of_struct(cell.type, cell.column), path, case_sensitive=case_sensitive)
        case types.Choice():
            alternatives = typed_columns.of_choice(cell.type, cell.column)
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
            fields = changed(typed_columns.of_struct(cell.type, cell.column), path, change)
            return [cell.then(*typed_columns.within(cell.column, fields))] if fields else []
        case types.Array(element):
            inner = path[1:] if isinstance(path[0], Element) else path
            if not _changed(Cell(cell.name, element, cell.column), inner, change):
                return []
            return [typed_columns.each_element(cell, element, lambda one: _changed(one, inner, change)[0])]
        case types.Choice():
            alternatives = typed_columns.of_choice(cell.type, cell.column)
            kept = [made for one in alternatives for made in _changed(one, path, change)]
            return [cell.then(*typed_columns.choice_of(kept))] if kept else []
        case _:
            return [cell]
