"""Errors of queries, with the words and codes that Athena (engine version 3, which is based on Trino) uses.

A message of a mistake in SQL starts with its code and place: ``SYNTAX_ERROR: line 1:8: Function 'x' not
registered``. Codes: Trino's ``StandardErrorCode``; ``HIVE_...``: its Hive connector's ``HiveErrorCode``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column of the statement's text, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}:{self.column}"


class QueryError(Exception):
    """A statement cannot be run, or failed; ``str()`` is what Athena puts into ``StateChangeReason``.

    Attributes:
        code: e.g. ``SYNTAX_ERROR``.
        is_users: whether the statement or the data are at fault (Athena's error category 2), and not the service.
    """

    def __init__(self, code: str, message: str, place: Place | None = None, *, is_users: bool = True) -> None:
        where = f"{place}: " if place else ""
        super().__init__(f"{code}: {where}{message}")
        self.code = code
        self.is_users = is_users


def place_of(node: Any) -> Place | None:
    """Return where ``node``, or the first of its parts whose place is known, starts."""
    if not isinstance(node, exp.Expr):
        return None
    found = [one for part in node.walk() if (one := _own_place(part)) is not None]
    return min(found, key=lambda one: (one.line, one.column), default=None)


def _own_place(node: exp.Expr) -> Place | None:
    meta = node.meta
    if "line" not in meta or "col" not in meta:
        return None
    # sqlglot counts the column of a token's last character.
    length = meta.get("end", 0) - meta.get("start", 0)
    return Place(meta["line"], max(1, meta["col"] - length))


def syntax_error(message: str, node: Any = None) -> QueryError:
    """Return an error of the statement's form or names."""
    return QueryError("SYNTAX_ERROR", message, place_of(node))


def type_mismatch(message: str, node: Any = None) -> QueryError:
    """Return an error of the types of operands or arguments."""
    return QueryError("TYPE_MISMATCH", message, place_of(node))


def not_supported(what: str, node: Any = None) -> QueryError:
    """Return the refusal of what Athena may run, and the local one does not; ``what`` names it."""
    return QueryError("NOT_SUPPORTED", f"{what} is not supported by the local Athena", place_of(node))
