"""``drop_fields``, ``select_fields``, ``rename_field``: which fields there are, and what they are called.

Source: developer guide, "DynamicFrame class". Paths that are not there are passed over, since a DynamicFrame's
records need not have every field (docs/fidelity/frames.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from glueprint.runtime.frames import paths, typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Element, Path
from glueprint.runtime.frames.typed_columns import Cell


def drop(frame: Frame, dropped: Iterable[Path]) -> Frame:
    """``frame`` without the fields at these paths. A struct that loses its last field goes as well."""
    columns = typed_columns.of_frame(frame)
    for path in dropped:
        columns = _without(columns, path)
    return typed_columns.frame_of(frame, columns)


def select(frame: Frame, selected: Iterable[Path]) -> Frame:
    """``frame`` with only the fields at these paths, in the order in which they are named."""
    made: dict[str, Cell] = {}
    for name, below in _by_first(selected).items():
        one = next((cell for cell in typed_columns.of_frame(frame) if cell.name == name), None)
        kept = None if one is None else _only(one, below)
        if kept is not None:
            made[name] = kept
    return typed_columns.frame_of(frame, made.values())


def rename(frame: Frame, old: Path, new: Path) -> Frame:
    """``frame`` with the field at ``old`` at ``new``: in its place if only its own name changes, else moved.

    A field that is at ``new`` already is replaced.

    Raises:
        paths.BadPath: one of the paths ends with brackets, or the field would move into an array or out of one.
    """
    columns = typed_columns.of_frame(frame)
    if old == new or not _is_there(columns, old):
        return frame
    name = new[-1]
    if isinstance(name, Element) or isinstance(old[-1], Element):
        raise paths.BadPath("rename_field: an array's elements have no names of their own")
    others = _without(columns, new)
    if old[:-1] == new[:-1]:
        return typed_columns.frame_of(frame, paths.changed(others, old, lambda cell: [cell.named(name)]))
    found = paths.find(columns, old)
    if found is None or any(isinstance(step, Element) for step in new):
        raise paths.BadPath("rename_field: a field cannot be moved into an array, or out of one")
    return typed_columns.frame_of(frame, put(_without(others, old), new, found))


def put(columns: Sequence[Cell], path: Path, cell: Cell) -> list[Cell]:
    """``columns`` with ``cell`` at ``path``, at the end of the structs on the way, which are made if absent."""
    name, rest = str(path[0]), path[1:]
    there = next((one for one in columns if one.name == name), None)
    if not rest:
        placed = cell.named(name)
    elif there is not None and isinstance(there.type, types.Struct):
        fields = put(typed_columns.of_struct(there.type, there.column), rest, cell)
        placed = there.then(typed_columns.schema_of(fields), typed_columns.struct_of(fields))
    else:
        fields = put([], rest, cell)
        placed = Cell(name, typed_columns.schema_of(fields), typed_columns.struct_of(fields))
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
            fields = {one.name: one for one in typed_columns.of_struct(cell.type, cell.column)}
            kept = [
                made
                for name, rest in _by_first(below).items()
                if name in fields and (made := _only(fields[name], rest)) is not None
            ]
            return cell.then(*typed_columns.within(cell.column, kept)) if kept else None
        case types.Array(element):
            inner = [path[1:] if isinstance(path[0], Element) else path for path in below]
            if _only(Cell("", element, cell.column), inner) is None:
                return None
            return typed_columns.each_element(cell, element, lambda one: _only(one, inner) or one)
        case types.Choice():
            alternatives = typed_columns.of_choice(cell.type, cell.column)
            some = [made for one in alternatives if (made := _only(one, below)) is not None]
            return cell.then(*typed_columns.choice_of(some)) if some else None
        case _:
            return None


def _without(columns: Sequence[Cell], path: Path) -> list[Cell]:
    return paths.changed(columns, path, lambda _: [])


def _is_there(columns: Sequence[Cell], path: Path) -> bool:
    return typed_columns.schema_of(_without(columns, path)) != typed_columns.schema_of(columns)
