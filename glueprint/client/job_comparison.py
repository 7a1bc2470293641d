"""Two runs of one script under two GlueVersions, compared: state, time, log lines, written data. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from glueprint.client.written_data import DataSet

MAX_EXAMPLES = 5
"""Rows that are shown of those that only one run wrote."""
_MAX_ROW = 200
_JAVA_FRAME = re.compile(r"\s+(at [\w.$]+[(/]|at \S+\(.*\)$|\.\.\. \d+ more$|Suppressed: )")
_PYTHON_FRAME = re.compile(r'  File ".*", line \d+')
_QUERY_CONTEXT = re.compile(r'\{"ts": .*"logger": "SQLQueryContextLogger"')
"""PySpark 4 writes each error a second time, with its stack, as one line of JSON."""
_LIBRARIES = ("site-packages/", "/lib/python", "/glueprint/runtime/")
_MARKERS = re.compile(r"\s+[~^]+\s*$")
"""The line below a source line; Python 3.13 has more of them."""
_VARYING = (
    (re.compile(r"jr_[0-9a-f]{64}"), "jr_..."),
    (re.compile(r"\d{2,4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"/\S*/site-packages/"), "site-packages/"),
    (re.compile(r"/\S*/runs/jr_\.\.\./"), ""),
    (re.compile(r"(site-packages/\S+\.py):\d+:"), r"\1:"),
    (re.compile(r" SQLSTATE: \w{5}\b"), ""),
    (re.compile(r"#\d+L?\b"), "#.."),
    (re.compile(r"\bo\d+\b"), "o.."),
    (re.compile(r"0x[0-9a-f]+"), "0x.."),
    (re.compile(r"part-\d{5}-[0-9a-f-]{36}"), "part-..."),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:.."),
)
"""What differs between any two runs, and what takes its place."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One run.

    Attributes:
        glue_version: its GlueVersion.
        state: how it ended.
        error: its ErrorMessage.
        seconds: how long it ran.
        output, errors: lines of its logs.
        written: what it wrote to S3.
    """

    glue_version: str
    state: str
    error: str | None
    seconds: float
    output: tuple[str, ...]
    errors: tuple[str, ...]
    written: tuple[DataSet, ...]


@dataclass(frozen=True, slots=True)
class DataDifference:
    """A data set in two runs; None if a run did not write it.

    ``problems`` contains a sentence for each difference; it is empty if there is none.
    """

    location: str
    first: DataSet | None
    second: DataSet | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How ``second`` differs from ``first``.

    ``output`` and ``errors`` are lines of a unified diff of the logs, without what differs between any two runs.
    """

    first: Trial
    second: Trial
    output: tuple[str, ...]
    errors: tuple[str, ...]
    data: tuple[DataDifference, ...]

    @property
    def is_same(self) -> bool:
        """Whether both runs succeeded and wrote the same data. Log lines and time do not count."""
        both = (self.first, self.second)
        return all(one.state == "SUCCEEDED" for one in both) and not any(one.problems for one in self.data)


def compare(first: Trial, second: Trial) -> Comparison:
    """Compare two runs."""
    names = (first.glue_version, second.glue_version)
    left = {one.location: one for one in first.written}
    right = {one.location: one for one in second.written}
    data = []
    for place in sorted(left.keys() | right.keys()):
        pair = left.get(place), right.get(place)
        data.append(DataDifference(place, *pair, tuple(_problems(*pair, names))))
    return Comparison(
        first,
        second,
        tuple(_diff(first.output, second.output, names)),
        tuple(_diff(first.errors, second.errors, names)),
        tuple(data),
    )


def normal_line(line: str) -> str:
    """Return a log line without what differs between any two runs: ids, times, paths of installations."""
    for pattern, replacement in _VARYING:
        line = pattern.sub(replacement, line)
    return line.rstrip()


def _diff(first: Sequence[str], second: Sequence[str], names: tuple[str, str]) -> Iterable[str]:
    lines = difflib.unified_diff(_comparable(first), _comparable(second), *names, lineterm="", n=0)
    return (line for line in lines if not line.startswith("@@"))


def _comparable(lines: Sequence[str]) -> list[str]:
    """Return the lines without those of tracebacks in libraries, which differ between any two versions.

    Frames of the script itself stay, and the lines that name the error.
    """
    kept, in_library = [], False
    for line in map(normal_line, lines):
        if _JAVA_FRAME.match(line) or _MARKERS.match(line) or _QUERY_CONTEXT.match(line):
            continue
        if _PYTHON_FRAME.match(line):
            in_library = any(place in line for place in _LIBRARIES)
        elif not line.startswith("    "):
            in_library = False
        if not in_library:
            kept.append(line)
    return kept


def _problems(first: DataSet | None, second: DataSet | None, names: tuple[str, str]) -> Iterable[str]:
    if first is None or second is None:
        yield f"only {names[first is None]} wrote it"
        return
    if first.rows != second.rows:
        yield f"rows: {_number(first.rows)} and {_number(second.rows)}"
    for name in [*first.schema, *(name for name in second.schema if name not in first.schema)]:
        types = first.schema.get(name, "missing"), second.schema.get(name, "missing")
        if types[0] != types[1]:
            yield f"column {name}: {types[0]} and {types[1]}"
    if (first.rows is None or second.rows is None) and first.size != second.size:
        yield f"bytes: {first.size} and {second.size} (the rows cannot be compared)"
    if first.content and second.content and first.content != second.content:
        yield from _row_problems(first.content, second.content, names)


def _row_problems(first: Mapping[str, int], second: Mapping[str, int], names: tuple[str, str]) -> Iterable[str]:
    for name, these, others in ((names[0], first, second), (names[1], second, first)):
        only = [row for row, times in these.items() if times > others.get(row, 0)]
        for row in only[:MAX_EXAMPLES]:
            yield f"only {name} has the row {_shortened(row)}"
        if len(only) > MAX_EXAMPLES:
            yield f"and {len(only) - MAX_EXAMPLES:,} more rows that only {name} has"


def _shortened(row: str) -> str:
    return row if len(row) <= _MAX_ROW else f"{row[:_MAX_ROW]} ..."


def _number(rows: int | None) -> str:
    return "unknown" if rows is None else f"{rows:,}"
