"""Partition filters: conversion of the text that Spark sends to a Hive metastore to an expression of
GetPartitions.

Spark filters the result again, so a result may contain too many partitions but never too few. A filter whose
meaning may differ between the two languages is therefore not passed on (``None``: all partitions).

Sources: Spark's ``HiveShim.convertFilters`` for the text; service model, GetPartitions, for the expression.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_MAX_EXPRESSION_LENGTH = 2048
"""In characters (service model, ``PredicateString``)."""
_TEXTS = frozenset({"string", "date"})
_NUMBERS = frozenset({"tinyint", "smallint", "int", "bigint"})

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<bracket>[()]) |
        (?P<word>(?i:and|or)\b) |
        (?P<key>[A-Za-z_][A-Za-z0-9_]*)\s*(?P<operator><=|>=|!=|<>|=|<|>)\s*
        (?: "(?P<double>[^"\\]*)" | '(?P<single>[^'\\]*)' | (?P<day>\d{4}-\d{2}-\d{2}) | (?P<number>-?\d+)\b )
    )\s*""",
    re.VERBOSE,
)


def to_glue(text: str, key_types: Mapping[str, str]) -> str | None:
    """Return Glue's expression for the Hive filter ``text`` over partition keys of these types, or ``None`` if no
    expression certainly has the same meaning.
    """
    parts, position = [], 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        part = None if found is None else _part(found, key_types)
        if found is None or part is None:
            return None
        parts.append(part)
        position = found.end()
    expression = " ".join(parts)
    return expression if 0 < len(expression) <= _MAX_EXPRESSION_LENGTH else None


def _part(found: re.Match[str], key_types: Mapping[str, str]) -> str | None:
    if plain := found["bracket"] or found["word"]:
        return plain
    kind = key_types.get(found["key"].lower())
    operator = found["operator"].replace("!=", "<>")
    if (number := found["number"]) is not None:
        return f"{found['key']} {operator} {number}" if kind in _NUMBERS else None
    value = next(each for each in (found["double"], found["single"], found["day"]) if each is not None)
    return f"{found['key']} {operator} '{_quoted(value)}'" if kind in _TEXTS else None


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def values_to_glue(keys: Mapping[str, str], values: tuple[str, ...]) -> str | None:
    """Return an expression that is true wherever the first keys have ``values``. It does not test a key with an
    empty value, nor a key that is not a string: the same number or time can be written in several ways.
    """
    parts = [
        f"{key} = '{_quoted(value)}'"
        for (key, kind), value in zip(keys.items(), values)
        if value and kind == "string"
    ]
    expression = " AND ".join(parts)
    return expression if 0 < len(expression) <= _MAX_EXPRESSION_LENGTH else None
