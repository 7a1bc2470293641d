"""Snappy files: the framing format and Hadoop's blocks, one block in memory at a time. cramjam decompresses."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import IO

_FRAMING = b"\xff\x06\x00\x00sNaPpY"
_MAX_BLOCK_BYTES = 1 << 24
"""Of one block, compressed or not; writers use 64 KiB (framing) or 256 KiB (Hadoop)."""


class SnappyStream(io.RawIOBase):
    """The data of a snappy file, read block by block.

    Args:
        raw: the file, at its start.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        if raw.read(len(_FRAMING)) == _FRAMING:
            self._blocks = _framed_blocks(raw)
        else:
            raw.seek(0)
            self._blocks = _hadoop_blocks(raw)
        self._pending = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes; none at the end.

        Raises:
            ValueError: the file is broken.
        """
        while not self._pending:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._pending = block
        size = len(self._pending) if size < 0 else size
        piece, self._pending = self._pending[:size], self._pending[size:]
        return piece


def _framed_blocks(raw: IO[bytes]) -> Iterator[bytes]:
    """The data of each chunk (google/snappy, framing_format.txt); padding is empty."""
    from cramjam import DecompressionError, snappy

    while len(header := raw.read(4)) == 4:
        chunk = _exactly(raw, int.from_bytes(header[1:], "little"))
        try:
            yield bytes(snappy.decompress(_FRAMING + header + chunk))
        except DecompressionError as error:
            raise ValueError(f"a snappy chunk is broken: {error}") from error


def _hadoop_blocks(raw: IO[bytes]) -> Iterator[bytes]:
    """The data of each block of Hadoop's BlockCompressorStream: two lengths, then raw snappy."""
    from cramjam import DecompressionError, snappy

    while len(header := raw.read(8)) == 8:
        length, stored = struct.unpack(">II", header)
        block = _exactly(raw, stored)
        try:
            if snappy.decompress_raw_len(block) != length or length > _MAX_BLOCK_BYTES:
                raise ValueError(f"a snappy block of {length} bytes")
            yield bytes(snappy.decompress_raw(block))
        except DecompressionError as error:
            raise ValueError(f"a snappy block is broken: {error}") from error


def _exactly(raw: IO[bytes], length: int) -> bytes:
    if length > _MAX_BLOCK_BYTES:
        raise ValueError(f"a snappy block of {length} bytes")
    body = raw.read(length)
    if len(body) < length:
        raise ValueError("a snappy block is cut short")
    return body
