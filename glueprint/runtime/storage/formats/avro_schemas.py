"""Avro schemas and values for Glue's types, and back.

Source: Avro specification 1.11, primitive, complex and logical types. Types that Glue does not have become what
their values are to fastavro: enums and UUIDs are strings. The conversions of values run in Python workers.
"""

from __future__ import annotations

import datetime
import decimal
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from glueprint.runtime.frames import types
from glueprint.runtime.frames.record_values import Convert
from glueprint.runtime.storage.errors import StorageError

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]")

_PRIMITIVES: Mapping[str, types.Type] = {
    "null": types.NULL,
    "boolean": types.BOOLEAN,
    "int": types.INT,
    "long": types.LONG,
    "float": types.FLOAT,
    "double": types.DOUBLE,
    "bytes": types.BINARY,
    "string": types.STRING,
    "fixed": types.BINARY,
    "enum": types.STRING,
}
_LOGICAL: Mapping[str, Callable[[Mapping[str, Any]], types.Type]] = {
    "date": lambda _: types.DATE,
    "timestamp-millis": lambda _: types.TIMESTAMP,
    "timestamp-micros": lambda _: types.TIMESTAMP,
    "local-timestamp-millis": lambda _: types.TIMESTAMP_NTZ,
    "local-timestamp-micros": lambda _: types.TIMESTAMP_NTZ,
    "decimal": lambda schema: types.Decimal(schema["precision"], schema.get("scale", 0)),
    "uuid": lambda _: types.STRING,
}


def struct_of(schema: Any) -> types.Struct:
    """Return the columns of files with this writer's schema: those of its record, or one column ``value``.

    Args:
        schema: with names expanded where they are used (fastavro's ``expand_schema``).

    Raises:
        StorageError: a type that contains itself.
    """
    logical = _type(schema)
    return logical if isinstance(logical, types.Struct) else types.Struct((types.Field("value", logical),))


def _type(schema: Any) -> types.Type:
    if isinstance(schema, str):
        if schema not in _PRIMITIVES:
            raise StorageError(f"an Avro schema has the type {schema} within itself: Glue has no such types")
        return _PRIMITIVES[schema]
    if isinstance(schema, list):
        return _union(schema)
    if made := _LOGICAL.get(schema.get("logicalType", "")):
        return made(schema)
    inner = schema["type"]
    if inner in ("record", "error"):
        return types.Struct(tuple(types.Field(one["name"], _type(one["type"])) for one in schema["fields"]))
    if inner == "array":
        return types.Array(_type(schema["items"]))
    if inner == "map":
        return types.Map(_type(schema["values"]))
    return _type(inner)


def _union(schemas: Sequence[Any]) -> types.Type:
    """Return the type of a union: with null, the other type; of several types, their choice."""
    found = {one.name: one for one in map(_type, schemas) if one != types.NULL}
    if not found:
        return types.NULL
    return next(iter(found.values())) if len(found) == 1 else types.choice(found.values())


def schema_of(struct: types.Struct) -> dict[str, Any]:
    """Return the schema of files with a frame's records: every field may be null.

    Characters that Avro does not allow in names become underscores.
    """
    return _record(struct, "topLevelRecord")


_WRITTEN: Mapping[types.Type, Any] = {
    types.NULL: "null",
    types.BOOLEAN: "boolean",
    types.BYTE: "int",
    types.SHORT: "int",
    types.INT: "int",
    types.LONG: "long",
    types.FLOAT: "float",
    types.DOUBLE: "double",
    types.BINARY: "bytes",
    types.STRING: "string",
    types.DATE: {"type": "int", "logicalType": "date"},
    types.TIMESTAMP: {"type": "long", "logicalType": "timestamp-micros"},
    types.TIMESTAMP_NTZ: {"type": "long", "logicalType": "local-timestamp-micros"},
}


def _record(struct: types.Struct, name: str) -> dict[str, Any]:
    fields = []
    for one in struct:
        own = avro_name(one.name)
        fields.append({"name": own, "type": _nullable(one.type, f"{name}_{own}"), "default": None})
    return {"type": "record", "name": name, "fields": fields}


def _nullable(logical: types.Type, name: str) -> Any:
    alternatives = logical.alternatives if isinstance(logical, types.Choice) else (logical,)
    written = [_written(one, name) for one in alternatives]
    return ["null", *(one for one in written if one != "null")]


def _written(logical: types.Type, name: str) -> Any:
    if isinstance(logical, types.Struct):
        return _record(logical, name)
    if isinstance(logical, types.Array):
        return {"type": "array", "items": _nullable(logical.element, name)}
    if isinstance(logical, types.Map):
        return {"type": "map", "values": _nullable(logical.value, name)}
    if isinstance(logical, types.Decimal):
        return {"type": "bytes", "logicalType": "decimal", "precision": logical.precision, "scale": logical.scale}
    return _WRITTEN[logical]


def avro_name(name: str) -> str:
    """Return ``name`` as Avro allows it: letters, digits and underscores, no digit first."""
    clean = _NOT_IN_NAMES.sub("_", name) or "_"
    return f"_{clean}" if clean[0].isdigit() else clean


_TYPES_OF_CLASS: Mapping[type, tuple[str, ...]] = {
    bool: ("boolean",),
    int: ("int", "long", "double", "float"),
    float: ("double", "float"),
    str: ("string",),
    bytes: ("binary",),
    dict: ("struct", "map"),
    list: ("array",),
    datetime.datetime: ("timestamp", "timestampntz"),
    datetime.date: ("date",),
    decimal.Decimal: ("decimal",),
}
"""The types of Glue that a value of a Python class may have, the most likely first."""


def first_matching_type(value: Any, names: Collection[str]) -> str:
    """Return the first of the types ``names`` that a value read by fastavro may have."""
    return next(name for name in _TYPES_OF_CLASS[type(value)] if name in names)


def to_avro(logical: types.Type) -> Convert:
    """Return a conversion from a plain record's value to what fastavro writes: field names as Avro allows them."""
    if isinstance(logical, types.Struct):
        parts = [(one.name, avro_name(one.name), to_avro(one.type)) for one in logical.fields]
        return lambda found: (
            None if found is None else {name: convert(found.get(own)) for own, name, convert in parts}
        )
    if isinstance(logical, types.Array):
        inner = to_avro(logical.element)
        return lambda items: None if items is None else [inner(item) for item in items]
    if isinstance(logical, types.Map):
        inner = to_avro(logical.value)
        return lambda items: None if items is None else {key: inner(item) for key, item in items.items()}
    if isinstance(logical, types.Atomic) and logical.name == "binary":
        return lambda value: None if value is None else bytes(value)
    return lambda value: value
