"""CSV as OpenCSVSerde reads it.

The SerDe gives each line to opencsv 2.3 (``CSVParser``): quotes toggle, two quotes within quotes are one, the
escape character keeps a quote or itself within quotes and vanishes elsewhere; a quoted value cannot go over the
line. Athena converts the texts: numbers strictly, ``DATE`` from days and ``TIMESTAMP`` from milliseconds since
1970 (user guide, "Open CSV SerDe for processing CSV").
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping

from glueprint.query.types import Type, literal, to_duckdb


def split_line(line: str, separator: str, quote: str, escape: str) -> list[str]:
    """Return the values of one line, character by character."""
    cells: list[str] = []
    cell: list[str] = []
    in_quotes, at, last = False, 0, len(line)
    while at < last:
        one = line[at]
        following = line[at + 1] if at + 1 < last else ""
        if one == escape and escape != "\0" and escape != quote:
            if in_quotes and following and following in (quote, escape):
                cell.append(following)
                at += 1
        elif one == quote:
            if in_quotes and following == quote:
                cell.append(quote)
                at += 1
            else:
                in_quotes = not in_quotes
                is_inside = at > 2 and line[at - 1] != separator and following and following != separator
                if is_inside:
                    if "".join(cell).strip() == "" and cell:
                        cell = []
                    else:
                        cell.append(quote)
        elif one == separator and not in_quotes:
            cells.append("".join(cell))
            cell = []
        else:
            cell.append(one)
        at += 1
    cells.append("".join(cell))
    return cells


class OpenCsv:
    """The values of lines, fast where a line has no peculiarities."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._separator = (properties.get("separatorChar") or properties.get("field.delim") or ",")[0]
        self._quote = (properties.get("quoteChar") or '"')[0]
        self._escape = (properties.get("escapeChar") or "\\")[0]
        quote, separator = re.escape(self._quote), re.escape(self._separator)
        value = f"(?:{quote}[^{quote}]*{quote}|[^{quote}{separator}]*)"
        self._is_regular = re.compile(f"{value}(?:{separator}{value})*", re.DOTALL).fullmatch

    def cells(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Yield the values of each line."""
        for line in lines:
            if self._escape in line or not self._is_regular(line):
                yield split_line(line, self._separator, self._quote, self._escape)
            elif self._quote not in line:
                yield line.split(self._separator)
            else:
                yield next(csv.reader([line], delimiter=self._separator, quotechar=self._quote))


def value_sql(cell: str, kind: Type, name: str) -> str:
    """Return a text as a value of a column's type; a text that is not one is an error."""
    own = to_duckdb(kind)
    if kind.is_text:
        return f"substr({cell}, 1, {kind.args[0]})" if kind.args else cell
    message = (
        f"'HIVE_BAD_DATA: Error parsing field value ''' || {cell} || ''' for field"
        f" {name.replace(chr(39), '')}: For input string: \"' || {cell} || '\"'"
    )
    failure = f"CAST(trino_error({message}) AS {own})"
    if kind.name == "boolean":
        return (
            f"CASE lower({cell}) WHEN 'true' THEN true WHEN 'false' THEN false ELSE if({cell} IS NULL, NULL,"
            f" {failure}) END"
        )
    pattern = (
        r"[+-]?[0-9]+"
        if kind.is_integer or kind.is_time
        else r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
    )
    if kind.name == "date":
        value = f"(DATE '1970-01-01' + CAST({cell} AS INTEGER))"
    elif kind.name == "timestamp":
        value = f"CAST(make_timestamp(CAST({cell} AS BIGINT) * 1000) AS TIMESTAMP)"
    else:
        value = f"CAST({cell} AS {own})"
    return (
        f"CASE WHEN {cell} IS NULL THEN NULL WHEN regexp_full_match({cell}, {literal(pattern)}) THEN {value}"
        f" ELSE {failure} END"
    )
