"""Many text files into few, line by line as they are: CSV and JSON lines.

Nothing is parsed. Lines at the start of a CSV file that are not rows (``skip.header.line.count``) are written
once, and files whose header lines differ go to different files. A last line without an end gets one.
"""

import bz2
import gzip
import io
import json
import os
import zlib
from typing import Any, Dict, Iterator, List, Tuple

import pyarrow as pa

from glue_jobs.common.frozen_objects import Content
from glue_jobs.common.rewriting import Bin, LocalOutput, RewriteOptions, UnrewritableFile

MAX_HEADS = 16
CHUNK_BYTES = 1 << 20
MAX_HEAD_BYTES = 1 << 20
TEXT_ROLL = 1.5
BOM = b"\xef\xbb\xbf"
TEXT_SUFFIXES = {"none": "", "gzip": ".gz", "zstd": ".zst", "bz2": ".bz2"}
"""The ends of file names by which Hadoop knows a compression."""
MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bz2"))


class TextRewriter:
    """Joins the text files of a bin; see :class:`Rewriter`."""

    def __init__(self, one: Bin, options: RewriteOptions, directory: str) -> None:
        self._stem = os.path.join(directory, "part-{:05d}".format(one.number))
        self._is_json = one.file_format == "json"
        self._header_lines = one.header_lines
        self._options = options
        self._outputs: Dict[Tuple[bytes, str], _TextOutput] = {}

    def add(self, content: Content) -> int:
        """See :class:`Rewriter`."""
        compression = found_compression(content)
        try:
            return self._add(content, compression)
        except (OSError, EOFError, ValueError, zlib.error, pa.ArrowException) as error:
            raise UnrewritableFile("it cannot be read (compression {}): {}".format(compression, error)) from error

    def _add(self, content: Content, compression: str) -> int:
        chunks = decompressed(content, compression)
        head, rest = _split_head(chunks, self._header_lines)
        if b"\0" in head + rest:
            raise ValueError("zero bytes: neither text nor compressed by gzip, zstd or bz2")
        if self._is_json:
            _check_json_lines(head + rest)
        codec = compression if self._options.compression == "keep" else self._options.compression
        output = self._output(head, codec)
        return output.write(_chain(rest, chunks))

    def _output(self, head: bytes, codec: str) -> "_TextOutput":
        key = (head.rstrip(b"\r\n"), codec)
        if key not in self._outputs:
            if len(self._outputs) >= MAX_HEADS:
                raise UnrewritableFile(
                    "the files have more than {} different header lines; its own is {!r}".format(
                        MAX_HEADS, head[:200].decode("utf-8", "replace")
                    )
                )
            stem = "{}-{:02d}".format(self._stem, len(self._outputs))
            suffix = ".json" if self._is_json else ".csv"
            self._outputs[key] = _TextOutput(stem, suffix, head, codec, self._options.target_bytes)
        return self._outputs[key]

    def close(self) -> List[LocalOutput]:
        """See :class:`Rewriter`."""
        return [part for output in self._outputs.values() for part in output.close()]


class _TextOutput:
    """The output of all files with the same header lines and compression."""

    def __init__(self, stem: str, suffix: str, head: bytes, codec: str, target_bytes: int) -> None:
        self._stem = stem
        self._suffix = suffix
        self._head = head
        self._codec = codec
        self._target_bytes = target_bytes
        self._parts: List[LocalOutput] = []
        self._stream: Any = None
        self._rows = 0

    def write(self, chunks: Iterator[bytes]) -> int:
        """Write the lines of a file; returns their number."""
        rows, last = 0, b"\n"
        for chunk in chunks:
            if not chunk:
                continue
            self._open()
            # A file is closed between two lines only.
            if last.endswith(b"\n") and self._position() > TEXT_ROLL * self._target_bytes:
                self._close_file()
                self._open()
            self._stream.write(chunk)
            lines = chunk.count(b"\n")
            rows += lines
            self._rows += lines
            last = chunk[-1:]
        if last != b"\n" and self._stream is not None:
            self._stream.write(b"\n")
            rows += 1
            self._rows += 1
        return rows

    def _open(self) -> None:
        if self._stream is not None:
            return
        name = "{}-{:03d}{}{}".format(self._stem, len(self._parts), self._suffix, TEXT_SUFFIXES[self._codec])
        self._path = name
        self._stream = open_compressed(name, self._codec)
        self._stream.write(self._head)

    def _position(self) -> int:
        return os.path.getsize(self._path)

    def _close_file(self) -> None:
        self._stream.close()
        self._stream = None
        self._parts.append(LocalOutput(self._path, os.path.basename(self._path), self._rows))
        self._rows = 0

    def close(self) -> List[LocalOutput]:
        """Finish the files; header lines without rows become a file, too."""
        if not self._parts and self._head:
            self._open()
        if self._stream is not None:
            self._close_file()
        return self._parts


def found_compression(content: Content) -> str:
    """How a file is compressed, by its first bytes: ``none``, ``gzip``, ``zstd`` or ``bz2``."""
    if isinstance(content, str):
        with open(content, "rb") as file:
            first = file.read(4)
    else:
        first = content[:4]
    return next((name for magic, name in MAGIC if first.startswith(magic)), "none")


def decompressed(content: Content, compression: str) -> Iterator[bytes]:
    """The file's text in pieces of a megabyte."""
    stream: Any = open(content, "rb") if isinstance(content, str) else io.BytesIO(content)  # noqa: SIM115 - open for several calls
    if compression == "gzip":
        reader: Any = gzip.GzipFile(fileobj=stream)
    elif compression == "bz2":
        reader = bz2.BZ2File(stream)
    elif compression == "zstd":
        reader = pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")
    else:
        reader = stream
    try:
        while True:
            chunk = reader.read(CHUNK_BYTES)
            if not chunk:
                return
            yield chunk
    finally:
        reader.close()
        stream.close()


def open_compressed(path: str, compression: str) -> Any:
    """A new file; what is written to it is compressed. The same text gives the same bytes."""
    if compression == "gzip":
        return _GzipWriter(path)
    if compression == "bz2":
        return bz2.BZ2File(path, "wb")
    if compression == "zstd":
        return pa.CompressedOutputStream(path, "zstd")
    return open(path, "wb", buffering=0)


class _GzipWriter(gzip.GzipFile):
    """A gzip file without a name and a time in it."""

    def __init__(self, path: str) -> None:
        self._target = open(path, "wb")  # noqa: SIM115 - open for several calls
        super().__init__(filename="", mode="wb", compresslevel=6, fileobj=self._target, mtime=0)

    def close(self) -> None:
        """Finish the file."""
        super().close()
        self._target.close()


def _split_head(chunks: Iterator[bytes], lines: int) -> Tuple[bytes, bytes]:
    """The header lines, with a byte order mark, and what was read after them."""
    text = next(chunks, b"")
    while text.count(b"\n") < lines and len(text) < MAX_HEAD_BYTES:
        more = next(chunks, b"")
        if not more:
            break
        text += more
    end = len(BOM) if text.startswith(BOM) else 0
    for _ in range(lines):
        found = text.find(b"\n", end)
        if found < 0:
            # Less than the header lines: the file has no rows.
            return text + (b"" if text.endswith(b"\n") or not text else b"\n"), b""
        end = found + 1
    return text[:end], text[end:]


def _check_json_lines(text: bytes) -> None:
    """Refuse JSON that is not one record in a line."""
    first = text.lstrip(BOM).lstrip()
    line, newline, _ = first.partition(b"\n")
    if not line or (not newline and len(first) >= CHUNK_BYTES):
        return
    if line.startswith(b"["):
        raise ValueError("a JSON array, not one record in a line")
    try:
        json.loads(line)
    except ValueError as error:
        raise ValueError("its first line is not a JSON record ({})".format(error)) from error


def _chain(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks
