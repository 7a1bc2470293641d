"""Documents whose examples are executed: what is marked in them, how it is run, how its output is compared.

A mark is an HTML comment on the line before a fenced block:

* ``<!-- run -->``: a ``console`` block. Lines that begin with ``$ `` are typed into one shell for the whole
  document, ``> `` goes on with a command; the other lines are what it prints. ``<!-- run: spark -->`` says that it
  needs Spark, ``<!-- run: awscli -->`` that it needs the AWS CLI.
* ``<!-- serve -->``: the same, for a ``glueprint serve`` that goes on beside the shell.
* ``<!-- file: PATH -->``: the block is a file's content.
* ``<!-- output: COMMAND -->``: what ``glueprint COMMAND`` prints.

In what is shown, ``...`` stands for anything, also for any number of lines. Ids, times and the states that a run
only passes through are not compared, nor how wide a column is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_MARK = re.compile(r"<!-- (?P<kind>run|serve|file|output)(?:: (?P<argument>\S+))? -->")
_FENCE = re.compile(r"(?P<ticks>`{3,})(?P<language>\w*)")

_PASSING = re.compile(r"\s*\d+\.\d s\s+(job|crawler) \S+ (STARTING|RUNNING|STOPPING|WAITING)")
"""A line of progress with a state that may be over before it is seen."""
_VARIABLE = (
    (re.compile(r"\b(wr|jr|br|tr|wnode)_[0-9a-f]{8,}(\.\.\.)?"), r"\1_ID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?"), "TIME"),
    (re.compile(r"\[ *\d+\.\d s\]"), "[DURATION]"),
    (re.compile(r"\b(\d+ h )?(\d+ min )?\d+(\.\d+)? (s|min)(?=\s|$)"), "DURATION"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://127.0.0.1:PORT"),
    (re.compile(r"(?<=[a-z0-9])_(?!presence\b)[a-z0-9]{8}(?=_trigger\b|\b)"), "_SUFFIX"),
    (re.compile(r"\bGLPR[A-Z0-9]{16}\b"), "ACCESS_KEY"),
    (re.compile(r"\bpid \d+"), "pid PID"),
    (re.compile(r"/[0-9a-f]{16}/"), "/HASH/"),
    (re.compile(r"[─-]{3,}"), "---"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A marked block of a document.

    Attributes:
        kind: ``run``, ``serve``, ``file`` or ``output``.
        argument: the text after the mark's colon; empty if there is none.
        lines: the lines between the fences.
        where: document and line, for messages.
    """

    kind: str
    argument: str
    lines: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Command:
    """What is typed, and what it prints by the document."""

    typed: str
    shown: tuple[str, ...]
    where: str


class DocumentError(Exception):
    """A document that cannot be read as one with examples."""


def blocks(document: Path) -> Iterator[Block]:
    """The marked blocks, in order.

    Raises:
        DocumentError: a mark without a block behind it, or a block without an end.
    """
    lines = document.read_text("utf-8").splitlines()
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence is None:
            number += 1
            continue
        begin = number + 1
        try:
            end = lines.index(fence["ticks"], begin)
        except ValueError as error:
            raise DocumentError(f"{document.name}:{begin}: the block has no end") from error
        mark = _MARK.fullmatch(lines[number - 1]) if number else None
        if mark is not None:
            yield Block(
                mark["kind"], mark["argument"] or "", tuple(lines[begin:end]), f"{document.name}:{begin}"
            )
        number = end + 1
    _no_stray_mark(document, lines)


def _no_stray_mark(document: Path, lines: Sequence[str]) -> None:
    for number, (line, following) in enumerate(pairwise([*lines, ""]), 1):
        if _MARK.match(line) and not _FENCE.match(following):
            raise DocumentError(f"{document.name}:{number}: no block follows this mark")


def commands(block: Block) -> list[Command]:
    """The commands of a ``run`` or ``serve`` block.

    Raises:
        DocumentError: it does not begin with a command.
    """
    found: list[tuple[list[str], list[str], int]] = []
    for number, line in enumerate(block.lines, 1):
        if line.startswith("$ "):
            found.append(([line[2:]], [], number))
        elif not found:
            raise DocumentError(f"{block.where}: the block must begin with a command: '$ ...'")
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0].append(line[2:])
        else:
            found[-1][1].append(line)
    name, _, first = block.where.rpartition(":")
    return [
        Command("\n".join(typed), tuple(shown), f"{name}:{int(first) + number}")
        for typed, shown, number in found
    ]


def difference(shown: Sequence[str], printed: Sequence[str]) -> str | None:
    """The first line of a document that was not printed where it should have been; None when all were.

    Blank lines and states in passing count on neither side.
    """
    wanted, actual = _compared(shown), _compared(printed)
    if _as_pattern(wanted).fullmatch(_text(actual)):
        return None
    equal = next(count for count in range(len(wanted), -1, -1) if _begins(actual, wanted[:count]))
    everything = "\n".join(f"    {line}" for line in actual) or "    (nothing)"
    problem = f"the document shows next\n    {wanted[equal]}" if equal < len(wanted) else "more than that"
    return f"the first {equal} lines are as shown; then {problem}\nprinted was\n{everything}"


def _as_pattern(wanted: Sequence[str]) -> re.Pattern[str]:
    lines = (
        "(?:.*\n)*" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + "\n" for line in wanted
    )
    return re.compile("".join(lines))


def _begins(actual: Sequence[str], wanted: Sequence[str]) -> bool:
    return _as_pattern([*wanted, "..."]).fullmatch(_text(actual)) is not None


def _text(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _compared(lines: Sequence[str]) -> list[str]:
    return [plain(line) for line in lines if line.strip() and not _PASSING.fullmatch(line)]


def plain(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, replacement in _VARIABLE:
        line = pattern.sub(replacement, line)
    return line.strip()
