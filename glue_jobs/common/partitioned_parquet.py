"""Writing rows as Parquet files, one folder per partition."""

import os
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Sequence, Tuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from glue_jobs.common.partition_folders import DEFAULT_PARTITION

MAX_OPEN_FILES = 200
MAX_BUFFERED_BYTES = 64 << 20


@dataclass(frozen=True)
class LocalPart:
    """A Parquet file on the local disk.

    Attributes:
        values: the partition's values as text, one per key.
        path: the local file.
        name: the file's name below the partition's folder.
        rows: rows, from the file's own footer.
    """

    values: Tuple[str, ...]
    path: str
    name: str
    rows: int


@dataclass
class OpenPart:
    """A Parquet file that is being written.

    Attributes:
        writer: Arrow's writer.
        path: the local file.
        name: its name.
        batches: rows that are not written yet.
    """

    writer: Any
    path: str
    name: str
    batches: List[pa.RecordBatch]


class PartitionedWriter:
    """Spreads record batches over Parquet files by the values of the partition keys.

    Rows are collected before they are written, so that many small batches make few row groups. The same batches in
    the same order give the same files: a task that is done again overwrites its own work.

    Args:
        directory: where the files are written.
        keys: the partition keys' names.
        stem: the prefix of the files' names; unique among all writers of one run.
    """

    def __init__(self, directory: str, keys: Sequence[str], stem: str) -> None:
        self._directory = directory
        self._keys = list(keys)
        self._stem = stem
        self._open: Dict[Tuple[str, ...], OpenPart] = {}
        self._buffered = 0
        self._sequence = 0
        self._parts: List[LocalPart] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a batch's rows."""
        for values, rows in split_by_partition(batch, self._keys):
            if values not in self._open and len(self._open) >= MAX_OPEN_FILES:
                self._close_all()
            if values not in self._open:
                name = "{}-{:04d}.snappy.parquet".format(self._stem, self._sequence)
                path = os.path.join(self._directory, name)
                self._sequence += 1
                writer = pq.ParquetWriter(path, rows.schema, compression="snappy", coerce_timestamps="us")
                self._open[values] = OpenPart(writer, path, name, [])
            self._open[values].batches.append(rows)
            self._buffered += rows.nbytes
            if self._buffered > MAX_BUFFERED_BYTES:
                self._flush()

    def close(self) -> List[LocalPart]:
        """Finish all files; returns what was written, in the order of writing."""
        self._close_all()
        return self._parts

    def _flush(self) -> None:
        for part in self._open.values():
            if part.batches:
                part.writer.write_table(pa.Table.from_batches(part.batches))
                part.batches = []
        self._buffered = 0

    def _close_all(self) -> None:
        self._flush()
        for values, part in self._open.items():
            part.writer.close()
            self._parts.append(LocalPart(values, part.path, part.name, pq.read_metadata(part.path).num_rows))
        self._open.clear()


def split_by_partition(
    batch: pa.RecordBatch, keys: Sequence[str]
) -> Iterator[Tuple[Tuple[str, ...], pa.RecordBatch]]:
    """The batch's rows by partition: the partition's values as text, and its rows without the keys' columns.

    A null, and an empty text as in Hive, belongs to Hive's default partition. Rows keep their order.
    """
    kept = [name for name in batch.schema.names if name not in set(keys)]
    if batch.num_rows == 0:
        return
    if not keys:
        yield (), batch
        return
    data = pa.Table.from_batches([batch]).select(kept).combine_chunks()
    texts = [_texts(batch.column(batch.schema.get_field_index(name))) for name in keys]
    code = pa.repeat(pa.scalar(0, pa.int64()), batch.num_rows)
    for text in texts:
        encoded = text.dictionary_encode()
        code = pc.add(pc.multiply(code, len(encoded.dictionary)), encoded.indices.cast(pa.int64()))
    order = pc.array_sort_indices(code)  # stable
    ordered = code.take(order)
    changes = pc.indices_nonzero(pc.not_equal(ordered.slice(1), ordered.slice(0, batch.num_rows - 1)))
    starts = [0, *(index + 1 for index in changes.to_pylist())]
    for start, end in zip(starts, [*starts[1:], batch.num_rows]):
        rows = data.take(order.slice(start, end - start))
        first = order[start].as_py()
        yield tuple(text[first].as_py() for text in texts), rows.combine_chunks().to_batches()[0]


def _texts(column: pa.Array) -> pa.Array:
    text = column.cast(pa.string())
    return pc.if_else(pc.fill_null(pc.equal(text, ""), True), DEFAULT_PARTITION, text)
