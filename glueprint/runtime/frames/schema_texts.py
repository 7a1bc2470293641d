"""Schemas that scripts hand over as JSON text (``withSchema``): Glue's own form, or PySpark's.

Source: developer guide, "DynamicFrame class", ``unbox``: "the format of a schema's JSON representation is defined
by the output of StructType.json()"; both ``awsglue.gluetypes`` and PySpark have such a class.
"""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql.types import StructType

from glueprint.runtime.frames import type_names, types


class BadSchema(ValueError):
    """The text is no schema."""


def parse(text: str) -> types.Struct:
    """The schema that ``text`` describes.

    Raises:
        BadSchema: it is no JSON, or no schema of a struct.
        types.UnknownType: a type of PySpark's has no counterpart in Glue.
    """
    try:
        found = json.loads(text)
        if isinstance(found, dict) and "dataType" not in found:
            return types.of_spark(StructType.fromJson(found))
        schema = _glue(found)
    except (ValueError, KeyError, TypeError) as error:
        raise BadSchema(f"withSchema is no schema ({error!r}): it takes what StructType.json() gives") from error
    if not isinstance(schema, types.Struct):
        raise BadSchema(f"withSchema describes a {schema.name}: it takes the schema of a struct")
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
