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
    if isinstance(logical, types.Struct):
        return {
            "fields": [
                {"name": one.name, "container": _json(one.type), "properties": {}} for one in logical.fields
            ]
        }
    if isinstance(logical, types.Choice):
        return {"choices": [_json(one) for one in logical.alternatives]}
    if isinstance(logical, types.Array):
        return {"elementType": _json(logical.element)}
    if isinstance(logical, types.Map):
        return {"valueType": _json(logical.value)}
    if isinstance(logical, types.Decimal):
        return {"precision": logical.precision, "scale": logical.scale}
    return {}


def tree_string(schema: types.Struct) -> str:
    """Return the schema as ``printSchema`` shows it, a line for each name, each with a line end."""
    return "".join(f"{line}\n" for line in ["root", *_lines(schema, "")])


def _lines(logical: types.Type, indent: str) -> Iterator[str]:
    inner = f"{indent}|    " if indent else "|    "
    if isinstance(logical, types.Struct):
        for one in logical.fields:
            yield f"{indent}|-- {one.name}: {one.type.name}"
            yield from _lines(one.type, inner)
    elif isinstance(logical, types.Choice):
        for alternative in logical.alternatives:
            yield f"{indent}|-- {alternative.name}"
            yield from _lines(alternative, inner)
    elif isinstance(logical, types.Array):
        yield f"{indent}|-- element: {logical.element.name}"
        yield from _lines(logical.element, inner)
    elif isinstance(logical, types.Map):
        yield f"{indent}|-- keyType: {logical.key.name}"
        yield f"{indent}|-- valueType: {logical.value.name}"
        yield from _lines(logical.value, inner)


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
    name = found["dataType"]
    if name == "struct":
        return types.Struct(
            tuple(types.Field(one["name"], _glue(one["container"])) for one in found["fields"])
        )
    if name == "array":
        return types.Array(_glue(found["elementType"]))
    if name == "map":
        return types.Map(_glue(found["valueType"]))
    if name == "choice":
        return types.choice(_glue(one) for one in found["choices"])
    if name == "decimal":
        return types.Decimal(found["precision"], found["scale"])
    return type_names.parse(name)
