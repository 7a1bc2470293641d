"""The column types of the Data Catalog as values: read from text, widen, compare, write as text.

Glue writes types in Hive's syntax, such as ``array<struct<a:int,b:string>>``. Inside this room a type is a
value, because schemas of many files must be merged field by field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Primitive:
    """A type without parts, by its Glue name (``bigint``, ``string``, ``decimal(10,2)``)."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Array:
    """A list of ``element``."""

    element: GlueType

    def __str__(self) -> str:
        return f"array<{self.element}>"


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map from ``key`` to ``value``."""

    key: GlueType
    value: GlueType

    def __str__(self) -> str:
        return f"map<{self.key},{self.value}>"


@dataclass(frozen=True, slots=True)
class Struct:
    """Named fields, in order."""

    fields: tuple[tuple[str, GlueType], ...]

    def __str__(self) -> str:
        return f"struct<{','.join(f'{name}:{kind}' for name, kind in self.fields)}>"


GlueType: TypeAlias = Primitive | Array | MapOf | Struct

TINYINT, SMALLINT, INT, BIGINT = (
    Primitive("tinyint"),
    Primitive("smallint"),
    Primitive("int"),
    Primitive("bigint"),
)
FLOAT, DOUBLE, BOOLEAN = Primitive("float"), Primitive("double"), Primitive("boolean")
STRING, BINARY, DATE, TIMESTAMP = (
    Primitive("string"),
    Primitive("binary"),
    Primitive("date"),
    Primitive("timestamp"),
)
NOTHING = Primitive("void")
"""No value seen yet: gives way to any other type, and is written as ``string`` by :func:`settled`."""

_NOT_IN_FIELD_NAMES = re.compile(r"[<>,:()\s]")
_WIDENING = (TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE)


def decimal(precision: int, scale: int) -> Primitive:
    """``decimal(precision,scale)``, as Hive writes it."""
    return Primitive(f"decimal({precision},{scale})")


def _decimal_parts(kind: Primitive) -> tuple[int, int] | None:
    if not kind.name.startswith("decimal("):
        return None
    precision, _, scale = kind.name[len("decimal(") : -1].partition(",")
    return int(precision), int(scale or 0)


def _merge_primitives(left: Primitive, right: Primitive) -> Primitive | None:
    if left in _WIDENING and right in _WIDENING:
        wider = max(left, right, key=_WIDENING.index)
        # A float holds no bigint exactly: the two meet in double.
        return DOUBLE if wider is FLOAT and {left, right} & {INT, BIGINT} else wider
    first, second = _decimal_parts(left), _decimal_parts(right)
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


def field_name(text: str) -> str:
    """A struct field's name as a type can hold it: the symbols of the type syntax become underscores."""
    return _NOT_IN_FIELD_NAMES.sub("_", text)


def depth(kind: GlueType) -> int:
    """How many types lie within one another; 1 for a primitive."""
    deepest = 0
    pending: list[tuple[GlueType, int]] = [(kind, 1)]
    while pending:
        part, level = pending.pop()
        deepest = max(deepest, level)
        match part:
            case Primitive():
                continue
            case Array():
                pending.append((part.element, level + 1))
            case MapOf():
                pending += [(part.key, level + 1), (part.value, level + 1)]
            case Struct():
                pending += [(inner, level + 1) for _, inner in part.fields]
    return deepest


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


class BadTypeError(ValueError):
    """A type's text that cannot be read."""


def parse(text: str) -> GlueType:
    """Read a type as the Data Catalog holds it.

    Args:
        text: such as ``array<struct<a:int>>``. Spaces are ignored; type names are read in any case.

    Raises:
        BadTypeError: the text is no type; says where.
    """
    reader = _Reader(text)
    kind = reader.type()
    if reader.rest().strip():
        raise BadTypeError(f"{text!r}: unexpected {reader.rest()!r} after the type")
    return kind


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def rest(self) -> str:
        return self._text[self._at :]

    def _until(self, stops: str) -> str:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] not in stops:
            self._at += 1
        return self._text[start : self._at].strip()

    def _expect(self, symbol: str) -> None:
        if not self.rest().lstrip().startswith(symbol):
            raise BadTypeError(f"{self._text!r}: expected {symbol!r} at position {self._at}")
        self._at = self._text.index(symbol, self._at) + 1

    def _next_is(self, symbol: str) -> bool:
        return self.rest().lstrip().startswith(symbol)

    def type(self) -> GlueType:
        name = self._until("<>,:(").lower()
        if not name:
            raise BadTypeError(f"{self._text!r}: expected a type at position {self._at}")
        if self._next_is("("):
            self._expect("(")
            arguments = self._until(")").replace(" ", "")
            self._expect(")")
            return Primitive(f"{name}({arguments})")
        if not self._next_is("<"):
            return Primitive(name)
        self._expect("<")
        kind: GlueType
        if name == "array":
            kind = Array(self.type())
        elif name == "map":
            key = self.type()
            self._expect(",")
            kind = MapOf(key, self.type())
        elif name == "struct":
            kind = Struct(tuple(self._fields()))
        else:
            raise BadTypeError(f"{self._text!r}: {name!r} takes no parts")
        self._expect(">")
        return kind

    def _fields(self) -> list[tuple[str, GlueType]]:
        fields: list[tuple[str, GlueType]] = []
        while not self._next_is(">"):
            if fields:
                self._expect(",")
            name = self._until("<>,:")
            self._expect(":")
            fields.append((name, self.type()))
        return fields
