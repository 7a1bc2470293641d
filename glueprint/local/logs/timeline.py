"""The times at which the lines of a plain text file were written, recorded once.

A process writes lines without times; CloudWatch's clients need a time and an identity for each event that do not
change. So the first reader of a stream records the size of the file and its modification time. A *mark* is such a
record: bytes up to ``end`` were written by ``written`` and first read at ``seen``. Events also end at marks: what
was returned as an event stays one, even if the writer continues the line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_SEGMENT_BYTES = 1024 * 1024
"""Bytes between two marks: what is read at once."""
MAX_MESSAGE_BYTES = 256 * 1024
"""Bytes of an event (CloudWatch Logs quotas: 256 KB); longer lines are split."""
SETTLE_MS = 2000
"""An unfinished last line is returned if the file has not changed for this long."""


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
    ends_line: bool = False
    """Whether the line was complete: its end is not part of the message."""


def observe(log: Path, times: Path, now_ms: int, *, ended: bool = False) -> list[Mark]:
    """Record what was written since the last call, and return every mark.

    Args:
        log: the stream's file.
        times: the file of its marks; created if missing.
        now_ms: the time.
        ended: no more will be written: an unfinished last line is complete.
    """
    stat = log.stat()
    marks = _load(times)
    if marks and stat.st_size < marks[-1].end:  # truncated or replaced: another file
        times.unlink()
        marks = []
    done = marks[-1].end if marks else 0
    if stat.st_size == done:
        return marks
    mtime = int(stat.st_mtime * 1000)
    is_settled = ended or now_ms - mtime >= SETTLE_MS
    written = min(now_ms, max(mtime, marks[-1].written if marks else 0))
    seen = max(now_ms, marks[-1].seen if marks else 0)
    with log.open("rb") as stream:
        end = stat.st_size if is_settled else _after_last_newline(stream, done, stat.st_size)
        new = [Mark(cut, written, seen) for cut in _cuts(stream, done, end)]
    _append(times, new)
    return marks + new


def span(marks: Sequence[Mark], start_ms: int | None, end_ms: int | None) -> tuple[int, int]:
    """Return the bytes written at or after ``start_ms`` and before ``end_ms``; times never decrease."""

    def offset(moment: int) -> int:
        index = bisect_left(marks, moment, key=lambda mark: mark.written)
        return marks[index - 1].end if index else 0

    low = offset(start_ms) if start_ms is not None else 0
    high = offset(end_ms) if end_ms is not None else (marks[-1].end if marks else 0)
    return low, max(low, high)


def forward(log: Path, marks: Sequence[Mark], start: int, stop: int) -> Iterator[Event]:
    """Yield the events of ``[start, stop)``, in order."""
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
    """Yield the events of ``[start, stop)``, latest first."""
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
            ends_line = piece.endswith((b"\n", b"\r"))
            yield Event(position, position + len(piece), mark.written, mark.seen, text or " ", ends_line)
            position += len(piece)


def _pieces(line: bytes) -> Iterator[bytes]:
    while len(line) > MAX_MESSAGE_BYTES:
        cut = _character_start(line, MAX_MESSAGE_BYTES)
        yield line[:cut]
        line = line[cut:]
    yield line


def _cuts(stream: BinaryIO, begin: int, end: int) -> Iterator[int]:
    """Yield the positions of marks between ``begin`` and ``end``: after lines if there are any."""
    while end - begin > MAX_SEGMENT_BYTES:
        cut = _after_last_newline(stream, begin, begin + MAX_SEGMENT_BYTES)
        if cut == begin:
            stream.seek(begin)
            cut = begin + _character_start(stream.read(MAX_SEGMENT_BYTES + 1), MAX_SEGMENT_BYTES)
        yield cut
        begin = cut
    if end > begin:
        yield end


def _after_last_newline(stream: BinaryIO, begin: int, end: int) -> int:
    """Return the position after the last newline in ``[begin, end)``; ``begin`` without one."""
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
    """Return the start of the UTF-8 character at ``position``."""
    for back in range(4):
        if text[position - back] & 0xC0 != 0x80:
            return position - back
    return position


def _load(times: Path) -> list[Mark]:
    try:
        text = times.read_text("ascii")
    except FileNotFoundError:
        return []
    complete = text[: text.rfind("\n") + 1]  # a line that a crash truncated does not count
    if len(complete) < len(text):
        times.write_text(complete, "ascii")
    return [Mark(*map(int, line.split())) for line in complete.splitlines()]


def _append(times: Path, marks: Sequence[Mark]) -> None:
    if not marks:
        return
    times.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with times.open("a", encoding="ascii") as stream:
        stream.write("".join(f"{mark.end} {mark.written} {mark.seen}\n" for mark in marks))
