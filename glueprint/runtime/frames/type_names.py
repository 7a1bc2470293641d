"""Types by the names that people write: ``long``, ``bigint``, ``decimal(10,2)``, ``array<struct<a:int>>``.

Glue takes its own names (``MappingSpec``, ``cast:long``) and those of Hive, which the Data Catalog holds.
"""

from __future__ import annotations

from glueprint.facts import hive_types
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


class UnknownTypeName(ValueError):
    """No type has this name."""


def parse(text: str) -> types.Type:
    """Return the type that ``text`` names, in any case of letters.

    Raises:
        UnknownTypeName: the text is not a type; the message contains it and lists the names.
    """
    try:
        return _logical(hive_types.parse(text))
    except (hive_types.BadTypeError, KeyError) as error:
        raise UnknownTypeName(
            f"{text!r} is not a type: use {', '.join(sorted(_ALIASES))}, decimal(10,2), array<int>, "
            "map<string,int> or struct<a:int>"
        ) from error


def _logical(kind: hive_types.GlueType) -> types.Type:
    if isinstance(kind, hive_types.Array):
        return types.Array(_logical(kind.element))
    if isinstance(kind, hive_types.MapOf):
        return types.Map(_logical(kind.value), _logical(kind.key))
    if isinstance(kind, hive_types.Struct):
        return types.Struct(tuple(types.Field(name, _logical(part)) for name, part in kind.fields))
    sizes = kind.sizes
    if kind.base == "decimal" and sizes:
        return types.Decimal(sizes[0], sizes[1] if len(sizes) > 1 else 0)
    return _ALIASES[kind.base]
