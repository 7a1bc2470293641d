"""Types of database columns as a crawler writes them, by their ``java.sql.Types`` codes.

AWS does not publish a table of these types. They follow JDBC's definitions and the types of Glue's catalog; the
choices are listed in docs/fidelity/crawler.md.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    TINYINT,
    Primitive,
    decimal,
)

_BIT = -7
_DECIMALS = (2, 3)
_MAX_DIGITS = 38

_BY_CODE: dict[int, Primitive] = {
    16: BOOLEAN,
    -6: TINYINT,
    5: SMALLINT,
    4: INT,
    -5: BIGINT,
    7: FLOAT,
    6: DOUBLE,  # JDBC's FLOAT has the precision of a double
    8: DOUBLE,
    91: DATE,
    93: TIMESTAMP,
    2014: TIMESTAMP,  # with a time zone
    -2: BINARY,
    -3: BINARY,
    -4: BINARY,
    2004: BINARY,  # a blob
}
"""``java.sql.Types``; all others - text, times of day, intervals, JSON, XML - are ``string``."""

_UNSIGNED = {TINYINT: SMALLINT, SMALLINT: INT, INT: BIGINT, BIGINT: decimal(20, 0)}
"""The next larger type, for MySQL's unsigned numbers."""


@dataclass(frozen=True, slots=True)
class DatabaseType:
    """A column's type as ``DatabaseMetaData.getColumns`` describes it.

    Attributes:
        code: ``DATA_TYPE``, of ``java.sql.Types``.
        name: ``TYPE_NAME``, the engine's own.
        size: ``COLUMN_SIZE``: digits of numbers, characters of text; 0 if it is not known.
        digits: ``DECIMAL_DIGITS``: those after the point.
    """

    code: int
    name: str
    size: int
    digits: int

    def to_glue(self) -> Primitive:
        """Return the catalog's type."""
        if self.code == _BIT:
            return BOOLEAN if self.size <= 1 else BINARY
        if self.code in _DECIMALS:
            return self._decimal()
        kind = _BY_CODE.get(self.code, STRING)
        return _UNSIGNED.get(kind, kind) if self.name.upper().endswith("UNSIGNED") else kind

    def written(self) -> str:
        """Return the engine's own name with its arguments, such as ``VARCHAR(20)`` or ``DECIMAL(10,2)``."""
        if self.code in _DECIMALS and self.size:
            return f"{self.name}({self.size},{self.digits})"
        is_text = self.code in (1, 12, -15, -9)
        return f"{self.name}({self.size})" if is_text and self.size and "(" not in self.name else self.name

    def _decimal(self) -> Primitive:
        if not 0 < self.size <= _MAX_DIGITS:
            # Numbers without a precision (Oracle's NUMBER, PostgreSQL's numeric): as Spark reads them.
            return decimal(_MAX_DIGITS, min(self.digits, 18) if self.digits > 0 else 18)
        return decimal(self.size, min(max(self.digits, 0), self.size))
