"""Reading the files of a catalog table as rows of the table's columns; a value that does not fit is an error."""

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from glue_jobs.common.csv_dialect import CsvDialect
from glue_jobs.common.frozen_objects import Content
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.object_streams import MustNotBeCut, UnreadableFile
from glue_jobs.common.pieces import Piece
from glue_jobs.common.row_batches import SchemaContradicted, Target
from glue_jobs.common.row_sources import SourceFormat, read_rows
from glue_jobs.common.source_table import SourcePartition
from glue_jobs.common.type_merging import TypesDiffer, refuse_choice

TABLE_BATCH_ROWS = 131_072
MAX_SHOWN_RECORDS = 3
_LAZY = "LazySimpleSerDe"


@dataclass(frozen=True)
class RowFormat:
    """How a partition's files are read.

    Attributes:
        name: ``parquet``, ``orc``, ``avro``, ``json`` or ``csv``.
        dialect: of CSV files.
    """

    name: str
    dialect: CsvDialect


def row_format(partition: SourcePartition) -> RowFormat:
    """How the partition's files are read, by its SerDe."""
    serde = partition.storage.get("SerdeInfo", {})
    stated: Dict[str, str] = {
        **partition.storage.get("Parameters", {}),
        **serde.get("Parameters", {}),
    }
    is_quoted = not serde.get("SerializationLibrary", "").endswith(_LAZY)
    is_quoted = is_quoted or stated.get("areColumnsQuoted", "").lower() == "true"
    dialect = CsvDialect(
        delimiter=stated.get("separatorChar") or stated.get("field.delim") or stated.get("delimiter") or ",",
        quote=stated.get("quoteChar", '"') if is_quoted else "",
        header=partition.header_lines > 0,
        multi_line=False,
        null_text=stated.get("serialization.null.format", "" if is_quoted else "\\N"),
    )
    return RowFormat(partition.file_format, dialect)


def parquet_rows(content: Content, key: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file.

    Raises:
        UnreadableFile: it is broken, or has columns or values that do not fit.
    """
    try:
        source = pa.BufferReader(content) if isinstance(content, bytes) else pa.memory_map(content)
        with pq.ParquetFile(source) as file:
            for batch in file.iter_batches(batch_size=TABLE_BATCH_ROWS, use_threads=False):
                yield fit_batch(batch, key, schema)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile("{}: not a Parquet file that can be read: {}".format(key, error)) from error


def fit_batch(batch: pa.RecordBatch, key: str, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the schema's columns; one that the file lacks is null.

    Raises:
        UnreadableFile: a column that the schema lacks, or a value that its type cannot have.
    """
    position: Dict[str, int] = {}
    for index, name in enumerate(batch.schema.names):
        if name.lower() in position:
            raise UnreadableFile("{}: two columns are named {}, but for case".format(key, name.lower()))
        position[name.lower()] = index
    unknown = sorted(set(position) - set(schema.names))
    if unknown:
        raise UnreadableFile("{}: the table has no column {}".format(key, ", ".join(unknown)))
    columns: List[pa.Array] = []
    for field in schema:
        if field.name not in position:
            columns.append(pa.nulls(batch.num_rows, field.type))
            continue
        column = batch.column(position[field.name])
        if column.type != field.type:
            try:
                # The catalog's timestamp has microseconds; nanoseconds, which Spark cannot read, are cut off.
                column = pc.cast(column, field.type, safe=not pa.types.is_timestamp(field.type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise UnreadableFile(
                    "{}: column {} is {} in the file and {} in the table: {}".format(
                        key, field.name, column.type, field.type, error
                    )
                ) from error
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def other_rows(
    s3: Any, bucket: str, file: FrozenFile, source: RowFormat, schema: pa.Schema, directory: str
) -> Iterator[pa.RecordBatch]:
    """The rows of a file of any format.

    Raises:
        UnreadableFile: it is broken, or has columns or values that do not fit.
    """
    target = Target(schema, False, refuse_choice)
    try:
        form = SourceFormat(source.name, source.dialect)
        for rows in read_rows(s3, bucket, Piece(file, 0, file.size), form, target, directory):
            if rows.bad:
                shown = "; ".join("{}: {}".format(one.where, one.reason) for one in rows.bad[:MAX_SHOWN_RECORDS])
                raise UnreadableFile("{}: {} records do not fit: {}".format(file.key, len(rows.bad), shown))
            yield from rows.table.combine_chunks().to_batches()
    except (SchemaContradicted, TypesDiffer, MustNotBeCut) as error:
        raise UnreadableFile("{}: {}".format(file.key, error)) from error
