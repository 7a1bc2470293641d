"""Reading files of any format as rows of one schema."""

from dataclasses import dataclass
from typing import Any, Iterator

import pyarrow as pa

from glue_jobs.common.avro_rows import avro_schema, read_avro_rows
from glue_jobs.common.columnar_rows import columnar_schema, read_columnar_rows
from glue_jobs.common.csv_dialect import CsvDialect
from glue_jobs.common.csv_rows import csv_schema, read_csv_rows
from glue_jobs.common.json_rows import json_schema, read_json_rows
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.object_streams import is_compressed
from glue_jobs.common.pieces import Piece
from glue_jobs.common.row_batches import Rows, Target
from glue_jobs.common.xml_rows import read_xml_rows, xml_schema


@dataclass(frozen=True)
class SourceFormat:
    """How the input files are written.

    Attributes:
        name: ``csv``, ``json``, ``xml``, ``parquet``, ``orc`` or ``avro``.
        csv: for CSV files; its encoding is that of JSON files, too.
        row_tag: for XML files.
    """

    name: str
    csv: CsvDialect
    row_tag: str = ""


def may_be_cut(source: SourceFormat, file: FrozenFile) -> bool:
    """Whether a file may consist of lines that can be read from any line end on."""
    if source.name not in ("csv", "json") or not source.csv.has_plain_line_ends:
        return False
    has_escapes = source.name == "csv" and source.csv.escape and source.csv.multi_line
    return not has_escapes and not is_compressed(file.key)


def read_rows(
    s3: Any, bucket: str, piece: Piece, source: SourceFormat, target: Target, directory: str
) -> Iterator[Rows]:
    """The rows of a piece of a file.

    Args:
        s3: a boto3 S3 client.
        bucket: the file's bucket.
        piece: the piece.
        source: how the file is written.
        target: the schema of the rows.
        directory: a local folder for a copy of the file.

    Raises:
        UnreadableFile: the file is broken, or has a column that the schema lacks.
        MustNotBeCut: a piece of a file that must be read from its first byte on.
        SchemaContradicted: a value does not fit the inferred schema.
        TypesDiffer: a value does not fit, and the choice of types is refused.
    """
    if source.name == "csv":
        return read_csv_rows(s3, bucket, piece, source.csv, target)
    if source.name == "json":
        return read_json_rows(s3, bucket, piece, source.csv.encoding, target)
    if source.name == "xml":
        return read_xml_rows(s3, bucket, piece, source.row_tag, target)
    if source.name == "avro":
        return read_avro_rows(s3, bucket, piece, target)
    return read_columnar_rows(s3, bucket, piece, source.name, target, directory)


def find_schema(
    s3: Any, bucket: str, piece: Piece, source: SourceFormat, target: Target, complete: bool, directory: str
) -> pa.Schema:
    """The schema that a piece of a file has, or that its values suggest.

    Args:
        s3: a boto3 S3 client.
        bucket: the file's bucket.
        piece: the piece.
        source: how the file is written.
        target: how types are merged.
        complete: whether all values count, or a sample.
        directory: a local folder for a copy of the file.

    Raises:
        UnreadableFile: the file is broken.
        MustNotBeCut: as :func:`read_rows`.
        TypesDiffer: a choice of types, which the target refuses.
    """
    if source.name == "csv":
        return csv_schema(s3, bucket, piece, source.csv, target, complete)
    if source.name == "json":
        return json_schema(s3, bucket, piece, source.csv.encoding, target, complete)
    if source.name == "xml":
        return xml_schema(s3, bucket, piece, source.row_tag, target, complete)
    if source.name == "avro":
        return avro_schema(s3, bucket, piece, target)
    return columnar_schema(s3, bucket, piece, source.name, directory)
