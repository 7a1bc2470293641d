"""Reads and writes Avro files with fastavro; stock PySpark has no data source for Avro.

Source: developer guide, "Using the Avro format in AWS Glue".
"""

from __future__ import annotations

import functools
import io
import json
import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from glueprint.facts.partition_names import folder_name
from glueprint.runtime.frames import record_values, types, union
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage import chosen_files
from glueprint.runtime.storage.chosen_files import FileSet
from glueprint.runtime.storage.errors import BadOption, StorageError
from glueprint.runtime.storage.formats.avro_schemas import first_matching_type, schema_of, struct_of, to_avro
from glueprint.runtime.storage.formats.base import Target
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.sql_literals import quoted

_CODECS = {
    "": "deflate",
    "deflate": "deflate",
    "snappy": "snappy",
    "bzip2": "bzip2",
    "xz": "xz",
    "uncompressed": "null",
}


class Avro:
    """Schemas come from the files; where they conflict there are choices."""

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """Return the records of all files, with the fields of all their schemas."""
        contents = chosen_files.BINARY.load(session, files, chosen_files.BINARY_SCHEMA, {})
        keys = [one.name for one in files.keys]
        contents = contents.select("content", *(quoted(key) for key in keys))
        written = contents.rdd.map(lambda row: _writer_schema(row[0])).distinct().collect()
        found = functools.reduce(union.merged_struct, (struct_of(json.loads(one)) for one in sorted(written)))
        found = types.Struct(types.except_keys(found, files.keys))
        schema = types.Struct((*found.fields, *files.keys))
        rows = contents.rdd.flatMap(_Decode(found))
        data = session.createDataFrame(rows, types.physical_struct(schema), verifySchema=False)
        return Frame(data, schema)

    def write(self, frame: Frame, target: Target, options: Options) -> None:
        """Write a file for each Spark partition and folder; a choice is a union."""
        codec = _CODECS.get(target.compression.lower())
        if codec is None:
            raise BadOption("compression", target.compression, f"one of {', '.join(filter(None, _CODECS))}")
        with tempfile.TemporaryDirectory(prefix="avro-") as staging:
            encode = _Encode(frame.schema, target.partition_keys, codec, staging)
            written = _with_key_texts(frame, target.partition_keys).rdd.mapPartitions(encode).collect()
            _move(frame.data.sparkSession, staging, written, target.path)


def _writer_schema(content: bytes) -> str:
    import fastavro

    schema = fastavro.reader(io.BytesIO(content)).writer_schema
    return json.dumps(fastavro.schema.expand_schema(schema), sort_keys=True)


@dataclass(frozen=True)
class _Decode:
    """Converts a complete file and its partition's values to rows."""

    schema: types.Struct

    def __call__(self, row: Any) -> Iterator[tuple[Any, ...]]:
        import fastavro

        content, *keys = row
        convert = record_values.to_row(self.schema, first_matching_type)
        try:
            for record in fastavro.reader(io.BytesIO(content)):
                yield (*convert(record if isinstance(record, dict) else {"value": record}), *keys)
        except ValueError as error:
            if "codec" not in str(error):
                raise
            raise StorageError(f"an Avro file cannot be read: {error}") from error


@dataclass(frozen=True)
class _Encode:
    """Writes rows of one Spark partition to files in ``staging``; yields their paths there."""

    schema: types.Struct
    keys: tuple[str, ...]
    codec: str
    staging: str

    def __call__(self, rows: Iterable[Any]) -> Iterator[str]:
        import fastavro

        kept = types.Struct(tuple(one for one in self.schema if one.name not in self.keys))
        to_plain, convert = record_values.to_plain(self.schema), to_avro(kept)
        by_folder: dict[str, list[Any]] = {}
        for row in rows:
            values, texts = row[: len(self.schema.fields)], row[len(self.schema.fields) :]
            folder = "/".join(map(folder_name, self.keys, texts))
            by_folder.setdefault(folder, []).append(convert(to_plain(values)))
        name = f"part-{uuid.uuid4().hex}.avro"
        for folder, records in by_folder.items():
            place = os.path.join(folder, name)
            path = Path(self.staging, place)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                fastavro.writer(file, fastavro.parse_schema(schema_of(kept)), records, codec=self.codec)
            yield place


def _with_key_texts(frame: Frame, keys: Iterable[str]) -> DataFrame:
    """Return the frame's columns, then the partition keys as Spark writes them into folder names."""
    texts = [F.col(quoted(key)).cast("string") for key in keys]
    return frame.data.select(*(quoted(name) for name in frame.schema.names), *texts)


def _move(session: SparkSession, staging: str, places: Iterable[str], target: str) -> None:
    """Move the written files to the target: Spark's workers are on this machine."""
    jvm: Any = session._jvm
    path = jvm.org.apache.hadoop.fs.Path
    files = path(target).getFileSystem(session._jsc.hadoopConfiguration())
    for place in places:
        files.copyFromLocalFile(True, True, path(f"file:{staging}/{place}"), path(f"{target}/{place}"))
