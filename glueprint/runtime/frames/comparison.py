"""Values of fields compared: what joins, merges and splits go by.

A value of Glue knows its type. Numbers are compared with numbers of whatever width, everything else only with its
own kind: a text ``"1"`` in a key never equals the number 1 (docs/fidelity/frames.md). Null equals nothing.
"""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import paths, typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Path
from glueprint.runtime.frames.typed_columns import Cell

_INTEGERS = frozenset({"byte", "short", "int", "long"})
_NUMBERS = _INTEGERS | {"float", "double", "decimal"}


class NoSuchField(ValueError):
    """A frame lacks a field that it is to be compared by."""


def find(frame: Frame, path: Path) -> Cell | None:
    """The field at ``path`` of ``frame``, also one that only some alternatives of a choice have."""
    return paths.find(typed_columns.of_frame(frame), path)


def key(frame: Frame, text: str, transform: str) -> Cell | None:
    """The field of ``frame`` that ``text`` names as a key.

    A frame without any column has no records (a bookmark found nothing new): it lacks the key rightly.

    Raises:
        NoSuchField: the frame has columns, but not this; the message says ``transform`` and what there is.
        paths.BadPath: ``text`` is no path.
    """
    found = find(frame, paths.parse(text))
    if found is None and frame.schema.fields:
        there = ", ".join(paths.quote(name) for name in frame.schema.names)
        raise NoSuchField(f"{transform}: there is no field {text} in the frame {frame.name!r}; it has {there}")
    return found


def kinds(cell: Cell) -> dict[str, list[Cell]]:
    """What ``cell`` can hold, by what it can be compared with: a choice may hold several kinds."""
    held = typed_columns.of_choice(cell.type, cell.column) if isinstance(cell.type, types.Choice) else [cell]
    sorted_out: dict[str, list[Cell]] = {}
    for one in held:
        if (kind := _kind(one.type)) is not None:
            sorted_out.setdefault(kind, []).append(one)
    return sorted_out


def pair(one: Cell | None, other: Cell | None) -> tuple[Column, Column]:
    """Two columns, of one frame each, that are equal exactly where ``one`` and ``other`` are.

    Each is computed on its own side, so that Spark can join by it.
    """
    mine, theirs = ({} if cell is None else kinds(cell) for cell in (one, other))
    shared = sorted(mine.keys() & theirs.keys())
    if not shared:
        never = F.lit(None).cast("boolean")
        return never, never
    both = [_of_one_type(mine[kind], theirs[kind]) for kind in shared]
    if len(both) == 1:
        return both[0]
    return _tagged([first for first, _ in both]), _tagged([second for _, second in both])


def _kind(logical: types.Type) -> str | None:
    if logical.name in _NUMBERS:
        return "number"
    if isinstance(logical, types.Atomic):
        return None if logical == types.NULL else logical.name
    return None if _has_map(logical) else types.physical(logical).simpleString()


def _has_map(logical: types.Type) -> bool:
    """Whether Spark could not compare such values."""
    match logical:
        case types.Map():
            return True
        case types.Struct(fields):
            return any(_has_map(one.type) for one in fields)
        case types.Choice(alternatives):
            return any(map(_has_map, alternatives))
        case types.Array(element):
            return _has_map(element)
        case _:
            return False


def _of_one_type(mine: list[Cell], theirs: list[Cell]) -> tuple[Column, Column]:
    """Values of one kind, numbers brought to the narrowest type that both sides fit into."""
    names = {one.type.name for one in (*mine, *theirs)}
    if len(names) == 1 or not names <= _NUMBERS:
        return _first(mine), _first(theirs)
    wide = "long" if names <= _INTEGERS else "decimal(38,18)" if "decimal" in names else "double"
    return _first(mine).cast(wide), _first(theirs).cast(wide)


def _first(held: list[Cell]) -> Column:
    return held[0].column if len(held) == 1 else F.coalesce(*(one.column for one in held))


def _tagged(values: list[Column]) -> Column:
    """One value out of several kinds, null if all are: structs are equal if all parts are, nulls included."""
    some = reduce(Column.__or__, (value.isNotNull() for value in values))
    return F.when(some, F.struct(*(value.alias(f"kind{at}") for at, value in enumerate(values))))
