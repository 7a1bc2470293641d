"""Records as plain Python values: conversion from and to Spark rows, and to lines of JSON.

``map`` and ``filter`` pass such records to functions. The value of a choice is the value that the record has.
Both directions are compiled from a schema, because they run for every record, inside Spark's Python workers.
Lines of JSON are what ``show`` prints, and how frames with choices are written, which Spark's writer does not
support.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from glueprint.compat import strict_zip
from glueprint.runtime.frames import types
from glueprint.runtime.frames.inference import type_name_of

Convert = Callable[[Any], Any]
Alternative = Callable[[Any, Collection[str]], str]


def to_plain(logical: types.Type) -> Convert:
    """Return a converter from values of Spark rows to plain Python; structs become dicts."""
    if isinstance(logical, types.Struct):
        parts = [(one.name, to_plain(one.type)) for one in logical.fields]

        def of_struct(row: Any) -> Any:
            if row is None:
                return None
            return {name: convert(value) for (name, convert), value in strict_zip(parts, row)}

        return of_struct
    if isinstance(logical, types.Choice):
        converts = [to_plain(one) for one in logical.alternatives]

        def of_choice(row: Any) -> Any:
            if row is None:
                return None
            pairs = strict_zip(converts, row)
            return next((convert(value) for convert, value in pairs if value is not None), None)

        return of_choice
    if isinstance(logical, types.Array):
        inner = to_plain(logical.element)
        return lambda items: None if items is None else [inner(item) for item in items]
    if isinstance(logical, types.Map):
        inner = to_plain(logical.value)
        return lambda items: None if items is None else {key: inner(item) for key, item in items.items()}
    return lambda value: value


def alternative_by_type(value: Any, names: Collection[str]) -> str:
    """Return the alternative of a choice for a value: the one of the value's own type; a small integer is ``long``
    where there is no ``int``.
    """
    name = type_name_of(value)
    return "long" if name == "int" and name not in names else name


def to_row(logical: types.Type, alternative: Alternative = alternative_by_type) -> Convert:
    """Return a converter from plain Python to values of Spark rows; structs and choices become tuples.

    ``alternative`` returns the name of the alternative of a choice for a value.
    """
    if isinstance(logical, types.Struct):
        parts = [(one.name, to_row(one.type, alternative)) for one in logical.fields]
        return lambda found: (
            None if found is None else tuple([convert(found.get(name)) for name, convert in parts])
        )
    if isinstance(logical, types.Choice):
        places = {one.name: (at, to_row(one, alternative)) for at, one in enumerate(logical.alternatives)}

        def to_choice(value: Any) -> Any:
            if value is None:
                return None
            made: list[Any] = [None] * len(places)
            at, convert = places[alternative(value, places)]
            made[at] = convert(value)
            return tuple(made)

        return to_choice
    if isinstance(logical, types.Array):
        inner = to_row(logical.element, alternative)
        return lambda items: None if items is None else [inner(item) for item in items]
    if isinstance(logical, types.Map):
        inner = to_row(logical.value, alternative)
        return lambda items: None if items is None else {key: inner(item) for key, item in items.items()}
    if isinstance(logical, types.Atomic) and logical.name in ("double", "float"):
        return lambda value: None if value is None else float(value)
    return lambda value: value


def plain_records(schema: types.Struct, rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Convert Spark rows of a frame to plain records."""
    return map(to_plain(schema), rows)


def spark_rows(schema: types.Struct, records: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Convert plain records to Spark rows of a frame."""
    return map(to_row(schema), records)


def json_line(record: dict[str, Any]) -> str:
    """Return a plain record as JSON, without the fields that have no value.

    Raises:
        TypeError: a value has no type in Glue.
    """
    return json.dumps(_present(record), default=_jsonable, ensure_ascii=False)


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _present(one) for name, one in value.items() if one is not None}
    return [_present(one) for one in value] if isinstance(value, list) else value


def _jsonable(value: object) -> object:
    """Convert values that Python's ``json`` does not support, in the way of Spark's writer."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    raise TypeError(f"{value!r} cannot be written as JSON")
