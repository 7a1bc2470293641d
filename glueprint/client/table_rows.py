"""The first rows of a table, read from its files through the S3 API, without Spark.

Parquet and ORC need pyarrow, which ``glueprint[local]`` installs. Compressed text is read if Python can decompress
it: gzip, bzip2, xz. Nothing is converted: values of CSV files are text.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import itertools
import json
import lzma
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from glueprint.client.errors import GlueprintError
from glueprint.client.objects import Location, StoredObject, listing
from glueprint.client.tables import PartitionView, TableView
from glueprint.facts.serdes import LAZY_SIMPLE

Row = dict[str, Any]
READABLE = ("parquet", "csv", "json", "orc")
_OPEN: dict[str, Callable[[Any], Any]] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}
_UNREADABLE_CODECS = ("zst", "snappy", "lz4", "zip")


class CannotRead(GlueprintError):
    """The rows of a table cannot be shown; the catalog's information can."""


def first_rows(s3: Any, table: TableView, partitions: Sequence[PartitionView], number: int) -> list[Row]:
    """Return the first ``number`` rows, as dictionaries of column names; partition keys come last.

    Args:
        s3: an S3 client.
        table: the table.
        partitions: its first partitions; only their files are read.
        number: how many rows.

    Raises:
        CannotRead: the format or the location cannot be read, or a file is not what the table describes.
    """
    if number <= 0:
        return []
    if table.format not in READABLE:
        kind = f"files of the format {table.format}" if table.format else "a table without a classification"
        raise CannotRead(f"the rows of {kind} are not shown", f"rows are shown of {', '.join(READABLE)}")
    names = [name for name, _, _ in table.partition_keys]
    places: list[tuple[str, Row]] = [(table.location, {})]
    if names:
        places = [(one.location, dict(zip(names, one.values))) for one in partitions]  # noqa: B905
    rows = (
        {**row, **values}
        for location, values in places
        for stored in _data_files(s3, location)
        for row in _rows_of(s3, stored, table)
    )
    return list(itertools.islice(rows, number))


def _data_files(s3: Any, location: str) -> Iterator[StoredObject]:
    """Return the files below a location that readers of tables read: not empty, and not hidden."""
    if not location.startswith(("s3://", "s3a://", "s3n://")):
        raise CannotRead(f"the data are not in S3: {location or 'there is no location'}")
    place = Location.parse(location)
    folder = Location(place.bucket, place.key if place.is_folder else f"{place.key}/")
    found = list(listing(s3, folder)) or [one for one in listing(s3, place) if one.location.key == place.key]
    for one in found:
        parts = one.location.key[len(folder.key) :].split("/")
        is_hidden = any(part.startswith(("_", ".")) for part in parts) or parts[-1].endswith("_$folder$")
        if one.size and not is_hidden:
            yield one


def _rows_of(s3: Any, stored: StoredObject, table: TableView) -> Iterator[Row]:
    reader = {"parquet": _parquet_rows, "orc": _orc_rows, "csv": _csv_rows, "json": _json_rows}[table.format]
    try:
        yield from reader(s3, stored, table)
    except (ValueError, csv.Error, OSError, EOFError) as error:
        if isinstance(error, GlueprintError):
            raise
        text = " ".join(str(error).split())
        raise CannotRead(f"{stored.location} cannot be read as {table.format}: {text}") from error


def _parquet_rows(s3: Any, stored: StoredObject, table: TableView) -> Iterator[Row]:
    parquet = _pyarrow("pyarrow.parquet")
    file = parquet.ParquetFile(_Ranged(s3, stored))
    for batch in file.iter_batches(batch_size=1000):
        yield from batch.to_pylist()


def _orc_rows(s3: Any, stored: StoredObject, table: TableView) -> Iterator[Row]:
    orc = _pyarrow("pyarrow.orc")
    file = orc.ORCFile(_Ranged(s3, stored))
    for stripe in range(file.nstripes):
        yield from file.read_stripe(stripe).to_pylist()


def _csv_rows(s3: Any, stored: StoredObject, table: TableView) -> Iterator[Row]:
    get = table.parameters.get
    serde = (table.wire.get("StorageDescriptor") or {}).get("SerdeInfo") or {}
    default = "\x01" if serde.get("SerializationLibrary") == LAZY_SIMPLE else ","
    delimiter = get("field.delim") or get("separatorChar") or get("delimiter") or default
    quote = get("quoteChar") or '"'
    if len(delimiter) != 1 or len(quote) != 1:
        raise CannotRead(f"the delimiter {delimiter!r} has more than one character")
    lines = csv.reader(_text(s3, stored), delimiter=delimiter, quotechar=quote)
    skipped = int(get("skip.header.line.count") or 0)
    names = [name for name, _, _ in table.columns]
    for cells in itertools.islice(lines, skipped, None):
        if cells:
            yield dict(itertools.zip_longest(names, cells[: len(names)]))


def _json_rows(s3: Any, stored: StoredObject, table: TableView) -> Iterator[Row]:
    names = [name for name, _, _ in table.columns]
    text = _text(s3, stored)
    first = next((line for line in text if line.strip()), "")
    if first.lstrip().startswith("["):
        records: Iterator[Any] = iter(json.loads(first + text.read()))
    else:
        try:
            json.loads(first)
            records = (json.loads(line) for line in itertools.chain([first], text) if line.strip())
        except ValueError:
            records = iter([json.loads(first + text.read())])  # one record over several lines
    for record in records:
        if not isinstance(record, dict):
            raise CannotRead(f"{stored.location} contains JSON that is not an object")
        by_lower = {name.lower(): value for name, value in record.items()}
        yield {name: by_lower.get(name.lower()) for name in names}


def _text(s3: Any, stored: StoredObject) -> io.TextIOWrapper:
    """Return the decompressed text of an object, read as far as it is used."""
    raw: Any = io.BufferedReader(_Ranged(s3, stored))
    codec = stored.location.key.rpartition(".")[2].lower()
    if codec in _UNREADABLE_CODECS:
        raise CannotRead(f"{stored.location} is compressed with {codec}, which is not read here")
    if raw.peek(2)[:2] == b"\x1f\x8b":
        codec = "gz"
    content = _OPEN[codec](raw) if codec in _OPEN else raw
    return io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline="")


class _Ranged(io.RawIOBase):
    """An object as a file that can be read at any place: each read is a request for a range."""

    _BLOCK = 1 << 20

    def __init__(self, s3: Any, stored: StoredObject) -> None:
        super().__init__()
        self._s3, self._stored = s3, stored
        self._position = 0
        self._cached = (0, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._stored.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._stored.size - self._position)
        if wanted <= 0:
            return 0
        start, block = self._cached
        if not start <= self._position < start + len(block):
            start, block = self._position, self._request(max(wanted, self._BLOCK))
            self._cached = (start, block)
        piece = block[self._position - start :][:wanted]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _request(self, size: int) -> bytes:
        place = self._stored.location
        last = min(self._position + size, self._stored.size) - 1
        answer = self._s3.get_object(
            Bucket=place.bucket, Key=place.key, Range=f"bytes={self._position}-{last}"
        )
        content: bytes = answer["Body"].read()
        return content


def _pyarrow(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise CannotRead("the rows need pyarrow", "pip install 'glueprint[local]'") from error
