"""Values converted to another type, and text columns converted to the types that a catalog table declares.

A value that cannot be converted becomes null. Conversions follow Spark's own cast without ANSI mode (which Spark 4
has by default), except that a number that does not fit into the target type becomes null, where Spark would
return another number.

Sources: docs/facts/runtime.md#choicetype; aws-glue-samples, resolve_choice ("replaces the string values with
null values"; a CSV column that the crawler took for ``bigint`` and that also contains text is a ``choice`` of
``long`` and ``string``).
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.compat import strict_zip
from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn
from glueprint.runtime.shared.spark_versions import cast_or_null

_BITS = {"byte": 8, "short": 16, "int": 32, "long": 64}
_EXACT = "decimal(38,0)"
_FRACTIONS = frozenset({"double", "float", "decimal"})


def cast(field: TypedColumn, target: types.Type) -> TypedColumn:
    """Convert ``field`` to ``target``; of a choice, the alternative that a record has."""
    return field.replaced(target, _cast(field.column, field.type, target))


def _cast(column: Column, origin: types.Type, target: types.Type) -> Column:
    if origin == target:
        return column
    if isinstance(origin, types.Choice):
        alternatives = typed_columns.of_choice(origin, column)
        return F.coalesce(*(_cast(one.column, one.type, target) for one in alternatives))
    if isinstance(origin, types.Struct) and isinstance(target, types.Struct):
        found = {one.name: one for one in typed_columns.of_struct(origin, column)}
        made = [TypedColumn(one.name, one.type, _field(found.get(one.name), one.type)) for one in target.fields]
        return typed_columns.nullable_struct(column, made)[1]
    if isinstance(origin, types.Array) and isinstance(target, types.Array):
        return F.transform(column, lambda item: _cast(item, origin.element, target.element))
    if isinstance(origin, types.Map) and isinstance(target, types.Map) and origin.key == target.key:
        return F.transform_values(column, lambda _, item: _cast(item, origin.value, target.value))
    if isinstance(origin, (types.Struct, types.Array, types.Map)) and target == types.STRING:
        return F.to_json(column)
    if isinstance(origin, (types.Atomic, types.Decimal)) and isinstance(target, (types.Atomic, types.Decimal)):
        return _atomic(column, origin, target)
    return _nothing(target)


def _field(found: TypedColumn | None, wanted: types.Type) -> Column:
    return _nothing(wanted) if found is None else _cast(found.column, found.type, wanted)


def _atomic(column: Column, origin: types.Type, target: types.Type) -> Column:
    if _impossible(origin, target):
        return _nothing(target)
    made = cast_or_null(column, types.physical(target))
    bits = _BITS.get(target.name)
    if bits is not None and (origin.name in _FRACTIONS or _BITS.get(origin.name, 0) > bits):
        exact = cast_or_null(column, _EXACT)  # Spark would drop the upper bits, or return the nearest number
        above = F.lit(str(1 << (bits - 1))).cast(_EXACT)
        return F.when((exact >= -above) & (exact < above), made)
    return made


def _impossible(origin: types.Type, target: types.Type) -> bool:
    """Return whether Spark refuses the cast instead of returning null."""
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


def conform(data: DataFrame, declared: types.Struct) -> Frame:
    """Return the columns of ``data`` with the types of ``declared``, which has their names in any case.

    A text that cannot be converted stays a text, and its column becomes a choice of both types; an empty text
    becomes null. One pass over the data finds the columns with such texts. Columns of other types need no pass.
    Columns that ``declared`` does not contain are not changed.
    """
    frame = Frame.of(data)
    wanted = {one.name.lower(): one for one in declared}
    pairs = [(one, wanted.get(one.name.lower())) for one in typed_columns.of_frame(frame)]
    doubtful = [
        (one, target.type)
        for one, target in pairs
        if target is not None and one.type == types.STRING and target.type != types.STRING
    ]
    failing = _failing(data, doubtful)
    made = [
        one if target is None else _conformed(one.renamed(target.name), target.type, split=one.name in failing)
        for one, target in pairs
    ]
    return typed_columns.to_frame(frame, made)


def _conformed(field: TypedColumn, target: types.Type, *, split: bool) -> TypedColumn:
    made = cast(field, target)
    if not split:
        return made
    text = field.replaced(types.STRING, F.when(_fails(field, target), field.column))
    return field.replaced(*typed_columns.choice_of([made, text]))


def _fails(field: TypedColumn, target: types.Type) -> Column:
    """Return whether ``field`` contains a text that cannot be converted to ``target``."""
    return (F.trim(field.column) != "") & cast(field, target).column.isNull()


def _failing(data: DataFrame, doubtful: list[tuple[TypedColumn, types.Type]]) -> set[str]:
    """Return the names of the columns that contain such a text: one pass over the data."""
    if not doubtful:
        return set()
    found = data.agg(
        *(F.max(_fails(one, target)).alias(str(at)) for at, (one, target) in enumerate(doubtful))
    ).head()
    assert found is not None
    return {one.name for (one, _), fails in strict_zip(doubtful, found) if fails}
