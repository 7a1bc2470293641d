"""How a crawler merges column types: the common type of two files, and what a new file adds."""

from __future__ import annotations

from collections.abc import Iterable

from glueprint.facts.hive_types import (
    BIGINT,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TINYINT,
    VOID,
    Array,
    GlueType,
    MapOf,
    Primitive,
    Struct,
    decimal,
)

NOTHING = VOID
"""No value seen yet: gives way to any other type, and is written as ``string`` by :func:`settled`."""

_WIDENING = (TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE)


def _decimal_sizes(kind: Primitive) -> tuple[int, int] | None:
    sizes = kind.sizes
    if kind.base != "decimal" or not sizes:
        return None
    return sizes[0], sizes[1] if len(sizes) > 1 else 0


def _merge_primitives(left: Primitive, right: Primitive) -> Primitive | None:
    if left in _WIDENING and right in _WIDENING:
        wider = max(left, right, key=_WIDENING.index)
        # A float holds no bigint exactly: the two meet in double.
        return DOUBLE if wider is FLOAT and {left, right} & {INT, BIGINT} else wider
    first, second = _decimal_sizes(left), _decimal_sizes(right)
    if first and second:
        scale = max(first[1], second[1])
        whole = max(first[0] - first[1], second[0] - second[1])
        return decimal(min(38, whole + scale), scale)
    return None


def widened(left: GlueType, right: GlueType) -> GlueType | None:
    """The narrowest type that holds both without reading one as text.

    Args:
        left: one type.
        right: the other.

    Returns:
        The common type, or None when there is none (``bigint`` and ``string``, a struct and an array).
    """
    if left == right or right == NOTHING:
        return left
    if left == NOTHING:
        return right
    match left, right:
        case Primitive(), Primitive():
            return _merge_primitives(left, right)
        case Array(), Array():
            element = widened(left.element, right.element)
            return None if element is None else Array(element)
        case MapOf(), MapOf():
            key, value = widened(left.key, right.key), widened(left.value, right.value)
            return None if key is None or value is None else MapOf(key, value)
        case Struct(), Struct():
            return merged_structs(left, right)
        case _:
            return None


def merged(left: GlueType, right: GlueType) -> GlueType:
    """Like :func:`widened`, but what has no common type becomes ``string``, the type that reads anything."""
    common = widened(left, right)
    if common is not None:
        return common
    match left, right:
        case Array(), Array():
            return Array(merged(left.element, right.element))
        case _:
            return STRING


def merged_structs(left: Struct, right: Struct) -> Struct:
    """Fields of both, ``left``'s order first; a field in both is merged."""
    return struct((*left.fields, *right.fields))


def struct(fields: Iterable[tuple[str, GlueType]]) -> Struct:
    """A struct in which fields whose names differ by case alone are one, as engines read them: the first name
    stays, the types are merged.
    """
    names: dict[str, str] = {}
    kinds: dict[str, GlueType] = {}
    for name, kind in fields:
        first = names.setdefault(name.lower(), name)
        kinds[first] = merged(kinds[first], kind) if first in kinds else kind
    return Struct(tuple(kinds.items()))


def settled(kind: GlueType) -> GlueType:
    """``kind`` with every part that no value has decided written as ``string``."""
    match kind:
        case Primitive():
            return STRING if kind == NOTHING else kind
        case Array():
            return Array(settled(kind.element))
        case MapOf():
            return MapOf(settled(kind.key), settled(kind.value))
        case Struct():
            return Struct(tuple((name, settled(part)) for name, part in kind.fields)) if kind.fields else STRING


def extended(existing: GlueType, found: GlueType) -> GlueType:
    """``existing`` with the struct fields that only ``found`` has; nothing of ``existing`` changes.

    This is what ``MergeNewColumns`` does to nested types ("New columns are added as they are encountered,
    including nested data types", DG:crawler-configuration).
    """
    match existing, found:
        case Struct(), Struct():
            fields = dict(existing.fields)
            known = {name.lower(): name for name in fields}
            for name, kind in found.fields:
                if name.lower() in known:
                    fields[known[name.lower()]] = extended(fields[known[name.lower()]], kind)
                else:
                    fields[name] = kind
            return Struct(tuple(fields.items()))
        case Array(), Array():
            return Array(extended(existing.element, found.element))
        case MapOf(), MapOf():
            return MapOf(existing.key, extended(existing.value, found.value))
        case _:
            return existing
