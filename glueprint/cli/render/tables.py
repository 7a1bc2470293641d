"""Aligned tables without lines, as they read well in terminals and pipes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

_GAP = 2
_LEAST_LAST = 20
"""A last column that would be narrower does not fold within the terminal."""
_MOST_LAST = 60
"""Its width then."""


class WholeTable(Table):
    """A table whose names and ids are never cut: only its last column folds, and where even that is too wide for a
    terminal, lines are as long as they must be.

    Args:
        widths: of the columns, when nothing folds.
    """

    def __init__(self, widths: list[int], *, show_header: bool = True) -> None:
        super().__init__(
            box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0), show_header=show_header
        )
        self._others = sum(width + _GAP for width in widths[:-1])
        self._last = widths[-1]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As wide as the terminal, or as needed."""
        if options.max_width < self._others + min(self._last, _LEAST_LAST):
            options = options.update(max_width=self._others + min(self._last, _MOST_LAST))
        yield from super().__rich_console__(console, options)


def plain_table(headers: Iterable[str], rows: Iterable[Iterable[str | Text]]) -> Table:
    """Columns under headers; the last one may fold."""
    names, cells = list(headers), [list(row) for row in rows]
    table = WholeTable([max(map(_width, column)) for column in zip(names, *cells, strict=True)])
    for name in names[:-1]:
        table.add_column(name, no_wrap=True)
    table.add_column(names[-1], overflow="fold")
    for row in cells:
        table.add_row(*row)
    return table


def pairs_table(pairs: Mapping[str, str]) -> Table:
    """Names and values, sorted by name."""
    widths = [max(map(_width, column), default=0) for column in (pairs.keys(), pairs.values())]
    table = WholeTable(widths, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name in sorted(pairs):
        table.add_row(Text(name), Text(pairs[name]))
    return table


def _width(cell: str | Text) -> int:
    return cell.cell_len if isinstance(cell, Text) else cell_len(cell)
