"""Each use of a table becomes a view in DuckDB that returns its rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.facts.serdes import (
    AVRO,
    CLOUDTRAIL,
    CLOUDTRAIL_INPUT,
    GROK,
    HCATALOG_JSON,
    JSON,
    LAZY_SIMPLE,
    OPEN_CSV,
    ORC,
    PARQUET,
    REGEX,
)
from glueprint.query.compiling.compiled import TableUse
from glueprint.query.compiling.relations import PATH as PATH_COLUMN
from glueprint.query.errors import QueryError
from glueprint.query.reading import columnar, json_lines, open_csv, text
from glueprint.query.reading.columnar import PATH, arrow_type
from glueprint.query.reading.objects import Object, Objects
from glueprint.query.reading.partitions import Partition, partitions_of, value_sql
from glueprint.query.types import Type, quoted, to_duckdb

_BATCH_ROWS = 50_000
HIVE_JSON = "org.apache.hadoop.hive.serde2.JsonSerDe"


@dataclass
class Statistics:
    """What reading has cost."""

    bytes: int = 0
    files: int = 0
    partitions: int = 0


@dataclass(frozen=True, slots=True)
class _File:
    stored: Object
    path: str
    partition: Partition


class Tables:
    """Makes views of the tables of one Glue.

    Attributes:
        statistics: how much was read.
    """

    def __init__(self, connection: Any, glue: Any, objects: Objects, temporary: Path) -> None:
        self._connection = connection
        self._glue = glue
        self._objects = objects
        self._temporary = temporary
        self.statistics = Statistics()

    def create(self, use: TableUse, wanted: set[str]) -> None:
        """Create the view of one use.

        Args:
            use: the table, and what the query says of its partitions.
            wanted: the columns that the query needs.

        Raises:
            QueryError: the table cannot be read.
        """
        table = use.table
        _check_readable(use)
        partitions = partitions_of(use, self._glue, self._connection)
        if len(partitions) > 4 and all(one.location.startswith(table.location) for one in partitions):
            self._objects.prepare(table.location)
        files = [
            _File(one, self._objects.path(one), partition)
            for partition in partitions
            for one in self._objects.below(partition.location)
        ]
        self.statistics.files += len(files)
        self.statistics.partitions += len(partitions)
        self.statistics.bytes += sum(one.stored.size for one in files)
        columns = [(name, kind) for name, kind in table.columns if name in wanted]
        positions = [number for number, (name, _) in enumerate(table.columns) if name in wanted]
        keys = [
            (number, name, kind) for number, (name, kind) in enumerate(table.partition_keys) if name in wanted
        ]
        if not files:
            every = [*columns, *((name, kind) for _, name, kind in keys), (PATH_COLUMN, Type("varchar"))]
            listed = ", ".join(f"CAST(NULL AS {to_duckdb(kind)}) AS {quoted(name)}" for name, kind in every)
            self._view(use, f"SELECT {listed} WHERE false")
            return
        self._view(
            use,
            self._joined(use, files, keys, PATH_COLUMN in wanted, self._rows(use, files, columns, positions)),
        )

    def _view(self, use: TableUse, sql: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(use.id)} AS {sql}")

    def _joined(
        self,
        use: TableUse,
        files: Sequence[_File],
        keys: Sequence[tuple[int, str, Type]],
        has_path: bool,
        rows: str,
    ) -> str:
        """Add the values of partition keys, and the files' addresses."""
        if not keys and not has_path:
            return f"SELECT true AS __row, * EXCLUDE ({quoted(PATH)}) FROM ({rows})"
        distinct = {tuple(one.partition.values[number] for number, _, _ in keys) for one in files}
        if len(distinct) == 1 and not has_path:
            values = next(iter(distinct))
            constants = ", ".join(
                f"{value_sql(value, kind)} AS {quoted(name)}"
                for value, (_, name, kind) in zip(values, keys, strict=True)
            )
            return f"SELECT * EXCLUDE ({quoted(PATH)}), {constants} FROM ({rows})"
        import pyarrow as pa

        columns: dict[str, Any] = {PATH: pa.array([self._read_path(one) for one in files], pa.string())}
        for number, name, _ in keys:
            columns[name] = pa.array([one.partition.values[number] for one in files], pa.string())
        columns[PATH_COLUMN] = pa.array([one.stored.uri for one in files], pa.string())
        files_table = quoted(f"{use.id}_files")
        self._connection.register("__files", pa.table(columns))
        typed = ", ".join(
            f"CAST({quoted(name)} AS {to_duckdb(kind)}) AS {quoted(name)}" for _, name, kind in keys
        )
        listed = ", ".join(filter(None, [quoted(PATH), typed, quoted(PATH_COLUMN)]))
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {files_table} AS SELECT {listed} FROM __files"
        )
        self._connection.unregister("__files")
        return (
            f"SELECT d.* EXCLUDE ({quoted(PATH)}), f.* EXCLUDE ({quoted(PATH)}) FROM ({rows}) AS d "
            f"JOIN {files_table} AS f ON d.{quoted(PATH)} = f.{quoted(PATH)}"
        )

    def _read_path(self, one: _File) -> str:
        return self._plain.get(one.path, one.path)

    # Formats

    def _rows(
        self, use: TableUse, files: Sequence[_File], columns: columnar.Columns, positions: Sequence[int]
    ) -> str:
        """Return a query of the columns of all files, and of each row's file."""
        self._plain: dict[str, str] = {}
        table, serde = use.table, use.table.serde
        properties = {**table.parameters, **table.serde_parameters}
        if serde == PARQUET:
            return columnar.parquet_sql(
                [one.path for one in files], columns, self._connection, files[0].stored.uri
            )
        if serde == LAZY_SIMPLE and not properties.get("escape.delim"):
            self._plain = {
                one.path: text.plain_path(one.path, one.stored.key, self._temporary) for one in files
            }
            paths = list(dict.fromkeys(self._plain.values()))
            return text.lazy_sql(paths, columns, positions, properties, PATH)
        if serde == LAZY_SIMPLE:
            return self._escaped_text(use, files, columns, positions, properties)
        if serde == OPEN_CSV:
            return self._open_csv(use, files, columns, positions, properties)
        if serde == REGEX:
            return self._regex(use, files, columns, positions, properties)
        if serde in (JSON, HCATALOG_JSON, HIVE_JSON, CLOUDTRAIL):
            reader = json_lines.JsonLines(properties, columns, is_openx=serde == JSON)
            rows = reader.trail_rows if table.input_format == CLOUDTRAIL_INPUT else reader.rows
            return self._stored(
                use,
                files,
                columns,
                lambda one: rows(text.lines_of(one.path, one.stored.key), one.stored.uri),
            )
        if serde == AVRO:
            return self._stored(use, files, columns, lambda one: _avro(one, columns))
        return self._orc(use, files, columns, positions, properties)

    def _open_csv(
        self,
        use: TableUse,
        files: Sequence[_File],
        columns: columnar.Columns,
        positions: Sequence[int],
        properties: dict[str, str],
    ) -> str:
        parser = open_csv.OpenCsv(properties)
        skipped = text.header_lines(properties)
        cells = self._cells(
            use,
            files,
            columns,
            positions,
            lambda one: parser.cells(text.lines_of(one.path, one.stored.key, skipped)),
        )
        parts = [
            f"{open_csv.value_sql(quoted(name), kind, name)} AS {quoted(name)}" for name, kind in columns
        ]
        return f"SELECT {', '.join([*parts, quoted(PATH)])} FROM ({cells})"

    def _escaped_text(
        self,
        use: TableUse,
        files: Sequence[_File],
        columns: columnar.Columns,
        positions: Sequence[int],
        properties: dict[str, str],
    ) -> str:
        escape, separators = properties["escape.delim"][0], text.separators(properties)
        skipped = text.header_lines(properties)
        null = properties.get("serialization.null.format", "\\N")

        def cells(one: _File) -> Iterator[list[str]]:
            for line in text.lines_of(one.path, one.stored.key, skipped):
                yield text.split_escaped(line, separators[0], escape)

        source = self._cells(use, files, columns, positions, cells)
        return _lazily(columns, source, separators, null)

    def _regex(
        self,
        use: TableUse,
        files: Sequence[_File],
        columns: columnar.Columns,
        positions: Sequence[int],
        properties: dict[str, str],
    ) -> str:
        skipped = text.header_lines(properties)

        def cells(one: _File) -> Iterator[list[str]]:
            lines = text.lines_of(one.path, one.stored.key, skipped)
            return text.regex_cells(lines, properties, use.table.full_name)

        source = self._cells(use, files, columns, positions, cells)
        return _lazily(columns, source, text.separators(properties), text.NO_TEXT)

    def _cells(
        self,
        use: TableUse,
        files: Sequence[_File],
        columns: columnar.Columns,
        positions: Sequence[int],
        cells: Callable[[_File], Iterator[list[str]]],
    ) -> str:
        """Store the texts of the wanted columns; a line may have fewer values."""

        def rows(one: _File) -> Iterator[list[str | None]]:
            for line in cells(one):
                yield [line[position] if position < len(line) else None for position in positions]

        return self._stored(use, files, [(name, Type("varchar")) for name, _ in columns], rows)

    def _stored(
        self,
        use: TableUse,
        files: Sequence[_File],
        columns: columnar.Columns,
        rows: Callable[[_File], Iterator[Sequence[Any]]],
    ) -> str:
        """Keep rows that are read here in a table of DuckDB."""
        import pyarrow as pa

        def batches() -> Iterator[Any]:
            for one in files:
                for batch in _batched(rows(one), _BATCH_ROWS):
                    by_column = list(zip(*batch, strict=True)) if columns else []
                    arrays = [
                        pa.array(values, arrow_type(kind))
                        for values, (_, kind) in zip(by_column, columns, strict=True)
                    ]
                    paths = pa.array([one.path] * len(batch), pa.string())
                    yield pa.table([*arrays, paths], names=[*(name for name, _ in columns), PATH])

        return self._insert(use, columns, batches())

    def _orc(
        self,
        use: TableUse,
        files: Sequence[_File],
        columns: columnar.Columns,
        positions: Sequence[int],
        properties: dict[str, str],
    ) -> str:
        import pyarrow as pa

        by_index = properties.get("orc.column.index.access", "true").lower() != "false"

        def batches() -> Iterator[Any]:
            for one in files:
                for batch in columnar.orc_batches(one.path, columns, positions, by_index):
                    yield batch.append_column(PATH, pa.array([one.path] * batch.num_rows, pa.string()))

        return self._insert(use, columns, batches())

    def _insert(self, use: TableUse, columns: columnar.Columns, batches: Iterator[Any]) -> str:
        own = quoted(f"{use.id}_rows")
        listed = ", ".join(
            [*(f"{quoted(name)} {to_duckdb(kind)}" for name, kind in columns), f"{quoted(PATH)} VARCHAR"]
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {own} ({listed})")
        casts = ", ".join(
            [*(f"CAST({quoted(name)} AS {to_duckdb(kind)})" for name, kind in columns), quoted(PATH)]
        )
        for batch in batches:
            self._connection.register("__batch", batch)
            self._connection.execute(f"INSERT INTO {own} SELECT {casts} FROM __batch")
            self._connection.unregister("__batch")
        return f"SELECT * FROM {own}"


def _lazily(columns: columnar.Columns, source: str, separators: Sequence[str], null: str) -> str:
    """Texts as values of their columns' types, or null."""
    parts = [
        f"{text.value_sql(quoted(name), kind, separators, 1, null)} AS {quoted(name)}"
        for name, kind in columns
    ]
    return f"SELECT {', '.join([*parts, quoted(PATH)])} FROM ({source})"


def _avro(one: _File, columns: columnar.Columns) -> Iterator[Sequence[Any]]:
    for record in columnar.avro_rows(one.path):
        yield [_plain(record.get(name)) for name, _ in columns]


def _plain(value: Any) -> Any:
    """Times without their zone, which is UTC."""
    if getattr(value, "tzinfo", None) is not None:
        return value.replace(tzinfo=None)
    return value


def _batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


def _check_readable(use: TableUse) -> None:
    table = use.table
    parameters = {name.lower(): value for name, value in table.parameters.items()}
    kind = parameters.get("table_type", "").lower()
    if kind in ("iceberg", "delta", "hudi") or parameters.get("spark.sql.sources.provider", "").lower() in (
        "delta",
        "hudi",
    ):
        raise QueryError(
            "NOT_SUPPORTED",
            f"{table.full_name} is a table of {kind or 'delta'}, which is not supported by the local Athena",
        )
    input_format = table.input_format
    if "Symlink" in input_format or "HoodieParquet" in input_format:
        raise QueryError(
            "NOT_SUPPORTED",
            f"{table.full_name} has the input format {input_format}, which is not supported by the local"
            " Athena",
        )
    known = (PARQUET, ORC, AVRO, LAZY_SIMPLE, OPEN_CSV, REGEX, JSON, HCATALOG_JSON, HIVE_JSON, CLOUDTRAIL)
    if table.serde not in known:
        shown = "GrokSerDe" if table.serde == GROK else table.serde or "(none)"
        raise QueryError(
            "HIVE_UNSUPPORTED_FORMAT",
            f"{table.full_name} has the SerDe {shown}, which is not supported by the local Athena",
        )
