"""Functions of dates, times and their formats."""

from __future__ import annotations

from glueprint.query.compiling.scope import Value
from glueprint.query.errors import QueryError, not_supported, place_of
from glueprint.query.functions.registry import Call, define
from glueprint.query.types import (
    BIGINT,
    DATE,
    DOUBLE,
    TIMESTAMP,
    TIMESTAMP_TZ,
    VARCHAR,
    Type,
    literal,
    to_duckdb,
)

UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_UNITS_OF_DATES = UNITS[4:]

PARTS = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "week_of_year": "week",
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "dow": "isodow",
    "day_of_year": "doy",
    "doy": "doy",
    "year_of_week": "isoyear",
    "yow": "isoyear",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
}
_WITHIN_DAY = ("hour", "minute", "second")


def part(name: str, value: Value) -> str:
    """Return a part of a time as a number; ``name`` is one of :data:`PARTS`."""
    return f"CAST(date_part('{PARTS[name]}', {value.sql}) AS BIGINT)"


for _name, _own in PARTS.items():
    _kinds = "timestamp" if _name in _WITHIN_DAY else "time"
    define(_name, _kinds, f"CAST(date_part('{_own}', {{0}}) AS BIGINT)", BIGINT)
define("millisecond", "timestamp", "CAST(date_part('millisecond', {0}) % 1000 AS BIGINT)", BIGINT)


def _unit(call: Call, number: int, kind: Type) -> str:
    unit = str(call.constant(0, "a unit of time")).lower()
    units = _UNITS_OF_DATES if kind == DATE else UNITS
    if unit not in units:
        message = f"'{unit}' is not a valid {'DATE' if kind == DATE else 'TIMESTAMP'} field"
        raise QueryError("INVALID_FUNCTION_ARGUMENT", message, place_of(call.written[0]))
    return unit


def _truncated(call: Call) -> Value:
    value = call.arguments[1]
    unit = _unit(call, 0, value.type)
    return Value(f"CAST(date_trunc('{unit}', {value.sql}) AS {to_duckdb(value.type)})", value.type)


def _added(call: Call) -> Value:
    value = call.arguments[2]
    unit = _unit(call, 0, value.type)
    number, interval = f"CAST({call.arguments[1].sql} AS BIGINT)", unit
    if unit == "quarter":
        number, interval = f"({number} * 3)", "month"
    sql = f"({value.sql} + {number} * INTERVAL '1 {interval}')"
    return Value(f"CAST({sql} AS {to_duckdb(value.type)})", value.type)


def _difference(call: Call) -> Value:
    """Complete units between two times, as Trino counts; DuckDB's date_diff counts boundaries."""
    first, second = call.arguments[1:]
    both_dates = first.type == second.type == DATE
    unit = _unit(call, 0, DATE if both_dates else TIMESTAMP)
    kind = call.expressions.common_type([first, second], call.node)
    sides = [f"CAST({one.sql} AS {to_duckdb(kind)})" for one in (first, second)]
    return Value(f"date_sub('{unit}', {sides[0]}, {sides[1]})", BIGINT)


define("date_trunc", "text time", _truncated, DATE)
define("date_add", "text int time", _added, DATE)
define("date_diff", "text time time", _difference, BIGINT)
define("last_day_of_month", "time", "last_day({0})", DATE)
define("date", "text", lambda call: call.expressions.cast(call.arguments[0], DATE, call.node), DATE)
define("date", "time", lambda call: call.expressions.cast(call.arguments[0], DATE, call.node), DATE)
define("from_unixtime", "number", "to_timestamp(CAST({0} AS DOUBLE))", TIMESTAMP_TZ)
define("from_unixtime_nanos", "int", "make_timestamptz(CAST({0} // 1000 AS BIGINT))", TIMESTAMP_TZ)
define("to_unixtime", "timestamp", "CAST(epoch_us({0}) AS DOUBLE) / 1000000.0e0", DOUBLE)
define("to_milliseconds", "interval", "CAST(epoch_ms({0}) AS BIGINT)", BIGINT)
define("now current_timestamp", "", "now()", TIMESTAMP_TZ)
define("current_date", "", "CAST(now() AT TIME ZONE 'UTC' AS DATE)", DATE)
define("localtimestamp", "", "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)", TIMESTAMP)
define("current_timezone", "", "'UTC'", VARCHAR)
define("from_iso8601_date", "text", "CAST({0} AS DATE)", DATE)
define("from_iso8601_timestamp", "text", "CAST({0} AS TIMESTAMPTZ)", TIMESTAMP_TZ)
define("to_iso8601", "date", "CAST({0} AS VARCHAR)", VARCHAR)
define("to_iso8601", "zoned", "strftime({0} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')", VARCHAR)
define("to_iso8601", "timestamp", "strftime({0}, '%Y-%m-%dT%H:%M:%S.%g')", VARCHAR)


_MYSQL = {
    **{one: f"%{one}" for one in "YymdHIpjabf"},
    "i": "%M",
    "s": "%S",
    "S": "%S",
    "M": "%B",
    "W": "%A",
    "h": "%I",
    "k": "%-H",
    "l": "%-I",
    "c": "%-m",
    "e": "%-d",
    "T": "%H:%M:%S",
    "r": "%I:%M:%S %p",
    "%": "%%",
    "v": "%V",
    "x": "%G",
}
"""The specifiers of date_format and date_parse (MySQL's), in DuckDB's."""

_JODA = {
    "yyyy": "%Y",
    "YYYY": "%Y",
    "y": "%Y",
    "yy": "%y",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "m": "%-M",
    "ss": "%S",
    "s": "%-S",
    "SSS": "%g",
    "SSSSSS": "%f",
    "a": "%p",
    "EEE": "%a",
    "E": "%a",
    "EEEE": "%A",
    "MMM": "%b",
    "MMMM": "%B",
    "DDD": "%j",
}
"""The patterns of format_datetime and parse_datetime (Joda's), in DuckDB's."""


def mysql_format(call: Call, number: int) -> str:
    """Return a format of date_format as DuckDB's.

    Raises:
        QueryError: it is computed, or has a specifier without translation.
    """
    text, found, at = str(call.constant(number, "a date format")), "", 0
    while at < len(text):
        if text[at] != "%" or at + 1 == len(text):
            found, at = found + text[at], at + 1
            continue
        letter = text[at + 1]
        if letter not in _MYSQL:
            raise not_supported(f"the date format specifier %{letter}", call.written[number])
        found, at = found + _MYSQL[letter], at + 2
    return literal(found)


def joda_format(call: Call, number: int, *, is_read: bool = False) -> str:
    """Return a pattern of format_datetime or, with ``is_read``, of parse_datetime as DuckDB's format.

    Raises:
        QueryError: it is computed, or has letters without translation.
    """
    text, found, at = str(call.constant(number, "a date pattern")), "", 0
    while at < len(text):
        letter = text[at]
        if letter == "'":
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            found, at = found + (text[at + 1 : end] or "'").replace("%", "%%"), end + 1
        elif letter.isalpha():
            end = at
            while end < len(text) and text[end] == letter:
                end += 1
            if text[at:end] == "Z" and is_read:
                found, at = found + "%z", end
                continue
            if text[at:end] not in _JODA:
                raise not_supported(f"the date pattern {text[at:end]}", call.written[number])
            found, at = found + _JODA[text[at:end]], end
        else:
            found, at = found + ("%%" if letter == "%" else letter), at + 1
    return literal(found)


def _local(value: Value) -> str:
    """A time as the reader's clock shows it: sessions of Athena are in UTC."""
    return f"({value.sql} AT TIME ZONE 'UTC')" if value.type == TIMESTAMP_TZ else value.sql


def _parsed_instant(call: Call) -> str:
    """A text with the distance of its zone is an instant; one without is in UTC."""
    own = joda_format(call, 1, is_read=True)
    return _parsed(call, own, "TIMESTAMPTZ") if "%z" in own else f"({_parsed(call, own)}) AT TIME ZONE 'UTC'"


def _parsed(call: Call, format_sql: str, kind: str = "TIMESTAMP") -> str:
    text = call.arguments[0].sql
    message = f"'INVALID_FUNCTION_ARGUMENT: Invalid format: \"' || {text} || '\"'"
    return (
        f"CASE WHEN {text} IS NULL THEN NULL ELSE coalesce(try_strptime({text}, {format_sql}), "
        f"CAST(trino_error({message}) AS {kind})) END"
    )


define(
    "date_format",
    "time text",
    lambda call: f"strftime({_local(call.arguments[0])}, {mysql_format(call, 1)})",
    VARCHAR,
)
define("date_parse", "text text", lambda call: _parsed(call, mysql_format(call, 1)), TIMESTAMP)
define(
    "format_datetime",
    "time text",
    lambda call: f"strftime({_local(call.arguments[0])}, {joda_format(call, 1)})",
    VARCHAR,
)
define(
    "parse_datetime",
    "text text",
    lambda call: _parsed_instant(call),
    TIMESTAMP_TZ,
)
