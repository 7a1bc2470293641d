"""``drop_fields``, ``select_fields``, ``rename_field``: the fields of a frame and their names.

Source: developer guide, "DynamicFrame class". Paths that do not exist are skipped, because the records of a
DynamicFrame need not have every field (docs/fidelity/frames.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from glueprint.runtime.frames import paths, presence, typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Element, Path
from glueprint.runtime.frames.typed_columns import TypedColumn


def drop(frame: Frame, dropped: Iterable[Path]) -> Frame:
    """Return ``frame`` without the fields at these paths. A struct that loses its last field is dropped, too."""
    columns, paths_dropped = typed_columns.of_frame(frame), list(dropped)
    for path in paths_dropped:
        columns = _without(columns, path)
    made = typed_columns.to_frame(frame, columns)
    return presence.carried(frame, made, lambda marked: drop(marked, paths_dropped))


def select(frame: Frame, selected: Iterable[Path]) -> Frame:
    """Return ``frame`` with only the fields at these paths, in the order of the paths."""
    made: dict[str, TypedColumn] = {}
    wanted = list(selected)
    for name, below in _by_first(wanted).items():
        one = next((field for field in typed_columns.of_frame(frame) if field.name == name), None)
        kept = None if one is None else _only(one, below)
        if kept is not None:
            made[name] = kept
    chosen = typed_columns.to_frame(frame, made.values())
    return presence.carried(frame, chosen, lambda marked: select(marked, [*wanted, (presence.ABSENT,)]))


def rename(frame: Frame, old: Path, new: Path) -> Frame:
    """Return ``frame`` with the field at ``old`` moved to ``new``; it keeps its position if only its name changes.

    An existing field at ``new`` is replaced.

    Raises:
        paths.BadPath: a path ends with brackets, or the field would move into or out of an array.
    """
    columns = typed_columns.of_frame(frame)
    if old == new or not _is_there(columns, old):
        return frame
    move = (paths.text(old), paths.text(new))
    return presence.carried(
        frame,
        _renamed(frame, columns, old, new),
        lambda marked: presence.moved(
            _renamed(marked, typed_columns.of_frame(marked), old, new), [move], keeps_others=True
        ),
    )


def _renamed(frame: Frame, columns: Sequence[TypedColumn], old: Path, new: Path) -> Frame:
    name = new[-1]
    if isinstance(name, Element) or isinstance(old[-1], Element):
        raise paths.BadPath("rename_field: an array's elements have no names")
    others = _without(columns, new)
    if old[:-1] == new[:-1]:
        return typed_columns.to_frame(frame, paths.change_at(others, old, lambda field: [field.renamed(name)]))
    found = paths.find(columns, old)
    if found is None or any(isinstance(step, Element) for step in new):
        raise paths.BadPath("rename_field: a field cannot be moved into an array, or out of one")
    return typed_columns.to_frame(frame, put(_without(others, old), new, found))


def put(columns: Sequence[TypedColumn], path: Path, field: TypedColumn) -> list[TypedColumn]:
    """Return ``columns`` with ``field`` at ``path``, at the end of the structs on the path, which are made if
    absent.
    """
    name, rest = str(path[0]), path[1:]
    there = next((one for one in columns if one.name == name), None)
    if not rest:
        placed = field.renamed(name)
    elif there is not None and isinstance(there.type, types.Struct):
        fields = put(typed_columns.of_struct(there.type, there.column), rest, field)
        placed = there.replaced(typed_columns.schema_of(fields), typed_columns.struct_of(fields))
    else:
        fields = put([], rest, field)
        placed = TypedColumn(name, typed_columns.schema_of(fields), typed_columns.struct_of(fields))
    if there is None:
        return [*columns, placed]
    return [placed if one.name == name else one for one in columns]


def _by_first(selected: Iterable[Path]) -> dict[str, list[Path]]:
    grouped: dict[str, list[Path]] = {}
    for path in selected:
        grouped.setdefault(str(path[0]), []).append(path[1:])
    return grouped


def _only(field: TypedColumn, below: list[Path]) -> TypedColumn | None:
    """Return ``field`` with only the fields at the paths ``below`` it, or None if none exists."""
    if any(not path for path in below):
        return field
    if isinstance(field.type, types.Struct):
        fields = {one.name: one for one in typed_columns.of_struct(field.type, field.column)}
        kept = [
            made
            for name, rest in _by_first(below).items()
            if name in fields and (made := _only(fields[name], rest)) is not None
        ]
        return field.replaced(*typed_columns.nullable_struct(field.column, kept)) if kept else None
    if isinstance(field.type, types.Array):
        element = field.type.element
        inner = [path[1:] if isinstance(path[0], Element) else path for path in below]
        if _only(TypedColumn("", element, field.column), inner) is None:
            return None
        return typed_columns.each_element(field, element, lambda one: _only(one, inner) or one)
    if isinstance(field.type, types.Choice):
        alternatives = typed_columns.of_choice(field.type, field.column)
        some = [made for one in alternatives if (made := _only(one, below)) is not None]
        return field.replaced(*typed_columns.choice_of(some)) if some else None
    return None


def _without(columns: Sequence[TypedColumn], path: Path) -> list[TypedColumn]:
    return paths.change_at(columns, path, lambda _: [])


def _is_there(columns: Sequence[TypedColumn], path: Path) -> bool:
    return typed_columns.schema_of(_without(columns, path)) != typed_columns.schema_of(columns)
