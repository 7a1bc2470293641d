"""``relationalize``: nested records as flat tables for a relational database.

Structs are flattened (``unnest.flatten``). Every array becomes a table ``<root>_<column>`` with the columns
``id`` (of the record), ``index`` (position from 0) and the columns of the element, whose names start with
``<column>.val``; the array's column contains the ``id``. Arrays within elements are treated in the same way. A
map is treated as an array of its entries.

The script computes the tables one by one, and they must have the same ids. So the frame is computed once and
kept (Spark's local checkpoint, which is released when no table is in use any more); ids are row numbers of the
kept data.

Sources: developer guide, "DynamicFrame class", ``relationalize`` (tables, ``id``, ``index``, names such as
``contact_details.val.type``); "SelectFromCollection class", example (ids count from 1). Where these do not
decide: docs/fidelity/frames.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import typed_columns, types, unnest
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn

_ROW = "glueprint.row"
"""The column of row numbers while tables are made; the result does not contain it."""
_INDEX_BITS = 33
"""``monotonically_increasing_id``: the row's index within its partition is in the lower 33 bits."""


def relationalize(frame: Frame, root: str) -> list[Frame]:
    """Return the tables of ``frame``: the one called ``root``, then one for every array, outer before inner ones.

    The frame is computed at once if it contains an array or a map; a flat frame stays lazy.

    Raises:
        DuplicateColumns: two fields have the same path, such as ``"a.b"`` and ``b`` within ``a``.
    """
    flat = [one for field in typed_columns.of_frame(frame) for one in unnest.flatten(field)]
    return list(_tables(root, _flat_frame(frame, flat).renamed(root)))


def _flat_frame(origin: Frame, columns: list[TypedColumn]) -> Frame:
    return typed_columns.to_frame(origin, unnest.with_unique_names(columns, "relationalize"))


def _tables(root: str, table: Frame) -> Iterator[Frame]:
    """Yield ``table``, in which only arrays and maps are nested, with ids in their place, and the tables made
    of them.
    """
    if not any(True for field in typed_columns.of_frame(table) for _ in _nested(field)):
        yield table
        return
    rows = _numbered(table.data)
    numbered = table.transformed(rows, table.schema)
    fields = typed_columns.of_frame(numbered)
    yield typed_columns.to_frame(numbered, map(_with_key, fields))
    for one in (one for field in fields for one in _nested(field)):
        row_id = typed_columns.column_by_name(_ROW).alias("id")
        entries = rows.select(row_id, F.posexplode(one.column).alias("index", "val"))
        columns = [
            TypedColumn("id", types.LONG, F.col("id")),
            TypedColumn("index", types.INT, F.col("index")),
            *map(_as_read_from_csv, unnest.flatten(TypedColumn(f"{one.path}.val", one.element, F.col("val")))),
        ]
        inner = _flat_frame(table.transformed(entries, table.schema), columns)
        yield from _tables(root, inner.renamed(f"{root}_{one.path}"))


# --- arrays and maps ---


@dataclass(frozen=True)
class _Nested:
    """A column, or an alternative of one, whose elements become the rows of a table."""

    path: str
    column: Column
    element: types.Type


def _nested(field: TypedColumn) -> Iterator[_Nested]:
    if isinstance(field.type, types.Array):
        yield _Nested(field.name, field.column, field.type.element)
    elif isinstance(field.type, types.Map):
        entry = types.Struct((types.Field("key", field.type.key), types.Field("value", field.type.value)))
        yield _Nested(field.name, F.map_entries(field.column), entry)
    elif isinstance(field.type, types.Choice):
        for one in typed_columns.of_choice(field.type, field.column):
            yield from _nested(one.renamed(field.name))


def _with_key(field: TypedColumn) -> TypedColumn:
    """Return ``field`` with ids in the place of arrays and maps; in a choice the id is its alternative
    ``long``.
    """
    if isinstance(field.type, (types.Array, types.Map)):
        return field.replaced(types.LONG, F.when(field.column.isNotNull(), typed_columns.column_by_name(_ROW)))
    if isinstance(field.type, types.Choice):
        keyed = [_with_key(one) for one in typed_columns.of_choice(field.type, field.column)]
        longs = [one.column for one in keyed if one.type == types.LONG]
        others = [one for one in keyed if one.type != types.LONG]
        ids = [TypedColumn("long", types.LONG, F.coalesce(*longs))] if longs else []
        return field.replaced(*typed_columns.choice_of([*others, *ids]))
    return field


def _as_read_from_csv(field: TypedColumn) -> TypedColumn:
    """Return a column of a pivoted table with the type that it has after Glue's CSV staging files: a timestamp
    is a string.

    Source: awslabs/aws-glue-libs#178, seen with Glue 4.0 ("coercing timestamp columns of nested child tables to
    string").
    """
    if field.type == types.TIMESTAMP:
        return field.replaced(types.STRING, field.column.cast("string"))
    return field


# --- ids ---


def _numbered(data: DataFrame) -> DataFrame:
    """Return ``data``, computed once and kept, with row numbers from 1 in the column :data:`_ROW`."""
    kept = data.localCheckpoint()
    partition = F.spark_partition_id()
    sizes = {
        int(row["at"]): int(row["rows"])
        for row in kept.groupBy(partition.alias("at")).agg(F.count("*").alias("rows")).collect()
    }
    firsts, first = [], 1
    for at in range(max(sizes, default=0) + 1):
        firsts.append(first)
        first += sizes.get(at, 0)
    offsets = F.array(*(F.lit(one).cast("long") for one in firsts))
    index = F.monotonically_increasing_id().bitwiseAND(F.lit((1 << _INDEX_BITS) - 1))
    return kept.withColumn(_ROW, F.element_at(offsets, partition + 1) + index)
