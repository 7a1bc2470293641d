"""One file as the classifiers see it: its first bytes, through its compression, never more than they ask for."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import zipfile
import zlib
from typing import IO, Any, NamedTuple, Protocol

from ..shapes import FileProblem, Inspection
from .snappy import SnappyStream

MEGABYTE = 1 << 20

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\xff\x06\x00\x00sNaPpY", "snappy"),
    (b"PK\x03\x04", "zip"),
)

_DECOMPRESSION_ERRORS = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    ValueError,
    RuntimeError,
)


class Sample(NamedTuple):
    """The beginning of a file's data, after decompression.

    Attributes:
        data: the bytes.
        whole: whether that is all of it.
        stored: how many bytes of the file they were made of.
    """

    data: bytes
    whole: bool
    stored: int


class Classifier(Protocol):
    """Recognises one format."""

    @property
    def name(self) -> str:
        """For the log: the classification, or the custom classifier's name."""

    def inspect(self, source: Source) -> Inspection | None:
        """Look at a file.

        Returns:
            What it holds, or None when it is not of this format.

        Raises:
            FileProblem: it is of this format, and cannot be read.
        """


class Source:
    """A local file that holds one object.

    Args:
        path: the local file.
        size: bytes, as the listing has it.
        key: the object's key; its ending tells Hadoop's raw snappy, which has no magic number.

    Attributes:
        head: the first 16 bytes as stored.
        compression: of the whole file; ``none`` for files that compress within, such as Parquet.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: str, size: int, key: str) -> None:
        self.path = path
        self.size = size
        self.key = key
        self.head = _first_bytes(path)
        self.compression = _compression(self.head, key)
        self._sample = Sample(b"", False, 0)

    def sample(self, limit: int = MEGABYTE) -> Sample:
        """At most ``limit`` bytes of data from the start, decompressed.

        Raises:
            FileProblem: the compressed data is broken.
        """
        if len(self._sample.data) < limit and not self._sample.whole:
            self._sample = self._read(limit)
        held = self._sample
        if len(held.data) <= limit:
            return held
        return Sample(held.data[:limit], False, held.stored * limit // len(held.data))

    def _read(self, limit: int) -> Sample:
        try:
            with open(self.path, "rb") as raw, self._decompressed(raw) as stream:
                data = _read_up_to(stream, limit + 1)
                stored = len(data) if stream is raw else raw.tell()
        except _DECOMPRESSION_ERRORS as error:
            if self.compression == "none":
                raise
            raise FileProblem(f"its {self.compression} compression cannot be read: {error}") from error
        return Sample(data[:limit], len(data) <= limit, stored)

    def _decompressed(self, raw: IO[bytes]) -> Any:
        match self.compression:
            case "gzip":
                return gzip.GzipFile(fileobj=raw)
            case "bzip2":
                return bz2.BZ2File(raw)
            case "zip":
                return _only_member(raw)
            case "snappy":
                return SnappyStream(raw)
            case "zstd" | "lz4":
                import pyarrow

                return pyarrow.CompressedInputStream(raw, self.compression)
            case _:
                return raw


def _first_bytes(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.pread(handle, 16, 0)
    finally:
        os.close(handle)


def _compression(head: bytes, key: str) -> str:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    return "snappy" if key.endswith(".snappy") else "none"


def _read_up_to(stream: Any, limit: int) -> bytes:
    buffer = io.BytesIO()
    while buffer.tell() < limit:
        # A truncated stream still gives what came before the cut, which is enough to know a format.
        try:
            piece = stream.read(min(1 << 16, limit - buffer.tell()))
        except _DECOMPRESSION_ERRORS:
            if not buffer.tell():
                raise
            break
        if not piece:
            break
        buffer.write(piece)
    return buffer.getvalue()


def _only_member(raw: IO[bytes]) -> IO[bytes]:
    archive = zipfile.ZipFile(raw)
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise FileProblem(
            f"a zip archive is classified only when it holds a single file; this one holds {len(members)}"
        )
    return archive.open(members[0])


def text_of(sample: Sample) -> str | None:
    """The sample as text (UTF-8, a byte order mark dropped), or None when it is no text.

    Bytes that are no UTF-8 become replacement characters: a stray Latin-1 letter does not make a CSV file binary.
    """
    if b"\0" in sample.data:
        return None
    return sample.data.decode("utf-8-sig", errors="replace")


def complete_lines(text: str, whole: bool) -> str:
    """``text`` up to its last line end; all of it when it is the whole file."""
    return text if whole else text[: text.rfind("\n") + 1]


def lines_of(text: str) -> list[str]:
    """The lines with their ends, as Hadoop's readers split text: at ``\\n``, ``\\r`` and ``\\r\\n``.

    ``str.splitlines`` would cut at form feeds, Unicode's separators and others too, which are data.
    """
    return list(io.StringIO(text, newline=""))


def estimated_records(source: Source, sample: Sample, records: int, read: int) -> tuple[int, int]:
    """Records and data bytes of a whole file from a part of its sample.

    Args:
        source: the file.
        sample: its sample.
        records: how many records were counted.
        read: bytes of data that they take.

    Returns:
        The counts as they are when they are of the whole file; otherwise in proportion, a compressed file being
        taken to be as dense in the rest as in the sample.
    """
    if sample.whole and read >= len(sample.data):
        return records, read
    data = len(sample.data) if sample.whole else source.size * len(sample.data) // max(1, sample.stored)
    return max(1, data * records // max(1, read)), max(data, read)
