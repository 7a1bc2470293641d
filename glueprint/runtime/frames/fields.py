"""``drop_fields``, ``select_fields``, ``rename_field``: which fields there are, and what they are called.

Source: developer guide, "DynamicFrame class". Paths that are not there are passed over, since a DynamicFrame's
records need not have every field (docs/fidelity/frames.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from glueprint.runtime.frames import cells, paths, types
from glueprint.runtime.frames.cells import Cell
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Element, Path


def drop(frame: Frame, dropped: Iterable[Path]) -> Frame:
    """``frame`` without the fields at these paths. A struct that loses its last field goes as well."""
    columns = cells.of_frame(frame)
    for path in dropped:
        columns = _without(columns, path)
    return cells.frame_of(frame, columns)


def select(frame: Frame, selected: Iterable[Path]) -> Frame:
    """``frame`` with only the fields at these paths, in the order in which they are named."""
    made: dict[str, Cell] = {}
    for name, below in _by_first(selected).items():
        one = next((cell for cell in cells.of_frame(frame) if cell.name == name), None)
        kept = None if one is None else _only(one, below)
        if kept is not None:
            made[name] = kept
    return cells.frame_of(frame, made.values())


def rename(frame: Frame, old: Path, new: Path) -> Frame:
    """``frame`` with the field at ``old`` at ``new``: in its place if only its own name changes, else moved.

    A field that is at ``new`` already is replaced.

    Raises:
        paths.BadPath: ``new`` leads into an array.
    """
    if any(isinstance(step, Element) for step in new):
        raise paths.BadPath("rename_field: a field cannot be moved into an array")
    columns = cells.of_frame(frame)
    found = _find(columns, old)
    if found is None or old == new:
        return frame
    columns = _without(columns, new)
    if old[:-1] == new[:-1]:
        return cells.frame_of(frame, _renamed(columns, old, str(new[-1])))
    return cells.frame_of(frame, put(_without(columns, old), new, found))


def put(columns: Sequence[Cell], path: Path, cell: Cell) -> list[Cell]:
    """``columns`` with ``cell`` at ``path``, at the end of the structs on the way, which are made if absent."""
    name, rest = str(path[0]), path[1:]
    there = next((one for one in columns if one.name == name), None)
    if not rest:
        placed = cell.named(name)
    elif there is not None and isinstance(there.type, types.Struct):
        fields = put(cells.of_struct(there.type, there.column), rest, cell)
        placed = there.then(cells.schema_of(fields), cells.struct_of(fields))
    else:
        fields = put([], rest, cell)
        placed = Cell(name, cells.schema_of(fields), cells.struct_of(fields))
    if there is None:
        return [*columns, placed]
    return [placed if one.name == name else one for one in columns]


def _by_first(selected: Iterable[Path]) -> dict[str, list[Path]]:
    grouped: dict[str, list[Path]] = {}
    for path in selected:
        grouped.setdefault(str(path[0]), []).append(path[1:])
    return grouped


def _only(cell: Cell, below: list[Path]) -> Cell | None:
    """``cell`` with only what is at the paths ``below`` it; nothing if nothing is."""
    if any(not path for path in below):
        return cell
    match cell.type:
        case types.Struct():
            fields = {one.name: one for one in cells.of_struct(cell.type, cell.column)}
            kept = [
                made
                for name, rest in _by_first(below).items()
                if name in fields and (made := _only(fields[name], rest)) is not None
            ]
            return cell.then(*cells.within(cell.column, kept)) if kept else None
        case types.Array(element):
            inner = [path[1:] if isinstance(path[0], Element) else path for path in below]
            if _only(Cell("", element, cell.column), inner) is None:
                return None
            return cells.each_element(cell, element, lambda one: _only(one, inner) or one)
        case _:
            return None


def _without(columns: Sequence[Cell], path: Path) -> list[Cell]:
    name, rest = path[0], path[1:]
    made = [_trimmed(one, rest) if one.name == name else one for one in columns]
    return [one for one in made if one is not None]


def _trimmed(cell: Cell, path: Path) -> Cell | None:
    """``cell`` without what is at ``path`` below it."""
    if not path:
        return None
    match cell.type:
        case types.Struct():
            fields = _without(cells.of_struct(cell.type, cell.column), path)
            return cell.then(*cells.within(cell.column, fields)) if fields else None
        case types.Array(element):
            inner = path[1:] if isinstance(path[0], Element) else path
            if _trimmed(Cell("", element, cell.column), inner) is None:
                return None
            return cells.each_element(cell, element, lambda one: _trimmed(one, inner) or one)
        case types.Choice():
            alternatives = [_trimmed(one, path) for one in cells.of_choice(cell.type, cell.column)]
            kept = [one for one in alternatives if one is not None]
            return cell.then(*cells.choice_of(kept)) if kept else None
        case _:
            return cell


def _find(columns: Sequence[Cell], path: Path) -> Cell | None:
    found = next((one for one in columns if one.name == path[0]), None)
    if found is None or not path[1:]:
        return found
    match found.type:
        case types.Struct():
            return _find(cells.of_struct(found.type, found.column), path[1:])
        case types.Array(types.Struct() as element):
            inner = path[2:] if isinstance(path[1], Element) else path[1:]
            return _find(cells.of_struct(element, found.column), inner)
        case _:
            return None


def _renamed(columns: Sequence[Cell], path: Path, name: str) -> list[Cell]:
    return [_rename_within(one, path[1:], name) if one.name == path[0] else one for one in columns]


def _rename_within(cell: Cell, path: Path, name: str) -> Cell:
    if not path:
        return cell.named(name)
    match cell.type:
        case types.Struct():
            fields = _renamed(cells.of_struct(cell.type, cell.column), path, name)
            return cell.then(*cells.within(cell.column, fields))
        case types.Array(element):
            inner = path[1:] if isinstance(path[0], Element) else path
            return cells.each_element(cell, element, lambda one: _rename_within(one, inner, name))
        case _:
            return cell
