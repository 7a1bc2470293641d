"""Which fields a record really has: Glue's records describe themselves, a DataFrame's rows have every column.

Python functions of a script must not find a field that the source's record lacks: ``record["b"]`` fails there
with a KeyError, as in Glue. Sources of such records (JSON, DynamoDB, the results of ``map`` and ``filter``) return
them as plain Python. Transforms that work record by record carry, next to the frame, a marked frame: the same one
with the column :data:`ABSENT`. It is made only if a Python function follows; everything else uses the frame
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql.types import ArrayType, StringType

from glueprint.runtime.frames import record_values, typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn

ABSENT = "glueprint absent fields"
"""The column with the paths of the fields that a record lacks: names divided by periods, not within arrays."""
_FIELD = types.Field(ABSENT, types.Array(types.STRING))
Move = tuple[str, str]
"""The path of a field before and after a transform."""


def marked(frame: Frame) -> Frame:
    """Return ``frame`` with the column :data:`ABSENT`, which is null or empty if nothing is known."""
    found = frame.records
    if found is not None:
        schema = frame.schema
        wanted = types.Struct((*schema, _FIELD))
        rows = found.mapPartitions(lambda part: record_values.spark_rows(wanted, _with_marks(schema, part)))
        session = frame.data.sparkSession
        data = session.createDataFrame(rows, types.physical_struct(wanted), verifySchema=False)
        return Frame(data, wanted, frame.name)
    if frame.marked is not None:
        return frame.marked()
    nothing = F.array().cast(types.physical(_FIELD.type))
    columns = [*typed_columns.of_frame(frame), TypedColumn(ABSENT, _FIELD.type, nothing)]
    return typed_columns.to_frame(frame, columns)


def carried(origin: Frame, made: Frame, transform: Callable[[Frame], Frame]) -> Frame:
    """Return ``made``, the result of a transform of ``origin``, with what is known of absent fields.

    ``transform`` does the same with the marked frame, and keeps its column.
    """
    return made.with_marks(lambda: transform(marked(origin))) if origin.knows_presence else made


def moved(frame: Frame, moves: Sequence[Move], *, keeps_others: bool) -> Frame:
    """Return a marked frame whose fields were moved, with the paths after the moves.

    ``keeps_others``: fields that no move names keep their path, and a field that a move replaces is there.
    """
    found = list(moves)
    move = F.udf(lambda absent: _moved(absent or (), found, keeps_others), ArrayType(StringType()))
    columns = [
        one.replaced(one.type, move(one.column)) if one.name == ABSENT else one
        for one in typed_columns.of_frame(frame)
    ]
    return typed_columns.to_frame(frame, columns)


def _moved(absent: Iterable[str], moves: Sequence[Move], keeps_others: bool) -> list[str]:
    made = []
    for path in absent:
        for source, target in moves:
            if path == source or source.startswith(f"{path}."):
                made.append(target)
            elif path.startswith(f"{source}."):
                made.append(target + path[len(source) :])
        touched = (one for move in moves for one in move)
        if keeps_others and not any(path == one or path.startswith(f"{one}.") for one in touched):
            made.append(path)
    return made


def also_absent(frame: Frame, names: Iterable[str]) -> Frame:
    """Return a marked frame whose records lack the fields ``names``, too."""
    more = F.array(*(F.lit(one) for one in names)).cast(types.physical(_FIELD.type))
    columns = [
        one.replaced(one.type, F.concat(one.column, more)) if one.name == ABSENT else one
        for one in typed_columns.of_frame(frame)
    ]
    return typed_columns.to_frame(frame, columns)


def plain_records(schema: types.Struct, rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Convert Spark rows of a marked frame to plain records, without the fields that they lack."""
    for record in record_values.plain_records(schema, rows):
        for path in record.pop(ABSENT) or ():
            _remove(record, path)
        yield record


def _remove(record: dict[str, Any], path: str) -> None:
    for name in list(record):
        if name == path or name.startswith(f"{path}."):
            del record[name]
        elif path.startswith(f"{name}.") and isinstance(record[name], dict):
            _remove(record[name], path[len(name) + 1 :])


def _with_marks(schema: types.Struct, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for record in records:
        yield {**record, ABSENT: list(_absent(schema, record, ""))}


def _absent(schema: types.Struct, record: dict[str, Any], prefix: str) -> Iterator[str]:
    for one in schema:
        if one.name not in record:
            yield prefix + one.name
        elif isinstance(record[one.name], dict) and (inner := _struct_of(one.type)) is not None:
            yield from _absent(inner, record[one.name], f"{prefix}{one.name}.")


def _struct_of(logical: types.Type) -> types.Struct | None:
    if isinstance(logical, types.Choice):
        logical = logical.get("struct") or types.NULL
    return logical if isinstance(logical, types.Struct) else None
