"""A table that is not found: what the Data Catalog has instead, said behind the script's own traceback.

Spark's error stays as it is - scripts look at it, and AWS shows the same - so the words are a line more in the
error log.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from types import TracebackType
from typing import Protocol

_NOT_FOUND = re.compile(r"\[(?P<kind>TABLE_OR_VIEW|SCHEMA)_NOT_FOUND\] The [a-z ]+ (?P<name>`.*?`) cannot be")
_MOST = 10


class Names(Protocol):
    """What the Data Catalog has."""

    def database_names(self) -> Sequence[str]:
        """The names of the databases."""

    def table_names(self, database: str) -> Sequence[str]:
        """The names of a database's tables and views."""


def words(error: str, names: Names | None, current: str) -> str | None:
    """What to tell of the text of an error of Spark's; nothing when that is about other things.

    Args:
        error: the error's text.
        names: the Data Catalog, ``None`` when the job does not use it.
        current: the session's current database.
    """
    found = _NOT_FOUND.search(error)
    if found is None:
        return None
    *parents, last = [part.replace("``", "`") for part in re.findall(r"`((?:[^`]|``)*)`", found["name"])]
    if names is None:
        return (
            f"{last} is not in Spark's own catalog, and this job does not use the Data Catalog: give it the "
            "argument --enable-glue-datacatalog true."
        )
    database = last if found["kind"] == "SCHEMA" else (parents[-1] if parents else current)
    known = names.database_names()
    if database.lower() not in known:
        return f"The Data Catalog has no database {database}; {_there(database, known)}."
    there = _there(last, names.table_names(database))
    return f"Database {database} of the Data Catalog has no table {last}; {there}."


def _there(wanted: str, names: Sequence[str]) -> str:
    near = get_close_matches(wanted.lower(), names, _MOST)
    shown = [*near, *sorted(set(names) - set(near))][:_MOST]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"it has {', '.join(shown)}{more}" if shown else "it has none"


def explain(*, catalog_on: bool) -> None:
    """From now on, look at the error that ends the script; ``catalog_on``: Spark uses the Data Catalog."""
    show = sys.excepthook

    def show_and_tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        show(kind, error, trace)
        if _NOT_FOUND.search(text := str(error)) is not None:
            told = words(text, _names() if catalog_on else None, _current_database())
            print(told, file=sys.stderr)  # noqa: T201 - the job's own error output

    sys.excepthook = show_and_tell


def _names() -> Names:
    from glueprint.runtime.sparksql import wiring

    return wiring.catalog()


def _current_database() -> str:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    return "default" if session is None else session.catalog.currentDatabase()
