"""Columns with Glue's types: what transforms take apart and put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql.types import DataType

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of every record: its name, its type, how it is computed."""

    name: str
    type: types.Type
    column: Column

    def named(self, name: str) -> Cell:
        """The same by another name."""
        return replace(self, name=name)

    def then(self, logical: types.Type, column: Column) -> Cell:
        """The same field with another content."""
        return Cell(self.name, logical, column)


def top_level(name: str) -> Column:
    """The column called exactly ``name``, whatever characters are in it."""
    quoted = name.replace("`", "``")
    return F.col(f"`{quoted}`")


def of_frame(frame: Frame) -> list[Cell]:
    """The columns of a frame."""
    return [Cell(one.name, one.type, top_level(one.name)) for one in frame.schema]


def of_struct(struct: types.Struct, column: Column) -> list[Cell]:
    """The fields of a struct in ``column``."""
    return [Cell(one.name, one.type, column.getField(one.name)) for one in struct]


def of_choice(choice: types.Choice, column: Column) -> list[Cell]:
    """The alternatives of a choice in ``column``, each null in the records that have another."""
    return [Cell(one.name, one, column.getField(one.name)) for one in choice.alternatives]


def frame_of(origin: Frame, cells: Iterable[Cell]) -> Frame:
    """What a transform of ``origin`` made of its columns."""
    made = list(cells)
    data = origin.data.select(*(one.column.alias(one.name) for one in made))
    return origin.become(data, schema_of(made))


def schema_of(cells: Iterable[Cell]) -> types.Struct:
    """The cells' names and types."""
    return types.Struct(tuple(types.Field(one.name, one.type) for one in cells))


def struct_of(cells: Iterable[Cell]) -> Column:
    """A struct of ``cells``, never null itself."""
    return F.struct(*(one.column.alias(one.name) for one in cells))


def within(whole: Column, cells: Iterable[Cell]) -> tuple[types.Struct, Column]:
    """The struct of ``cells`` in place of the struct ``whole``: null where that is null."""
    made = list(cells)
    return schema_of(made), F.when(whole.isNotNull(), struct_of(made))


def choice_of(cells: Iterable[Cell]) -> tuple[types.Type, Column]:
    """The choice of ``cells`` by their types' names: null where all are null. A choice of one is that one."""
    made = sorted((one.named(one.type.name) for one in cells), key=lambda one: one.name)
    if len(made) == 1:
        return made[0].type, made[0].column
    some = F.coalesce(*(F.when(one.column.isNotNull(), F.lit(True)) for one in made))
    return types.choice(one.type for one in made), F.when(some, struct_of(made))


def each_element(cell: Cell, element: types.Type, change: Callable[[Cell], Cell]) -> Cell:
    """The array ``cell`` with ``change`` made to its elements of type ``element``."""
    changed: list[Cell] = []

    def element_of(item: Column) -> Column:
        changed.append(change(Cell(cell.name, element, item)))
        return changed[-1].column

    column = F.transform(cell.column, element_of)
    return cell.then(types.Array(changed[-1].type), column)


def each_value(cell: Cell, logical: types.Map, change: Callable[[Cell], Cell]) -> Cell:
    """The map ``cell`` with ``change`` made to its values."""
    changed: list[Cell] = []

    def value_of(_key: Column, value: Column) -> Column:
        changed.append(change(Cell(cell.name, logical.value, value)))
        return changed[-1].column

    column = F.transform_values(cell.column, value_of)
    return cell.then(types.Map(changed[-1].type, logical.key), column)


def data_of(frame: Frame) -> DataFrame:
    """The rows of ``frame`` with every column, and whatever is in it, one that may be null. Costs nothing."""
    data = frame.data
    wanted = types.physical_struct(frame.schema)
    if data.schema == wanted:
        return data
    return data.select(
        *(
            top_level(one.name) if one == own else _nullable(one.name, types.physical(logical.type))
            for one, own, logical in zip(wanted, data.schema, frame.schema, strict=True)
        )
    )


def _nullable(name: str, physical: DataType) -> Column:
    """Spark drops the condition when it plans; the column's type is settled before."""
    return F.when(F.lit(True), top_level(name).cast(physical)).alias(name)
