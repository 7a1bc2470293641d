"""What a database says of its tables: the nouns between a driver and the crawl."""

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
    """The database cannot be crawled: no driver, no connection, no such database; says which and what to do."""


class Tables(Protocol):
    """A database that can be asked."""

    def tables(self, path: JdbcPath) -> Sequence[DatabaseTable]:
        """The tables and views that ``path`` means, by schema and name.

        Raises:
            DatabaseProblem: they cannot be found out.
        """
