"""Inference of types from the values of Python records, record by record, as in Glue.

Integers within 32 bits are ``int``, within 64 bits ``long``, larger ones ``double``; numbers with a fraction
are ``double`` (docs/facts/runtime.md#choicetype). None does not contribute a type. Runs inside Spark's Python
workers.
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


class UnsupportedValue(TypeError):
    """A value in a record has no type in Glue."""


def type_name_of(value: Any) -> str:
    """Return the name of the type of a value that is not None.

    Raises:
        UnsupportedValue: Glue has no type for such a value.
    """
    found = _NAMES.get(type(value))
    if found is not None:
        return found
    if isinstance(value, int) and not isinstance(value, bool):
        return "int" if -_INT <= value < _INT else "long" if -_LONG <= value < _LONG else "double"
    if isinstance(value, Mapping):
        return "struct"
    if isinstance(value, (list, tuple)):
        return "array"
    if isinstance(value, decimal.Decimal):
        return "decimal"
    for known, name in _NAMES.items():
        if isinstance(value, known):
            return name
    name = type(value).__name__
    raise UnsupportedValue(f"a record has a value of the Python type {name}, for which Glue has no type")


class InferredType:
    """The type of the values at one place. It grows with every value, and two can be merged."""

    __slots__ = ("_digits", "_element", "_fields", "_names", "_scale")

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._fields: dict[str, InferredType] = {}
        self._element: InferredType | None = None
        self._digits = self._scale = 0

    def add(self, value: Any) -> None:
        """Add a value.

        Raises:
            UnsupportedValue: Glue has no type for such a value.
        """
        if value is None:
            return
        name = type_name_of(value)
        self._names.add(name)
        if name == "struct":
            for key, inner in value.items():
                self._field(str(key)).add(inner)
        elif name == "array":
            element = self._of_elements()
            for inner in value:
                element.add(inner)
        elif name == "decimal":
            _, digits, exponent = value.as_tuple()
            if isinstance(exponent, int):  # else it is infinite or NaN
                self._add_decimal(max(len(digits) + exponent, 0), max(-exponent, 0))

    def merge(self, other: InferredType) -> InferredType:
        """Add all values that ``other`` has, after the own values."""
        self._names |= other._names
        for name, inferred in other._fields.items():
            self._field(name).merge(inferred)
        if other._element is not None:
            self._of_elements().merge(other._element)
        self._add_decimal(other._digits, other._scale)
        return self

    def type(self) -> types.Type:
        """The type of all values: a choice if they have different types, null if there are no values."""
        found = [self._alternative(name) for name in self._names]
        if not found:
            return types.NULL
        return found[0] if len(found) == 1 else types.choice(found)

    def struct(self) -> types.Struct:
        """The type of records: the fields in the order of their first appearance."""
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

    def _field(self, name: str) -> InferredType:
        inferred = self._fields.get(name)
        if inferred is None:
            inferred = self._fields[name] = InferredType()
        return inferred

    def _of_elements(self) -> InferredType:
        if self._element is None:
            self._element = InferredType()
        return self._element

    def _add_decimal(self, digits: int, scale: int) -> None:
        self._digits, self._scale = max(self._digits, digits), max(self._scale, scale)
