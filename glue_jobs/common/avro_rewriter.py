"""Many Avro files into few, block by block as they are: no record is decoded, and no Avro library is needed.

An Avro file is a header (metadata with the schema and the codec, and a sync marker) and blocks: the number of
records, the number of bytes, the records, the sync marker (Avro 1.11 specification, "Object container files").
Files with the same schema and codec are joined by writing one header and all blocks with its sync marker.
"""

import hashlib
import mmap
import os
from typing import Any, Dict, List, Tuple, Union

from glue_jobs.common.frozen_objects import Content
from glue_jobs.common.rewriting import Bin, LocalOutput, RewriteOptions, UnrewritableFile

MAX_AVRO_SCHEMAS = 16
AVRO_ROLL = 1.5
AVRO_MAGIC = b"Obj\x01"
SYNC_BYTES = 16
Buffer = Union[bytes, mmap.mmap]


class AvroRewriter:
    """Joins the Avro files of a bin; see :class:`Rewriter`."""

    def __init__(self, one: Bin, options: RewriteOptions, directory: str) -> None:
        self._stem = os.path.join(directory, "part-{:05d}".format(one.number))
        self._target_bytes = options.target_bytes
        self._outputs: Dict[Tuple[bytes, bytes], _AvroOutput] = {}

    def add(self, content: Content) -> int:
        """See :class:`Rewriter`."""
        try:
            if isinstance(content, bytes):
                return self._add(content)
            with open(content, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                return self._add(mapped)
        except (IndexError, ValueError) as error:
            raise UnrewritableFile("not an Avro file that can be read: {}".format(error)) from error

    def _add(self, data: Buffer) -> int:
        metadata, sync, position = read_avro_header(data)
        blocks = _find_blocks(data, position, sync)
        key = (metadata.get(b"avro.schema", b""), metadata.get(b"avro.codec", b"null"))
        if not key[0]:
            raise ValueError("there is no schema in it")
        if key not in self._outputs:
            if len(self._outputs) >= MAX_AVRO_SCHEMAS:
                raise UnrewritableFile("the files have more than {} different schemas".format(MAX_AVRO_SCHEMAS))
            stem = "{}-{:02d}".format(self._stem, len(self._outputs))
            self._outputs[key] = _AvroOutput(stem, metadata, self._target_bytes)
        self._outputs[key].write(data, blocks)
        return sum(count for count, _, _ in blocks)

    def close(self) -> List[LocalOutput]:
        """See :class:`Rewriter`."""
        return [part for output in self._outputs.values() for part in output.close()]


class _AvroOutput:
    """The output of all files with one schema and codec."""

    def __init__(self, stem: str, metadata: Dict[bytes, bytes], target_bytes: int) -> None:
        self._stem = stem
        # Deterministic, so that a repeated task writes the same bytes.
        self._sync = hashlib.md5(stem.rpartition("/")[2].encode() + metadata[b"avro.schema"]).digest()
        self._header = avro_header(metadata, self._sync)
        self._target_bytes = target_bytes
        self._parts: List[LocalOutput] = []
        self._file: Any = None
        self._rows = 0

    def write(self, data: Buffer, blocks: List[Tuple[int, int, int]]) -> None:
        """Copy blocks."""
        self._open()
        for count, start, end in blocks:
            if self._file.tell() > AVRO_ROLL * self._target_bytes:
                self._close_file()
                self._open()
            self._file.write(data[start:end])
            self._file.write(self._sync)
            self._rows += count

    def _open(self) -> None:
        if self._file is None:
            self._path = "{}-{:03d}.avro".format(self._stem, len(self._parts))
            self._file = open(self._path, "wb")  # noqa: SIM115 - open for several calls
            self._file.write(self._header)

    def _close_file(self) -> None:
        self._file.close()
        self._file = None
        self._parts.append(LocalOutput(self._path, os.path.basename(self._path), self._rows))
        self._rows = 0

    def close(self) -> List[LocalOutput]:
        """Finish the files."""
        if self._file is not None:
            self._close_file()
        return self._parts


def read_avro_header(data: Buffer) -> Tuple[Dict[bytes, bytes], bytes, int]:
    """The metadata, the sync marker, and where the first block starts.

    Raises:
        ValueError: not an Avro file.
    """
    if data[:4] != AVRO_MAGIC:
        raise ValueError("it does not start as one")
    metadata: Dict[bytes, bytes] = {}
    count, position = read_long(data, 4)
    while count:
        if count < 0:
            _, position = read_long(data, position)
        for _ in range(abs(count)):
            key, position = _read_bytes(data, position)
            metadata[key], position = _read_bytes(data, position)
        count, position = read_long(data, position)
    return metadata, bytes(data[position : position + SYNC_BYTES]), position + SYNC_BYTES


def avro_header(metadata: Dict[bytes, bytes], sync: bytes) -> bytes:
    """A header."""
    pieces = [AVRO_MAGIC, write_long(len(metadata))]
    for key, value in sorted(metadata.items()):
        pieces += [write_long(len(key)), key, write_long(len(value)), value]
    return b"".join([*pieces, write_long(0), sync])


def _find_blocks(data: Buffer, position: int, sync: bytes) -> List[Tuple[int, int, int]]:
    """Records, start and end (without the marker) of each block; the complete file is checked."""
    blocks = []
    while position < len(data):
        start = position
        count, position = read_long(data, position)
        size, position = read_long(data, position)
        end = position + size
        if count < 0 or size < 0 or data[end : end + SYNC_BYTES] != sync:
            raise ValueError("a block at byte {} does not end with the sync marker".format(start))
        blocks.append((count, start, end))
        position = end + SYNC_BYTES
    return blocks


def _read_bytes(data: Buffer, position: int) -> Tuple[bytes, int]:
    size, position = read_long(data, position)
    if size < 0 or position + size > len(data):
        raise ValueError("its header is cut off")
    return bytes(data[position : position + size]), position + size


def read_long(data: Buffer, position: int) -> Tuple[int, int]:
    """A number in Avro's variable-length zig-zag code, and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return (value >> 1) ^ -(value & 1), position
        shift += 7
        if shift > 63:
            raise ValueError("a number has more than 64 bits")


def write_long(value: int) -> bytes:
    """A number in Avro's variable-length zig-zag code."""
    left = (value << 1) ^ (value >> 63)
    out = bytearray()
    while left > 0x7F:
        out.append((left & 0x7F) | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)
