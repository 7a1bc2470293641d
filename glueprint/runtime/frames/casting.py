"""Values of one type as values of another; what cannot be is null.

Source: aws-glue-samples, resolve_choice ("replaces the string values with null values"). What is written how is as
Spark's own cast has it; numbers that do not fit are null, where Spark would give others.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import cells, types
from glueprint.runtime.frames.cells import Cell

_BITS = {"byte": 8, "short": 16, "int": 32, "long": 64}
_EXACT = "decimal(38,0)"
_FRACTIONS = frozenset({"double", "float", "decimal"})


def cast(cell: Cell, target: types.Type) -> Cell:
    """``cell`` as ``target``: a choice by whichever alternative a record has."""
    return cell.then(target, _cast(cell.column, cell.type, target))


def _cast(column: Column, origin: types.Type, target: types.Type) -> Column:
    if origin == target:
        return column
    match origin, target:
        case types.Choice(), _:
            alternatives = cells.of_choice(origin, column)
            return F.coalesce(*(_cast(one.column, one.type, target) for one in alternatives))
        case types.Struct(), types.Struct(fields):
            made = [Cell(one.name, one.type, _field(column, origin, one)) for one in fields]
            return cells.within(column, made)[1]
        case types.Array(element), types.Array(wanted):
            return F.transform(column, lambda item: _cast(item, element, wanted))
        case types.Map(value, key), types.Map(wanted, wanted_key) if key == wanted_key:
            return F.transform_values(column, lambda _, item: _cast(item, value, wanted))
        case (types.Struct() | types.Array() | types.Map()), types.Atomic("string"):
            return F.to_json(column)
        case (types.Atomic() | types.Decimal()), (types.Atomic() | types.Decimal()):
            return _atomic(column, origin, target)
        case _:
            return _nothing(target)


def _field(column: Column, origin: types.Struct, wanted: types.Field) -> Column:
    found = origin.get(wanted.name)
    return _nothing(wanted.type) if found is None else _cast(column.getField(wanted.name), found, wanted.type)


def _atomic(column: Column, origin: types.Type, target: types.Type) -> Column:
    if _impossible(origin, target):
        return _nothing(target)
    made = column.cast(types.physical(target))
    bits = _BITS.get(target.name)
    if bits is not None and (origin.name in _FRACTIONS or _BITS.get(origin.name, 0) > bits):
        whole = column.cast(_EXACT)  # Spark would cut the upper bits off, or give the nearest number
        above = F.lit(str(1 << (bits - 1))).cast(_EXACT)
        return F.when((whole >= -above) & (whole < above), made)
    return made


def _impossible(origin: types.Type, target: types.Type) -> bool:
    """Casts that Spark would refuse instead of giving null."""
    names = {origin.name, target.name}
    if types.NULL in (origin, target):
        return True
    dates = {"date", "timestamp", "timestampntz"}
    if "binary" in names:
        return "string" not in names
    if "date" in names and names & {"boolean", "int", "long", "short", "byte", *_FRACTIONS}:
        return True
    return "timestampntz" in names and not names <= {*dates, "string"}


def _nothing(target: types.Type) -> Column:
    return F.lit(None).cast(types.physical(target))
