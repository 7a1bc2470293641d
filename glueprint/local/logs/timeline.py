"""When the lines of a plain text file were written, noted once and for ever.

A process writes lines without times; CloudWatch's clients need a time and an identity per event that never change.
So whoever reads a stream first notes how far the file had grown and when it was last written (its mtime then). A
*mark* is such a note: bytes up to ``end`` were written by ``written`` and first seen at ``seen``. Marks are also
where events end: what was shown as an event stays one, though the writer goes on with the line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SEGMENT = 1024 * 1024
"""Bytes between two marks at most: what is read at once."""
MESSAGE = 256 * 1024
"""Bytes of an event at most (CloudWatch Logs quotas: 256 KB); longer lines are cut."""
SETTLE_MS = 2000
"""An unfinished last line is shown once the file has rested this long."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Bytes before ``end`` (and after the mark before) belong to ``written``; times in ms since the epoch."""

    end: int
    written: int
    seen: int


@dataclass(frozen=True, slots=True)
class Event:
    """One line: its bytes are ``[start, end)`` of the file."""

    start: int
    end: int
    timestamp: int
    ingestion: int
    message: str


def observe(log: Path, times: Path, now_ms: int, *, ended: bool = False) -> list[Mark]:
    """Note what has grown since the last look, and return every mark.

    Args:
        log: the stream's file.
        times: where its marks are kept; created when missing.
        now_ms: the time.
        ended: nothing more will be written: an unfinished last line is a line.
    """
    stat = log.stat()
    marks = _load(times)
    if marks and stat.st_size < marks[-1].end:  # cut short or replaced: another file
        times.unlink()
        marks = []
    done = marks[-1].end if marks else 0
    if stat.st_size == done:
        return marks
    mtime = int(stat.st_mtime * 1000)
    rested = ended or now_ms - mtime >= SETTLE_MS
    written = min(now_ms, max(mtime, marks[-1].written if marks else 0))
    seen = max(now_ms, marks[-1].seen if marks else 0)
    with log.open("rb") as stream:
        end = stat.st_size if rested else _after_last_newline(stream, done, stat.st_size)
        new = [Mark(cut, written, seen) for cut in _cuts(stream, done, end)]
    _append(times, new)
    return marks + new


def span(marks: Sequence[Mark], start_ms: int | None, end_ms: int | None) -> tuple[int, int]:
    """The bytes written at or after ``start_ms`` and before ``end_ms``; times never go back along a stream."""

    def offset(moment: int) -> int:
        index = bisect_left(marks, moment, key=lambda mark: mark.written)
        return marks[index - 1].end if index else 0

    low = offset(start_ms) if start_ms is not None else 0
    high = offset(end_ms) if end_ms is not None else (marks[-1].end if marks else 0)
    return low, max(low, high)


def forward(log: Path, marks: Sequence[Mark], start: int, stop: int) -> Iterator[Event]:
    """The events of ``[start, stop)``, in order."""
    with log.open("rb") as stream:
        index = bisect_left(marks, start + 1, key=lambda mark: mark.end)
        for number in range(index, len(marks)):
            begin = marks[number - 1].end if number else 0
            if begin >= stop:
                return
            for event in _segment(stream, begin, marks[number]):
                if start <= event.start and event.end <= stop:
                    yield event


def backward(log: Path, marks: Sequence[Mark], start: int, stop: int) -> Iterator[Event]:
    """The events of ``[start, stop)``, latest first."""
    with log.open("rb") as stream:
        index = bisect_left(marks, stop, key=lambda mark: mark.end)
        for number in range(min(index, len(marks) - 1), -1, -1):
            if marks[number].end <= start:
                return
            begin = marks[number - 1].end if number else 0
            for event in reversed(list(_segment(stream, begin, marks[number]))):
                if start <= event.start and event.end <= stop:
                    yield event


def _segment(stream: BinaryIO, begin: int, mark: Mark) -> Iterator[Event]:
    stream.seek(begin)
    position = begin
    for line in stream.read(mark.end - begin).splitlines(keepends=True):
        for piece in _pieces(line):
            text = piece.rstrip(b"\r\n").decode("utf-8", "replace")
            # An event's message has at least one character (service model, EventMessage).
            yield Event(position, position + len(piece), mark.written, mark.seen, text or " ")
            position += len(piece)


def _pieces(line: bytes) -> Iterator[bytes]:
    while len(line) > MESSAGE:
        cut = _character_start(line, MESSAGE)
        yield line[:cut]
        line = line[cut:]
    yield line


def _cuts(stream: BinaryIO, begin: int, end: int) -> Iterator[int]:
    """Where to put marks between ``begin`` and ``end``: after lines, where there are any."""
    while end - begin > SEGMENT:
        cut = _after_last_newline(stream, begin, begin + SEGMENT)
        if cut == begin:
            stream.seek(begin)
            cut = begin + _character_start(stream.read(SEGMENT + 1), SEGMENT)
        yield cut
        begin = cut
    if end > begin:
        yield end


def _after_last_newline(stream: BinaryIO, begin: int, end: int) -> int:
    """The position after the last newline in ``[begin, end)``; ``begin`` when there is none."""
    block = 64 * 1024
    while end > begin:
        low = max(begin, end - block)
        stream.seek(low)
        found = stream.read(end - low).rfind(b"\n")
        if found >= 0:
            return low + found + 1
        end = low
    return begin


def _character_start(text: bytes, position: int) -> int:
    """The nearest start of a UTF-8 character at or before ``position``."""
    for back in range(4):
        if text[position - back] & 0xC0 != 0x80:
            return position - back
    return position


def _load(times: Path) -> list[Mark]:
    try:
        text = times.read_text("ascii")
    except FileNotFoundError:
        return []
    whole = text[: text.rfind("\n") + 1]  # a line that a crash cut short does not count
    if len(whole) < len(text):
        times.write_text(whole, "ascii")
    return [Mark(*map(int, line.split())) for line in whole.splitlines()]


def _append(times: Path, marks: Sequence[Mark]) -> None:
    if not marks:
        return
    times.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with times.open("a", encoding="ascii") as stream:
        stream.write("".join(f"{mark.end} {mark.written} {mark.seen}\n" for mark in marks))
