"""What types the values of Python records have: Glue's inference, record by record.

Integers within 32 bits are ``int``, others ``long``, and what not even that holds ``double``; numbers with a point
are ``double`` (docs/facts/runtime.md#choicetype). Nothing is said by None. Runs inside Spark's Python workers.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping
from typing import Any

from glueprint.runtime.frames import types

_CLASSES: dict[type, types.Atomic] = {
    str: types.STRING,
    bool: types.BOOLEAN,
    float: types.DOUBLE,
    bytes: types.BINARY,
    bytearray: types.BINARY,
    datetime.datetime: types.TIMESTAMP,
    datetime.date: types.DATE,
}
_NAMES = {found: logical.name for found, logical in _CLASSES.items()}
_ATOMICS = {logical.name: logical for logical in (*_CLASSES.values(), types.INT, types.LONG)}
_INT, _LONG = 1 << 31, 1 << 63
_MAX_DIGITS = 38


class NotARecord(TypeError):
    """A value in a record has no type in Glue."""


def name_of(value: Any) -> str:
    """The name of the type of a value that is not None.

    Raises:
        NotARecord: Glue has no type for such a value.
    """
    found = _NAMES.get(type(value))
    if found is not None:
        return found
    if isinstance(value, int) and not isinstance(value, bool):
        return "int" if -_INT <= value < _INT else "long" if -_LONG <= value < _LONG else "double"
    if isinstance(value, Mapping):
        return "struct"
    if isinstance(value, list | tuple):
        return "array"
    if isinstance(value, decimal.Decimal):
        return "decimal"
    for known, name in _NAMES.items():
        if isinstance(value, known):
            return name
    raise NotARecord(f"a record has a value of the Python type {type(value).__name__}, for which Glue has no type")


class Shape:
    """What values were seen at one place: grows with every value, and can be joined with another."""

    __slots__ = ("_digits", "_element", "_fields", "_names", "_scale")

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._fields: dict[str, Shape] = {}
        self._element: Shape | None = None
        self._digits = self._scale = 0

    def see(self, value: Any) -> None:
        """Take a value into account.

        Raises:
            NotARecord: Glue has no type for such a value.
        """
        if value is None:
            return
        name = name_of(value)
        self._names.add(name)
        if name == "struct":
            for key, inner in value.items():
                self._field(str(key)).see(inner)
        elif name == "array":
            element = self._of_elements()
            for inner in value:
                element.see(inner)
        elif name == "decimal":
            _, digits, exponent = value.as_tuple()
            if isinstance(exponent, int):  # else it is infinite or no number
                self._see_decimal(max(len(digits) + exponent, 0), max(-exponent, 0))

    def join(self, other: Shape) -> Shape:
        """Take into account all that ``other`` saw, after what was seen here."""
        self._names |= other._names
        for name, shape in other._fields.items():
            self._field(name).join(shape)
        if other._element is not None:
            self._of_elements().join(other._element)
        self._see_decimal(other._digits, other._scale)
        return self

    def type(self) -> types.Type:
        """The type of all values: a choice if they disagree, null if there were none."""
        found = [self._alternative(name) for name in self._names]
        if not found:
            return types.NULL
        return found[0] if len(found) == 1 else types.choice(found)

    def struct(self) -> types.Struct:
        """The type of records: the fields in the order in which they came up."""
        return types.Struct(tuple(types.Field(name, one.type()) for name, one in self._fields.items()))

    def _alternative(self, name: str) -> types.Type:
        if name == "struct":
            return self.struct()
        if name == "array":
            return types.Array(self._of_elements().type())
        if name == "decimal":
            scale = min(self._scale, _MAX_DIGITS)
            return types.Decimal(min(max(self._digits + scale, 1), _MAX_DIGITS), scale)
        return _ATOMICS[name]

    def _field(self, name: str) -> Shape:
        shape = self._fields.get(name)
        if shape is None:
            shape = self._fields[name] = Shape()
        return shape

    def _of_elements(self) -> Shape:
        if self._element is None:
            self._element = Shape()
        return self._element

    def _see_decimal(self, digits: int, scale: int) -> None:
        self._digits, self._scale = max(self._digits, digits), max(self._scale, scale)
