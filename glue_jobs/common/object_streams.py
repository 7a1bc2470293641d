"""Reading frozen objects of S3: as local files, and as chunks of complete lines with a bound on memory."""

import codecs
import os
import shutil
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, Optional, Tuple

import pyarrow as pa

from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.pieces import Piece

CHUNK_BYTES = 8 << 20
MAX_RECORD_BYTES = 64 << 20
MARGIN_BYTES = 64 << 10
_CODECS = {"gz": "gzip", "bz2": "bz2", "zst": "zstd", "lz4": "lz4"}
_UNKNOWN_CODECS = ("snappy", "xz", "lzo", "deflate", "zip", "z", "br")

Cut = Callable[[bytes], int]
"""Finds the end of the last complete record in some bytes; 0 if none is complete."""


class UnreadableFile(Exception):
    """A file that cannot be read; the message names it."""


class MustNotBeCut(Exception):
    """A file that can only be read from its first byte on; its key is the message."""


@dataclass(frozen=True)
class Chunk:
    """Some complete records of a file.

    Attributes:
        data: the records, UTF-8 unless the file is broken.
        start: where they start in the file (without its compression, in UTF-8).
        is_last: whether they are the last of a file that is read completely; they may then end anywhere.
        quotes: at the end of a range of a CSV file: whether it starts and ends inside of quotes.
    """

    data: bytes
    start: int
    is_last: bool = False
    quotes: Optional[Tuple[bool, bool]] = None


def is_compressed(key: str) -> bool:
    """Whether a key's ending states a compression."""
    suffix = key.rpartition(".")[2].lower()
    return suffix in _CODECS or suffix in _UNKNOWN_CODECS


def compression_of(key: str) -> str:
    """The compression that a key's ending states, as Arrow names it; empty without one.

    Raises:
        UnreadableFile: it is one that cannot be read.
    """
    suffix = key.rpartition(".")[2].lower()
    if suffix in _UNKNOWN_CODECS:
        raise UnreadableFile("{}: files compressed as .{} cannot be read".format(key, suffix))
    return _CODECS.get(suffix, "")


def open_frozen(s3: Any, bucket: str, file: FrozenFile, start: int = 0, end: Optional[int] = None) -> Any:
    """Open a file, or a range of its bytes, if it still is the one that was frozen.

    Raises:
        UnreadableFile: it was changed or deleted since.
    """
    request: Dict[str, Any] = {"Bucket": bucket, "Key": file.key}
    if start > 0 or (end is not None and end < file.size):
        request["Range"] = "bytes={}-{}".format(start, (file.size if end is None else min(end, file.size)) - 1)
    try:
        answer = s3.get_object(**request)
    except s3.exceptions.NoSuchKey as error:
        raise UnreadableFile(
            "{} was deleted after it was found; run the workflow again".format(file.key)
        ) from error
    if answer["ETag"].strip('"') != file.etag:
        answer["Body"].close()
        raise UnreadableFile("{} was changed after it was found; run the workflow again".format(file.key))
    return answer["Body"]


def download_frozen(s3: Any, bucket: str, file: FrozenFile, path: str) -> None:
    """Download a file if it still is the one that was frozen.

    Raises:
        UnreadableFile: it was changed or deleted since.
    """
    with open(path, "wb") as target:
        shutil.copyfileobj(open_frozen(s3, bucket, file), target, 1 << 20)
    if os.path.getsize(path) != file.size:
        raise UnreadableFile("{} was cut off while it was read".format(file.key))


def byte_parts(s3: Any, bucket: str, file: FrozenFile) -> Iterator[bytes]:
    """The bytes of a complete file, decompressed.

    Raises:
        UnreadableFile: it is broken.
    """
    return _decompressed(open_frozen(s3, bucket, file), file.key)


def end_of_last_line(data: bytes) -> int:
    """The :data:`Cut` of files with one record per line."""
    return data.rfind(b"\n") + 1


def file_chunks(s3: Any, bucket: str, file: FrozenFile, encoding: str, cut: Cut) -> Iterator[Chunk]:
    """A complete file, decompressed and in UTF-8 without its byte order mark.

    Args:
        s3: a boto3 S3 client.
        bucket: the file's bucket.
        file: the file.
        encoding: of its text.
        cut: finds the ends of records.

    Raises:
        UnreadableFile: it is broken, not of this encoding, or has a record that is too long.
    """
    pieces = _utf8(byte_parts(s3, bucket, file), file.key, encoding)
    buffer = b""
    start = 0
    is_first = True
    for data in pieces:
        if is_first:
            start = 3 if data.startswith(codecs.BOM_UTF8) else 0
            data = data[start:]
            is_first = False
        buffer += data
        if len(buffer) < CHUNK_BYTES:
            continue
        end = cut(buffer)
        if end:
            yield Chunk(buffer[:end], start)
            buffer = buffer[end:]
            start += end
        elif len(buffer) > MAX_RECORD_BYTES:
            raise UnreadableFile(
                "{}: the record at byte {} is longer than {} MB".format(file.key, start, MAX_RECORD_BYTES >> 20)
            )
    yield Chunk(buffer, start, is_last=True)


def range_chunks(s3: Any, bucket: str, piece: Piece) -> Iterator[Chunk]:
    """The lines of an uncompressed UTF-8 file that start in a range of its bytes.

    Raises:
        UnreadableFile: a line is too long.
    """
    file = piece.file
    # The byte before the range shows whether a line starts at its first byte.
    position = max(piece.start - 1, 0)
    data = read_range(s3, bucket, file, position, min(piece.end + MARGIN_BYTES, position + CHUNK_BYTES))
    if piece.start:
        first = data.find(b"\n") + 1
        while not first and position + len(data) < file.size:
            if len(data) > MAX_RECORD_BYTES:
                raise _too_long(file, position)
            data += read_range(s3, bucket, file, position + len(data), position + len(data) + CHUNK_BYTES)
            first = data.find(b"\n") + 1
        if not first:
            return
        data, position = data[first:], position + first
    elif data.startswith(codecs.BOM_UTF8):
        data, position = data[3:], 3
    while position < piece.end:
        read_to = position + len(data)
        # The last line of the range ends at the first line end from its last byte on.
        if read_to >= piece.end:
            end = data.find(b"\n", max(piece.end - 1 - position, 0)) + 1
            if not end and read_to >= file.size:
                end = len(data)
        else:
            end = end_of_last_line(data)
        if end:
            yield Chunk(data[:end], position)
            data, position = data[end:], position + end
        elif len(data) > MAX_RECORD_BYTES:
            raise _too_long(file, position)
        else:
            data += read_range(s3, bucket, file, read_to, read_to + CHUNK_BYTES)
            continue
        if position < piece.end:
            goal = max(CHUNK_BYTES - len(data), MARGIN_BYTES)
            read_to = position + len(data)
            data += read_range(
                s3, bucket, file, read_to, min(max(piece.end + MARGIN_BYTES, read_to), read_to + goal)
            )


def _too_long(file: FrozenFile, position: int) -> UnreadableFile:
    return UnreadableFile(
        "{}: the line at byte {} is longer than {} MB".format(file.key, position, MAX_RECORD_BYTES >> 20)
    )


def read_range(s3: Any, bucket: str, file: FrozenFile, start: int, end: int) -> bytes:
    """A range of a file's bytes.

    Raises:
        UnreadableFile: the file was changed, deleted or cut off.
    """
    if start >= min(end, file.size):
        return b""
    body = open_frozen(s3, bucket, file, start, min(end, file.size))
    content: bytes = body.read()
    if len(content) != min(end, file.size) - start:
        raise UnreadableFile("{} was cut off while it was read".format(file.key))
    return content


def _decompressed(body: Any, key: str) -> Iterator[bytes]:
    codec = compression_of(key)
    stream = pa.CompressedInputStream(pa.PythonFile(body, mode="r"), codec) if codec else body
    while True:
        try:
            data = stream.read(CHUNK_BYTES)
        except OSError as error:
            raise UnreadableFile("{}: not a complete .{} file: {}".format(key, codec, error)) from error
        if not data:
            return
        yield data


def _utf8(parts: Iterator[bytes], key: str, encoding: str) -> Iterator[bytes]:
    """The parts in UTF-8; those of a UTF-8 file unchanged, since a broken byte must not hide its record."""
    if is_utf8(encoding):
        yield from parts
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        for part in parts:
            yield decoder.decode(part).encode("utf-8")
        yield decoder.decode(b"", final=True).encode("utf-8")
    except UnicodeError as error:
        raise UnreadableFile("{}: its text is not {}: {}".format(key, encoding, error)) from error


def is_utf8(encoding: str) -> bool:
    """Whether an encoding's name is one of UTF-8."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")
