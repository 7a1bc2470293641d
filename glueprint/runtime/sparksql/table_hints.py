"""Hints for tables that are not found: the names that the Data Catalog has, printed after the script's traceback.

Spark's error is not changed, because scripts read it and AWS shows the same. The hint is an additional line in the
error log.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from types import TracebackType
from typing import Protocol

_NOT_FOUND = re.compile(
    r"\[(?:TABLE_OR_VIEW|(?P<schema>SCHEMA))_NOT_FOUND\] The [a-z ]+ (?P<name>`.*?`) cannot be"
    # Spark 3.3 (CheckAnalysis, NoSuchDatabaseException).
    r"|Table or view not found: (?P<table>[^;\n]+)|Database '(?P<database>[^'\n]+)' not found"
)
_PART = re.compile(r"`((?:[^`]|``)*)`|([^.`]+)")
_MAX_NAMES = 10


class CatalogNames(Protocol):
    """The names in the Data Catalog."""

    def database_names(self) -> Sequence[str]:
        """The names of the databases."""

    def table_names(self, database: str) -> Sequence[str]:
        """The names of a database's tables and views."""


def hint(error: str, names: CatalogNames | None, current: str) -> str | None:
    """Return the hint for an error of Spark's, or None if the error is about something else.

    Args:
        error: the error's text.
        names: the Data Catalog, ``None`` if the job does not use it.
        current: the session's current database.
    """
    found = _NOT_FOUND.search(error)
    if found is None:
        return None
    name = found["name"] or found["table"] or found["database"]
    *parents, last = [quoted.replace("``", "`") or plain for quoted, plain in _PART.findall(name)]
    if names is None:
        return (
            f"{last} is not in Spark's own catalog, and this job does not use the Data Catalog: add the job "
            "argument --enable-glue-datacatalog true."
        )
    is_database = found["schema"] or found["database"]
    database = last if is_database else (parents[-1] if parents else current)
    known = names.database_names()
    if database.lower() not in known:
        return f"The Data Catalog has no database {database}; {_available(database, known)}."
    there = _available(last, names.table_names(database))
    return f"Database {database} of the Data Catalog has no table {last}; {there}."


def _available(wanted: str, names: Sequence[str]) -> str:
    similar = get_close_matches(wanted.lower(), names, _MAX_NAMES)
    shown = [*similar, *sorted(set(names) - set(similar))][:_MAX_NAMES]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"it has {', '.join(shown)}{more}" if shown else "it has none"


def print_hints(*, uses_data_catalog: bool) -> None:
    """Print a hint if such an error ends the script. ``uses_data_catalog``: Spark uses the Data Catalog."""
    show = sys.excepthook

    def show_with_hint(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        show(kind, error, trace)
        if _NOT_FOUND.search(text := str(error)) is not None:
            line = hint(text, _names() if uses_data_catalog else None, _current_database())
            print(line, file=sys.stderr)  # noqa: T201 - the job's own error output

    sys.excepthook = show_with_hint


def _names() -> CatalogNames:
    from glueprint.runtime.sparksql import wiring

    return wiring.catalog()


def _current_database() -> str:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    return "default" if session is None else session.catalog.currentDatabase()
