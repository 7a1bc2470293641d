"""Snappy streams: the standard framing format and Hadoop's own blocks, which pyarrow reads only block by block."""

from __future__ import annotations

import io
from typing import IO, Any

_FRAMING = b"\xff\x06\x00\x00sNaPpY"
_LARGEST_BLOCK = 1 << 24
"""Bytes of one block when decompressed; writers use 64 KiB (framing) or 256 KiB (Hadoop)."""


class SnappyStream(io.RawIOBase):
    """The data of a snappy file, read block by block.

    Args:
        raw: the file, at its start.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        import pyarrow

        self._codec: Any = pyarrow.Codec("snappy")
        self._raw = raw
        self._framed = raw.read(len(_FRAMING)) == _FRAMING
        if not self._framed:
            raw.seek(0)
        self._pending = b""

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; empty at the end.

        Raises:
            ValueError: the blocks are broken.
        """
        while not self._pending:
            block = self._framed_block() if self._framed else self._hadoop_block()
            if block is None:
                return b""
            self._pending = block
        size = len(self._pending) if size < 0 else size
        piece, self._pending = self._pending[:size], self._pending[size:]
        return piece

    def _framed_block(self) -> bytes | None:
        header = self._raw.read(4)
        if len(header) < 4:
            return None
        kind, length = header[0], int.from_bytes(header[1:], "little")
        body = self._exactly(length)
        if kind == 0x00:
            return self._decompress(body[4:], _preamble(body[4:]))
        if kind == 0x01:
            return body[4:]
        if kind < 0x80:
            raise ValueError(f"unknown snappy chunk {kind:#x}")
        return b"" if self._raw.peek(1) else None  # type: ignore[attr-defined]

    def _hadoop_block(self) -> bytes | None:
        header = self._raw.read(8)
        if len(header) < 8:
            return None
        return self._decompress(
            self._exactly(int.from_bytes(header[4:], "big")), int.from_bytes(header[:4], "big")
        )

    def _exactly(self, length: int) -> bytes:
        if length > _LARGEST_BLOCK:
            raise ValueError(f"a snappy block of {length} bytes")
        body = self._raw.read(length)
        if len(body) < length:
            raise ValueError("a snappy block is cut short")
        return body

    def _decompress(self, body: bytes, length: int) -> bytes:
        if length > _LARGEST_BLOCK:
            raise ValueError(f"a snappy block that would hold {length} bytes")
        return bytes(self._codec.decompress(body, length))


def _preamble(body: bytes) -> int:
    """The decompressed length that a snappy block begins with (a little-endian base-128 number)."""
    length = shift = 0
    for byte in body[:5]:
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return length
        shift += 7
    raise ValueError("a snappy block without its length")
