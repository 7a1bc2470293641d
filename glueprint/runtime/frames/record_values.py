"""Records as plain Python values, as ``map`` and ``filter`` hand them to functions, and back to Spark's rows.

A choice is the value that a record has. Both directions are compiled from a schema, since they run for every
record; they run inside Spark's Python workers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from glueprint.runtime.frames import types
from glueprint.runtime.frames.inference import name_of

Convert = Callable[[Any], Any]
Alternative = Callable[[Any, Collection[str]], str]


def to_plain(logical: types.Type) -> Convert:
    """From what Spark collects for a column of this type to plain Python: structs are dicts."""
    match logical:
        case types.Struct(fields):
            parts = [(one.name, to_plain(one.type)) for one in fields]

            def of_struct(row: Any) -> Any:
                if row is None:
                    return None
                return {name: convert(value) for (name, convert), value in zip(parts, row, strict=True)}

            return of_struct
        case types.Choice(alternatives):
            converts = [to_plain(one) for one in alternatives]

            def of_choice(row: Any) -> Any:
                if row is None:
                    return None
                pairs = zip(converts, row, strict=True)
                return next((convert(value) for convert, value in pairs if value is not None), None)

            return of_choice
        case types.Array(element):
            inner = to_plain(element)
            return lambda items: None if items is None else [inner(item) for item in items]
        case types.Map(value, _):
            inner = to_plain(value)
            return lambda items: None if items is None else {key: inner(item) for key, item in items.items()}
        case _:
            return lambda value: value


def of_its_type(value: Any, names: Collection[str]) -> str:
    """The alternative of a choice that a value belongs to: the one of the type that its record was given."""
    return name_of(value)


def to_row(logical: types.Type, alternative: Alternative = of_its_type) -> Convert:
    """From plain Python to what Spark takes for a column of this type: structs and choices are tuples.

    ``alternative`` says to which of these a choice's value belongs.
    """
    match logical:
        case types.Struct(fields):
            parts = [(one.name, to_row(one.type, alternative)) for one in fields]
            return lambda found: (
                None if found is None else tuple([convert(found.get(name)) for name, convert in parts])
            )
        case types.Choice(alternatives):
            places = {one.name: (at, to_row(one, alternative)) for at, one in enumerate(alternatives)}

            def to_choice(value: Any) -> Any:
                if value is None:
                    return None
                made: list[Any] = [None] * len(places)
                at, convert = places[alternative(value, places)]
                made[at] = convert(value)
                return tuple(made)

            return to_choice
        case types.Array(element):
            inner = to_row(element, alternative)
            return lambda items: None if items is None else [inner(item) for item in items]
        case types.Map(value, _):
            inner = to_row(value, alternative)
            return lambda items: None if items is None else {key: inner(item) for key, item in items.items()}
        case types.Atomic("double" | "float"):
            return lambda value: None if value is None else float(value)
        case _:
            return lambda value: value


def plain_records(schema: types.Struct, rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Spark's rows of a frame as plain records."""
    return map(to_plain(schema), rows)


def rows(schema: types.Struct, records: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Plain records as Spark's rows of a frame."""
    return map(to_row(schema), records)


def line(record: dict[str, Any]) -> str:
    """A plain record as JSON; fields without a value are left out.

    Raises:
        TypeError: there is a value in it that no type of Glue has.
    """
    return json.dumps(_present(record), default=_jsonable, ensure_ascii=False)


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _present(one) for name, one in value.items() if one is not None}
    return [_present(one) for one in value] if isinstance(value, list) else value


def _jsonable(value: object) -> object:
    """Values that Python's ``json`` does not know, as Spark's writer writes them."""
    match value:
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
    raise TypeError(f"JSON has no form for {value!r}")
