"""The Data Catalog as statements use it, through Glue's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from glueprint.query.definitions import TableDefinition
from glueprint.query.errors import QueryError, place_of


class Catalog:
    """Databases and tables of one Glue.

    Args:
        glue: its client.
        database: the one that names without database mean.
    """

    def __init__(self, glue: Any, database: str) -> None:
        self.glue = glue
        self.database = database.strip('`"') or "default"  # awswrangler sends it in quotes
        self._tables: dict[tuple[str, str], TableDefinition] = {}

    def lookup(self, database: str | None, name: str, node: exp.Expr | None) -> TableDefinition:
        """Return a table.

        Raises:
            QueryError: TABLE_NOT_FOUND or SCHEMA_NOT_FOUND.
        """
        key = (database or self.database).lower(), name.lower()
        if key not in self._tables:
            if key[0] == "information_schema":
                raise QueryError(
                    "NOT_SUPPORTED",
                    "information_schema is not supported by the local Athena: use SHOW and DESCRIBE",
                    place_of(node),
                )
            wire = self.find(*key)
            if wire is None:
                if not self.has_database(key[0]):
                    raise QueryError("SCHEMA_NOT_FOUND", f"Schema '{key[0]}' does not exist", place_of(node))
                raise QueryError(
                    "TABLE_NOT_FOUND",
                    f"Table 'awsdatacatalog.{key[0]}.{key[1]}' does not exist",
                    place_of(node),
                )
            self._tables[key] = TableDefinition.from_wire(wire)
        return self._tables[key]

    def find(self, database: str, name: str) -> Mapping[str, Any] | None:
        """Return GetTable's ``Table``, or None."""
        try:
            found: Mapping[str, Any] = self.glue.get_table(DatabaseName=database, Name=name)["Table"]
        except self.glue.exceptions.EntityNotFoundException:
            return None
        return found

    def has_database(self, name: str) -> bool:
        """Whether there is a database of that name."""
        try:
            self.glue.get_database(Name=name)
        except self.glue.exceptions.EntityNotFoundException:
            return name == "default"
        return True

    def tables(self, database: str) -> list[Mapping[str, Any]]:
        """Return the tables of a database, by name."""
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return sorted((one for page in pages for one in page["TableList"]), key=lambda one: one["Name"])

    def forget(self) -> None:
        """Look tables up again: a statement has changed one."""
        self._tables.clear()
