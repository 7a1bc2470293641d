"""Reading one CSV or Parquet file as Arrow batches that all have the crawled table's columns and types.

A value that does not fit the table is an error, never a silent null: a load that drops values is worse than one
that fails.
"""

import csv
import io
from typing import Any, Dict, Iterator, List, Optional, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from glue_jobs.common.crawled_table import CrawledTable
from glue_jobs.common.hive_types import arrow_type

BATCH_ROWS = 65_536
BLOCK_BYTES = 4 << 20


class UnreadableFile(Exception):
    """A file does not fit the crawled table."""


def read_batches(path: str, key: str, table: CrawledTable) -> Iterator[pa.RecordBatch]:
    """Return the rows of one file, with the table's columns first and then its partition keys.

    Args:
        path: the local copy; its suffix identifies the compression of a CSV file.
        key: the S3 key; the partition keys' values are in its folders.
        table: how to read it.

    Raises:
        UnreadableFile: the file is broken, or does not fit the table.
    """
    folder = table.folder_values(key)
    schema = pa.schema([(name, arrow_type(hive)) for name, hive in (*table.columns, *table.partition_keys)])
    read = _read_csv if table.data_format == "csv" else _read_parquet
    try:
        for batch in read(path, table):
            columns = _complete(batch, table, schema)
            for (name, _), value in zip(table.partition_keys, folder):
                columns.append(
                    pa.array([value], pa.string()).cast(schema.field(name).type).take(_zeros(batch.num_rows))
                )
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
    except (pa.ArrowException, UnicodeDecodeError, UnreadableFile) as error:
        raise UnreadableFile("{}: {} (the crawled table is {})".format(key, error, table.name)) from error


def _zeros(rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(0, pa.int32()), rows)


def _complete(batch: pa.RecordBatch, table: CrawledTable, schema: pa.Schema) -> List[pa.Array]:
    """Return the batch's columns in the table's order and types; a column that the file lacks is null."""
    position = _positions(batch.schema.names, table)
    columns = []
    for name, _ in table.columns:
        wanted = schema.field(name).type
        if name in position:
            array = batch.column(position[name])
            columns.append(array if array.type == wanted else _cast(array, wanted))
        else:
            columns.append(pa.nulls(batch.num_rows, wanted))
    return columns


def _cast(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    # Hive's timestamp has microseconds; nanoseconds, which Spark cannot read, are cut off.
    return pc.cast(array, wanted, safe=not pa.types.is_timestamp(wanted))


def _positions(names: Sequence[str], table: CrawledTable) -> Dict[str, int]:
    """Return the position of each column in the file; names are compared without case, as in Glue."""
    position: Dict[str, int] = {}
    for index, name in enumerate(names):
        if name.lower() in position:
            raise UnreadableFile("two columns are named {!r}, but for case".format(name.lower()))
        position[name.lower()] = index
    unknown = sorted(set(position) - {name for name, _ in table.columns})
    if unknown:
        raise UnreadableFile("the table has no column {}".format(", ".join(unknown)))
    return position


def _read_parquet(path: str, table: CrawledTable) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=BATCH_ROWS)


def _read_csv(path: str, table: CrawledTable) -> Iterator[pa.RecordBatch]:
    names: List[str] = [name for name, _ in table.columns]
    if table.header:
        names = _header(path, table.delimiter)
        _positions(names, table)
    types = {name: arrow_type(hive) for name, hive in table.columns}
    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(
            column_names=[name.lower() for name in names],
            skip_rows=1 if table.header else 0,
            block_size=BLOCK_BYTES,
            use_threads=False,  # so that an error names the row
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=table.delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name.lower(): types[name.lower()] for name in names},
            # An empty field is null, but in a text column it is the empty text; "NA" and the like are no numbers.
            null_values=[""],
            strings_can_be_null=False,
        ),
    )
    with reader:
        yield from reader


def _header(path: str, delimiter: str) -> List[str]:
    stream: Any = pa.input_stream(path, compression="detect")
    with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        line: Optional[List[str]] = next(csv.reader(text, delimiter=delimiter), None)
    if line is None:
        raise UnreadableFile("the file is empty")
    return line
