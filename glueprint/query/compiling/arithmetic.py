"""Arithmetic of Trino: its result types, exact decimals that are rounded half up, dates and intervals.

Source: ``io.trino.type.DecimalOperators`` (types and rounding), Trino's documentation, "Mathematical functions and
operators" (division of integers truncates) and "Date and time functions and operators".
"""

from __future__ import annotations

from sqlglot import exp

from glueprint.query.compiling.scope import Value
from glueprint.query.errors import type_mismatch
from glueprint.query.types import (
    BIGINT,
    DATE,
    DAY_INTERVAL,
    INTEGER,
    MONTH_INTERVAL,
    Type,
    as_decimal,
    common,
    decimal,
    to_duckdb,
)

SYMBOLS: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}
_INTERVALS = (DAY_INTERVAL, MONTH_INTERVAL)


def arithmetic(symbol: str, left: Value, right: Value, node: exp.Expr) -> Value:
    """Return ``left symbol right``.

    Raises:
        QueryError: TYPE_MISMATCH.
    """
    one, two = left.type, right.type
    if one.name == "unknown" and two.is_numeric:
        one = two
    if two.name == "unknown" and one.is_numeric:
        two = one
    if one.is_numeric and two.is_numeric:
        return _numbers(symbol, Value(left.sql, one), Value(right.sql, two))
    found = _times(symbol, left, right, node)
    if found is not None:
        return found
    raise type_mismatch(f"Cannot apply operator: {left.type} {symbol} {right.type}", node)


def _numbers(symbol: str, left: Value, right: Value) -> Value:
    kind = common(left.type, right.type)
    assert kind is not None
    if kind.name != "decimal":
        if kind.is_integer:  # DuckDB may choose a wider type for a literal
            sides = [
                one.sql if one.type == kind else f"CAST({one.sql} AS {to_duckdb(kind)})"
                for one in (left, right)
            ]
            return Value(f"({sides[0]} {symbol} {sides[1]})", kind)
        double = to_duckdb(kind)
        sides = [one.sql if one.type == kind else f"CAST({one.sql} AS {double})" for one in (left, right)]
        if symbol == "/":
            return Value(f"trino_float_divide({sides[0]}, {sides[1]})", kind)
        return Value(f"({sides[0]} {symbol} {sides[1]})", kind)
    return _decimals(symbol, left, right)


def _decimals(symbol: str, left: Value, right: Value) -> Value:
    one, two = as_decimal(left.type), as_decimal(right.type)
    (p1, s1), (p2, s2) = one.args, two.args
    sides = (decimal_sql(left, one), decimal_sql(right, two))
    match symbol:
        case "+" | "-":
            scale = max(s1, s2)
            kind = decimal(max(p1 - s1, p2 - s2) + scale + 1, scale)
        case "*":
            kind = decimal(p1 + p2, s1 + s2)
            if p1 + p2 > 38:  # DuckDB's own result may have fewer digits before the point
                factors = (f"CAST({sides[0]} AS {to_duckdb(decimal(38, s1))})", sides[1])
                return Value(f"CAST(({factors[0]} * {factors[1]}) AS {to_duckdb(kind)})", kind)
        case "%":
            scale = max(s1, s2)
            kind = decimal(min(p1 - s1, p2 - s2) + scale, scale)
        case _:
            return divide(Value(sides[0], one), Value(sides[1], two))
    return Value(f"CAST(({sides[0]} {symbol} {sides[1]}) AS {to_duckdb(kind)})", kind)


def decimal_sql(value: Value, kind: Type) -> str:
    """Return a value as a decimal of a type."""
    return value.sql if value.type == kind else f"CAST({value.sql} AS {to_duckdb(kind)})"


def divide(left: Value, right: Value) -> Value:
    """Return the quotient of two decimals, rounded half up at the larger scale."""
    (p1, s1), (_, s2) = left.type.args, right.type.args
    scale = max(s1, s2)
    kind = decimal(p1 + s2 + max(0, s2 - s1), scale)
    return Value(_quotient(left, right, scale, kind), kind)


def mean(total: Value, count: str, scale: int, kind: Type) -> Value:
    """Return a sum of decimals divided by a count, at the scale of the sum (avg of decimals)."""
    return Value(_quotient(total, Value(count, decimal(19, 0)), scale, kind), kind)


def _quotient(left: Value, right: Value, scale: int, kind: Type) -> str:
    """Divide as whole numbers: DuckDB's own division of decimals returns a floating-point number."""
    s1, s2 = left.type.args[1], right.type.args[1]
    numerator = _unscaled(left.sql, s1)
    if (shift := scale - s1 + s2) > 0:
        numerator = f"({numerator} * CAST('1{'0' * shift}' AS HUGEINT))"
    rounded = f"trino_divide_rounded({numerator}, {_unscaled(right.sql, s2)})"
    if scale == 0:
        return f"CAST({rounded} AS {to_duckdb(kind)})"
    unit = f"CAST('0.{'0' * (scale - 1)}1' AS DECIMAL({scale},{scale}))"
    return f"CAST((CAST({rounded} AS DECIMAL({38 - scale},0)) * {unit}) AS {to_duckdb(kind)})"


def _unscaled(sql: str, scale: int) -> str:
    if scale == 0:
        return f"CAST({sql} AS HUGEINT)"
    return f"CAST(({sql} * CAST('1{'0' * scale}' AS DECIMAL({scale + 1},0))) AS HUGEINT)"


def _times(symbol: str, left: Value, right: Value, node: exp.Expr) -> Value | None:
    one, two = left.type, right.type
    if symbol == "+" and one in _INTERVALS and two.is_time:
        return _times(symbol, right, left, node)
    if symbol in "+-" and one.is_time and two in _INTERVALS:
        if one == DATE:
            if two == DAY_INTERVAL and right.constant == "time":
                raise type_mismatch("Cannot add hour, minutes or seconds to a date", node)
            return Value(f"CAST(({left.sql} {symbol} {right.sql}) AS DATE)", DATE)
        return Value(f"({left.sql} {symbol} {right.sql})", one)
    if symbol in "+-" and one == two and one in _INTERVALS:
        return Value(f"({left.sql} {symbol} {right.sql})", one, left.constant or right.constant)
    if symbol == "-" and one.is_time and two.is_time:
        sides = [
            f"CAST({side.sql} AS TIMESTAMP)" if side.type == DATE else side.sql for side in (left, right)
        ]
        return Value(f"({sides[0]} - {sides[1]})", DAY_INTERVAL)
    if symbol == "*" and one in _INTERVALS and two in (INTEGER, BIGINT):
        return Value(f"({left.sql} * CAST({right.sql} AS BIGINT))", one, left.constant)
    if symbol == "*" and two in _INTERVALS:
        return _times(symbol, right, left, node)
    return None


def negative(value: Value, node: exp.Expr) -> Value:
    """Return ``-value``.

    Raises:
        QueryError: TYPE_MISMATCH.
    """
    if not value.type.is_numeric and value.type not in _INTERVALS:
        raise type_mismatch(f"Cannot negate {value.type}", node)
    constant = -value.constant if isinstance(value.constant, (int, float)) else value.constant
    return Value(f"(-{value.sql})", value.type, constant)
