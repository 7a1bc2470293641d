"""DynamoDB's attribute values as plain Python values, and back.

Source: DynamoDB's developer guide, "Naming rules and data types". Glue's connector leaves out attributes without a
value.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Value = Mapping[str, Any]


def plain(value: Value) -> Any:
    """What ``{"N": "1"}`` stands for: whole numbers are ints, other numbers floats, sets are sorted lists."""
    ((kind, content),) = value.items()
    return _READERS[kind](content)


def plain_item(item: Mapping[str, Value]) -> dict[str, Any]:
    """An item as a record."""
    return {name: plain(value) for name, value in item.items()}


def attribute(value: Any) -> Value:
    """A plain value as DynamoDB takes it: dates as ISO text, since DynamoDB has none.

    Raises:
        TypeError: nothing of DynamoDB can hold it.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case float():
            return {"N": repr(value)}
        case str():
            return {"S": value}
        case bytes() | bytearray():
            return {"B": bytes(value)}
        case datetime():
            return {"S": value.isoformat(sep=" ")}
        case date():
            return {"S": value.isoformat()}
        case dict():
            return {"M": item(value)}
        case list() | tuple():
            return {"L": [attribute(one) for one in value]}
    raise TypeError(f"DynamoDB has no type for {value!r}")


def item(record: Mapping[str, Any]) -> dict[str, Value]:
    """A record as an item, without what has no value."""
    return {name: attribute(value) for name, value in record.items() if value is not None}


def _number(text: str) -> int | float:
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _binary(content: bytes | str) -> bytes:
    return base64.b64decode(content) if isinstance(content, str) else bytes(content)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "S": str,
    "N": _number,
    "B": _binary,
    "BOOL": bool,
    "NULL": lambda _: None,
    "L": lambda content: [plain(one) for one in content],
    "M": plain_item,
    "SS": sorted,
    "NS": lambda content: sorted(map(_number, content)),
    "BS": lambda content: sorted(map(_binary, content)),
}
