"""One file as the classifiers read it: its first bytes, decompressed, never more than they request."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import zipfile
import zlib
from typing import IO, Any, BinaryIO, NamedTuple, Protocol

from glueprint.plain_files import open_file

from ..inspection import FileProblem, Inspection
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
    """The first bytes of a file's data, after decompression.

    Attributes:
        data: the bytes.
        whole: whether these are all of the file's data.
        stored: the number of bytes of the file that were read for them.
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
        """Inspect a file.

        Returns:
            Its schema, or None if it is not of this format.

        Raises:
            FileProblem: it is of this format and cannot be read.
        """


class Source:
    """The local file of one object.

    Args:
        path: the local file.
        size: bytes, from the listing.
        key: the object's key; its suffix identifies Hadoop's raw snappy, which has no magic number.

    Attributes:
        head: the first 16 bytes as stored.
        compression: of the complete file; ``none`` for formats that compress inside, such as Parquet.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: str, size: int, key: str) -> None:
        self.path = path
        self.size = size
        self.key = key
        with self.open() as file:
            self.head = file.read(16)
        self.compression = _compression(self.head, key)
        self._sample = Sample(b"", False, 0)

    def open(self) -> BinaryIO:
        """Open the file; a link in place of it, or of a folder of its key, is not followed.

        Raises:
            OSError: it is gone, or is not a regular file.
        """
        base, *parts = self.path.rsplit("/", self.key.count("/") + 1)
        descriptor = open_file(base or "/", parts)
        if descriptor is None:
            raise FileNotFoundError(errno.ENOENT, "it is gone, or a symbolic link", self.path)
        return os.fdopen(descriptor, "rb")

    def sample(self, limit: int = MEGABYTE) -> Sample:
        """Return at most ``limit`` bytes of data from the start, decompressed.

        Raises:
            FileProblem: the compressed data is broken.
        """
        if len(self._sample.data) < limit and not self._sample.whole:
            self._sample = self._read(limit)
        sample = self._sample
        if len(sample.data) <= limit:
            return sample
        return Sample(sample.data[:limit], False, sample.stored * limit // len(sample.data))

    def _read(self, limit: int) -> Sample:
        try:
            with self.open() as raw, self._decompressed(raw) as stream:
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


def _compression(head: bytes, key: str) -> str:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    return "snappy" if key.endswith(".snappy") else "none"


def _read_up_to(stream: Any, limit: int) -> bytes:
    buffer = io.BytesIO()
    while buffer.tell() < limit:
        # The data before the cut of a truncated stream is enough to recognise a format.
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
