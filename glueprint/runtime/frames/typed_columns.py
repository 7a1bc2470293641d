"""Columns with Glue's types: transforms split them into parts and build new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql.types import DataType

from glueprint.compat import strict_zip
from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.shared import spark_versions


@dataclass(frozen=True)
class TypedColumn:
    """A field of every record: its name, its type, and the column that computes it."""

    name: str
    type: types.Type
    column: Column

    def renamed(self, name: str) -> TypedColumn:
        """Return the same field with another name."""
        return replace(self, name=name)

    def replaced(self, logical: types.Type, column: Column) -> TypedColumn:
        """Return a field of the same name with another type and column."""
        return TypedColumn(self.name, logical, column)


def column_by_name(name: str) -> Column:
    """Return the column called exactly ``name``, which may contain any characters."""
    quoted = name.replace("`", "``")
    return F.col(f"`{quoted}`")


def of_frame(frame: Frame) -> list[TypedColumn]:
    """Return the columns of a frame: by name, or by position if Spark, which ignores case, cannot tell the names
    apart. Glue's records distinguish case.
    """
    if types.are_distinct(frame.schema.names):
        return [TypedColumn(one.name, one.type, column_by_name(one.name)) for one in frame.schema]
    found = spark_versions.columns_by_position(frame.data)
    return [TypedColumn(one.name, one.type, found[at]) for at, one in enumerate(frame.schema)]


def of_struct(struct: types.Struct, column: Column) -> list[TypedColumn]:
    """Return the fields of a struct in ``column``: by name or by position, as columns are."""
    if types.are_distinct(struct.names):
        return [TypedColumn(one.name, one.type, column.getField(one.name)) for one in struct]
    return [
        TypedColumn(one.name, one.type, spark_versions.field_at(column, at, one.name))
        for at, one in enumerate(struct)
    ]


def of_choice(choice: types.Choice, column: Column) -> list[TypedColumn]:
    """Return the alternatives of a choice in ``column``, each null in the records that have another."""
    return [TypedColumn(one.name, one, column.getField(one.name)) for one in choice.alternatives]


def to_frame(origin: Frame, fields: Iterable[TypedColumn]) -> Frame:
    """Return the frame of the columns that a transform of ``origin`` made."""
    made = list(fields)
    data = origin.data.select(*(one.column.alias(one.name) for one in made))
    return origin.transformed(data, schema_of(made))


def schema_of(fields: Iterable[TypedColumn]) -> types.Struct:
    """Return the names and types of ``fields``."""
    return types.Struct(tuple(types.Field(one.name, one.type) for one in fields))


def struct_of(fields: Iterable[TypedColumn]) -> Column:
    """Return a struct of ``fields``, which is never null itself."""
    return F.struct(*(one.column.alias(one.name) for one in fields))


def nullable_struct(parent: Column, fields: Iterable[TypedColumn]) -> tuple[types.Struct, Column]:
    """Return the struct of ``fields`` in place of the struct ``parent``: null where that is null."""
    made = list(fields)
    return schema_of(made), F.when(parent.isNotNull(), struct_of(made))


def choice_of(fields: Iterable[TypedColumn]) -> tuple[types.Type, Column]:
    """Return the choice of ``fields``, named by their types: null where all are null. A choice of one field is
    that field.
    """
    made = sorted((one.renamed(one.type.name) for one in fields), key=lambda one: one.name)
    if len(made) == 1:
        return made[0].type, made[0].column
    some = F.coalesce(*(F.when(one.column.isNotNull(), F.lit(True)) for one in made))
    return types.choice(one.type for one in made), F.when(some, struct_of(made))


def each_element(
    field: TypedColumn, element: types.Type, change: Callable[[TypedColumn], TypedColumn]
) -> TypedColumn:
    """Return the array ``field`` with ``change`` applied to its elements of type ``element``."""
    changed: list[TypedColumn] = []

    def element_of(item: Column) -> Column:
        changed.append(change(TypedColumn(field.name, element, item)))
        return changed[-1].column

    column = F.transform(field.column, element_of)
    return field.replaced(types.Array(changed[-1].type), column)


def each_value(
    field: TypedColumn, logical: types.Map, change: Callable[[TypedColumn], TypedColumn]
) -> TypedColumn:
    """Return the map ``field`` with ``change`` applied to its values."""
    changed: list[TypedColumn] = []

    def value_of(_key: Column, value: Column) -> Column:
        changed.append(change(TypedColumn(field.name, logical.value, value)))
        return changed[-1].column

    column = F.transform_values(field.column, value_of)
    return field.replaced(types.Map(changed[-1].type, logical.key), column)


def nullable_data(frame: Frame) -> DataFrame:
    """Return the rows of ``frame``, in which every column and all its parts may be null. This costs nothing.

    Source: the schemas that ``toDF`` shows, such as ``StructField('customerId', IntegerType(), True)`` in
    aws-glue-samples, GlueUnitTestingLocalSample; a DynamicFrame's own types have no such mark
    (``awsglue.gluetypes``).
    """
    data = frame.data
    wanted = types.physical_struct(frame.schema)
    if data.schema == wanted:
        return data
    return data.select(
        *(
            field.column if one == own else _nullable(field, one.dataType)
            for one, own, field in strict_zip(wanted, data.schema, of_frame(frame))
        )
    )


def _nullable(field: TypedColumn, physical: DataType) -> Column:
    """Spark removes the condition when it plans; the column's type is determined before, by Spark 4 without the
    condition if that is a literal. (Spark warns of ``1 = 1`` in the log.)
    """
    return F.when(F.lit(0) < F.lit(1), field.column.cast(physical)).alias(field.name)
