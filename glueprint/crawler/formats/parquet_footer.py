"""The position of the schema in a Parquet footer, so that files with the same schema are decoded once.

A footer is a Thrift structure (compact protocol): version, schema, number of rows, and then the row groups, which
differ from file to file and are most of it. Two files whose bytes are equal up to the end of the schema have the
same schema. Only that end and the row count are found here; pyarrow decodes the schema (decision
051).
"""

from __future__ import annotations

import os
from typing import NamedTuple

_TAIL = 1 << 16
"""Bytes read at once from the end: the whole footer of most files."""

_MAX_FOOTER_BYTES = 1 << 28

_SCHEMA_FIELD = 2
_ROWS_FIELD = 3
_I64 = 6


class Footer(NamedTuple):
    """The first part of a footer.

    Attributes:
        schema: its bytes up to the end of the schema; equal bytes mean an equal schema.
        rows: the file's rows.
    """

    schema: bytes
    rows: int


class NoFooter(ValueError):
    """The bytes are not a footer that this module can parse."""


def read_footer(handle: int) -> bytes:
    """Return the footer's bytes.

    Args:
        handle: the descriptor of a local file.

    Raises:
        NoFooter: the file does not end like a Parquet file.
        OSError: it cannot be read.
    """
    size = os.fstat(handle).st_size
    tail = os.pread(handle, _TAIL, max(0, size - _TAIL))
    if tail[-4:] != b"PAR1" or len(tail) < 12:
        raise NoFooter("no Parquet magic number at the end")
    length = int.from_bytes(tail[-8:-4], "little")
    if length + 8 <= len(tail):
        return tail[-8 - length : -8]
    if length + 12 > size or length > _MAX_FOOTER_BYTES:
        raise NoFooter(f"a footer of {length} bytes in a file of {size}")
    return os.pread(handle, length, size - 8 - length)


def parse_footer(footer: bytes) -> Footer:
    """Find the end of the schema, and the row count.

    Raises:
        NoFooter: the bytes have another form.
    """
    reader = _Compact(footer)
    try:
        field = 0
        while True:
            start = reader.at
            field, kind = reader.field(field)
            if field == _ROWS_FIELD and kind == _I64:
                return Footer(footer[:start], reader.zigzag())
            if field > _ROWS_FIELD or kind == 0:
                raise NoFooter("no row count where it should be")
            reader.skip(kind, 0)
    except IndexError as error:
        raise NoFooter("the footer is cut short") from error


def rows_after(footer: bytes, schema: bytes) -> int | None:
    """Return the row count of a footer that starts with this schema, or None if it does not."""
    if not footer.startswith(schema):
        return None
    reader = _Compact(footer, len(schema))
    try:
        field, kind = reader.field(_SCHEMA_FIELD)
        return reader.zigzag() if (field, kind) == (_ROWS_FIELD, _I64) else None
    except IndexError:
        return None


class _Compact:
    """Reads and skips values of Thrift's compact protocol."""

    _MAX_LEVELS = 32

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 70:
                raise NoFooter("a number without end")

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def field(self, previous: int) -> tuple[int, int]:
        """Return number and kind of the next field; kind 0 at the end of a structure."""
        header = self._data[self.at]
        self.at += 1
        if header == 0:
            return previous, 0
        delta, kind = header >> 4, header & 0x0F
        return (previous + delta if delta else self.zigzag()), kind

    def skip(self, kind: int, level: int) -> None:
        """Skip a value."""
        if level > self._MAX_LEVELS:
            raise NoFooter("nested too deeply")
        if kind in (1, 2):
            return
        if kind == 3:
            self.at += 1
        elif kind in (4, 5, 6):
            self.varint()
        elif kind == 7:
            self.at += 8
        elif kind == 8:
            length = self.varint()
            self.at += length
        elif kind in (9, 10):
            self._skip_list(level)
        elif kind == 12:
            field, inner = self.field(0)
            while inner:
                self.skip(inner, level + 1)
                field, inner = self.field(field)
        else:
            # Maps are the only other kind, and there are none before the row count.
            raise NoFooter(f"a value of kind {kind}")
        if self.at > len(self._data):
            raise NoFooter("the footer is cut short")

    def _skip_list(self, level: int) -> None:
        header = self._data[self.at]
        self.at += 1
        count, kind = header >> 4, header & 0x0F
        if count == 15:
            count = self.varint()
        for _ in range(count):
            if kind in (1, 2):
                self.at += 1
            else:
                self.skip(kind, level + 1)
