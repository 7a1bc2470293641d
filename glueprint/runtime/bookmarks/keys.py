"""The bookmark of a table: rows by their bookmark keys, the last one of which is remembered.

A compound key compares like a tuple: the first column decides, equal values leave it to the next one (AWS Glue
guide, "Using job bookmarks": keys are strictly monotonic, rows are appended).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self

KeyValue = int | float | Decimal | str | date | datetime
"""A value of a bookmark key's column, as a Spark row holds it."""

Key = tuple[KeyValue, ...]
"""A value for each column of the key."""


class SortOrder(StrEnum):
    """``jobBookmarkKeysSortOrder``: whether the keys of later rows are larger or smaller."""

    ASCENDING = "asc"
    DESCENDING = "desc"


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The rows that a run is to read: beyond ``after`` and not beyond ``up_to``, in the keys' order.

    Attributes:
        columns: the bookmark keys (``jobBookmarkKeys``), at least one.
        after: the last key that an earlier run has read; None: from the first row on.
        up_to: the last key to read; None: as far as there are rows.
        empty: no row at all is in it.
    """

    columns: tuple[str, ...]
    order: SortOrder = SortOrder.ASCENDING
    after: Key | None = None
    up_to: Key | None = None
    empty: bool = False

    def until(self, last: Key) -> KeyRange:
        """This range, ended at ``last``."""
        return replace(self, up_to=last)

    def where(self) -> str | None:
        """The range as a Spark SQL condition, which Spark hands to the database; None when every row is in it.

        Rows with no value in a key column belong to the first run's range, which has no beginning.
        """
        if self.empty:
            return "false"
        beyond, before = (">", "<") if self.order is SortOrder.ASCENDING else ("<", ">")
        bounds = []
        if self.after is not None:
            bounds.append(_compared(self.columns, self.after, beyond, or_equal=False))
        if self.up_to is not None:
            end = _compared(self.columns, self.up_to, before, or_equal=True)
            nulls = [f"{_quoted(column)} IS NULL" for column in self.columns if self.after is None]
            bounds.append(" OR ".join([end, *nulls]))
        return " AND ".join(bounds) or None


@dataclass(frozen=True, slots=True)
class KeyState:
    """What is read of a table.

    Attributes:
        source: the fingerprint of what the source reads.
        last: the last key that was read.
    """

    kind: ClassVar[str] = "JdbcDataSourceJobBookmarkState"

    source: str
    columns: tuple[str, ...]
    order: SortOrder
    last: Key

    def to_json(self, run: int) -> dict[str, Any]:
        """As ``GetJobBookmark`` shows it; AWS documents no form of its own."""
        return {
            "jsonClass": self.kind,
            "source": self.source,
            "run": str(run),
            "keys": list(self.columns),
            "sortOrder": self.order.value,
            "last": [_told(value) for value in self.last],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        last = tuple(_READERS[value["type"]](value["value"]) for value in told["last"])
        return cls(told["source"], tuple(told["keys"]), SortOrder(told["sortOrder"]), last)


_READERS: dict[str, Any] = {
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "str": str,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
"""By the name of a value's Python type: how its text is read."""


def _told(value: KeyValue) -> dict[str, str]:
    return {"type": type(value).__name__, "value": value.isoformat() if isinstance(value, date) else str(value)}


def _compared(columns: tuple[str, ...], key: Key, sign: str, *, or_equal: bool) -> str:
    """``(a, b) sign (x, y)`` in plain comparisons: not every database compares tuples."""
    cases = []
    for at, (column, value) in enumerate(zip(columns, key, strict=True)):
        last = at == len(columns) - 1
        parts = [f"{_quoted(c)} = {_literal(v)}" for c, v in zip(columns[:at], key[:at], strict=True)]
        parts.append(f"{_quoted(column)} {sign}{'=' if last and or_equal else ''} {_literal(value)}")
        cases.append(" AND ".join(parts))
    return "(" + " OR ".join(f"({case})" for case in cases) + ")"


def _quoted(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"


def _literal(value: KeyValue) -> str:
    match value:
        case datetime():
            return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case str():
            escaped = value.replace("\\", "\\\\").replace("'", "\\'")
            return f"'{escaped}'"
        case Decimal():
            return f"{value:f}BD"
        case float():
            return f"{value!r}D"
        case _:
            return f"{value}L" if abs(value) < 2**63 else f"{value}BD"
