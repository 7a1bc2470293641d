"""Include paths of JDBC targets: ``database/schema/table`` or ``database/table`` (DG:define-crawler)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from glueprint.facts.globs import excluded

ANY = "%"
"""Stands for all schemas or all tables."""


class BadJdbcPathError(ValueError):
    """An include path does not name tables; the message contains the reason."""


@dataclass(frozen=True, slots=True)
class JdbcPath:
    """The parts of an include path. It is case-sensitive (same page).

    Attributes:
        database: the database; never a pattern.
        schema: the schema or a pattern with ``%``; None if the path has two parts: all schemas of an engine that
            has schemas.
        table: the table or a pattern with ``%``.
    """

    database: str
    schema: str | None
    table: str

    @classmethod
    def parse(cls, path: str) -> JdbcPath:
        """Read an include path.

        Raises:
            BadJdbcPathError: it has other than two or three parts, or a pattern for the database.
        """
        parts = path.strip("/").split("/")
        if len(parts) not in (2, 3) or not all(parts):
            raise BadJdbcPathError(
                f"JDBC target path {path!r} must look like database/schema/table or database/table, "
                "where % stands for all schemas or all tables"
            )
        if ANY in parts[0]:
            raise BadJdbcPathError(f"JDBC target path {path!r}: % cannot stand for the database")
        return cls(parts[0], parts[1] if len(parts) == 3 else None, parts[-1])

    def includes(self, schema: str, table: str) -> bool:
        """Whether the path includes this table; ``schema`` is empty for engines that have none."""
        return _like(self.schema or ANY).fullmatch(schema) is not None and (
            _like(self.table).fullmatch(table) is not None
        )

    def covers(self, location: str) -> bool:
        """Whether a crawled table's location (:func:`location_of`) is below this path."""
        if self.schema is None:
            expression = rf"{re.escape(self.database)}\.(?:.+\.)?{_like(self.table).pattern}"
        else:
            patterns = (_like(self.schema).pattern, _like(self.table).pattern)
            expression = r"\.".join((re.escape(self.database), *patterns))
        return re.fullmatch(expression, location, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Exclude patterns of a JDBC target: globs, relative to the include path (DG:define-crawler)."""

    path: JdbcPath
    patterns: tuple[str, ...]

    def leave_out(self, schema: str, table: str) -> bool:
        """Whether a table is excluded: by name, or by schema and name if the path does not fix the schema.

        Raises:
            BadGlobError: a pattern is not valid.
        """
        is_excluded = excluded(self.patterns)
        open_schema = self.path.schema is None or ANY in self.path.schema
        return is_excluded(table) or (bool(schema) and open_schema and is_excluded(f"{schema}/{table}"))


def location_of(parts: Iterable[str]) -> str:
    """Return a table's location as crawled tables have it: ``database.schema.table``, without empty parts."""
    return ".".join(part for part in parts if part)


def _like(pattern: str) -> re.Pattern[str]:
    """``%`` is any text; an underscore is a plain character, unlike in SQL: many table names contain it."""
    return re.compile(".*".join(map(re.escape, pattern.split(ANY))), re.DOTALL)
