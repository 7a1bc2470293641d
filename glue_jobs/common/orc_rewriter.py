"""Many ORC files into few, value by value the same; files with different schemas become different files."""

import os
from typing import Any, Dict, List, Tuple

import pyarrow as pa
from pyarrow import orc

from glue_jobs.common.frozen_objects import Content
from glue_jobs.common.rewriting import Bin, LocalOutput, RewriteOptions, UnrewritableFile

MAX_ORC_SCHEMAS = 16
STRIPE_BYTES = 64 << 20
ORC_SORTED_BYTES = 256 << 20
ORC_ROLL = 1.5
ORC_CODECS = {"gzip": "zlib", "none": "uncompressed"}


class OrcRewriter:
    """Joins the ORC files of a bin; see :class:`Rewriter`."""

    def __init__(self, one: Bin, options: RewriteOptions, directory: str) -> None:
        self._stem = os.path.join(directory, "part-{:05d}".format(one.number))
        self._options = options
        self._outputs: Dict[Tuple[str, str], _OrcOutput] = {}

    def add(self, content: Content) -> int:
        """See :class:`Rewriter`."""
        try:
            source = pa.BufferReader(content) if isinstance(content, bytes) else pa.memory_map(content)
            return self._add(orc.ORCFile(source))
        except (pa.ArrowException, OSError, ValueError) as error:
            raise UnrewritableFile("not an ORC file that can be read: {}".format(error)) from error

    def _add(self, file: Any) -> int:
        rows: int = file.nrows
        schema = file.schema
        output = self._output(schema, str(file.compression).lower())
        for stripe in range(file.nstripes):
            batch = file.read_stripe(stripe)
            # A stripe's own schema may differ in what a field may be (nullable); the file's is the contract.
            output.write(pa.Table.from_batches([batch]).cast(schema))
        return rows

    def _output(self, schema: pa.Schema, found: str) -> "_OrcOutput":
        chosen = found if self._options.compression == "keep" else self._options.compression
        key = (schema.to_string(), chosen)
        if key not in self._outputs:
            if len(self._outputs) >= MAX_ORC_SCHEMAS:
                raise UnrewritableFile("the files have more than {} different schemas".format(MAX_ORC_SCHEMAS))
            names = {name.lower(): name for name in schema.names}
            missing = [name for name in self._options.sort_columns if name not in names]
            if missing:
                raise UnrewritableFile("there is no column {} to sort by".format(", ".join(missing)))
            order = [(names[name], "ascending") for name in self._options.sort_columns]
            stem = "{}-{:02d}".format(self._stem, len(self._outputs))
            codec = ORC_CODECS.get(chosen, chosen)
            self._outputs[key] = _OrcOutput(stem, schema, codec, order, self._options.target_bytes)
        return self._outputs[key]

    def close(self) -> List[LocalOutput]:
        """See :class:`Rewriter`."""
        return [part for output in self._outputs.values() for part in output.close()]


class _OrcOutput:
    """The output of all files with one schema and compression."""

    def __init__(
        self, stem: str, schema: pa.Schema, codec: str, order: List[Tuple[str, str]], target_bytes: int
    ) -> None:
        self._stem = stem
        self._schema = schema
        self._codec = codec
        self._order = order
        self._target_bytes = target_bytes
        self._tables: List[pa.Table] = []
        self._bytes = 0
        self._writer: Any = None
        self._parts: List[LocalOutput] = []

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        self._tables.append(table)
        self._bytes += table.nbytes
        if self._bytes >= (ORC_SORTED_BYTES if self._order else STRIPE_BYTES):
            self._flush()

    def _flush(self) -> None:
        if not self._tables:
            return
        table = pa.concat_tables(self._tables).combine_chunks()
        self._tables, self._bytes = [], 0
        if self._order:
            table = table.sort_by(self._order)
        if self._writer is None:
            self._open()
        self._writer.write(table)
        if self._order or os.path.getsize(self._path) > ORC_ROLL * self._target_bytes:
            self._close_file()

    def _open(self) -> None:
        self._path = "{}-{:03d}.{}.orc".format(self._stem, len(self._parts), self._codec)
        self._writer = orc.ORCWriter(self._path, compression=self._codec)

    def _close_file(self) -> None:
        self._writer.close()
        self._writer = None
        rows = orc.ORCFile(self._path).nrows
        self._parts.append(LocalOutput(self._path, os.path.basename(self._path), rows))

    def close(self) -> List[LocalOutput]:
        """Finish the files; files without rows become one without rows."""
        self._flush()
        if self._writer is None and not self._parts:
            self._tables.append(self._schema.empty_table())
            self._flush()
        if self._writer is not None:
            self._close_file()
        return self._parts
