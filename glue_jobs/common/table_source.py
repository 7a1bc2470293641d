"""What a job that copies tables needs of their source, a database or the Data Catalog."""

from dataclasses import dataclass
from typing import Any, Callable, Protocol, Sequence

from glue_jobs.common.listed_tables import ListedTable


class UnusableColumn(Exception):
    """The incremental column cannot tell new rows from old ones."""


@dataclass(frozen=True)
class Slice:
    """Rows of a table that are copied.

    Attributes:
        table: the table.
        frame: the DataFrame, its columns in lower case.
        tasks: how many tasks read it.
        verify: the number of its rows according to the source, given the number that was copied, once all are.
        high: the greatest value of the incremental column in it, as text; empty for none.
    """

    table: ListedTable
    frame: Any
    tasks: int
    verify: Callable[[int], int]
    high: str = ""


class TableSource(Protocol):
    """Tables that can be read."""

    tasks: int
    is_consistent: bool

    def begin(self, tables: Sequence[ListedTable]) -> None:
        """Begin to read; where the source can, all tables as they are at this moment."""

    def slice(self, table: ListedTable, column: str, low: str) -> Slice:
        """The rows of a table, or those whose column is greater than ``low``.

        Args:
            table: the table.
            column: the incremental column; empty for all rows.
            low: the greatest value that was copied before, as text; empty for none.
        """

    def close(self) -> None:
        """End reading."""
