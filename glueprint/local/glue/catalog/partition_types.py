"""The types of partition keys that Glue compares, and what a text means in each (pure).

Sources: service model, ``GetPartitions`` (supported key types); developer guide, "Creating partition indexes"
(char and varchar in addition to string). The messages are moto's, found on AWS by trial and error (moto #5013).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from glueprint.facts.hive_types import BadTypeError, Primitive, parse

Comparable = Any
"""The result of a cast: values of one kind of type compare with each other."""

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2}) ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]{1,9}))?"
)


class NotOfType(ValueError):
    """A text that is not a value of the type; the message is AWS's."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Types that are compared in the same way.

    Args:
        title: its name in AWS's messages.
        cast: from text to a value that compares. Raises :class:`NotOfType`.
    """

    title: str
    cast: Callable[[str], Comparable]


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise NotOfType(f'"{text}" is not an integer.')
    return int(text)


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise NotOfType(f"{text} is not a decimal.")
    return Decimal(text)


def _date(text: str) -> datetime.date:
    found = _DATE.fullmatch(text)
    try:
        if found:
            return datetime.date(*map(int, found.groups()))
    except ValueError:
        found = None  # such as the 32nd of a month
    raise NotOfType(f"{text} is not a date.")


def _timestamp(text: str) -> tuple[datetime.datetime, int]:
    found = _TIMESTAMP.fullmatch(text)
    try:
        if found:
            year, month, day, hour, minute, second = map(int, found.groups()[:6])
            moment = datetime.datetime(year, month, day, hour, minute, second)
            return moment, int((found[7] or "").ljust(9, "0"))
    except ValueError:
        found = None
    raise NotOfType(
        f"Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] {text} is not a timestamp."
    )


STRING = Kind("String", str)
INTEGRAL = Kind("Integral", _integer)
DECIMAL = Kind("Decimal", _decimal)
DATE = Kind("Date", _date)
TIMESTAMP = Kind("Timestamp", _timestamp)

_KINDS: Mapping[str, Kind] = {
    "string": STRING,
    "char": STRING,
    "varchar": STRING,
    "tinyint": INTEGRAL,
    "smallint": INTEGRAL,
    "int": INTEGRAL,
    "bigint": INTEGRAL,
    "long": INTEGRAL,
    "decimal": DECIMAL,
    "date": DATE,
    "timestamp": TIMESTAMP,
}


def kind_of(type_name: str) -> Kind | None:
    """Return the kind of a column type such as ``bigint`` or ``decimal(10,2)``; None if Glue cannot compare it."""
    try:
        parsed = parse(type_name)
    except BadTypeError:
        return None
    return _KINDS.get(parsed.base) if isinstance(parsed, Primitive) else None
