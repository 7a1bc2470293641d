"""The Arrow types of Hive's type names, which the Data Catalog uses, and the reverse."""

import re
from typing import List, Tuple

import pyarrow as pa

_SIMPLE = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "binary": pa.binary(),
}
_NAMES = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "string",
    pa.date32(): "date",
    pa.binary(): "binary",
}
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_TEXT = re.compile(r"(?:varchar|char)\(\d+\)")


def arrow_type(hive: str) -> pa.DataType:
    """Return the Arrow type of a Hive type such as ``bigint`` or ``array<struct<a:int,b:decimal(10,2)>>``.

    Raises:
        ValueError: the type is not supported.
    """
    text = re.sub(r"\s+", "", hive)
    # Field names of a struct keep their case; everything else of a type is case-insensitive.
    lower = text.lower()
    if lower in _SIMPLE:
        return _SIMPLE[lower]
    if lower == "decimal":
        return pa.decimal128(10, 0)
    decimal = _DECIMAL.fullmatch(lower)
    if decimal:
        return pa.decimal128(int(decimal.group(1)), int(decimal.group(2)))
    if _TEXT.fullmatch(lower):
        return pa.string()
    for name in ("array", "map", "struct"):
        if lower.startswith(name + "<") and text.endswith(">"):
            inner = _split(text[len(name) + 1 : -1])
            if name == "array" and len(inner) == 1:
                return pa.list_(arrow_type(inner[0]))
            if name == "map" and len(inner) == 2:
                return pa.map_(arrow_type(inner[0]), arrow_type(inner[1]))
            if name == "struct":
                return pa.struct([_field(part) for part in inner])
    raise ValueError("{!r} is not a column type that can be loaded.".format(hive))


def hive_type(arrow: pa.DataType) -> str:
    """Return the Hive type of an Arrow type; the reverse of :func:`arrow_type`.

    A timestamp with a zone is a ``timestamp``: its moment in UTC.

    Raises:
        ValueError: Hive has none.
    """
    if arrow in _NAMES:
        return _NAMES[arrow]
    if pa.types.is_timestamp(arrow):
        return "timestamp"
    if pa.types.is_decimal(arrow):
        return "decimal({},{})".format(arrow.precision, arrow.scale)
    if pa.types.is_list(arrow):
        return "array<{}>".format(hive_type(arrow.value_type))
    if pa.types.is_map(arrow):
        return "map<{},{}>".format(hive_type(arrow.key_type), hive_type(arrow.item_type))
    if pa.types.is_struct(arrow):
        fields = [arrow.field(index) for index in range(arrow.num_fields)]
        return "struct<{}>".format(",".join("{}:{}".format(field.name, hive_type(field.type)) for field in fields))
    raise ValueError("Hive has no type for {}.".format(arrow))


def type_problem(hive: str) -> str:
    """Return why a Hive type cannot be loaded; empty if it can."""
    try:
        arrow_type(hive)
    except ValueError as error:
        return str(error)
    return ""


def _field(text: str) -> Tuple[str, pa.DataType]:
    name, _, hive = text.partition(":")
    return name, arrow_type(hive)


def _split(text: str) -> List[str]:
    """Split at the commas outside of inner brackets."""
    parts = [""]
    depth = 0
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
