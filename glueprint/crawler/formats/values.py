"""Types of values that are written as text, such as those of a CSV column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from glueprint.facts.hive_types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TIMESTAMP,
    Primitive,
)

# ASCII digits only: Python accepts those of other scripts, Hive does not.
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_TIMESTAMP = re.compile(_DATE.pattern + r"[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?", re.ASCII)


_DECIMAL = Primitive("decimal(38,18)")


def _fits(bits: int) -> Callable[[str], bool]:
    limit = 1 << (bits - 1)
    return lambda text: _WHOLE.fullmatch(text) is not None and -limit <= int(text) < limit


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


# Narrowest first: a column has the first type that all its values have.
_TESTS: tuple[tuple[Primitive, Callable[[str], bool]], ...] = (
    (BOOLEAN, lambda text: text.lower() in ("true", "false")),
    (SMALLINT, _fits(16)),
    (INT, _fits(32)),
    (BIGINT, _fits(64)),
    (FLOAT, _matches(_NUMBER)),
    (DOUBLE, _matches(_NUMBER)),
    (_DECIMAL, _matches(_NUMBER)),
    (DATE, _matches(_DATE)),
    (TIMESTAMP, _matches(_TIMESTAMP)),
)

BUILT_IN: frozenset[Primitive] = frozenset({BIGINT, DOUBLE, BOOLEAN, STRING})
"""The types of the built-in CSV classifier: dates and times stay ``string`` (docs/facts/crawlers.md#csv)."""

CUSTOM: dict[str, Primitive] = {
    "BINARY": BINARY,
    "BOOLEAN": BOOLEAN,
    "DATE": DATE,
    "DECIMAL": _DECIMAL,
    "DOUBLE": DOUBLE,
    "FLOAT": FLOAT,
    "INT": INT,
    "LONG": BIGINT,
    "SHORT": SMALLINT,
    "STRING": STRING,
    "TIMESTAMP": TIMESTAMP,
}
"""A CsvClassifier's ``CustomDatatypes`` (service model); no value of text is recognised as ``BINARY``."""


def column_type(values: Iterable[str], allowed: Collection[Primitive] = BUILT_IN) -> Primitive:
    """Return the type of a column.

    Args:
        values: its values as text, trimmed; empty ones do not count.
        allowed: the types to choose from; ``string`` always is.

    Returns:
        The narrowest allowed type that every value has; ``string`` if there is none, or no value.
    """
    present = {value for value in values if value}
    if not present:
        return STRING
    for kind, test in _TESTS:
        if kind in allowed and all(map(test, present)):
            return kind
    return STRING
