"""Rows on their way to their partitions: an object per task, sorted by partition, of which readers fetch ranges.

A task collects rows in memory up to a limit, and appends what it has for each partition to a local file. At its
end it writes one object in which each partition's rows are together and the partitions are in their order. Objects
and ranges depend on the task's input only, so that a task that is done twice changes nothing.
"""

import os
import struct
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Sequence, Tuple

import pyarrow as pa

from glue_jobs.common.partition_folders import PartitionValues
from glue_jobs.common.partitioned_parquet import split_by_partition

SPILL_BYTES = 48 << 20
FRAME = "<QQ"
FRAME_BYTES = 16
SPILL_CODEC = "lz4"


@dataclass(frozen=True)
class SpillRange:
    """The rows of one partition in one object.

    Attributes:
        values: the partition's values.
        task: the number of the task that wrote the object.
        start: the first byte.
        end: the byte after the last one.
        rows: the rows.
        size: their size in memory, about.
    """

    values: PartitionValues
    task: int
    start: int
    end: int
    rows: int
    size: int


class TooManyPartitions(Exception):
    """The rows have more different partitions than are allowed."""


class SpillWriter:
    """Collects the rows of a task.

    Args:
        directory: for local files.
        keys: the names of the partition keys.
        maximum: the number of partitions that are allowed.
    """

    def __init__(self, directory: str, keys: Sequence[str], maximum: int) -> None:
        self._keys = list(keys)
        self._maximum = maximum
        self._path = os.path.join(directory, "chunks")
        self._file: Any = open(self._path, "wb")  # noqa: SIM115 - open for several calls
        self._chunks: Dict[PartitionValues, List[Tuple[int, int, int, int]]] = {}
        self._waiting: List[pa.RecordBatch] = []
        self._bytes = 0
        self._codec = pa.Codec(SPILL_CODEC)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows, with the columns of the keys.

        Raises:
            TooManyPartitions: there are more than allowed.
        """
        self._waiting.append(batch)
        self._bytes += batch.nbytes
        if self._bytes >= SPILL_BYTES:
            self._spill()

    def _spill(self) -> None:
        if not self._waiting:
            return
        table = pa.Table.from_batches(self._waiting).combine_chunks()
        self._waiting, self._bytes = [], 0
        for joined in table.to_batches():
            for values, rows in split_by_partition(joined, self._keys):
                raw = rows.serialize()
                data = self._codec.compress(raw, asbytes=True)
                start = self._file.tell()
                self._file.write(struct.pack(FRAME, len(data), raw.size))
                self._file.write(data)
                chunk = (start, self._file.tell(), rows.num_rows, rows.nbytes)
                self._chunks.setdefault(values, []).append(chunk)
                if len(self._chunks) > self._maximum:
                    raise TooManyPartitions(
                        "there are more than {} partitions (MaximumPartitions)".format(self._maximum)
                    )

    def discard(self) -> None:
        """Close the local file; may be repeated."""
        self._file.close()

    def close(self, path: str, task: int) -> List[SpillRange]:
        """Write the object to a local path; the ranges in it, in the order of their partitions."""
        self._spill()
        self._file.close()
        ranges = []
        with open(self._path, "rb") as source, open(path, "wb") as target:
            for values in sorted(self._chunks):
                start = target.tell()
                for first, last, _, _ in self._chunks[values]:
                    source.seek(first)
                    target.write(source.read(last - first))
                rows = sum(count for _, _, count, _ in self._chunks[values])
                size = sum(count for _, _, _, count in self._chunks[values])
                ranges.append(SpillRange(values, task, start, target.tell(), rows, size))
        os.remove(self._path)
        return ranges


def read_spilled(file: Any, start: int, end: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of a range.

    Args:
        file: the object, or a part of it, as a local file.
        start: the first byte in this file.
        end: the byte after the last one.
        schema: of the rows, without the keys.
    """
    codec = pa.Codec(SPILL_CODEC)
    file.seek(start)
    while file.tell() < end:
        length, raw = struct.unpack(FRAME, file.read(FRAME_BYTES))
        data = codec.decompress(file.read(length), raw)
        yield pa.ipc.read_record_batch(data, schema)
