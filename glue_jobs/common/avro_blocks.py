"""Decoding Avro object container files, without a library: neither Spark's Python nor Arrow has one.

See the Avro specification 1.11, "Object Container Files" and "Binary encoding".
"""

import bz2
import json
import lzma
import struct
import zlib
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pyarrow as pa

AVRO_MAGIC = b"Obj\x01"
SYNC_BYTES = 16
Decoder = Callable[["AvroBytes"], Any]


class BrokenAvro(Exception):
    """Bytes that are not Avro."""


class AvroBytes:
    """A position in some bytes, and the primitive values from there on.

    Args:
        data: the bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            BrokenAvro: there are fewer.
        """
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise BrokenAvro("the file ends too early")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def long(self) -> int:
        """A number of variable length, zigzag."""
        data, at = self.data, self.at
        shift = number = 0
        while True:
            if at >= len(data) or shift > 63:
                raise BrokenAvro("the file ends too early")
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
        self.at = at
        return (number >> 1) ^ -(number & 1)

    def blob(self) -> bytes:
        """Bytes with their length."""
        return self.take(self.long())

    def text(self) -> str:
        """A text."""
        return self.blob().decode("utf-8")


def read_header(read: Callable[[int], bytes]) -> Tuple[Any, str, bytes, bytes]:
    """Read the head of a file: its schema, codec and sync marker, and what was read beyond.

    Args:
        read: returns the next bytes of the file, at most the given number; empty at the end.

    Raises:
        BrokenAvro: it is not an Avro file.
    """
    data = read(1 << 16)
    while True:
        source = AvroBytes(data)
        try:
            if not data.startswith(AVRO_MAGIC):
                raise BrokenAvro("not an Avro file")
            source.at = len(AVRO_MAGIC)
            meta = map_of(AvroBytes.blob)(source)
            sync = source.take(SYNC_BYTES)
            break
        except BrokenAvro:
            more = read(1 << 16) if data.startswith(AVRO_MAGIC) else b""
            if not more:
                raise
            data += more
    return json.loads(meta["avro.schema"]), meta.get("avro.codec", b"null").decode(), sync, data[source.at :]


def read_blocks(read: Callable[[int], bytes], rest: bytes, codec: str, sync: bytes) -> Iterator[Tuple[int, bytes]]:
    """The blocks of a file: the number of records, and their bytes.

    Raises:
        BrokenAvro: the file is damaged or cut off.
    """
    data = rest
    while True:
        source = AvroBytes(data)
        try:
            if not data:
                raise BrokenAvro("end")
            count, body = source.long(), source.blob()
            mark = source.take(SYNC_BYTES)
        except BrokenAvro:
            more = read(max(1 << 20, len(data)))
            if not more:
                if data:
                    raise
                return
            data += more
            continue
        if mark != sync:
            raise BrokenAvro("a block does not end with the file's marker")
        data = data[source.at :]
        yield count, decompress_block(body, codec)


def decompress_block(body: bytes, codec: str) -> bytes:
    """The bytes of a block's records.

    Raises:
        BrokenAvro: they are damaged, or the codec is unknown.
    """
    try:
        if codec == "null":
            return body
        if codec == "deflate":
            return zlib.decompress(body, -15)
        if codec == "snappy":
            return _snappy(body)
        if codec == "bzip2":
            return bz2.decompress(body)
        if codec == "xz":
            return lzma.decompress(body)
        if codec == "zstandard":
            stream: bytes = pa.CompressedInputStream(pa.BufferReader(body), "zstd").read()
            return stream
    except (zlib.error, lzma.LZMAError, OSError, pa.ArrowException) as error:
        raise BrokenAvro("a block is damaged: {}".format(error)) from error
    raise BrokenAvro("the codec {} is unknown".format(codec))


def _snappy(body: bytes) -> bytes:
    size = shift = 0
    for byte in body[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    found: bytes = pa.decompress(body[:-4], decompressed_size=size, codec="snappy", asbytes=True)
    if zlib.crc32(found) != struct.unpack(">I", body[-4:])[0]:
        raise BrokenAvro("the checksum of a block is wrong")
    return found


def map_of(item: Decoder) -> Decoder:
    """The decoder of a map."""

    def decode(source: AvroBytes) -> Dict[str, Any]:
        found = {}
        for _ in _items(source):
            key = source.text()
            found[key] = item(source)
        return found

    return decode


def list_of(item: Decoder) -> Decoder:
    """The decoder of an array."""

    def decode(source: AvroBytes) -> List[Any]:
        return [item(source) for _ in _items(source)]

    return decode


def _items(source: AvroBytes) -> Iterator[None]:
    while True:
        count = source.long()
        if count == 0:
            return
        if count < 0:
            source.long()  # the block's bytes
        for _ in range(abs(count)):
            yield None
