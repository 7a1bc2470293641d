"""Rows as items of DynamoDB."""

import json
import math
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, Dict, List, Sequence, Tuple

import pyarrow as pa

MAX_ITEM_BYTES = 400 * 1024
MAX_DIGITS = 38
ITEM_OVERHEAD = 3
_EXACT = Context(prec=80)  # Python's own rounds to 28 digits
Item = Dict[str, Any]


class NotAnItem(ValueError):
    """A row that cannot be an item; the message contains the reason."""


def rows_to_items(table: pa.Table, keys: Sequence[str]) -> List["Item | NotAnItem"]:
    """The rows as items in DynamoDB's own form; an error for each row that cannot be one.

    Args:
        table: the rows; its columns have the names of the attributes.
        keys: the attributes of the table's key.
    """
    found: List["Item | NotAnItem"] = []
    for row in table.to_pylist():
        try:
            found.append(row_to_item(row, keys))
        except NotAnItem as error:  # noqa: PERF203 - each row counts
            found.append(error)
    return found


def row_to_item(row: Dict[str, Any], keys: Sequence[str]) -> Item:
    """A row as an item; a column without a value is left out.

    Raises:
        NotAnItem: a part of the key has no value, a number has more digits than DynamoDB keeps, or the item is too
            large.
    """
    item = {name: attribute(name, value) for name, value in row.items() if value is not None}
    for key in keys:
        if key not in item or item[key] in ({"S": ""}, {"B": b""}):
            raise NotAnItem("{}: the key has no value".format(key))
    size = item_size(item)
    if size > MAX_ITEM_BYTES:
        raise NotAnItem("the item has {:,} bytes; DynamoDB's limit is {:,}".format(size, MAX_ITEM_BYTES))
    return item


def attribute(name: str, value: Any) -> Dict[str, Any]:
    """A value in DynamoDB's form.

    Raises:
        NotAnItem: it has none.
    """
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float, Decimal)):
        return {"N": _number_text(name, value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, datetime):
        return {"S": value.isoformat()}
    if isinstance(value, date):
        return {"S": value.isoformat()}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, dict):
        return {"M": _members(name, value)}
    if isinstance(value, list):
        if value and all(isinstance(entry, tuple) for entry in value):  # Arrow returns a map as pairs
            return {"M": _members(name, {str(key): inner for key, inner in value})}
        return {"L": [{"NULL": True} if entry is None else attribute(name, entry) for entry in value]}
    raise NotAnItem("{}: {!r} has no form in DynamoDB".format(name, value))


def _members(name: str, values: Dict[str, Any]) -> Dict[str, Any]:
    return {key: attribute(name, value) for key, value in values.items() if value is not None}


def _number_text(name: str, value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise NotAnItem("{}: {} is not a number of DynamoDB".format(name, value))
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    digits = number.normalize(_EXACT).as_tuple()
    if len(digits.digits) > MAX_DIGITS:
        raise NotAnItem("{}: {} has more than {} digits".format(name, value, MAX_DIGITS))
    if number and not -130 <= number.adjusted() <= 125:
        raise NotAnItem("{}: {} is beyond the numbers of DynamoDB".format(name, value))
    return format(number.normalize(_EXACT), "f" if abs(number.adjusted()) < MAX_DIGITS else "")


def key_bytes(item: Item, keys: Sequence[str]) -> bytes:
    """The item's key as bytes: the same for the same key."""
    parts = []
    for key in keys:
        ((kind, value),) = item[key].items()
        if kind == "N":
            value = str(Decimal(value).normalize(_EXACT))
        parts.append([kind, value.hex() if isinstance(value, bytes) else value])
    return json.dumps(parts).encode()


def item_size(item: Item) -> int:
    """The item's size as DynamoDB counts it, rounded up (developer guide, "DynamoDB item sizes and formats")."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Dict[str, Any]) -> int:
    ((kind, inner),) = value.items()
    if kind == "S":
        return len(inner.encode())
    if kind == "B":
        return len(inner)
    if kind == "N":
        return min(21, len(inner) // 2 + 2)
    if kind == "M":
        return ITEM_OVERHEAD + sum(1 + len(name.encode()) + _value_size(one) for name, one in inner.items())
    if kind == "L":
        return ITEM_OVERHEAD + sum(1 + _value_size(one) for one in inner)
    return 1


def write_units(item: Item) -> int:
    """The write capacity that the item takes: a unit for each kilobyte (developer guide, "Write operations")."""
    return -(-item_size(item) // 1024) or 1


def table_keys(description: Dict[str, Any]) -> Tuple[Tuple[str, str], ...]:
    """Names and types (``S``, ``N``, ``B``) of a table's key, as DescribeTable states them."""
    types = {one["AttributeName"]: one["AttributeType"] for one in description["AttributeDefinitions"]}
    return tuple((one["AttributeName"], types[one["AttributeName"]]) for one in description["KeySchema"])
