"""Types that hold what two types hold, and values brought into them: what makes one frame of two.

The rules are those of Glue's inference, as if the records of both had been read together: types of different names
make a choice, structs have the fields of both, and nothing is learnt from a null.
"""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.error_records import Errors
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import Cell

_MAX_DIGITS = 38


def merged(one: types.Type, other: types.Type) -> types.Type:
    """The type of what is of type ``one`` or of type ``other``."""
    if one == other or other == types.NULL:
        return one
    if one == types.NULL:
        return other
    alternatives = {found.name: found for found in _alternatives(one)}
    for found in _alternatives(other):
        known = alternatives.get(found.name)
        alternatives[found.name] = found if known is None else _of_one_name(known, found)
    return next(iter(alternatives.values())) if len(alternatives) == 1 else types.choice(alternatives.values())


def merged_struct(one: types.Struct, other: types.Struct) -> types.Struct:
    """The fields of ``one``, then those that only ``other`` has; where both have a field, its merged type."""
    theirs = {field.name: field.type for field in other}
    first = [replace(field, type=merged(field.type, theirs.get(field.name, types.NULL))) for field in one]
    known = set(one.names)
    return types.Struct((*first, *(field for field in other if field.name not in known)))


def lifted(cell: Cell, target: types.Type) -> Cell:
    """``cell`` as it lies in a column of type ``target``, which was merged of its own type and others."""
    return cell.then(target, _lifted(cell.column, cell.type, target))


def widened(frame: Frame, schema: types.Struct) -> Frame:
    """``frame`` with the columns of ``schema``, which was merged of its own and another; what it lacks is null."""
    own = {cell.name: cell for cell in typed_columns.of_frame(frame)}
    absent = F.lit(None)
    return typed_columns.frame_of(
        frame,
        [lifted(own.get(one.name, Cell(one.name, types.NULL, absent)), one.type) for one in schema],
    )


def union(one: Frame, other: Frame) -> Frame:
    """The records of both frames, those of ``one`` first, under its name."""
    schema = merged_struct(one.schema, other.schema)
    data = widened(one, schema).data.union(widened(other, schema).data)
    return Frame(data, schema, one.name, errors_of(one, other))


def errors_of(one: Frame, other: Frame) -> Errors:
    """The history of errors of a frame that is made of two."""
    return Errors(None, (*one.errors.stages, *other.errors.stages))


def _alternatives(logical: types.Type) -> tuple[types.Type, ...]:
    return logical.alternatives if isinstance(logical, types.Choice) else (logical,)


def _of_one_name(one: types.Type, other: types.Type) -> types.Type:
    match one, other:
        case types.Struct(), types.Struct():
            return merged_struct(one, other)
        case types.Array(mine), types.Array(theirs):
            return types.Array(merged(mine, theirs))
        case types.Map(mine, my_key), types.Map(theirs, their_key):
            return types.Map(merged(mine, theirs), my_key if my_key == their_key else types.STRING)
        case types.Decimal(), types.Decimal():
            scale = max(one.scale, other.scale)
            whole = max(one.precision - one.scale, other.precision - other.scale)
            return types.Decimal(min(whole + scale, _MAX_DIGITS), scale)
        case _:
            return one


def _lifted(column: Column, origin: types.Type, target: types.Type) -> Column:
    if origin == target:
        return column
    match origin, target:
        case types.Atomic("null"), _:
            return F.lit(None).cast(types.physical(target))
        case _, types.Choice():
            return _into_choice(column, origin, target)
        case types.Struct(), types.Struct(fields):
            own = {cell.name: cell for cell in typed_columns.of_struct(origin, column)}
            nothing = Cell("", types.NULL, F.lit(None))
            parts = [lifted(own.get(one.name, nothing), one.type).named(one.name) for one in fields]
            return typed_columns.within(column, parts)[1]
        case types.Array(element), types.Array(wanted):
            return F.transform(column, lambda item: _lifted(item, element, wanted))
        case types.Map(value, key), types.Map(wanted, wanted_key):
            values = F.transform_values(column, lambda _, item: _lifted(item, value, wanted))
            if key == wanted_key:
                return values
            return F.transform_keys(values, lambda name, _: name.cast(types.physical(wanted_key)))
        case _:
            return column.cast(types.physical(target))


def _into_choice(column: Column, origin: types.Type, target: types.Choice) -> Column:
    own = (
        typed_columns.of_choice(origin, column)
        if isinstance(origin, types.Choice)
        else [Cell(origin.name, origin, column)]
    )
    known = {cell.name: cell for cell in own}
    parts = [
        lifted(known.get(one.name, Cell(one.name, types.NULL, F.lit(None))), one)
        for one in target.alternatives
    ]
    return typed_columns.choice_of(parts)[1]
