"""What a statement works with: the Data Catalog, objects, DuckDB; and compiled queries over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.query.catalog import Catalog
from glueprint.query.compiling.compiled import Compiled
from glueprint.query.compiling.queries import Queries
from glueprint.query.dialect import parse_query
from glueprint.query.errors import QueryError
from glueprint.query.reading.objects import Objects
from glueprint.query.reading.tables import Tables
from glueprint.query.types import quoted, to_duckdb


@dataclass
class Outcome:
    """What a statement has done.

    Attributes:
        columns: ``ColumnInfo`` of the result.
        rows: the texts of a result that is not a query's: lines of the ``.txt`` file.
        csv: the file of a query's result.
        written: addresses of the files that were written, for the manifest.
        update_count: the number of rows that were written.
        has_manifest: whether the files are listed in a manifest, also if there are none.
    """

    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    csv: Path | None = None
    written: list[str] = field(default_factory=list)
    update_count: int | None = None
    row_count: int = 0
    has_manifest: bool = False


@dataclass
class Session:
    """One statement's tools.

    Attributes:
        id: the query's id; names of files that are written start with it.
        output: the folder of results, ``s3://bucket/prefix/``.
    """

    id: str
    output: str
    work_group: str
    glue: Any
    athena: Any
    catalog: Catalog
    objects: Objects
    connection: Any
    temporary: Path
    tables: Tables = field(init=False)

    def __post_init__(self) -> None:
        self.tables = Tables(self.connection, self.glue, self.objects, self.temporary)

    @property
    def database(self) -> str:
        """The database of names that have none."""
        return self.catalog.database

    def compiled(self, sql: str) -> Compiled:
        """Return a query, and make views of the tables that it reads.

        Raises:
            QueryError: it has a mistake, or a table cannot be read.
        """
        queries = Queries(self.catalog.lookup)
        found = queries.query(parse_query(sql))
        for use in queries.uses:
            self.tables.create(use, {name for source, name in queries.used if source == use.id})
        return found

    def checked(self, sql: str) -> Compiled:
        """Return a query without reading anything: for views."""
        return Queries(self.catalog.lookup).query(parse_query(sql))

    def stored(self, query: Compiled, names: Sequence[str]) -> int:
        """Keep the rows of a query in DuckDB's table ``__result``; return their number."""
        listed = ", ".join(
            f"CAST({quoted(column.own_name)} AS {to_duckdb(column.type)}) AS {quoted(name)}"
            for column, name in zip(query.columns, names, strict=True)
        )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE __result AS SELECT {listed} FROM ({query.sql})"
        )
        count: int = self.connection.execute("SELECT count(*) FROM __result").fetchall()[0][0]
        return count

    def database_of(self, name: tuple[str | None, str]) -> str:
        """Return the database of a name.

        Raises:
            QueryError: SCHEMA_NOT_FOUND.
        """
        database = (name[0] or self.database).lower()
        if not self.catalog.has_database(database):
            raise QueryError("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist")
        return database
