"""The header of each CSV file, and what a table's columns mean for it. Files of one source may have other columns.

A line of each file is read (``text_lines``).
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from glueprint.runtime.storage.chosen_files import DataFile, FileSet
from glueprint.runtime.storage.errors import StorageError, print_note
from glueprint.runtime.storage.formats.text_lines import TextFiles

Header = tuple[str, ...]

_NAMED_FILES = 3
"""Files that an error names."""


@dataclass(frozen=True)
class SameHeader:
    """Files with one header, and where a frame's columns are in it.

    Attributes:
        files: the files.
        header: their columns.
        places: for each column of the frame its place in a row; None: these files lack it.
    """

    files: FileSet
    header: Header
    places: tuple[int | None, ...]


def headers(session: SparkSession, files: FileSet, dialect: Mapping[str, str]) -> dict[Header, list[DataFile]]:
    """Return the files by their headers, in the order of the files; files without a line are left out."""
    texts = TextFiles(session, dialect.get("encoding", "UTF-8"))
    found: dict[Header, list[DataFile]] = {}
    for one in files.files:
        header = texts.read(one.uri, lambda lines: _header(lines, dialect))
        if header:
            found.setdefault(header, []).append(one)
    return found


def _header(lines: Iterable[str], dialect: Mapping[str, str]) -> Header:
    """Return the cells of the first line that is not blank."""
    quote = dialect["quote"]
    text = ""
    for line in lines:
        text = f"{text}\n{line}" if text else line.removeprefix("\ufeff")
        if not text.strip():
            text = ""
        elif dialect["multiLine"] != "true" or not quote or text.count(quote) % 2 == 0:
            break
    if not text:
        return ()
    escape = dialect["escape"]
    how: dict[str, Any] = {"delimiter": dialect["sep"], "doublequote": escape in ("", quote)}
    how |= {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    if escape and escape != quote:
        how["escapechar"] = escape
    cells = tuple(next(csv.reader(text.splitlines(keepends=True), **how), []))
    names = _safe(cells)
    _note_case(cells, names)
    return names


@functools.cache
def _note_case(cells: Header, names: Header) -> None:
    """Print once that columns are renamed because their names differ only in case, which Glue's records allow."""
    pairs = zip(cells, names)
    renamed = [f"{cell} is {name}" for cell, name in pairs if cell and cell != name and cells.count(cell) == 1]
    if renamed:
        print_note(
            "CSV: names of columns that differ only in case are the same for Spark, so that they are renamed: "
            + ", ".join(renamed)
        )


def _safe(cells: Sequence[str]) -> Header:
    """Return names for the cells as Spark makes them: repeated ones get their place, empty ones ``_c0``
    (Spark, ``CSVUtils.makeSafeHeader``).
    """
    folded = [cell.lower() for cell in cells]
    repeated = {name for name in folded if folded.count(name) > 1}
    return tuple(
        f"_c{at}" if not cell else f"{cell}{at}" if cell.lower() in repeated else cell
        for at, cell in enumerate(cells)
    )


def all_names(found: Iterable[Header]) -> list[str]:
    """Return the columns of all headers: those of the first file, then others as they appear."""
    return list(dict.fromkeys(name for header in found for name in header))


def by_name(files: FileSet, found: Mapping[Header, list[DataFile]], names: Sequence[str]) -> list[SameHeader]:
    """Return the groups of a frame with the columns ``names``, found by name."""
    return [
        SameHeader(
            files.subset(members),
            header,
            tuple(header.index(name) if name in header else None for name in names),
        )
        for header, members in found.items()
    ]


def of_table(files: FileSet, found: Mapping[Header, list[DataFile]], declared: Sequence[str]) -> list[SameHeader]:
    """Return the groups of a table's frame.

    Columns are found by name in a file whose header has only the table's columns, or all of them. If no file's
    header is so, and all are the same, the columns were renamed in the catalog: they are found by their places.

    Raises:
        StorageError: headers differ, and one of them does not fit the table; names such files.
    """
    wanted = [name.lower() for name in declared]
    places = {header: _named_places(header, wanted) for header in found}
    if len(found) == 1 and None in places.values():
        header = next(iter(found))
        by_place = tuple(at if at < len(header) else None for at in range(len(wanted)))
        return [SameHeader(files.subset(found[header]), header, by_place)]
    wrong = [header for header, at in places.items() if at is None]
    if wrong:
        header = wrong[0]
        members = [one.uri for one in found[header]]
        more = f" and {len(members) - _NAMED_FILES} more" if len(members) > _NAMED_FILES else ""
        raise StorageError(
            f"csv: the files of the table have different headers, and the header {', '.join(header)} of "
            f"{', '.join(members[:_NAMED_FILES])}{more} does not fit the table's columns {', '.join(declared)}: "
            "values would get other columns' names. Give the columns the names of the headers, or move the files"
        )
    return [SameHeader(files.subset(found[header]), header, at) for header, at in places.items() if at is not None]


def _named_places(header: Header, wanted: Sequence[str]) -> tuple[int | None, ...] | None:
    """Return where the table's columns are in a header; None if neither has all columns of the other."""
    at = {name.lower(): place for place, name in reversed(list(enumerate(header)))}
    common = at.keys() & set(wanted)
    if not common or (common != at.keys() and common != set(wanted)):
        return None
    return tuple(at.get(name) for name in wanted)
