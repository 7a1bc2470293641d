"""Many Parquet files into few, value by value the same.

Files whose schemas are equal are joined. What differs in the schema (a column more, another type, another order,
another calendar in Spark's metadata) goes to another output file, and no value is ever converted.
"""

import os
from typing import Any, Dict, List, Optional, Tuple

import pyarrow as pa
import pyarrow.parquet as pq

from glue_jobs.common.frozen_objects import Content
from glue_jobs.common.rewriting import Bin, LocalOutput, RewriteOptions, UnrewritableFile

MAX_SHAPES = 16
GROUP_BYTES = 64 << 20
SORTED_BYTES = 256 << 20
GROUP_ROWS = 1 << 20
BATCH_ROWS = 1 << 16
ROLL = 1.5
"""A file is closed when it is larger than this many target sizes."""
KEPT_METADATA = b"org.apache.spark."
CODECS = {"UNCOMPRESSED": "none", "LZO": "snappy", "LZ4": "snappy", "LZ4_RAW": "snappy", "UNKNOWN": "snappy"}
SUFFIXES = {"none": "", "brotli": ".br"}


class ParquetRewriter:
    """Joins the Parquet files of a bin; see :class:`Rewriter`."""

    def __init__(self, one: Bin, options: RewriteOptions, directory: str) -> None:
        self._stem = os.path.join(directory, "part-{:05d}".format(one.number))
        self._options = options
        self._shapes: Dict[Tuple[Any, ...], _Shape] = {}
        self._last: Optional[Tuple[pa.Schema, _Shape]] = None

    def add(self, content: Content) -> int:
        """See :class:`Rewriter`."""
        try:
            source = pa.BufferReader(content) if isinstance(content, bytes) else pa.memory_map(content)
            with pq.ParquetFile(source) as file:
                return self._add(file)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise UnrewritableFile("not a Parquet file that can be read: {}".format(error)) from error

    def _add(self, file: Any) -> int:
        metadata = file.metadata
        rows: int = metadata.num_rows
        shape = self._shape(file)
        groups = range(metadata.num_row_groups)
        size = sum(metadata.row_group(one).total_byte_size for one in groups)
        if rows <= GROUP_ROWS and size < GROUP_BYTES:
            shape.write(file.read(use_threads=False), size)
        else:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                shape.write(pa.Table.from_batches([batch]), batch.nbytes)
        return rows

    def _shape(self, file: Any) -> "_Shape":
        schema = file.schema_arrow
        # Most files of a folder are alike: comparing two schemas takes a quarter of the time of describing one.
        if self._last is not None and schema.equals(self._last[0], check_metadata=True):
            return self._last[1]
        metadata = schema.metadata or {}
        kept = tuple(sorted((key, value) for key, value in metadata.items() if key.startswith(KEPT_METADATA)))
        text = schema.to_string(show_schema_metadata=False)
        # Only a timestamp of nanoseconds may be stored as INT96, the way of older Sparks and of Impala.
        int96 = "timestamp[ns" in text and _has_int96(file.schema)
        plain = schema.with_metadata(dict(kept) or None)
        key = (text, kept, int96)
        if key not in self._shapes:
            if len(self._shapes) >= MAX_SHAPES:
                raise UnrewritableFile(
                    "the files have more than {} different schemas; its own is {}".format(
                        MAX_SHAPES, text.replace("\n", ", ")
                    )
                )
            missing = [name for name in self._options.sort_columns if name not in _lower_names(plain)]
            if missing:
                raise UnrewritableFile("there is no column {} to sort by".format(", ".join(missing)))
            stem = "{}-{:02d}".format(self._stem, len(self._shapes))
            self._shapes[key] = _Shape(stem, plain, self._codec(file.metadata), int96, self._options)
        # Equal schemas may still differ in how timestamps of nanoseconds are stored.
        self._last = None if "timestamp[ns" in text else (schema, self._shapes[key])
        return self._shapes[key]

    def _codec(self, metadata: Any) -> str:
        if self._options.compression != "keep":
            return self._options.compression
        if metadata.num_row_groups == 0 or metadata.num_columns == 0:
            return "snappy"
        found: str = metadata.row_group(0).column(0).compression
        return CODECS.get(found, found.lower())

    def close(self) -> List[LocalOutput]:
        """See :class:`Rewriter`."""
        return [output for shape in self._shapes.values() for output in shape.close()]


def _has_int96(schema: Any) -> bool:
    return any(schema.column(index).physical_type == "INT96" for index in range(len(schema)))


def _lower_names(schema: pa.Schema) -> List[str]:
    return [name.lower() for name in schema.names]


class _Shape:
    """The output of all files with one schema."""

    def __init__(self, stem: str, schema: pa.Schema, codec: str, int96: bool, options: RewriteOptions) -> None:
        self._stem = stem
        self._schema = schema
        self._codec = codec
        self._int96 = int96
        self._options = options
        self._tables: List[pa.Table] = []
        self._bytes = self._rows = 0
        self._writer: Any = None
        self._sink: Any = None
        self._outputs: List[LocalOutput] = []

    def write(self, table: pa.Table, size: int) -> None:
        """Add rows; ``size`` is about that of the table."""
        self._tables.append(table)
        self._bytes += size
        self._rows += table.num_rows
        is_sorted = bool(self._options.sort_columns)
        limit = SORTED_BYTES if is_sorted else GROUP_BYTES
        if self._bytes >= limit or (self._rows >= GROUP_ROWS and not is_sorted):
            self._flush()

    def _flush(self) -> None:
        if self._tables:
            table = pa.concat_tables([one.replace_schema_metadata(None) for one in self._tables])
            self._tables, self._bytes, self._rows = [], 0, 0
            if self._options.sort_columns:
                exact = dict(zip(_lower_names(self._schema), self._schema.names))
                table = table.sort_by([(exact[name], "ascending") for name in self._options.sort_columns])
            if self._writer is None:
                self._open()
            self._writer.write_table(table.replace_schema_metadata(self._schema.metadata), GROUP_ROWS)
            # What is sorted is sorted within its file.
            if self._options.sort_columns or self._sink.tell() > ROLL * self._options.target_bytes:
                self._close_file()

    def _open(self) -> None:
        suffix = SUFFIXES.get(self._codec, "." + self._codec)
        path = "{}-{:03d}{}.parquet".format(self._stem, len(self._outputs), suffix)
        self._sink = pa.OSFile(path, "wb")
        self._writer = pq.ParquetWriter(
            self._sink, self._schema, compression=self._codec, use_deprecated_int96_timestamps=self._int96
        )
        self._path = path

    def _close_file(self) -> None:
        self._writer.close()
        self._sink.close()
        self._writer = None
        rows = pq.read_metadata(self._path).num_rows
        self._outputs.append(LocalOutput(self._path, os.path.basename(self._path), rows))

    def close(self) -> List[LocalOutput]:
        self._flush()
        if self._writer is None and not self._outputs:
            self._open()  # files without rows become one without rows, which keeps their schema
        if self._writer is not None:
            self._close_file()
        return self._outputs
