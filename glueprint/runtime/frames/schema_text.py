"""Schemas as text: the JSON that ``awsglue.gluetypes`` and ``withSchema`` use, and the tree of ``printSchema``.

Sources: Amazon's ``awsglue.gluetypes`` (type names and the JSON form); developer guide, "DynamicFrame class":
``printSchema`` (the tree) and ``unbox`` ("the format of a schema's JSON representation is defined by the output of
StructType.json()"; both ``awsglue.gluetypes`` and PySpark have such a class).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pyspark.sql.types import StructType

from glueprint.runtime.frames import type_names, types


def to_json(logical: types.Type) -> str:
    """Return the JSON text that Amazon's ``gluetypes`` reads (``schema().toString()``)."""
    return json.dumps(_json(logical))


def _json(logical: types.Type) -> dict[str, Any]:
    return {"dataType": logical.name, **_parts(logical), "properties": {}}


def _parts(logical: types.Type) -> dict[str, Any]:
    match logical:
        case types.Struct(fields):
            return {
                "fields": [
                    {"name": one.name, "container": _json(one.type), "properties": {}} for one in fields
                ]
            }
        case types.Choice(alternatives):
            return {"choices": [_json(one) for one in alternatives]}
        case types.Array(element):
            return {"elementType": _json(element)}
        case types.Map(value):
            return {"valueType": _json(value)}
        case types.Decimal(precision, scale):
            return {"precision": precision, "scale": scale}
        case types.Atomic():
            return {}


def tree_string(schema: types.Struct) -> str:
    """Return the schema as ``printSchema`` shows it, a line for each name, each with a line end."""
    return "".join(f"{line}\n" for line in ["root", *_lines(schema, "")])


def _lines(logical: types.Type, indent: str) -> Iterator[str]:
    inner = f"{indent}|    " if indent else "|    "
    match logical:
        case types.Struct(fields):
            for one in fields:
                yield f"{indent}|-- {one.name}: {one.type.name}"
                yield from _lines(one.type, inner)
        case types.Choice(alternatives):
            for alternative in alternatives:
                yield f"{indent}|-- {alternative.name}"
                yield from _lines(alternative, inner)
        case types.Array(element):
            yield f"{indent}|-- element: {element.name}"
            yield from _lines(element, inner)
        case types.Map(value, key):
            yield f"{indent}|-- keyType: {key.name}"
            yield f"{indent}|-- valueType: {value.name}"
            yield from _lines(value, inner)


class BadSchema(ValueError):
    """The text is not a schema."""


def parse(text: str) -> types.Struct:
    """Parse a schema.

    Raises:
        BadSchema: the text is not JSON, or not the schema of a struct.
        types.UnknownType: a type of PySpark has no counterpart in Glue.
    """
    try:
        found = json.loads(text)
        if isinstance(found, dict) and "dataType" not in found:
            return types.of_spark(StructType.fromJson(found))
        schema = _glue(found)
    except (ValueError, KeyError, TypeError) as error:
        raise BadSchema(f"withSchema is not a schema ({error!r}): pass the result of StructType.json()") from error
    if not isinstance(schema, types.Struct):
        raise BadSchema(f"withSchema describes a {schema.name}: pass the schema of a struct")
    return schema


def _glue(found: dict[str, Any]) -> types.Type:
    match found["dataType"]:
        case "struct":
            return types.Struct(
                tuple(types.Field(one["name"], _glue(one["container"])) for one in found["fields"])
            )
        case "array":
            return types.Array(_glue(found["elementType"]))
        case "map":
            return types.Map(_glue(found["valueType"]))
        case "choice":
            return types.choice(_glue(one) for one in found["choices"])
        case "decimal":
            return types.Decimal(found["precision"], found["scale"])
        case name:
            return type_names.parse(name)
