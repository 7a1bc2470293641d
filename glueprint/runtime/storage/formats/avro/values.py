"""Values that fastavro reads as Spark's rows, plain records as fastavro writes them. Runs in Python workers."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Mapping
from typing import Any

from glueprint.runtime.frames import types
from glueprint.runtime.storage.formats.avro.schemas import avro_name

Convert = Callable[[Any], Any]

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


def to_row(logical: types.Type) -> Convert:
    """From what fastavro reads to what Spark takes for a column of this type: structs and choices are tuples."""
    match logical:
        case types.Struct(fields):
            parts = [(one.name, to_row(one.type)) for one in fields]
            return lambda found: (
                None if found is None else tuple([convert(found.get(name)) for name, convert in parts])
            )
        case types.Choice(alternatives):
            places = {one.name: (at, to_row(one)) for at, one in enumerate(alternatives)}

            def to_choice(value: Any) -> Any:
                if value is None:
                    return None
                made: list[Any] = [None] * len(places)
                at, convert = next(places[name] for name in _FITTING[type(value)] if name in places)
                made[at] = convert(value)
                return tuple(made)

            return to_choice
        case types.Array(element):
            inner = to_row(element)
            return lambda items: None if items is None else [inner(item) for item in items]
        case types.Map(value, _):
            inner = to_row(value)
            return lambda items: None if items is None else {key: inner(item) for key, item in items.items()}
        case types.Atomic("double" | "float"):
            return lambda value: None if value is None else float(value)
        case _:
            return lambda value: value


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
