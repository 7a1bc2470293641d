"""Types by the names that people write: ``long``, ``bigint``, ``decimal(10,2)``, ``array<struct<a:int>>``.

Glue takes its own names (``MappingSpec``, ``cast:long``) and those of Hive, which the Data Catalog holds.
"""

from __future__ import annotations

import re

from glueprint.runtime.frames import types

_ALIASES: dict[str, types.Type] = {
    "string": types.STRING,
    "varchar": types.STRING,
    "char": types.STRING,
    "int": types.INT,
    "integer": types.INT,
    "long": types.LONG,
    "bigint": types.LONG,
    "short": types.SHORT,
    "smallint": types.SHORT,
    "byte": types.BYTE,
    "tinyint": types.BYTE,
    "double": types.DOUBLE,
    "float": types.FLOAT,
    "real": types.FLOAT,
    "boolean": types.BOOLEAN,
    "bool": types.BOOLEAN,
    "date": types.DATE,
    "timestamp": types.TIMESTAMP,
    "timestampntz": types.TIMESTAMP_NTZ,
    "binary": types.BINARY,
    "null": types.NULL,
    "void": types.NULL,
    "decimal": types.Decimal(),
}
_TOKEN = re.compile(r"\s*([<>,:()]|`(?:[^`]|``)+`|[^<>,:()\s`]+)")


class UnknownTypeName(ValueError):
    """Nobody knows a type of that name."""


def parse(text: str) -> types.Type:
    """The type that ``text`` names, in any case of letters.

    Raises:
        UnknownTypeName: says which text, and which names there are.
    """
    reader = _Reader(text)
    found = reader.type()
    reader.end()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def type(self) -> types.Type:
        name = self._next().lower()
        if name == "array":
            self._expect("<")
            element = self.type()
            self._expect(">")
            return types.Array(element)
        if name == "map":
            self._expect("<")
            key = self.type()
            self._expect(",")
            value = self.type()
            self._expect(">")
            return types.Map(value, key)
        if name == "struct":
            self._expect("<")
            return types.Struct(tuple(self._fields()))
        return self._atomic(name)

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise self._unknown()

    def _fields(self) -> list[types.Field]:
        fields = []
        while self._peek() != ">":
            name = self._next()
            if name.startswith("`"):
                name = name[1:-1].replace("``", "`")
            self._expect(":")
            fields.append(types.Field(name, self.type()))
            if self._peek() == ",":
                self._next()
        self._expect(">")
        return fields

    def _atomic(self, name: str) -> types.Type:
        if name not in _ALIASES:
            raise self._unknown()
        sizes = self._sizes()
        if name == "decimal" and sizes:
            return types.Decimal(sizes[0], sizes[1] if len(sizes) > 1 else 0)
        return _ALIASES[name]

    def _sizes(self) -> list[int]:
        sizes: list[int] = []
        if self._peek() == "(":
            self._next()
            while (token := self._next()) != ")":
                if token.isdigit():
                    sizes.append(int(token))
        return sizes

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        if self._at == len(self._tokens):
            raise self._unknown()
        self._at += 1
        return str(self._tokens[self._at - 1])

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise self._unknown()

    def _unknown(self) -> UnknownTypeName:
        return UnknownTypeName(
            f"{self._text!r} is not a type: use {', '.join(sorted(_ALIASES))}, decimal(10,2), array<int>, "
            "map<string,int> or struct<a:int>"
        )
