"""What fastavro reads and writes, beside plain records. Runs in Python workers."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Collection, Mapping
from typing import Any

from glueprint.runtime.frames import types
from glueprint.runtime.frames.record_values import Convert
from glueprint.runtime.storage.formats.avro.schemas import avro_name

_FITTING: Mapping[type, tuple[str, ...]] = {
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
"""The types of Glue that a value of a Python class may have, the likeliest first."""


def fitting(value: Any, names: Collection[str]) -> str:
    """The first of the types ``names`` that a value which fastavro has read may have."""
    return next(name for name in _FITTING[type(value)] if name in names)


def to_avro(logical: types.Type) -> Convert:
    """From a plain record's value to what fastavro writes: field names as Avro allows them."""
    match logical:
        case types.Struct(fields):
            parts = [(one.name, avro_name(one.name), to_avro(one.type)) for one in fields]
            return lambda found: (
                None if found is None else {name: convert(found.get(own)) for own, name, convert in parts}
            )
        case types.Array(element):
            inner = to_avro(element)
            return lambda items: None if items is None else [inner(item) for item in items]
        case types.Map(value, _):
            inner = to_avro(value)
            return lambda items: None if items is None else {key: inner(item) for key, item in items.items()}
        case types.Atomic("binary"):
            return lambda value: None if value is None else bytes(value)
        case _:
            return lambda value: value
