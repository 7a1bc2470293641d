"""Queries in DuckDB's SQL as values, and the tables that they use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from glueprint.query.definitions import TableDefinition
from glueprint.query.errors import syntax_error
from glueprint.query.types import Type


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a query: its name in results, its name within DuckDB's SQL, its type."""

    name: str
    own_name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query in DuckDB's SQL."""

    sql: str
    columns: tuple[Column, ...]


@dataclass
class TableUse:
    """A table as one part of a query reads it.

    Attributes:
        id: the name of the view in DuckDB that returns its rows.
        alias: the name of the relation in the SQL.
        filters: conditions over partition keys that every row must pass, in DuckDB's SQL.
        equal: constants that a partition key must equal, for keys whose values are injected.
    """

    id: str
    table: TableDefinition
    alias: str
    filters: list[str] = field(default_factory=list)
    equal: dict[str, tuple[str, ...]] = field(default_factory=dict)


Lookup = Callable[[str | None, str, exp.Expr], TableDefinition]
"""Returns a table of the Data Catalog by database (None: the query's own) and name, or raises QueryError."""


def renamed(columns: Sequence[Column], names: Sequence[str], node: exp.Expr) -> tuple[Column, ...]:
    """Return columns under the names of a column list, if there is one.

    Raises:
        QueryError: it has another length.
    """
    if not names:
        return tuple(columns)
    if len(names) != len(columns):
        raise syntax_error(
            f"Column alias list has {len(names)} entries but relation has {len(columns)} columns", node
        )
    return tuple(Column(name, name, one.type) for name, one in zip(names, columns, strict=True))
