"""CSV (developer guide, "Using the CSV format in AWS Glue")."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.types import StringType, StructField, StructType

from glueprint.compat import strict_zip
from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.casting import cast, conform
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage import chosen_files, ragged_rows
from glueprint.runtime.storage.catalog.serdes import NULL_TEXT
from glueprint.runtime.storage.chosen_files import FileSet
from glueprint.runtime.storage.errors import BadOption, NotSupportedLocally, StorageError
from glueprint.runtime.storage.formats import csv_headers
from glueprint.runtime.storage.formats.base import TIMESTAMPS, Target, append_with_spark
from glueprint.runtime.storage.formats.csv_headers import SameHeader
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.sql_literals import quoted

_NO_QUOTES = "-1"
"""The ``quoteChar`` without quoting."""


class Csv:
    """Cells of text. With a table of the catalog, its columns' names and types apply."""

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """Read the files. Without ``declared``, columns are strings, named by the headers or ``col0``, ...

        With headers, each file's values go under the names of its own header; a column that a file lacks is null
        in its records. Without, columns go by position.
        """
        dialect = _dialect(options)
        has_header, skips = options.flag("withHeader"), options.flag("skipFirst")
        if has_header and skips:
            raise NotSupportedLocally("csv option skipFirst together with withHeader")
        dialect["header"] = str(has_header or skips).lower()
        if has_header:
            found = csv_headers.headers(session, files, dialect)
            names = declared.names if declared is not None else csv_headers.all_names(found)
            if declared is None:
                groups = csv_headers.by_name(files, found, names)
            else:
                groups = csv_headers.of_table(files, found, names)
        else:
            names = declared.names if declared is not None else _generic_names(session, files, dialect)
            groups = [SameHeader(files, tuple(names), tuple(range(len(names))))]
        if not names or not groups:
            schema = types.Struct() if declared is None else types.Struct((*declared.fields, *files.keys))
            return Frame(session.createDataFrame([], types.physical_struct(schema)), schema)
        watches = [_watched(session, one, dialect) for one in groups]
        null = options.text(NULL_TEXT)
        parts = [_named(watch, one, names, dialect, null) for watch, one in strict_zip(watches, groups)]
        frame = Frame.of(functools.reduce(DataFrame.union, parts))
        if declared is not None:
            frame = _typed(frame, declared, files)
        for watch in watches:
            watch.data = frame.data
        return Frame.lazy(lambda: frame, count=lambda: _count_of_rows(session, groups, dialect))

    def write(self, frame: Frame, target: Target, options: Options) -> None:
        """Write with a header unless ``writeHeader`` is false; quotes only where a cell needs them."""
        flat = _flat(frame)
        header = {"header": str(options.flag("writeHeader", default=True)).lower(), "emptyValue": ""}
        append_with_spark(flat, target, "csv", {**_dialect(options), **header, **TIMESTAMPS})


def _flat(frame: Frame) -> Frame:
    """Return the frame with choices as the text of the value that a record has.

    Raises:
        StorageError: a column is nested, which a cell cannot contain.
    """
    if nested := [one.name for one in frame.schema if _has_parts(one.type)]:
        raise StorageError(
            f"csv cannot contain the nested columns {', '.join(nested)}: relationalize the frame or drop them"
        )
    columns = typed_columns.of_frame(frame)
    made = [cast(one, types.STRING) if isinstance(one.type, types.Choice) else one for one in columns]
    return typed_columns.to_frame(frame, made)


def _has_parts(logical: types.Type) -> bool:
    if isinstance(logical, types.Choice):
        return any(_has_parts(one) for one in logical.alternatives)
    return isinstance(logical, (types.Array, types.Map, types.Struct))


def _generic_names(session: SparkSession, files: FileSet, dialect: dict[str, str]) -> list[str]:
    found = chosen_files.CSV.inferred(session, files, dialect)
    return [] if found is None else [f"col{at}" for at in range(len(found.fields))]


_RECORD = "glueprint record"
"""The column in which Spark's reader puts a line that has fewer or more cells than columns."""


def _watched(session: SparkSession, group: SameHeader, dialect: dict[str, str]) -> ragged_rows.Watch:
    """Return the cells of files with one header, the column :data:`_RECORD`, and the partition columns."""
    # With column pruning, Spark compares the number of cells with that of the columns that a query uses.
    options = {**dialect, "columnNameOfCorruptRecord": _RECORD, "columnPruning": "false"}
    data = chosen_files.CSV.load(session, group.files, _texts(group, _RECORD), options)
    return ragged_rows.watch(data, _RECORD, _cells(group), group.files.uris[0].rpartition("/")[0])


def _texts(group: SameHeader, *more: str) -> StructType:
    return StructType([StructField(name, StringType()) for name in (*_cells(group), *more)])


def _cells(group: SameHeader) -> list[str]:
    return [f"cell {at}" for at in range(len(group.header))]


def _count_of_rows(session: SparkSession, groups: Sequence[SameHeader], dialect: dict[str, str]) -> int:
    """Return the number of rows without reading their cells."""
    loaded = (chosen_files.CSV.load(session, one.files, _texts(one), dialect) for one in groups)
    return sum(one.count() for one in loaded)


def _named(
    watch: ragged_rows.Watch, group: SameHeader, names: Sequence[str], dialect: dict[str, str], null: str
) -> DataFrame:
    """Return the cells of files with one header in columns ``names``, then the partition columns.

    A cell with the text ``null`` has no value, unless that is empty.
    """
    cells = _cells(group)
    keys = [one.name for one in group.files.keys]
    replaced = {key.lower() for key in keys}
    count = _count_of_cells(dialect)
    columns = [
        F.lit(None).cast("string").alias(name) if at is None else _filled(cells[at], at, count, null).alias(name)
        for name, at in strict_zip(names, group.places)
        if name.lower() not in replaced
    ]
    return watch.data.select(*columns, *(quoted(key) for key in keys))


def _filled(cell_name: str, at: int, count: Column, null: str) -> Column:
    """Return a cell as Glue reads it: an empty one is an empty text, where Spark reads null. A cell that a line
    does not have is null, as for Hive's SerDes and so for Spark SQL.
    """
    cell, record = F.col(quoted(cell_name)), F.col(quoted(_RECORD))
    if null:
        return F.when(cell != null, cell).when(cell.isNull() & (record.isNull() | (count > at)), F.lit(""))
    return F.when(cell.isNotNull(), cell).when(record.isNull() | (count > at), F.lit(""))


def _count_of_cells(dialect: dict[str, str]) -> Column:
    """Return the number of cells of a line; separators within quotes do not count."""
    line, quote = F.col(quoted(_RECORD)), dialect["quote"]
    if quote:
        mark = re.escape(quote)
        line = F.regexp_replace(line, f"{mark}[^{mark}]*{mark}", "")
    return F.size(F.split(line, re.escape(dialect["sep"]), -1))


def _typed(frame: Frame, declared: types.Struct, files: FileSet) -> Frame:
    """Return the cells cast to the table's types."""
    return conform(frame.data, types.Struct((*declared.fields, *files.keys)))


def _dialect(options: Options) -> dict[str, str]:
    """Return Glue's options as Spark's."""
    quote = options.text("quoteChar", '"')
    escape = options.text("escaper")
    chosen = {
        "sep": _one_character(options, "separator", ","),
        "quote": "" if quote == _NO_QUOTES else _one_character(options, "quoteChar", '"'),
        "multiLine": str(options.flag("multiLine")).lower(),
        # Without an escaper, a quote within quotes is doubled.
        "escape": escape if escape and escape != "none" else "" if quote == _NO_QUOTES else quote,
        "enforceSchema": "true",
    }
    if encoding := options.text("encoding"):
        chosen["encoding"] = encoding
    return chosen


def _one_character(options: Options, name: str, default: str) -> str:
    value = options.text(name, default)
    if len(value) != 1:
        raise BadOption(name, value, "one character")
    return value
