"""Aligned tables without lines, for terminals and pipes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

_GAP = 2
MIN_LAST_WIDTH = 20
"""If the last column would be narrower, the table becomes wider than the terminal."""
MAX_LAST_WIDTH = 60
"""The width of the last column then."""


class UncutTable(Table):
    """A table whose names and ids are never cut: only its last column folds. If that is still too wide for the
    terminal, lines become longer.

    Args:
        widths: the widths of the columns if nothing folds.
        show_header: print the headers.
    """

    def __init__(self, widths: list[int], *, show_header: bool = True) -> None:
        super().__init__(
            box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0), show_header=show_header
        )
        self._others = sum(width + _GAP for width in widths[:-1])
        self._last = widths[-1]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render as wide as the terminal, or as needed."""
        if options.max_width < self._others + min(self._last, MIN_LAST_WIDTH):
            options = options.update(max_width=self._others + min(self._last, MAX_LAST_WIDTH))
        yield from super().__rich_console__(console, options)


def plain_table(headers: Iterable[str], rows: Iterable[Iterable[str | Text]]) -> Table:
    """Return columns under headers; the last one may fold."""
    names, cells = list(headers), [list(row) for row in rows]
    table = UncutTable([max(map(_width, column)) for column in zip(names, *cells, strict=True)])
    for name in names[:-1]:
        table.add_column(name, no_wrap=True)
    table.add_column(names[-1], overflow="fold")
    for row in cells:
        table.add_row(*row)
    return table


def pairs_table(pairs: Mapping[str, str]) -> Table:
    """Return names and values, sorted by name."""
    widths = [max(map(_width, column), default=0) for column in (pairs.keys(), pairs.values())]
    table = UncutTable(widths, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name in sorted(pairs):
        table.add_row(Text(name), Text(pairs[name]))
    return table


def _width(cell: str | Text) -> int:
    return cell.cell_len if isinstance(cell, Text) else cell_len(cell)
