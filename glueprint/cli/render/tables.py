"""Aligned tables without lines, as they read well in terminals and pipes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.table import Table
from rich.text import Text


def plain_table(headers: Iterable[str], rows: Iterable[Iterable[str | Text]]) -> Table:
    """Columns under headers; the last one may fold."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    names = list(headers)
    for name in names[:-1]:
        table.add_column(name, no_wrap=True)
    table.add_column(names[-1], overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def pairs_table(pairs: Mapping[str, str]) -> Table:
    """Names and values, sorted by name."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name in sorted(pairs):
        table.add_row(Text(name), Text(pairs[name]))
    return table
