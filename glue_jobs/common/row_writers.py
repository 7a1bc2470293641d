"""Writing rows as files of one format: Parquet, ORC, JSON lines or CSV."""

import base64
import json
import math
import os
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Dict, List, Tuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.orc as arrow_orc
import pyarrow.parquet as pq

ROW_GROUP_BYTES = 64 << 20
ROW_GROUP_ROWS = 1 << 20
OUTPUT_COMPRESSIONS: Dict[str, Tuple[str, ...]] = {
    "parquet": ("snappy", "zstd", "gzip", "none"),
    "orc": ("zlib", "snappy", "zstd", "none"),
    "json": ("gzip", "none"),
    "csv": ("gzip", "none"),
}
"""By format; the first one is the default."""
_SUFFIXES = {"gzip": ".gz", "none": ""}


@dataclass(frozen=True)
class OutputFormat:
    """How files are written.

    Attributes:
        name: ``parquet``, ``orc``, ``json`` (an object per line) or ``csv`` (with a header).
        compression: one of those in :data:`OUTPUT_COMPRESSIONS`.
    """

    name: str
    compression: str

    @property
    def suffix(self) -> str:
        """The ending of a file's name."""
        if self.name in ("parquet", "orc"):
            return ".{}.{}".format(self.compression, self.name) if self.compression != "none" else "." + self.name
        return ".{}{}".format(self.name, _SUFFIXES[self.compression])


@dataclass(frozen=True)
class WrittenFile:
    """A file on the local disk.

    Attributes:
        path: the file.
        rows: rows; for Parquet and ORC those that its own footer states.
    """

    path: str
    rows: int


class RowWriter:
    """Writes tables of one schema to one file; at most one row group of rows is in memory.

    Args:
        path: the local file.
        output: how it is written.
        schema: of the tables.
    """

    def __init__(self, path: str, output: OutputFormat, schema: pa.Schema) -> None:
        self._path = path
        self._output = output
        self._schema = pa.schema([(field.name, zoneless(field.type)) for field in schema])
        self._tables: List[pa.Table] = []
        self._rows = 0
        self._waiting_bytes = 0
        self._waiting_rows = 0
        self._writer = _open_writer(path, output, self._schema)

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        if table.schema != self._schema:
            table = table.cast(self._schema)
        self._tables.append(table)
        self._waiting_rows += table.num_rows
        self._waiting_bytes += table.nbytes
        if self._waiting_bytes >= ROW_GROUP_BYTES or self._waiting_rows >= ROW_GROUP_ROWS:
            self._write_group()

    def close(self) -> WrittenFile:
        """Finish the file."""
        self._write_group()
        self._writer.close()
        if self._output.name == "parquet":
            return WrittenFile(self._path, pq.read_metadata(self._path).num_rows)
        if self._output.name == "orc":
            return WrittenFile(self._path, arrow_orc.ORCFile(self._path).nrows)
        return WrittenFile(self._path, self._rows)

    def _write_group(self) -> None:
        if not self._waiting_rows:
            return
        table = pa.concat_tables(self._tables)
        if self._output.name == "parquet":
            self._writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        elif self._output.name == "orc":
            self._writer.write(table)
        elif self._output.name == "csv":
            self._writer.write(_csv_table(table))
        else:
            self._writer.write(_json_lines(table))
        self._rows += table.num_rows
        self._tables, self._waiting_bytes, self._waiting_rows = [], 0, 0


def zoneless(found: pa.DataType) -> pa.DataType:
    """The type without time zones, which Hive's timestamps have not: a moment is its time in UTC."""
    if pa.types.is_timestamp(found):
        return pa.timestamp("us")
    if pa.types.is_list(found):
        return pa.list_(zoneless(found.value_type))
    if pa.types.is_map(found):
        return pa.map_(zoneless(found.key_type), zoneless(found.item_type))
    if pa.types.is_struct(found):
        fields = [found.field(index) for index in range(found.num_fields)]
        return pa.struct([(field.name, zoneless(field.type)) for field in fields])
    return found


def _open_writer(path: str, output: OutputFormat, schema: pa.Schema) -> Any:
    if output.name == "parquet":
        return pq.ParquetWriter(path, schema, compression=output.compression)
    if output.name == "orc":
        compression = {"none": "uncompressed"}.get(output.compression, output.compression)
        return arrow_orc.ORCWriter(path, compression=compression)
    stream = pa.output_stream(path, compression=None if output.compression == "none" else output.compression)
    if output.name == "csv":
        text_schema = pa.schema([(field.name, _csv_type(field.type)) for field in schema])
        return _Closing(arrow_csv.CSVWriter(stream, text_schema), stream)
    return stream


class _Closing:
    """A writer that closes its stream, too."""

    def __init__(self, writer: Any, stream: Any) -> None:
        self._writer = writer
        self._stream = stream

    def write(self, table: pa.Table) -> None:
        """Write a table."""
        self._writer.write(table)

    def close(self) -> None:
        """Finish writer and stream."""
        self._writer.close()
        self._stream.close()


def _csv_type(found: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_binary(found) or pa.types.is_timestamp(found) else found


def _csv_table(table: pa.Table) -> pa.Table:
    """The table with what Arrow's CSV writer does not write as others read it: binary, and timestamps."""
    for index, field in enumerate(table.schema):
        if pa.types.is_binary(field.type):
            texts = [
                None if value is None else base64.b64encode(value).decode()
                for value in table.column(index).to_pylist()
            ]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
        elif pa.types.is_timestamp(field.type):
            table = table.set_column(
                index, field.name, pc.strftime(table.column(index), format="%Y-%m-%d %H:%M:%S")
            )
    return table


def _json_lines(table: pa.Table) -> bytes:
    lines = []
    for start in range(0, table.num_rows, 10_000):
        lines += [
            json.dumps({name: _json_value(value) for name, value in row.items()}, ensure_ascii=False)
            for row in table.slice(start, 10_000).to_pylist()
        ]
    return "".join(line + "\n" for line in lines).encode()


def _json_value(value: Any) -> Any:
    """A value as JSON has it: dates, timestamps and decimals as text, which keeps digits; binary in base 64."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, (date, Decimal)):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _json_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        # Arrow returns a map as pairs, which JSON has as an object.
        if value and all(isinstance(entry, tuple) for entry in value):
            return {str(name): _json_value(inner) for name, inner in value}
        return [_json_value(entry) for entry in value]
    return value


def remove_file(path: str) -> None:
    """Delete a local file, if it is there."""
    if os.path.exists(path):
        os.remove(path)
