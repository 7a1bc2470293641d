"""Which of Glue's types a number has: ``int`` within 32 bits, ``long`` within 64, ``double`` with a fraction."""

from __future__ import annotations

from pyspark.sql import Column

_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1


def fits_int(number: Column) -> Column:
    """Whether a ``bigint`` has 32 bits."""
    return number.between(_INT_MIN, _INT_MAX)


def is_int(text: Column) -> Column:
    """Whether the text of a number is that of an ``int``; null where there is none."""
    number = text.cast("bigint")
    return _is_whole(text) & number.isNotNull() & fits_int(number)


def is_long(text: Column) -> Column:
    """Whether the text of a number is that of a ``long`` that is no ``int``; null where there is none."""
    number = text.cast("bigint")
    return _is_whole(text) & number.isNotNull() & ~fits_int(number)


def _is_whole(text: Column) -> Column:
    """Whether the text of a number has neither point nor exponent. Cheap, since every value is asked."""
    return ~(text.contains(".") | text.contains("E") | text.contains("e"))
