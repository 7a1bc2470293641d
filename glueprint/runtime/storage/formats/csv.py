"""CSV (developer guide, "Using the CSV format in AWS Glue")."""

from __future__ import annotations

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.types import StringType, StructField, StructType

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.casting import cast, conform
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage import chosen_files
from glueprint.runtime.storage.chosen_files import FileSet
from glueprint.runtime.storage.errors import BadOption, NotSupportedLocally, StorageError
from glueprint.runtime.storage.formats.base import TIMESTAMPS, Target, append_with_spark
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.sql_literals import quoted

_NO_QUOTES = "-1"
"""The ``quoteChar`` without quoting."""


class Csv:
    """Cells of text. With a table of the catalog, its columns' names and types apply, by position."""

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> Frame:
        """Read the files. Without ``declared``, columns are strings named by the header or ``col0``, ``col1``, ...

        A file whose header differs from the first one's fails when it is read: Spark goes by position.
        """
        dialect = _dialect(options)
        has_header, skips = options.flag("withHeader"), options.flag("skipFirst")
        if has_header and skips:
            raise NotSupportedLocally("csv option skipFirst together with withHeader")
        dialect["header"] = str(has_header or skips).lower()
        if declared is not None:
            names = declared.names
        else:
            dialect["enforceSchema"] = str(not has_header).lower()  # another header: a clear error
            found = chosen_files.CSV.inferred(session, files, dialect)
            if found is None or not found.fields:
                return Frame.of(session.createDataFrame([], StructType([])))
            names = found.names if has_header else [f"col{at}" for at in range(len(found.fields))]
        texts = StructType([StructField(name, StringType()) for name in names])
        data = chosen_files.CSV.load(session, files, texts, dialect)
        keys = [one.name for one in files.keys]
        filled = [_filled(one) for one in names]
        frame = Frame.of(data.select(*filled, *(quoted(key) for key in keys)))
        return frame if declared is None else _typed(frame, declared, files)

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
    match logical:
        case types.Choice(alternatives):
            return any(_has_parts(one) for one in alternatives)
        case types.Array() | types.Map() | types.Struct():
            return True
        case _:
            return False


def _filled(name: str) -> Column:
    """Return a cell as Glue reads it: an empty one is an empty text, where Spark reads null.

    Not by ``coalesce``, which would make the column, and files written from it, not nullable.
    """
    cell = F.col(quoted(name))
    return F.when(cell.isNull(), F.lit("")).otherwise(cell).alias(name)


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
