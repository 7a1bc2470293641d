"""Writing a DataFrame as Parquet files: Spark schedules the tasks, in them Arrow writes and boto3 uploads.

A task that is done again writes the same keys, so nothing has to be renamed or committed file by file.
"""

import os
import tempfile
from dataclasses import dataclass
from functools import partial
from typing import Any, Iterator, List, Tuple

import pyarrow as pa
import pyarrow.parquet as pq

from glue_jobs.common.clients import aws_client
from glue_jobs.common.columns import Columns
from glue_jobs.common.hive_types import arrow_type
from glue_jobs.common.partition_folders import partition_folder
from glue_jobs.common.partitioned_parquet import PartitionedWriter
from glue_jobs.common.publishing import Part

ROW_GROUP_BYTES = 64 << 20
ROW_GROUP_ROWS = 500_000
FILE_BYTES = 256 << 20


@dataclass(frozen=True)
class FrameTarget:
    """Where a DataFrame is written.

    Attributes:
        region: AWS region.
        bucket: the bucket.
        prefix: the folder's key prefix.
        columns: names and Hive types, in the DataFrame's order.
        keys: the columns that are partition keys, which are in the folders' names instead of in the files.
    """

    region: str
    bucket: str
    prefix: str
    columns: Columns
    keys: Tuple[str, ...] = ()


def frame_columns(frame: Any) -> Columns:
    """The columns of a DataFrame with their Hive types."""
    return tuple((field.name, field.dataType.simpleString()) for field in frame.schema.fields)


def write_frame(frame: Any, target: FrameTarget) -> List[Part]:
    """Write all rows; returns the files, at least one if there are no partition keys."""
    written = frame.mapInArrow(
        partial(write_partition, target), "values array<string>, key string, rows bigint, size bigint"
    )
    files = [Part(tuple(row["values"]), row["key"], row["rows"], row["size"]) for row in written.collect()]
    if not files and not target.keys:
        files = list(write_files(target, 0, iter(()), even_if_empty=True))
    return sorted(files, key=lambda part: part.key)


def write_partition(target: FrameTarget, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Write the rows of one task; runs in it."""
    from pyspark.taskcontext import TaskContext

    context = TaskContext.get()
    assert context is not None  # inside a task there is one
    parts = list(write_files(target, context.partitionId(), batches))
    arrays = [
        pa.array([list(part.values) for part in parts], pa.list_(pa.string())),
        pa.array([part.key for part in parts], pa.string()),
        pa.array([part.rows for part in parts], pa.int64()),
        pa.array([part.size for part in parts], pa.int64()),
    ]
    yield pa.RecordBatch.from_arrays(arrays, names=["values", "key", "rows", "size"])


def write_files(
    target: FrameTarget, number: int, batches: Iterator[pa.RecordBatch], even_if_empty: bool = False
) -> Iterator[Part]:
    """Write and upload Parquet files of up to about 256 MB; with partition keys, files of each partition.

    Args:
        target: where and what.
        number: the task's, which names its files.
        batches: the rows.
        even_if_empty: whether a file is written also when there are no rows; only without partition keys.
    """
    schema = pa.schema([(name, arrow_type(hive)) for name, hive in target.columns])
    s3 = aws_client("s3", target.region)
    stem = "part-{:05d}".format(number)
    with tempfile.TemporaryDirectory(prefix="frame-") as directory:
        if target.keys:
            writer = PartitionedWriter(directory, target.keys, stem)
            for group in _row_groups(batches, schema):
                for batch in group.combine_chunks().to_batches():
                    writer.write(batch)
            for part in writer.close():
                key = target.prefix + partition_folder(target.keys, part.values) + part.name
                s3.upload_file(part.path, target.bucket, key)
                yield Part(part.values, key, part.rows, os.path.getsize(part.path))
            return
        for index, (path, rows) in enumerate(_files(batches, schema, directory, even_if_empty)):
            key = "{}{}-{:03d}.snappy.parquet".format(target.prefix, stem, index)
            s3.upload_file(path, target.bucket, key)
            yield Part((), key, rows, os.path.getsize(path))
            os.remove(path)


def _files(
    batches: Iterator[pa.RecordBatch], schema: pa.Schema, directory: str, always: bool
) -> Iterator[Tuple[str, int]]:
    """Local Parquet files of up to about 256 MB, with the number of their rows."""
    groups = _row_groups(batches, schema)
    group = next(groups, None)
    if group is None and always:
        group = schema.empty_table()
    number = 0
    while group is not None:
        path = os.path.join(directory, "{}.parquet".format(number))
        rows = 0
        with pq.ParquetWriter(path, schema, compression="snappy", coerce_timestamps="us") as writer:
            while group is not None and (rows == 0 or os.path.getsize(path) < FILE_BYTES):
                writer.write_table(group)
                rows += group.num_rows
                group = next(groups, None)
        yield path, rows
        number += 1


def _row_groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Batches put together to row groups: memory is bounded by one of them."""
    waiting: List[pa.RecordBatch] = []
    size = rows = 0
    for batch in batches:
        if batch.num_rows == 0:
            continue
        columns = [
            column if column.type == wanted else column.cast(wanted)
            for column, wanted in zip(batch.columns, schema.types)
        ]
        waiting.append(pa.RecordBatch.from_arrays(columns, schema=schema))
        size += waiting[-1].nbytes
        rows += batch.num_rows
        if size >= ROW_GROUP_BYTES or rows >= ROW_GROUP_ROWS:
            yield pa.Table.from_batches(waiting)
            waiting, size, rows = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting)
