"""Reading Parquet and ORC files as rows of one schema, a batch or stripe at a time."""

import os
from typing import Any, Dict, Iterator, List

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.orc as arrow_orc
import pyarrow.parquet as pq

from glue_jobs.common.bad_records import BadRecord
from glue_jobs.common.object_streams import UnreadableFile, download_frozen
from glue_jobs.common.pieces import Piece
from glue_jobs.common.row_batches import Rows, Target, complete_rows
from glue_jobs.common.type_merging import TypesDiffer, catalog_form
from glue_jobs.common.value_conversion import NotOfType, converter, value_text

COLUMNAR_BATCH_ROWS = 131_072


def read_columnar_rows(
    s3: Any, bucket: str, piece: Piece, format_name: str, target: Target, directory: str
) -> Iterator[Rows]:
    """The rows of a Parquet or ORC file.

    Args:
        s3: a boto3 S3 client.
        bucket: the file's bucket.
        piece: the complete file.
        format_name: ``parquet`` or ``orc``.
        target: the schema of the rows.
        directory: a local folder for a copy of the file.

    Raises:
        UnreadableFile: the file is broken, or has a column that the schema lacks.
    """
    count = 0
    for batch in _batches_of(s3, bucket, piece, format_name, directory):
        names = _lower_column_names(batch.schema.names, piece.file.key)
        unknown = sorted(set(names) - set(target.schema.names))
        if unknown:
            raise UnreadableFile("{}: the schema has no column {}".format(piece.file.key, ", ".join(unknown)))
        rows = _fit(batch, names, target.schema, count)
        count += batch.num_rows
        yield rows


def columnar_schema(s3: Any, bucket: str, piece: Piece, format_name: str, directory: str) -> pa.Schema:
    """The schema that a Parquet or ORC file states.

    Raises:
        UnreadableFile: the file is broken.
        TypesDiffer: a column that the Data Catalog cannot state.
    """
    path = os.path.join(directory, "input")
    try:
        download_frozen(s3, bucket, piece.file, path)
        schema = pq.read_schema(path) if format_name == "parquet" else arrow_orc.ORCFile(path).schema
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile("{}: not a {} file: {}".format(piece.file.key, format_name, error)) from error
    finally:
        _forget(path)
    names = _lower_column_names(schema.names, piece.file.key)
    try:
        return pa.schema([(name, catalog_form(field.type)) for name, field in zip(names, schema)])
    except TypesDiffer as error:
        raise UnreadableFile("{}: {}".format(piece.file.key, error)) from error


def _batches_of(s3: Any, bucket: str, piece: Piece, format_name: str, directory: str) -> Iterator[pa.RecordBatch]:
    path = os.path.join(directory, "input")
    try:
        download_frozen(s3, bucket, piece.file, path)
        if format_name == "parquet":
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(batch_size=COLUMNAR_BATCH_ROWS, use_threads=False)
        else:
            orc_file = arrow_orc.ORCFile(path)
            for stripe in range(orc_file.nstripes):
                yield orc_file.read_stripe(stripe)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            "{}: not a complete {} file: {}".format(piece.file.key, format_name, error)
        ) from error
    finally:
        _forget(path)


def _forget(path: str) -> None:
    if os.path.exists(path):
        os.remove(path)


def _lower_column_names(names: List[str], key: str) -> List[str]:
    lowered = [name.strip().lower() for name in names]
    twice = sorted({name for name in lowered if lowered.count(name) > 1})
    if twice:
        raise UnreadableFile("{}: two columns are named {}, but for case".format(key, ", ".join(twice)))
    return lowered


def _fit(batch: pa.RecordBatch, names: List[str], schema: pa.Schema, count: int) -> Rows:
    """The batch with the types of the schema; rows with a value that does not fit are bad."""
    columns = []
    wrong: Dict[int, str] = {}
    for name, column in zip(names, batch.columns):
        columns.append(_fit_column(name, column, schema.field(name).type, wrong))
    table = pa.table(columns, names=names)
    bad = []
    for position in sorted(wrong):
        row = batch.slice(position, 1).to_pylist()[0]
        bad.append(BadRecord("row {}".format(count + position + 1), wrong[position], value_text(row)))
    if wrong:
        mask = pc.is_in(pa.array(range(table.num_rows), pa.int64()), pa.array(sorted(wrong), pa.int64()))
        table = table.filter(pc.invert(mask))
    return Rows(complete_rows(table, schema), tuple(bad))


def _fit_column(name: str, column: pa.Array, wanted: pa.DataType, wrong: Dict[int, str]) -> pa.Array:
    if column.type == wanted:
        return column
    if not (pa.types.is_nested(column.type) or (pa.types.is_floating(column.type) and wanted == pa.string())):
        try:
            # The catalog's timestamp has microseconds; nanoseconds, which Spark cannot read, are cut off.
            return pc.cast(column, wanted, safe=not pa.types.is_timestamp(wanted))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
    convert = converter(wanted)
    values: List[Any] = []
    for position, value in enumerate(column.to_pylist()):
        try:
            values.append(convert(value))
        except NotOfType as error:  # noqa: PERF203 - each value counts
            wrong.setdefault(position, "{}: {}".format(name, error))
            values.append(None)
    return pa.array(values, wanted)
