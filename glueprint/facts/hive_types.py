"""Column types of the Data Catalog as values, read from and written as text.

Glue writes types in Hive's syntax, such as ``array<struct<a:int,b:string>>`` (API reference, ``Column``; Apache
Hive language manual, "Data Types"). ``str`` returns a type's text, :func:`parse` reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True)
class Primitive:
    """A type without parts: ``bigint``, ``string``, ``decimal(10,2)``."""

    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def base(self) -> str:
        """The name without what is in parentheses: ``decimal`` of ``decimal(10,2)``."""
        return self.name.partition("(")[0]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers in parentheses: 10 and 2 of ``decimal(10,2)``."""
        inside = self.name.partition("(")[2].rstrip(")")
        return tuple(int(part) for part in inside.split(",") if part.isdigit())


@dataclass(frozen=True)
class Array:
    """A list of ``element``."""

    element: GlueType

    def __str__(self) -> str:
        return f"array<{self.element}>"


@dataclass(frozen=True)
class MapOf:
    """A map from ``key`` to ``value``."""

    key: GlueType
    value: GlueType

    def __str__(self) -> str:
        return f"map<{self.key},{self.value}>"


@dataclass(frozen=True)
class Struct:
    """Named fields, in order."""

    fields: tuple[tuple[str, GlueType], ...]

    def __str__(self) -> str:
        return f"struct<{','.join(f'{_written(name)}:{kind}' for name, kind in self.fields)}>"


GlueType = Union[Primitive, Array, MapOf, Struct]

TINYINT, SMALLINT, INT, BIGINT = map(Primitive, ("tinyint", "smallint", "int", "bigint"))
FLOAT, DOUBLE, BOOLEAN = map(Primitive, ("float", "double", "boolean"))
STRING, BINARY, DATE, TIMESTAMP = map(Primitive, ("string", "binary", "date", "timestamp"))
VOID = Primitive("void")
"""The type of a column in which every value is null."""

_NOT_IN_PLAIN_NAMES = re.compile(r"[<>,:()\s]")
_QUOTED_NAME = re.compile(r"\s*`((?:[^`]|``)+)`\s*(?=:)")
_PLAIN_NAME = re.compile(r"\s*([^<>,:()\s]*)\s*(?=:)")


def decimal(precision: int, scale: int) -> Primitive:
    """Return ``decimal(precision,scale)``."""
    return Primitive(f"decimal({precision},{scale})")


def field_name(text: str) -> str:
    """Return ``text`` as a struct field's name that needs no quotes: reserved symbols become underscores."""
    return _NOT_IN_PLAIN_NAMES.sub("_", text)


def depth(kind: GlueType) -> int:
    """Return the number of levels of a type: 1 for a primitive, 2 for an array of primitives."""
    deepest = 0
    pending: list[tuple[GlueType, int]] = [(kind, 1)]
    while pending:
        part, level = pending.pop()
        deepest = max(deepest, level)
        if isinstance(part, Array):
            pending.append((part.element, level + 1))
        elif isinstance(part, MapOf):
            pending += [(part.key, level + 1), (part.value, level + 1)]
        elif isinstance(part, Struct):
            pending += [(inner, level + 1) for _, inner in part.fields]
    return deepest


class BadTypeError(ValueError):
    """The text of a type is not valid."""


def parse(text: str) -> GlueType:
    """Return the type that ``text`` describes.

    Args:
        text: such as ``array<struct<a:int>>``. Spaces between symbols are ignored and type names are read in any
            case. A struct field's name may be quoted with backticks. Any name without parts is a primitive: the
            Data Catalog does not check types.

    Raises:
        BadTypeError: the text is not a type; the message contains the text and the position.
    """
    reader = _Reader(text)
    kind = reader.type()
    if reader.rest().strip():
        raise BadTypeError(f"{text!r}: unexpected {reader.rest()!r} after the type")
    return kind


def _written(name: str) -> str:
    """Return a field's name, quoted if :func:`parse` might read another name without quotes."""
    if _NOT_IN_PLAIN_NAMES.search(name) or name.startswith("`"):
        return "`{}`".format(name.replace("`", "``"))
    return name


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

    def _skip_spaces(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _next_is(self, symbol: str) -> bool:
        self._skip_spaces()
        return self._text.startswith(symbol, self._at)

    def _expect(self, symbol: str) -> None:
        if not self._next_is(symbol):
            raise BadTypeError(f"{self._text!r}: expected {symbol!r} at position {self._at}")
        self._at += 1

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
            name = self._field_name()
            self._expect(":")
            fields.append((name, self.type()))
        return fields

    def _field_name(self) -> str:
        quoted = _QUOTED_NAME.match(self._text, self._at)
        found = quoted or _PLAIN_NAME.match(self._text, self._at)
        if found is None:
            raise BadTypeError(f"{self._text!r}: expected a field's name and ':' at position {self._at}")
        self._at = found.end()
        return found[1].replace("``", "`") if quoted else found[1]
