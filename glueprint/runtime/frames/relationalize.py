"""``relationalize``: nested records as flat tables that a relational database takes.

Structs are flattened (:mod:`flattening`); every array becomes a table of its own, ``<root>_<column>``, with the
columns ``id`` (which record), ``index`` (position from 0) and the element's columns, which begin with
``<column>.val``; the array's column keeps the ``id``. Arrays within elements are treated the same way. A map is
treated as the array of its entries.

The tables are computed one by one, whenever the script asks, and must agree on the ids. So the frame is computed
once and kept (Spark's local checkpoint, which is given back when nobody holds the tables any more); ids are
numbers of rows in what was kept.

Sources: developer guide, "DynamicFrame class", ``relationalize`` (tables, ``id``, ``index``, names such as
``contact_details.val.type``); "SelectFromCollection class", example (ids count from 1); where they are silent,
see docs/fidelity/frames.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import typed_columns, types, unnest
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import Cell

_ROW = "glueprint.row"
"""The column of row numbers while tables are made; no table keeps it."""
_INDEX_BITS = 33
"""``monotonically_increasing_id``: the partition above, the row's index within it in the lower 33 bits."""


def relationalize(frame: Frame, root: str) -> list[Frame]:
    """The tables of ``frame``: first that called ``root``, then one for every array, outer ones before inner ones.

    The frame is computed here if there is an array or a map in it; a flat frame stays as lazy as it was.

    Raises:
        NamesCollide: two fields would have one path, such as ``"a.b"`` and ``b`` within ``a``.
    """
    flat = [one for cell in typed_columns.of_frame(frame) for one in unnest.flattened(cell)]
    return list(_tables(root, _flat_frame(frame, flat).named(root)))


def _flat_frame(origin: Frame, columns: list[Cell]) -> Frame:
    return typed_columns.frame_of(origin, unnest.with_own_names(columns, "relationalize"))


def _tables(root: str, table: Frame) -> Iterator[Frame]:
    """``table``, which is flat but for arrays and maps, with keys for these, and the tables that they become."""
    lists = [one for cell in typed_columns.of_frame(table) for one in _lists(cell)]
    if not lists:
        yield table
        return
    rows = _numbered(table.data)
    numbered = table.become(rows, table.schema)
    yield typed_columns.frame_of(numbered, map(_with_key, typed_columns.of_frame(numbered)))
    for one in lists:
        row_id = typed_columns.top_level(_ROW).alias("id")
        entries = rows.select(row_id, F.posexplode(one.column).alias("index", "val"))
        columns = [
            Cell("id", types.LONG, F.col("id")),
            Cell("index", types.INT, F.col("index")),
            *map(_staged, unnest.flattened(Cell(f"{one.path}.val", one.element, F.col("val")))),
        ]
        inner = _flat_frame(table.become(entries, table.schema), columns)
        yield from _tables(root, inner.named(f"{root}_{one.path}"))


# --- what is to be a table of its own ---


@dataclass(frozen=True, slots=True)
class _List:
    """A column, or an alternative of one, whose elements become the rows of a table."""

    path: str
    column: Column
    element: types.Type


def _lists(cell: Cell) -> Iterator[_List]:
    match cell.type:
        case types.Array(element):
            yield _List(cell.name, cell.column, element)
        case types.Map(value, key):
            entry = types.Struct((types.Field("key", key), types.Field("value", value)))
            yield _List(cell.name, F.map_entries(cell.column), entry)
        case types.Choice():
            for one in typed_columns.of_choice(cell.type, cell.column):
                yield from _lists(one.named(cell.name))


def _with_key(cell: Cell) -> Cell:
    """``cell`` with ids in the place of arrays and maps; in a choice the id is its alternative ``long``."""
    match cell.type:
        case types.Array() | types.Map():
            return cell.then(types.LONG, F.when(cell.column.isNotNull(), typed_columns.top_level(_ROW)))
        case types.Choice():
            keyed = [_with_key(one) for one in typed_columns.of_choice(cell.type, cell.column)]
            longs = [one.column for one in keyed if one.type == types.LONG]
            others = [one for one in keyed if one.type != types.LONG]
            whole = [Cell("long", types.LONG, F.coalesce(*longs))] if longs else []
            return cell.then(*typed_columns.choice_of([*others, *whole]))
        case _:
            return cell


def _staged(cell: Cell) -> Cell:
    """A pivoted column as Glue gives it back: through its CSV staging files a timestamp comes back as a string.

    Source: awslabs/aws-glue-libs issue 178, seen with Glue 4.0 ("coercing timestamp columns of nested child tables
    to string").
    """
    if cell.type == types.TIMESTAMP:
        return cell.then(types.STRING, cell.column.cast("string"))
    return cell


# --- ids ---


def _numbered(data: DataFrame) -> DataFrame:
    """``data``, computed once and kept, with the rows numbered from 1 in the column :data:`_ROW`."""
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
