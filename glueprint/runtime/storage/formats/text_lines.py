"""The start of many text files, compressed or not, read by the driver.

Each call of Java costs about as much as reading a small file, and opening one takes twenty calls. The files of
buckets are files of this machine, so Python reads them. What it cannot read (another codec or character set, a
damaged file) is left to Hadoop, which reads as Spark does.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pyspark.sql import SparkSession

from glueprint.runtime.shared.s3_mounts import bucket_directory

R = TypeVar("R")
_OPEN: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}
_OTHER_CODECS = (".deflate", ".lz4", ".snappy", ".zst")
"""Suffixes of Hadoop's codecs that Python does not have."""


class TextFiles:
    """Text files at addresses of Spark, in one character set."""

    def __init__(self, session: SparkSession, encoding: str) -> None:
        self._jvm: Any = session._jvm
        self._conf: Any = session._jsc.hadoopConfiguration()
        self._encoding = encoding
        self._directories: dict[str, Path | None] = {}

    def read(self, uri: str, reading: Callable[[Iterable[str]], R]) -> R:
        """Return what ``reading`` makes of the first lines of a file, without their ends. It is called again if a
        line cannot be read by Python.
        """
        path = self._path(uri)
        if path is not None:
            try:
                with _OPEN.get(path.suffix, open)(path, "rt", encoding=self._encoding, errors="replace") as file:
                    return reading(line.rstrip("\n") for line in file)
            except (OSError, EOFError, zlib.error):
                pass  # Hadoop's own error, or what it can read
        return self._by_hadoop(uri, reading)

    def _path(self, uri: str) -> Path | None:
        """Return the file on this machine; None if it is left to Hadoop."""
        scheme, _, rest = uri.partition(":")
        if not self._has_encoding or uri.endswith(_OTHER_CODECS):
            return None
        if scheme == "file":
            return Path(rest)
        bucket, _, key = rest.lstrip("/").partition("/")
        if bucket not in self._directories:
            self._directories[bucket] = bucket_directory(bucket, self._conf.get)
        directory = self._directories[bucket]
        return None if directory is None else directory / key

    @cached_property
    def _has_encoding(self) -> bool:
        try:
            codecs.lookup(self._encoding)
        except LookupError:
            return False
        return True

    def _by_hadoop(self, uri: str, reading: Callable[[Iterable[str]], R]) -> R:
        path = self._jvm.org.apache.hadoop.fs.Path(uri)
        stream = path.getFileSystem(self._conf).open(path)
        try:
            codec = self._codecs.getCodec(path)
            content = stream if codec is None else codec.createInputStream(stream)
            io = self._jvm.java.io
            return reading(_lines(io.BufferedReader(io.InputStreamReader(content, self._encoding))))
        finally:
            stream.close()

    @cached_property
    def _codecs(self) -> Any:
        return self._jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(self._conf)


def _lines(reader: Any) -> Iterator[str]:
    while (line := reader.readLine()) is not None:
        yield str(line)
