"""A database's metadata: the values that a driver provides for the crawl."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .include import JdbcPath
from .types import DatabaseType


@dataclass(frozen=True, slots=True)
class DatabaseColumn:
    """A column of a table or view."""

    name: str
    kind: DatabaseType
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """A table or view, with its columns in the database's order.

    Attributes:
        database: the database's name as the include path has it.
        schema: its schema; empty for engines that have none.
        name: its name, in the database's own case.
        is_view: whether it is a view.
        columns: its columns.
        comment: the database's comment on it.
    """

    database: str
    schema: str
    name: str
    is_view: bool
    columns: tuple[DatabaseColumn, ...]
    comment: str = ""


class DatabaseProblem(Exception):
    """The database cannot be crawled: no driver, connection or database; the message contains a remedy."""


class Tables(Protocol):
    """A database whose tables can be listed."""

    def tables(self, path: JdbcPath) -> Sequence[DatabaseTable]:
        """Return the tables and views that ``path`` includes, by schema and name.

        Raises:
            DatabaseProblem: they cannot be listed.
        """
