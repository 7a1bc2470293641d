"""``union``: the records of two frames in one, with types that both fit into.

Fields are matched by name. The rules are those of Glue's inference, as if both frames had been read together:
types of different names make a choice, structs have the fields of both, a field that only one frame has is null
in the other's records, and null does not contribute a type. ``join``, ``unbox`` and Avro's reader merge types
in the same way.

Source: developer guide, "DynamicFrame class", ``union`` ("may return different results from the union of two
DataFrames with equivalent data").
"""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import presence, typed_columns, types
from glueprint.runtime.frames.error_records import Errors
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn
from glueprint.runtime.shared.spark_versions import cast_or_null

_MAX_DIGITS = 38


def merged_type(one: types.Type, other: types.Type) -> types.Type:
    """Return the type of values that are of type ``one`` or of type ``other``."""
    if one == other or other == types.NULL:
        return one
    if one == types.NULL:
        return other
    alternatives = {found.name: found for found in _alternatives(one)}
    for found in _alternatives(other):
        known = alternatives.get(found.name)
        alternatives[found.name] = found if known is None else _merged_of_one_name(known, found)
    return next(iter(alternatives.values())) if len(alternatives) == 1 else types.choice(alternatives.values())


def merged_struct(one: types.Struct, other: types.Struct) -> types.Struct:
    """Return the fields of ``one``, then those that only ``other`` has; a field of both has the merged type."""
    theirs = {field.name: field.type for field in other}
    first = [replace(field, type=merged_type(field.type, theirs.get(field.name, types.NULL))) for field in one]
    known = set(one.names)
    return types.Struct((*first, *(field for field in other if field.name not in known)))


def to_merged_type(field: TypedColumn, target: types.Type) -> TypedColumn:
    """Convert ``field`` to ``target``, a type that was merged from the field's type and others."""
    return field.replaced(target, _convert(field.column, field.type, target))


def with_merged_schema(frame: Frame, schema: types.Struct) -> Frame:
    """Return ``frame`` with the columns of ``schema``, which was merged from its own and another; missing
    columns are null.
    """
    own = {field.name: field for field in typed_columns.of_frame(frame)}
    absent = F.lit(None)
    return typed_columns.to_frame(
        frame,
        [to_merged_type(own.get(one.name, TypedColumn(one.name, types.NULL, absent)), one.type) for one in schema],
    )


def union(one: Frame, other: Frame) -> Frame:
    """Return the records of both frames, those of ``one`` first, with the name of ``one``."""
    schema = merged_struct(one.schema, other.schema)
    data = with_merged_schema(one, schema).data.union(with_merged_schema(other, schema).data)
    made = Frame(data, schema, one.name, combined_errors(one, other))
    if not one.knows_presence and not other.knows_presence:
        return made
    return made.with_marks(lambda: union(_marked(one, schema), _marked(other, schema)))


def _marked(frame: Frame, schema: types.Struct) -> Frame:
    names = set(frame.schema.names)
    return presence.also_absent(presence.marked(frame), (one for one in schema.names if one not in names))


def combined_errors(one: Frame, other: Frame) -> Errors:
    """Return the errors of a frame that is made of two."""
    return Errors(None, (*one.errors.stages, *other.errors.stages))


def _alternatives(logical: types.Type) -> tuple[types.Type, ...]:
    return logical.alternatives if isinstance(logical, types.Choice) else (logical,)


def _merged_of_one_name(one: types.Type, other: types.Type) -> types.Type:
    if isinstance(one, types.Struct) and isinstance(other, types.Struct):
        return merged_struct(one, other)
    if isinstance(one, types.Array) and isinstance(other, types.Array):
        return types.Array(merged_type(one.element, other.element))
    if isinstance(one, types.Map) and isinstance(other, types.Map):
        return types.Map(merged_type(one.value, other.value), one.key if one.key == other.key else types.STRING)
    if isinstance(one, types.Decimal) and isinstance(other, types.Decimal):
        scale = max(one.scale, other.scale)
        integer_digits = max(one.precision - one.scale, other.precision - other.scale)
        return types.Decimal(min(integer_digits + scale, _MAX_DIGITS), scale)
    return one


def _convert(column: Column, origin: types.Type, target: types.Type) -> Column:
    if origin == target:
        return column
    if isinstance(origin, types.Atomic) and origin.name == "null":
        return F.lit(None).cast(types.physical(target))
    if isinstance(target, types.Choice):
        return _into_choice(column, origin, target)
    if isinstance(origin, types.Struct) and isinstance(target, types.Struct):
        own = {field.name: field for field in typed_columns.of_struct(origin, column)}
        nothing = TypedColumn("", types.NULL, F.lit(None))
        parts = [to_merged_type(own.get(one.name, nothing), one.type).renamed(one.name) for one in target.fields]
        return typed_columns.nullable_struct(column, parts)[1]
    if isinstance(origin, types.Array) and isinstance(target, types.Array):
        return F.transform(column, lambda item: _convert(item, origin.element, target.element))
    if isinstance(origin, types.Map) and isinstance(target, types.Map):
        values = F.transform_values(column, lambda _, item: _convert(item, origin.value, target.value))
        if origin.key == target.key:
            return values
        return F.transform_keys(values, lambda name, _: cast_or_null(name, types.physical(target.key)))
    return cast_or_null(column, types.physical(target))


def _into_choice(column: Column, origin: types.Type, target: types.Choice) -> Column:
    own = (
        typed_columns.of_choice(origin, column)
        if isinstance(origin, types.Choice)
        else [TypedColumn(origin.name, origin, column)]
    )
    known = {field.name: field for field in own}
    parts = [
        to_merged_type(known.get(one.name, TypedColumn(one.name, types.NULL, F.lit(None))), one)
        for one in target.alternatives
    ]
    return typed_columns.choice_of(parts)[1]
