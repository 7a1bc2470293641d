"""Comparison of the values of fields, for joins, merges and splits.

A value of Glue has a type. Numbers of any width can be compared with each other; every other value only with
values of its own kind: a text ``"1"`` in a key never equals the number 1 (docs/fidelity/frames.md). Null equals
nothing.
"""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import paths, typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Path
from glueprint.runtime.frames.typed_columns import TypedColumn
from glueprint.runtime.shared.spark_versions import cast_or_null

_INTEGERS = frozenset({"byte", "short", "int", "long"})
_NUMBERS = _INTEGERS | {"float", "double", "decimal"}


class NoSuchField(ValueError):
    """A frame lacks a field that is used in a comparison."""


def find(frame: Frame, path: Path) -> TypedColumn | None:
    """Return the field at ``path`` of ``frame``, also one that only some alternatives of a choice have."""
    return paths.find(typed_columns.of_frame(frame), path)


def key_column(frame: Frame, text: str, transform: str) -> TypedColumn | None:
    """Return the field at the path ``text`` of ``frame``, for use as a key.

    None is returned for a frame without columns: it has no records, for example because a bookmark found no new
    data.

    Raises:
        NoSuchField: the frame has columns, but not this one; the message contains ``transform`` and the columns.
        paths.BadPath: ``text`` is not a path.
    """
    found = find(frame, paths.parse(text))
    if found is None and frame.schema.fields:
        there = ", ".join(paths.quote(name) for name in frame.schema.names)
        raise NoSuchField(f"{transform}: there is no field {text} in the frame {frame.name!r}; it has {there}")
    return found


def by_kind(field: TypedColumn) -> dict[str, list[TypedColumn]]:
    """Return the values of ``field`` by the kind of values that they can be compared with; a choice may have
    several.
    """
    alternatives = [field]
    if isinstance(field.type, types.Choice):
        alternatives = typed_columns.of_choice(field.type, field.column)
    grouped: dict[str, list[TypedColumn]] = {}
    for one in alternatives:
        if (kind := _kind(one.type)) is not None:
            grouped.setdefault(kind, []).append(one)
    return grouped


def comparable_pair(one: TypedColumn | None, other: TypedColumn | None) -> tuple[Column, Column]:
    """Return two columns, one for each frame, that are equal exactly where ``one`` and ``other`` are.

    Each is computed from its own frame, so that Spark can join by them.
    """
    mine, theirs = ({} if field is None else by_kind(field) for field in (one, other))
    shared = sorted(mine.keys() & theirs.keys())
    if not shared:
        never = F.lit(None).cast("boolean")
        return never, never
    both = [_as_one_type(mine[kind], theirs[kind]) for kind in shared]
    if len(both) == 1:
        return both[0]
    return _struct_of_kinds([first for first, _ in both]), _struct_of_kinds([second for _, second in both])


def _kind(logical: types.Type) -> str | None:
    if logical.name in _NUMBERS:
        return "number"
    if isinstance(logical, types.Atomic):
        return None if logical == types.NULL else logical.name
    return None if _has_map(logical) else types.physical(logical).simpleString()


def _has_map(logical: types.Type) -> bool:
    """Return whether Spark cannot compare such values."""
    if isinstance(logical, types.Map):
        return True
    if isinstance(logical, types.Struct):
        return any(_has_map(one.type) for one in logical.fields)
    if isinstance(logical, types.Choice):
        return any(map(_has_map, logical.alternatives))
    if isinstance(logical, types.Array):
        return _has_map(logical.element)
    return False


def _as_one_type(mine: list[TypedColumn], theirs: list[TypedColumn]) -> tuple[Column, Column]:
    """Return values of one kind; numbers are converted to the narrowest type that both sides fit into."""
    names = {one.type.name for one in (*mine, *theirs)}
    if len(names) == 1 or not names <= _NUMBERS:
        return _first_value(mine), _first_value(theirs)
    wide = "long" if names <= _INTEGERS else "decimal(38,18)" if "decimal" in names else "double"
    return cast_or_null(_first_value(mine), wide), cast_or_null(_first_value(theirs), wide)


def _first_value(alternatives: list[TypedColumn]) -> Column:
    return alternatives[0].column if len(alternatives) == 1 else F.coalesce(*(one.column for one in alternatives))


def _struct_of_kinds(values: list[Column]) -> Column:
    """Return one value for several kinds, null if all are: structs are equal if all their parts are, nulls
    included.
    """
    some = reduce(Column.__or__, (value.isNotNull() for value in values))
    return F.when(some, F.struct(*(value.alias(f"kind{at}") for at, value in enumerate(values))))
