"""Parquet and ORC: only the footer is read, since it contains the schema and the number of rows."""

from __future__ import annotations

from typing import Any

from glueprint.facts.serdes import ORC, PARQUET

from ..inspection import FileFormat, FileProblem, FileSchema, Inspection
from .parquet_footer import NoFooter, parse_footer, read_footer, rows_after
from .source import Source


class ParquetClassifier:
    """Built-in ``parquet``: "Reads the schema at the end of the file to determine format" (DG:add-classifier).

    Schemas are remembered by their bytes: of 10,000 files of one table, one is decoded.
    """

    name = "parquet"
    _MAX_REMEMBERED = 64

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[FileSchema, tuple[str, ...]]] = {}

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        if not source.head.startswith(b"PAR1"):
            return None
        try:
            with source.open() as file:
                footer = read_footer(file.fileno())
            for encoded, (schema, notes) in list(self._seen.items()):
                rows = rows_after(footer, encoded)
                if rows is not None:
                    return Inspection(schema, rows, source.size, self.name, notes)
            encoded = parse_footer(footer).schema
        except NoFooter:
            # pyarrow reads other forms of footers too, and its error describes what is wrong with this one.
            return self._decoded(source)
        answer = self._decoded(source)
        if len(self._seen) < self._MAX_REMEMBERED:
            self._seen[encoded] = answer.schema, answer.notes
        return answer

    def _decoded(self, source: Source) -> Inspection:
        import pyarrow
        import pyarrow.parquet as parquet

        try:
            with source.open() as file:
                metadata = parquet.read_metadata(file)
                schema = metadata.schema.to_arrow_schema()
        except (pyarrow.ArrowException, OSError) as error:
            raise FileProblem(f"its Parquet footer cannot be read: {_first_line(error)}") from error
        return _inspection(self.name, PARQUET, schema, metadata.num_rows, source.size)


class OrcClassifier:
    """Built-in ``orc``: "Reads the file metadata to determine format" (DG:add-classifier)."""

    name = "orc"

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        if not source.head.startswith(b"ORC"):
            return None
        import pyarrow
        import pyarrow.orc as orc

        try:
            with source.open() as file:
                found = orc.ORCFile(file)
                schema, rows = found.schema, found.nrows
        except (pyarrow.ArrowException, OSError) as error:
            raise FileProblem(f"its ORC footer cannot be read: {_first_line(error)}") from error
        return _inspection(self.name, ORC, schema, rows, source.size)


def _inspection(classification: str, serde: str, schema: Any, rows: int, size: int) -> Inspection:
    from .arrow_types import columns_of

    columns, notes = columns_of(schema)
    file_format = FileFormat(classification, "none", serde)
    return Inspection(FileSchema(file_format, columns), rows, size, classification, notes)


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
