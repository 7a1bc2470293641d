"""Literals with the types that Trino gives them."""

from __future__ import annotations

import re

from sqlglot import exp

from glueprint.query.compiling.scope import Value
from glueprint.query.errors import QueryError, not_supported, place_of
from glueprint.query.types import (
    BIGINT,
    DAY_INTERVAL,
    DOUBLE,
    INTEGER,
    MONTH_INTERVAL,
    Type,
    decimal,
    literal,
    to_duckdb,
)

MAX_INTEGER, MAX_BIGINT = 2**31 - 1, 2**63 - 1
_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")


def text_literal(text: str) -> Value:
    """Return text; a literal's type has its length."""
    return Value(literal(text), Type("varchar", (len(text),)), text)


def number(node: exp.Literal) -> Value:
    """Return a number: an integer, a bigint, a decimal with the digits as written, or a double with an exponent.

    Raises:
        QueryError: it has too many digits.
    """
    text = node.name.replace("_", "")
    if "e" in text.lower():
        return Value(f"CAST('{text}' AS DOUBLE)", DOUBLE, float(text))
    if "." in text:
        whole, _, fraction = text.partition(".")
        digits = len(whole.lstrip("0").lstrip("-")) + len(fraction)
        kind = decimal(max(1, digits), len(fraction))
        if digits > 38:
            raise QueryError("SYNTAX_ERROR", f"Invalid decimal literal '{text}'", place_of(node))
        return Value(f"CAST('{text}' AS {to_duckdb(kind)})", kind, float(text))
    value = int(text)
    if value > MAX_BIGINT:
        raise QueryError("SYNTAX_ERROR", f"Invalid numeric literal: {text}", place_of(node))
    if value > MAX_INTEGER:
        return Value(f"CAST({value} AS BIGINT)", BIGINT, value)
    return Value(str(value), INTEGER, value)


def interval(node: exp.Interval) -> Value:
    """Return an interval; its constant is ``time`` if its unit is smaller than a day.

    Raises:
        QueryError: its unit or number is not one.
    """
    unit = node.args.get("unit")
    name = str(unit.name if unit is not None else "").lower().rstrip("s")
    text = node.this.name if node.this is not None else ""
    if (
        isinstance(unit, exp.IntervalSpan)
        or name not in _UNITS
        or not re.fullmatch(r"\s*[+-]?\d+(\.\d+)?\s*", text)
    ):
        raise not_supported(f"the interval {node.sql('trino')}", node)
    kind = MONTH_INTERVAL if name in ("month", "year") else DAY_INTERVAL
    return Value(f"INTERVAL '{text.strip()} {name}'", kind, "time" if name in _UNITS[:3] else "days")
