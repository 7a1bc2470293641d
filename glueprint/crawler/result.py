"""The output of a crawl's process: tables, and a statement for each decision."""

from __future__ import annotations

import json
from dataclasses import dataclass

from .found_tables import FoundTable, table_from_json, table_to_json
from .statements import Statement


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """What a crawl found.

    Attributes:
        tables: the tables, in the order of their locations.
        statements: what was decided, why, and from which files; and, as warnings, what went wrong without ending
            the crawl, such as a file that could not be read.
        error: why the crawl failed (nothing may be written to the catalog then), or None.
        files_read: the number of file bodies or footers that were read.
    """

    tables: tuple[FoundTable, ...] = ()
    statements: tuple[Statement, ...] = ()
    error: str | None = None
    files_read: int = 0

    @property
    def messages(self) -> tuple[str, ...]:
        """The statements that are not warnings, as lines of the log."""
        return tuple(statement.line for statement in self.statements if statement.level == "INFO")

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings, as lines of the log."""
        return tuple(statement.line for statement in self.statements if statement.level == "WARN")

    def to_json(self) -> str:
        """The result as JSON text."""
        return json.dumps(
            {
                "tables": [table_to_json(table) for table in self.tables],
                "statements": [statement.to_json() for statement in self.statements],
                "error": self.error,
                "files_read": self.files_read,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> CrawlResult:
        """Return the result that :meth:`to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: the text is not such a result.
        """
        data = json.loads(text)
        return cls(
            tables=tuple(table_from_json(table) for table in data["tables"]),
            statements=tuple(Statement(**statement) for statement in data["statements"]),
            error=data["error"],
            files_read=data["files_read"],
        )
