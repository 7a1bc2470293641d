"""What kind of statement a text is, from its first words: cheap, for the server."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMMENTS = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_WORDS = re.compile(r"[A-Za-z_]+|\(")


@dataclass(frozen=True, slots=True)
class Kind:
    """``StatementType`` and ``SubstatementType`` of GetQueryExecution."""

    type: str
    substatement: str


_DML = {
    "SELECT": "SELECT",
    "WITH": "SELECT",
    "(": "SELECT",
    "VALUES": "SELECT",
    "INSERT": "INSERT",
    "UNLOAD": "UNLOAD",
}
_TWO_WORDS = ("CREATE", "DROP", "ALTER", "SHOW", "MSCK")
_FILLERS = ("EXTERNAL", "OR", "REPLACE", "TEMPORARY")


def statement_kind(sql: str) -> Kind:
    """Return the kind of a statement; of one that is not known, DDL with its first word."""
    text = sql[_COMMENTS.match(sql).end() :]  # type: ignore[union-attr]
    words = [one.upper() for one in _WORDS.findall(text[:400])]
    if not words:
        return Kind("UTILITY", "")
    first = words[0]
    if first in _DML:
        return Kind("DML", _DML[first])
    rest = [one for one in words[1:] if one not in _FILLERS]
    second = rest[0] if rest else ""
    if (
        first == "CREATE"
        and second == "TABLE"
        and re.search(r"\bAS\s*\(?\s*(SELECT|WITH|VALUES)\b", text, re.IGNORECASE)
    ):
        return Kind("DDL", "CREATE_TABLE_AS_SELECT")
    if first in ("EXPLAIN", "SHOW", "DESCRIBE", "DESC", "EXECUTE", "PREPARE", "DEALLOCATE"):
        name = "DESCRIBE" if first == "DESC" else first
        return Kind(
            "UTILITY", f"{name}_{second}" if name == "SHOW" else "EXECUTE" if name == "EXECUTE" else name
        )
    return Kind("DDL", f"{first}_{second}" if first in _TWO_WORDS and second else first)
