"""Delimited text: the built-in CSV classifier and custom ones (DG:add-classifier, "Built-in CSV classifier")."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

from glueprint.facts.hive_types import STRING, Primitive
from glueprint.facts.serdes import LAZY_SIMPLE, OPEN_CSV

from ..found_tables import Pairs
from ..inspection import FileFormat, FileSchema, Inspection
from ..naming import distinct_names
from .source import Source
from .text import complete_lines, estimated_records, lines_of, text_of
from .values import BUILT_IN, CUSTOM, column_type

DELIMITERS = (",", "|", "\t", ";", "\x01")
SAMPLE_ROWS = 1000
"""Rows that decide: "the first 1000 records or the first 1 MB of data" (KC:glue-crawler-detect-schema)."""

_MAX_HEADING_LENGTH = 150
_MIN_REGULAR_SHARE = 0.9
"""Share of rows that must have the same number of columns before a delimiter counts as found."""


_Split: TypeAlias = tuple[float, int, str, list[list[str]]]
"""How regular a split is, how wide, by which delimiter, and its rows."""


@dataclass(frozen=True, slots=True)
class CsvRules:
    """The rules of a CSV classifier; the defaults are those of the built-in one.

    Attributes:
        name: for the log.
        delimiters: the delimiters to try.
        quote: the quote symbol.
        header: True for present, False for absent, None to detect it.
        names: column names to use, empty to take them from the header.
        trim: whether white space around values counts.
        single_column: whether one column is enough.
        types: the types to choose from.
        serde: the SerDe, or None to choose by the quotes found.
    """

    name: str = "csv"
    delimiters: tuple[str, ...] = DELIMITERS
    quote: str = '"'
    header: bool | None = None
    names: tuple[str, ...] = ()
    trim: bool = True
    single_column: bool = False
    types: Collection[Primitive] = field(default=BUILT_IN)
    serde: str | None = LAZY_SIMPLE

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> CsvRules:
        """Return the rules of a custom classifier (service model, ``CsvClassifier``).

        Raises:
            ValueError: both symbols are equal, or a type is not one of the model's.
        """
        serdes = {"OpenCSVSerDe": OPEN_CSV, "LazySimpleSerDe": LAZY_SIMPLE}
        delimiter = wire.get("Delimiter")
        if delimiter is not None and delimiter == wire.get("QuoteSymbol"):
            raise ValueError(f"QuoteSymbol {delimiter!r} must be different from the column delimiter")
        names = [name.upper() for name in wire.get("CustomDatatypes", ())]
        unknown = sorted(set(names) - CUSTOM.keys())
        if unknown:
            raise ValueError(f"CustomDatatypes {', '.join(unknown)}: possible are {', '.join(CUSTOM)}")
        types = [CUSTOM[name] for name in names]
        return cls(
            name=wire["Name"],
            delimiters=(delimiter,) if delimiter else DELIMITERS,
            quote=wire.get("QuoteSymbol") or '"',
            header={"PRESENT": True, "ABSENT": False}.get(wire.get("ContainsHeader", "UNKNOWN")),
            names=tuple(wire.get("Header", ())),
            trim=not wire.get("DisableValueTrimming", False),
            single_column=bool(wire.get("AllowSingleColumn", False)),
            types=frozenset(types) if wire.get("CustomDatatypeConfigured") and types else BUILT_IN,
            serde=serdes.get(wire.get("Serde", "None")),
        )


class CsvClassifier:
    """Recognises delimited text by ``rules``."""

    def __init__(self, rules: CsvRules | None = None) -> None:
        self._rules = rules or CsvRules()

    @property
    def name(self) -> str:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        return self._rules.name

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        sample = source.sample()
        decoded = text_of(sample)
        if decoded is None:
            return None
        text = complete_lines(decoded, sample.whole)
        rules = self._rules
        found = best_split(text, rules, whole=sample.whole)
        if found is None:
            return None
        delimiter, rows = found
        headed = _has_header(rows, rules) if rules.header is None else rules.header
        if headed and rules.names and rules.header is None:
            headed = [cell.strip().lower() for cell in rows[0]] == [name.lower() for name in rules.names]
        body = rows[1:] if headed else rows
        quoted = rules.quote in text
        serde = rules.serde or (OPEN_CSV if quoted else LAZY_SIMPLE)
        columns = tuple(zip(_names(rows, headed, rules), _types(rows, body, rules, serde), strict=True))
        details: Pairs = (("skip.header.line.count", "1"),) if headed else ()
        schema = FileSchema(FileFormat("csv", "none", serde, _options(delimiter, rules, serde)), columns, details)
        # The header's bytes count as data: recordCount times averageRecordSize is about sizeKey in crawled tables.
        lines = text.count("\n") + (not text.endswith("\n"))
        counted = len(body) + (max(0, lines - len(rows)) if sample.whole else 0)
        read = sum(len(delimiter.join(row)) + 1 for row in rows)
        records, size = estimated_records(source, sample, counted, len(sample.data) if sample.whole else read)
        notes: tuple[str, ...] = ()
        if quoted and serde == LAZY_SIMPLE:
            notes = (
                "values are in quotes, which LazySimpleSerDe does not remove: "
                "use a custom CSV classifier with OpenCSVSerDe",
            )
        return Inspection(schema, records, size, rules.name, notes)


def best_split(text: str, rules: CsvRules, *, whole: bool) -> tuple[str, list[list[str]]] | None:
    """Return the delimiter that splits ``text`` into a table, with the rows that decide.

    Args:
        text: complete lines.
        rules: what counts as a table.
        whole: whether that is all of the file; otherwise a quoted value may continue after it.

    Returns:
        The delimiter and up to 1000 rows, each as wide as the table; None if no delimiter makes at least two
        columns (one, if the rules allow it) and two rows.
    """
    best: _Split | None = None
    lines = lines_of(text)
    for delimiter in rules.delimiters:
        rows = _rows(lines, delimiter, rules, whole)
        if len(rows) < 2:
            continue
        width, count = Counter(map(len, rows)).most_common(1)[0]
        share = count / len(rows)
        if width < (1 if rules.single_column else 2) or share < _MIN_REGULAR_SHARE:
            continue
        table = [(row + [""] * width)[:width] for row in rows]
        if best is None or (share, width) > best[:2] or _more_typed(table, best, (share, width), rules):
            best = (share, width, delimiter, table)
    return None if best is None else (best[2], best[3])


def _more_typed(table: Sequence[Sequence[str]], best: _Split, split: tuple[float, int], rules: CsvRules) -> bool:
    """Whether a split that is as regular as the best one so far makes more columns that are not text."""
    return split == best[:2] and _typed_columns(table, rules) > _typed_columns(best[3], rules)


def _typed_columns(table: Sequence[Sequence[str]], rules: CsvRules) -> int:
    return sum(column_type(column, rules.types) != STRING for column in zip(*table[1:], strict=True))


def _rows(lines: Sequence[str], delimiter: str, rules: CsvRules, whole: bool) -> list[list[str]]:
    """Return up to 1000 rows; if a quote never closes, quotes are plain characters."""
    rows = _quoted_rows(lines, delimiter, rules.quote, whole)
    if rows is None:
        plain = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        try:
            rows = list(islice((row for row in plain if row), SAMPLE_ROWS))
        except csv.Error:  # a value of more than 128 KiB
            return []
    return [[cell.strip() for cell in row] for row in rows] if rules.trim else rows


def _quoted_rows(lines: Sequence[str], delimiter: str, quote: str, whole: bool) -> list[list[str]] | None:
    """Return rows whose values may be in quotes; None if a quote never closes, which makes the rest one value."""
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote)
    rows: list[list[str]] = []
    ended = 0
    try:
        for row in reader:
            started, ended = ended, reader.line_num
            if ended - started > 1 and ended == len(lines) and "".join(lines[started:]).count(quote) % 2:
                return None if whole else rows
            if row:
                rows.append(row)
            if len(rows) == SAMPLE_ROWS:
                break
    except csv.Error:
        return None
    return rows


def _has_header(rows: Sequence[Sequence[str]], rules: CsvRules) -> bool:
    """The documented tests: all strings, short, usable as names, and not every column below a string too."""
    first, body = rows[0], rows[1:]
    *most, last = first
    if not all(most) or any(len(cell) >= _MAX_HEADING_LENGTH for cell in most):
        return False
    if not last and any(row[-1] for row in body):
        return False
    if any(not _is_name(cell) or column_type((cell,), rules.types) != STRING for cell in first if cell):
        return False
    return any(column_type(column, rules.types) != STRING for column in zip(*body, strict=True))


def _is_name(cell: str) -> bool:
    """Service model, ``NameString``: 1 to 255 characters on one line."""
    return len(cell) <= 255 and not any(symbol in cell for symbol in "\r\n")


def _names(rows: Sequence[Sequence[str]], headed: bool, rules: CsvRules) -> list[str]:
    width = len(rows[0])
    given: Sequence[str] = rules.names or (rows[0] if headed else ())
    numbered = [f"col{index}" for index in range(width)]
    return distinct_names(
        [name or fallback for name, fallback in zip(given, numbered, strict=False)] + numbered[len(given) :]
    )


def _types(
    rows: Sequence[Sequence[str]], body: Sequence[Sequence[str]], rules: CsvRules, serde: str
) -> list[Primitive]:
    width = len(rows[0])
    if serde == OPEN_CSV and rules.types is BUILT_IN:
        # OpenCSVSerDe reads every column as text ("Adjust any inferred types to STRING", DG:add-classifier).
        return [STRING] * width
    columns = zip(*body, strict=True) if body else [()] * width
    return [column_type(column, rules.types) for column in columns]


def _options(delimiter: str, rules: CsvRules, serde: str) -> Pairs:
    quote: Pairs = (("quote", rules.quote),) if serde == OPEN_CSV else ()
    return (("delimiter", delimiter), *quote)
