"""The bookmark of a table: the last value of its bookmark keys that was read.

A compound key compares like a tuple: the first column decides; if its values are equal, the next column decides
(DG:programming-etl-connect-bookmarks: keys are strictly monotonic, rows are appended).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Union

from glueprint.compat import Self, StrEnum, strict_zip

KeyValue = Union[int, float, Decimal, str, date, datetime]
"""A value of a bookmark key's column, as in a Spark row."""

Key = tuple[KeyValue, ...]
"""A value for each column of the key."""


class SortOrder(StrEnum):
    """``jobBookmarkKeysSortOrder``: whether the keys of later rows are larger or smaller."""

    ASCENDING = "asc"
    DESCENDING = "desc"


@dataclass(frozen=True)
class KeyRange:
    """The rows for a run to read: beyond ``after`` and not beyond ``up_to``, in the keys' order.

    Attributes:
        columns: the bookmark keys (``jobBookmarkKeys``), at least one.
        after: the last key that an earlier run has read; None: start with the first row.
        up_to: the last key to read; None: read to the last row.
        empty: the range contains no rows.
    """

    columns: tuple[str, ...]
    order: SortOrder = SortOrder.ASCENDING
    after: Key | None = None
    up_to: Key | None = None
    empty: bool = False

    def ending_at(self, last: Key) -> KeyRange:
        """Return this range, ended at ``last``."""
        return replace(self, up_to=last)

    def where(self) -> str | None:
        """Return the range as a Spark SQL condition, which Spark passes to the database; None for all rows.

        Rows without a value in a key column belong to the range of the first run, which has no lower bound.
        """
        if self.empty:
            return "false"
        beyond, before = (">", "<") if self.order is SortOrder.ASCENDING else ("<", ">")
        bounds = []
        if self.after is not None:
            bounds.append(_comparison(self.columns, self.after, beyond, or_equal=False))
        if self.up_to is not None:
            end = _comparison(self.columns, self.up_to, before, or_equal=True)
            nulls = [f"{_quoted(column)} IS NULL" for column in self.columns if self.after is None]
            bounds.append(" OR ".join([end, *nulls]))
        return " AND ".join(bounds) or None


@dataclass(frozen=True)
class KeyState:
    """What has been read of a table.

    Attributes:
        source: the fingerprint of the source.
        last: the last key that was read.
    """

    kind: ClassVar[str] = "JdbcDataSourceJobBookmarkState"

    source: str
    columns: tuple[str, ...]
    order: SortOrder
    last: Key

    def to_json(self, run: int) -> dict[str, Any]:
        """Return the form that ``GetJobBookmark`` shows; AWS documents none for tables."""
        return {
            "jsonClass": self.kind,
            "source": self.source,
            "run": str(run),
            "keys": list(self.columns),
            "sortOrder": self.order.value,
            "last": [_typed_value(value) for value in self.last],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the state that :meth:`to_json` wrote."""
        last = tuple(_READERS[value["type"]](value["value"]) for value in data["last"])
        return cls(data["source"], tuple(data["keys"]), SortOrder(data["sortOrder"]), last)


_READERS: dict[str, Any] = {
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "str": str,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
"""Parsers of a value's text, by the name of its Python type."""


def _typed_value(value: KeyValue) -> dict[str, str]:
    return {"type": type(value).__name__, "value": value.isoformat() if isinstance(value, date) else str(value)}


def _comparison(columns: tuple[str, ...], key: Key, sign: str, *, or_equal: bool) -> str:
    """Return ``(a, b) sign (x, y)`` as single comparisons: not every database compares tuples."""
    cases = []
    for at, (column, value) in enumerate(strict_zip(columns, key)):
        last = at == len(columns) - 1
        parts = [f"{_quoted(c)} = {_literal(v)}" for c, v in strict_zip(columns[:at], key[:at])]
        parts.append(f"{_quoted(column)} {sign}{'=' if last and or_equal else ''} {_literal(value)}")
        cases.append(" AND ".join(parts))
    return "(" + " OR ".join(f"({case})" for case in cases) + ")"


def _quoted(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"


def _literal(value: KeyValue) -> str:
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    if isinstance(value, Decimal):
        return f"{value:f}BD"
    if isinstance(value, float):
        return f"{value!r}D"
    return f"{value}L" if abs(value) < 2**63 else f"{value}BD"
