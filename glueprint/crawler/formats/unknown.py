"""Why no classifier recognises a file: the warning describes the file and names a remedy."""

from __future__ import annotations

from .delimited import DELIMITERS, SAMPLE_ROWS
from .source import Source
from .text import lines_of, text_of

_FORMATS_WITHIN = ((b"PAR1", "Parquet"), (b"ORC", "ORC"), (b"Obj\x01", "Avro"))
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TAR = slice(257, 262)
"""The position of ``ustar`` in a tar archive."""


def why_unknown(source: Source) -> str:
    """Return why a file is ``UNKNOWN`` (DG:add-classifier).

    Args:
        source: the file.

    Returns:
        A phrase for the log.

    Raises:
        FileProblem: its compression is broken.
        OSError: it cannot be opened.
    """
    sample = source.sample()
    data = sample.data
    if source.compression != "none":
        for magic, name in _FORMATS_WITHIN:
            if data.startswith(magic):
                return (
                    f"it is {name} within {source.compression}, where nothing reads it: {name} compresses inside"
                )
    if data[_TAR] == b"ustar":
        return "it is a tar archive; files are read one by one"
    if data.startswith(_BYTE_ORDER_MARKS) or _is_utf_16(data):
        return "it is text in UTF-16; crawlers read UTF-8"
    text = text_of(sample)
    if text is None:
        return "it is binary data of no format that is known"
    if text.lstrip().startswith("<"):
        return "it may be XML or HTML, and has no rows: elements with something in them, more than an empty tag"
    return _why_no_table([line for line in lines_of(text)[:SAMPLE_ROWS] if line.strip()])


def _is_utf_16(data: bytes) -> bool:
    """Whether data is Latin text without a byte order mark: every other byte is zero, the others are text."""
    halves = data[:200:2], data[1:200:2]
    return any(
        letters and not any(zeros) and all(letter >= 32 or letter in b"\t\r\n" for letter in letters)
        for zeros, letters in (halves, halves[::-1])
    )


def _why_no_table(lines: list[str]) -> str:
    if not lines:
        return "it has no lines but empty ones"
    if len(lines) == 1:
        return "it has a single line; CSV needs two"
    if any(delimiter in line for delimiter in DELIMITERS for line in lines):
        return "as CSV its lines have different numbers of columns"
    return "its lines have a single column, which a custom CSV classifier with AllowSingleColumn reads"
