"""Schemas as text, such as ``id bigint, price decimal(10,2)``."""

from typing import List

import pyarrow as pa

from glue_jobs.common.hive_types import arrow_type, hive_type


def schema_text(schema: pa.Schema) -> str:
    """The schema as the parameter Schema has it."""
    return ", ".join("{} {}".format(field.name, hive_type(field.type)) for field in schema)


def read_schema(text: str) -> pa.Schema:
    """The schema of a text such as ``id bigint, price decimal(10,2)``."""
    fields: List[str] = [""]
    depth = 0
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            fields.append("")
        else:
            fields[-1] += character
    pairs = [field.strip().partition(" ") for field in fields if field.strip()]
    return pa.schema([(name.lower(), arrow_type(hive.strip())) for name, _, hive in pairs])
