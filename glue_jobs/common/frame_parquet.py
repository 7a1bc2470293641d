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
    """

    region: str
    bucket: str
    prefix: str
    columns: Columns


def frame_columns(frame: Any) -> Columns:
    """The columns of a DataFrame with their Hive types."""
    return tuple((field.name, field.dataType.simpleString()) for field in frame.schema.fields)


def write_frame(frame: Any, target: FrameTarget) -> List[Tuple[str, int, int]]:
    """Write all rows; returns the key, rows and bytes of each file, at least one."""
    written = frame.mapInArrow(partial(write_partition, target), "key string, rows bigint, size bigint")
    files = sorted((row["key"], row["rows"], row["size"]) for row in written.collect())
    return files or list(write_files(target, 0, iter(()), True))


def write_partition(target: FrameTarget, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Write the rows of one task; runs in it."""
    from pyspark.taskcontext import TaskContext

    context = TaskContext.get()
    assert context is not None  # inside a task there is one
    written = list(write_files(target, context.partitionId(), batches))
    types = (pa.string(), pa.int64(), pa.int64())
    arrays = [pa.array([one[index] for one in written], kind) for index, kind in enumerate(types)]
    yield pa.RecordBatch.from_arrays(arrays, names=["key", "rows", "size"])


def write_files(
    target: FrameTarget, number: int, batches: Iterator[pa.RecordBatch], even_if_empty: bool = False
) -> Iterator[Tuple[str, int, int]]:
    """Write and upload Parquet files of up to about 256 MB; returns the key, rows and bytes of each.

    Args:
        target: where and what.
        number: the task's, which names its files.
        batches: the rows.
        even_if_empty: whether a file is written also when there are no rows.
    """
    schema = pa.schema([(name, arrow_type(hive)) for name, hive in target.columns])
    s3 = aws_client("s3", target.region)
    with tempfile.TemporaryDirectory(prefix="frame-") as directory:
        for index, (path, rows) in enumerate(_files(batches, schema, directory, even_if_empty)):
            key = "{}part-{:05d}-{:03d}.snappy.parquet".format(target.prefix, number, index)
            s3.upload_file(path, target.bucket, key)
            yield key, rows, os.path.getsize(path)
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
