"""Partition projection: partitions that are computed from the table's parameters.

Source: Athena user guide, "Partition projection" and "Supported types for partition projection".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from glueprint.query.definitions import TableDefinition
from glueprint.query.errors import QueryError

if TYPE_CHECKING:
    from glueprint.query.compiling.compiled import TableUse
    from glueprint.query.reading.partitions import Partition

MAX_PARTITIONS = 1_000_000
"""More are not enumerated; Athena has no such number, but runs out of time."""

_NOW = re.compile(
    r"\s*NOW\s*(?:([+-])\s*(\d+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?\s*", re.IGNORECASE
)
_LETTERS = re.compile(r"'[^']*'|y+|M+|d+|H+|m+|s+|S+|.", re.DOTALL)
_FORMATS = {
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "MMM": "%b",
    "SSS": "%f",
}
_SECONDS = {"WEEK": 604_800, "DAY": 86_400, "HOUR": 3_600, "MINUTE": 60, "SECOND": 1}


def is_projected(table: TableDefinition) -> bool:
    """Whether Athena computes the table's partitions."""
    return table.parameters.get("projection.enabled", "").lower() == "true"


def projected(use: TableUse) -> list[Partition]:
    """Return the partitions of a table, before those without matching values are left out.

    Raises:
        QueryError: a setting is missing or not valid.
    """
    from glueprint.query.reading.partitions import Partition

    table = use.table
    values: list[list[str]] = []
    for key, _ in table.partition_keys:
        chosen = use.equal.get(key)
        every = list(itertools.islice(_values(table, key, chosen), MAX_PARTITIONS + 1))
        values.append(
            [one for one in every if one in chosen]
            if chosen and _setting(table, key, "type") != "injected"
            else every
        )
    total = 1
    for one in values:
        total *= len(one)
    if total > MAX_PARTITIONS:
        raise _invalid(
            table,
            f"the projection has more than {MAX_PARTITIONS:,} partitions; restrict the partition keys in"
            " WHERE",
        )
    template = table.parameters.get("storage.location.template")
    keys = [key for key, _ in table.partition_keys]
    return [Partition(found, _location(table, template, keys, found)) for found in itertools.product(*values)]


def _location(table: TableDefinition, template: str | None, keys: list[str], values: tuple[str, ...]) -> str:
    if template is None:
        return "/".join(
            [table.location.rstrip("/"), *(f"{key}={value}" for key, value in zip(keys, values, strict=True))]
        )
    for key, value in zip(keys, values, strict=True):
        template = template.replace(f"${{{key}}}", value)
    return template


def _setting(table: TableDefinition, key: str, name: str, default: str | None = None) -> str:
    value = table.parameters.get(f"projection.{key}.{name}", default)
    if value is None:
        raise _invalid(table, f"projection.{key}.{name} is missing")
    return value.strip() if name in ("type", "interval.unit") else value


def _values(table: TableDefinition, key: str, chosen: tuple[str, ...] | None) -> Iterator[str]:
    kind = _setting(table, key, "type").lower()
    if kind == "enum":
        return iter([one.strip() for one in _setting(table, key, "values").split(",")])
    if kind == "integer":
        return _integers(table, key)
    if kind == "date":
        return _dates(table, key)
    if kind == "injected":
        if chosen is None:
            message = (
                f"For the injected projected partition column {key}, the WHERE clause must contain only"
                " static equality conditions, and at least one such condition must be present."
            )
            raise QueryError("CONSTRAINT_VIOLATION", message)
        return iter(chosen)
    raise _invalid(table, f"projection.{key}.type is {kind!r}, which is not enum, integer, date or injected")


def _integers(table: TableDefinition, key: str) -> Iterator[str]:
    low, _, high = _setting(table, key, "range").partition(",")
    try:
        first, last = int(low), int(high)
        step = int(_setting(table, key, "interval", "1"))
        digits = int(_setting(table, key, "digits", "0"))
    except ValueError as error:
        raise _invalid(table, f"projection.{key}: {error}") from error
    for number in range(first, last + 1, max(1, step)):
        yield str(number).zfill(digits)


def _dates(table: TableDefinition, key: str) -> Iterator[str]:
    pattern = _setting(table, key, "format")
    form = "".join(_format_part(table, key, part) for part in _LETTERS.findall(pattern))
    low, _, high = _setting(table, key, "range").partition(",")
    now = datetime.now(UTC).replace(tzinfo=None)
    first, last = (_moment(table, key, text, form, now) for text in (low, high))
    finest = "SECOND" if "%S" in form else "MINUTE" if "%M" in form else "HOUR" if "%H" in form else "DAY"
    default_unit = finest if "%d" in form or finest != "DAY" else "MONTH" if "%m" in form else "YEAR"
    unit = _setting(table, key, "interval.unit", default_unit).upper().rstrip("S")
    step = int(_setting(table, key, "interval", "1"))
    text, moment, number = "", first, 0
    while moment <= last:
        written = moment.strftime(form)
        if written != text:
            yield written
        text, number = written, number + 1
        moment = _moved(first, unit, step * number)


def _format_part(table: TableDefinition, key: str, part: str) -> str:
    if part.startswith("'"):
        return (part[1:-1] or "'").replace("%", "%%")
    if part in _FORMATS:
        return _FORMATS[part]
    if part.isalpha():
        raise _invalid(
            table, f"projection.{key}.format: the pattern {part} is not supported by the local Athena"
        )
    return part.replace("%", "%%")


def _moment(table: TableDefinition, key: str, text: str, form: str, now: datetime) -> datetime:
    match = _NOW.fullmatch(text)
    if match is not None:
        if match[1] is None:
            return now
        return _moved(now, match[3].upper(), int(f"{match[1]}{match[2]}"))
    try:
        return datetime.strptime(text.strip(), form)
    except ValueError as error:
        raise _invalid(table, f"projection.{key}.range: {error}") from error


def _moved(moment: datetime, unit: str, number: int) -> datetime:
    if unit in _SECONDS:
        return moment + timedelta(seconds=_SECONDS[unit] * number)
    months = moment.year * 12 + moment.month - 1 + number * (12 if unit == "YEAR" else 1)
    year, month = divmod(months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def _invalid(table: TableDefinition, problem: str) -> QueryError:
    return QueryError("INVALID_TABLE_PROPERTY", f"{table.full_name}: {problem}")
